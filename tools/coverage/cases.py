"""The cases of all suites, as pytest collects them."""

from __future__ import annotations

import pytest

from fixtures.model import Case
from tools.conform.pytest_session import run_pytest


class _Collector:
    """A pytest plugin that keeps the collected cases."""

    def __init__(self) -> None:
        self.cases: list[Case] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep the cases of the tests that would run."""
        for item in session.items:
            case = item.callspec.params.get("case") if isinstance(item, pytest.Function) else None
            if isinstance(case, Case):
                self.cases.append(case)


def planned_cases() -> list[Case]:
    """The cases of the simulated deployment; `HarnessError` if the suites cannot be collected."""
    collector = _Collector()
    error = run_pytest(["--collect-only"], listener=collector)
    if error:
        raise error
    return collector.cases
