"""Running one case on one target, and the verdicts on errors meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.model import Case, Scenario, Status
from fixtures.runners import cases as runners
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.targets.target import Target
from tests.support.planned_suites import table_cases


def test_a_defect_of_the_harness_is_an_error_of_its_case(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the harness itself raises in a case, that case is an error which names the place, not a
    failure of the target, and the next case runs as usual."""
    first, second = (case for case in table_cases("documented-call", driver="raw")[:2])
    table: dict[Any, Any] = dict(runners.RUNNERS)

    def broken(case: Case, session: Session) -> None:
        del case, session
        raise KeyError("nothing")

    with monkeypatch.context() as patched:
        patched.setattr(runners, "RUNNERS", {**table, Scenario: broken})
        verdict = run_case(first, Session(target)).verdict
    assert verdict.status is Status.ERROR
    assert "a defect of the harness at test_runners_cases.py:" in verdict.because
    assert "KeyError: 'nothing'" in verdict.because
    assert run_case(second, Session(target)).verdict.status is Status.PASSED
