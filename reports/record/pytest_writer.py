"""The pytest plugin that writes the record from the reports of test items."""

from __future__ import annotations

import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import msgspec
import pytest

from fixtures.model import Outcome
from reports.record.claim import Assessment, exit_status
from reports.record.session import Evidence, Recording
from reports.sanitize import sanitize

BY_USER = "by the user"
ABANDONED = "its resources were not all removed, see `conform sweep`"
LOST = "???"  # the phase that xdist reports for a test whose process ended
INTERRUPTING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)


class RecordWriter:
    """Appends the outcomes of test reports to the record; registered only in its process."""

    def __init__(
        self, recording: Recording, stash: pytest.Stash, reason: pytest.StashKey[str]
    ) -> None:
        """`reason`: where the stash has the reason of an interruption."""
        self._recording, self._stash, self._reason = recording, stash, reason
        self._ended = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Append the outcome of a case that ended."""
        if report.when == LOST:
            case = report.nodeid.partition("[")[2].removesuffix("]")
            text = f"a process of the run was lost while it ran {case}"
            before = self._stash.get(self._reason, "")
            self._stash[self._reason] = f"{before}; {text}" if before else text
        if (outcome := report.__dict__.get("conform_outcome")) is not None:
            evidence = msgspec.convert(report.__dict__.pop("conform_evidence"), Evidence)
            self._recording.append(msgspec.convert(outcome, Outcome), *evidence)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Record the reason: pytest's own, or none for Ctrl-C and signals."""
        self._stash.setdefault(self._reason, str(excinfo.value) or BY_USER)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Write footer and reports after all teardown, also if that is interrupted; the exit status
        follows from the run's claim."""
        result = None
        try:
            result = yield
        except KeyboardInterrupt:
            reason = self._stash.get(self._reason, "") or BY_USER
            self._stash[self._reason] = f"{reason}; {ABANDONED}"
        finally:
            if (assessment := self._end()) is not None:
                session.exitstatus = exit_status(assessment)
                self._print_claim(session.config, assessment)
        return result

    def pytest_unconfigure(self) -> None:
        """Write the footer if the session could not: an interruption may hit any hook."""
        self._end()

    def _print_claim(self, config: pytest.Config, assessment: Assessment) -> None:
        """Print the claim, and where the report is, below pytest's own summary."""
        if (reporter := config.pluginmanager.get_plugin("terminalreporter")) is not None:
            reporter.write_line(sanitize(f"{assessment.word}: {assessment.because}"))
            reporter.write_line(f"run directory: {self._recording.directory}")

    def _end(self) -> Assessment | None:
        """End the record, and return its assessment; None if it is ended. Signals wait for it."""
        if self._ended:
            return None
        self._ended = True
        signal.setitimer(signal.ITIMER_REAL, 0)
        with _blocked_signals():
            return self._recording.end(self._stash.get(self._reason, ""))


@contextmanager
def _blocked_signals() -> Iterator[None]:
    """Deliver signals that would interrupt the run at the end of the block."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
