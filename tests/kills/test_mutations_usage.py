"""Usage servers with the defects of real ones, and the cases of the suite `usage` that notice
each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fixtures import profile
from fixtures.model import Case, Status
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.mutations.catalogue import find_mutation
from fixtures.targets.target import Target
from tests.kills.expected import USAGE
from tests.support.planned_suites import all_cases

PLAN = {case.id: case for case in all_cases() if case.suite == "usage"}
# A story in which none of the defects shows, but for those that show in every one.
PLAIN = "usage/listUsageRecords/bill/volume-within-a-day[boto3]"
EVERYWHERE = {"queues-empty-jobs"}


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """A session on the simulated target."""
    with Target(profile.load("simulated"), run="usage") as target, Session(target) as running:
        yield running


def _noticing(name: str) -> list[Case]:
    return [case for case_id, case in PLAN.items() if USAGE[name].covers(case_id)]


@pytest.mark.parametrize("name", USAGE)
def test_a_mutation_is_noticed(session: Session, name: str) -> None:
    """Each of these cases fails with a text that names the defect; a plain bill stays right."""
    assert session.target.deployment is not None
    with find_mutation(name).apply(session.target.deployment):
        verdicts = {case.id: run_case(case, session).verdict for case in _noticing(name)}
        plain = run_case(PLAN[PLAIN], session).verdict
    assert {each.status for each in verdicts.values()} == {Status.FAILED}
    for verdict in verdicts.values():
        assert USAGE[name].text in verdict.because
    assert (plain.status is Status.PASSED) is (name not in EVERYWHERE), plain.because


def test_every_pattern_matches_a_case() -> None:
    """No expectation names a case that is not there."""
    assert not [name for each in USAGE.values() for name in each.unmatched_patterns(PLAN)]


def test_without_a_mutation_they_pass(session: Session) -> None:
    """The cases that notice mutations pass on the deployment as it is."""
    cases = {case.id: case for name in USAGE for case in _noticing(name)}
    failed = {
        name: verdict.because
        for name, case in cases.items()
        if (verdict := run_case(case, session).verdict).status is not Status.PASSED
    }
    assert failed == {}
