"""The pytest plugin that writes the record from the reports of test items."""

from __future__ import annotations

import msgspec
import pytest

from fixtures.model import History, Outcome
from reports.record.claim import exit_status
from reports.record.session import Recording


class RecordWriter:
    """Appends the outcomes of test reports to the record; registered only in its process."""

    def __init__(
        self, recording: Recording, stash: pytest.Stash, reason: pytest.StashKey[str]
    ) -> None:
        """`reason`: where the stash has the reason of an interruption."""
        self._recording, self._stash, self._reason = recording, stash, reason

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Append the outcome of a case that ended."""
        if (outcome := report.__dict__.get("conform_outcome")) is not None:
            data = report.__dict__.pop("conform_history", None)
            history = msgspec.convert(data, History | None)
            self._recording.append(msgspec.convert(outcome, Outcome), history)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Record the reason: pytest's own, or none for Ctrl-C and signals."""
        self._stash.setdefault(self._reason, str(excinfo.value) or "by the user")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write footer and reports; the exit status follows from the run's claim."""
        claim = self._recording.end(self._stash.get(self._reason, ""))
        session.exitstatus = exit_status(claim)
