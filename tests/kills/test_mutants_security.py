"""Every check of who asks is able to fail: put to a bridge that trusts where it should not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fixtures import profile
from fixtures.model import Case, Mutant, Status, matches_case
from fixtures.plan.mapping import rows
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.bridge.soap.ws_security import SKIPPABLE_CHECKS
from fixtures.simulator.mutations.catalogue import MUTANTS, planted
from fixtures.simulator.mutations.security import TRUSTING
from fixtures.targets.target import Target
from suites.registration import TestRegistration as Registration
from tests.support.planned_suites import cases, planned

MESSAGES = [
    case
    for case in planned("authentication")
    if case.driver == "soap" and case.row == "DescribeAvailabilityZones"
]
STORIES = [
    case
    for demanded in Registration.demands("story", rows())
    for case in cases(Registration.suite, demanded)
    if case.driver in ("soap", "raw")
]
CASES = [*MESSAGES, *STORIES]
LASTING = "keeps-replaced-certificates"  # what it kept stays when the lie is over
NAMES = sorted((mutant.name for mutant, _ in TRUSTING), key=lambda name: name == LASTING)


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    """A simulated deployment to be careless."""
    with Target(profile.load("simulated"), run="trusting") as running:
        yield running


def _noticed(mutant: Mutant, case: str) -> bool:
    return any(matches_case(pattern, case) for pattern in mutant.notices)


def _about(mutant: Mutant) -> list[Case]:
    """What must turn red, and what must not although it is put to the same part of the bridge."""
    family = MESSAGES if mutant.name.startswith("waives-") else STORIES
    apart = ("expiring", "lookalike")  # which make keys, and that takes its time
    found = [
        case
        for case in CASES
        if _noticed(mutant, case.id)
        or (case in family and not any(name in case.id for name in apart))
    ]
    # What is answered goes first: somebody must have asked before.
    return sorted(found, key=lambda case: "rsa-sha" not in case.id)


@pytest.mark.parametrize("name", NAMES)
def test_misplaced_trust_is_noticed(target: Target, name: str) -> None:
    """A bridge that trusts wrongly in one thing turns the cases about that red, and no other."""
    assert target.deployment is not None
    mutant = MUTANTS[name]
    with planted(name, target.deployment):
        verdicts = {case.id: run_case(case, Session(target)).verdict for case in _about(mutant)}
    red = {case for case, verdict in verdicts.items() if verdict.status is not Status.PASSED}
    wanted = {case for case in verdicts if _noticed(mutant, case)}
    assert wanted
    assert red == wanted, {case: verdicts[case].because for case in red ^ wanted}
    for case in red:
        assert verdicts[case].status is Status.FAILED
        assert mutant.names in verdicts[case].because


def test_every_pattern_means_a_case() -> None:
    """What a mutant says will notice it is there."""
    ids = [case.id for case in CASES]
    idle = [
        pattern
        for mutant, _ in TRUSTING
        for pattern in mutant.notices
        if not any(matches_case(pattern, one) for one in ids)
    ]
    assert not idle


def test_every_check_has_its_mutant() -> None:
    """No check of a message can be left out without a mutant that leaves it out."""
    assert {
        name.removeprefix("waives-") for name in NAMES if name.startswith("waives-")
    } == SKIPPABLE_CHECKS
