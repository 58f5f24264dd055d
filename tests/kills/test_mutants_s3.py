"""Every case of the S3 suite is able to fail: put to an S3 that lies in one thing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fixtures import profile
from fixtures.model import Case, Mutant, Status, matches_case
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.bridge.s3.auth.authenticator import SKIPPABLE_CHECKS
from fixtures.simulator.mutations.catalogue import MUTANTS, planted
from fixtures.simulator.mutations.s3 import MISLAYING
from fixtures.targets.target import Target
from tests.unit.test_suite_s3 import planned

CASES = [case for case in planned() if case.driver == "raw"]
# Put to every liar, from areas that have little to do with each other.
APART = ("HeadBucket/answers/found", "ListObjects/answers/prefix", "HeadObject/answers/if-match")
NAMES = sorted(mutant.name for mutant, _ in MISLAYING)


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    """A simulated deployment to mislay things."""
    with Target(profile.load("simulated"), run="mislaying") as running:
        yield running


def _noticed(mutant: Mutant, case: Case) -> bool:
    return any(matches_case(pattern, case.id) for pattern in mutant.notices)


@pytest.mark.parametrize("name", NAMES)
def test_an_s3_that_lies_is_noticed(target: Target, name: str) -> None:
    """Who lies in one thing about S3 fails the cases about that, with a message that says so, and
    not those about something else."""
    assert target.deployment is not None
    mutant = MUTANTS[name]
    apart = [case for case in CASES if case.id.removeprefix("s3/").partition("[")[0] in APART]
    wanted = [case for case in CASES if _noticed(mutant, case)]
    with planted(name, target.deployment):
        verdicts = {case.id: run_case(case, Session(target)).verdict for case in [*wanted, *apart]}
    red = {case for case, verdict in verdicts.items() if verdict.status is not Status.PASSED}
    assert wanted
    assert red == {case.id for case in wanted}, {
        case: verdict.because for case, verdict in verdicts.items()
    }
    for case in red:
        assert verdicts[case].status is Status.FAILED, verdicts[case].because
        assert mutant.names in verdicts[case].because


def test_every_case_has_its_liar() -> None:
    """There is no case of S3 that could not fail."""
    liars = [MUTANTS[name] for name in NAMES]
    assert not [case for case in CASES if not any(_noticed(liar, case) for liar in liars)]


def test_every_pattern_means_a_case() -> None:
    """What a mutant says will notice it is there."""
    assert not [
        (name, pattern)
        for name in NAMES
        for pattern in MUTANTS[name].notices
        if not any(matches_case(pattern, case.id) for case in CASES)
    ]


def test_every_check_of_signatures_has_its_mutant() -> None:
    """No check of who asks S3 can be left out without a mutant that leaves it out."""
    assert {
        name.removeprefix("s3-waives-") for name in NAMES if "-waives-" in name
    } == SKIPPABLE_CHECKS
