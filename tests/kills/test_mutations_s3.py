"""Every case of the S3 suite is able to fail: put to an S3 that is wrong in one thing."""

from __future__ import annotations

import pytest

from fixtures.model import matches_case
from fixtures.simulator.bridge.s3.auth.authenticator import SKIPPABLE_CHECKS
from fixtures.simulator.mutations.catalogue import ALL_MUTATIONS
from fixtures.simulator.mutations.mutation import Area
from fixtures.targets.target import Target
from tests.kills.expected import S3
from tests.kills.expected.s3 import BASIC
from tests.kills.expected.s3_checks import CHECKS
from tests.kills.expected.s3_literals import LITERALS
from tests.kills.mutated_runs import assert_noticed, run_mutated
from tests.support.planned_suites import s3_cases
from tools.coverage.results import Coverage

CASES = [case for case in s3_cases() if case.driver == "raw"]
SDK_CASES = [case for case in s3_cases() if case.driver != "raw"]
# Put to every mutation: cases of areas that have little to do with each other.
CONTROLS = [case for case in CASES if any(matches_case(pattern, case.id) for pattern in BASIC)]
NAMES = sorted(mutation.name for mutation in ALL_MUTATIONS if mutation.area is Area.S3)


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_s3_is_noticed(target: Target, name: str) -> None:
    """An S3 that is wrong in one thing fails the cases about that, with a finding about it, and not
    those about something else."""
    about = [case for case in CASES if S3[name].covers(case.id)]
    verdicts = run_mutated(target, name, [*about, *CONTROLS])
    assert_noticed(verdicts, S3[name])


@pytest.mark.parametrize("name", sorted({*CHECKS, *LITERALS}))
def test_every_client_notices(target: Target, name: str) -> None:
    """What an S3 does not check, or misreads, is noticed by every client that can send it."""
    about = [case for case in SDK_CASES if S3[name].covers(case.id)]
    if about:
        assert_noticed(run_mutated(target, name, about), S3[name])


# Parts of replies that several cases compare: the table of leaves names the first of them.
NAMED_ONCE = ("HeadObject/answers/time", "*/answers/repeats-its-request", "*/answers/version-id")


def test_every_case_can_fail() -> None:
    """Each case of S3 is failed by a mutation, or by a part of a reply that is altered."""
    altered = {case.partition("[")[0] for case in Coverage.read().named_cases}
    assert len(CONTROLS) == len(BASIC)
    assert not [
        case.id
        for case in CASES
        if not any(expected.covers(case.id) for expected in S3.values())
        and case.id.partition("[")[0] not in altered
        and not any(matches_case(f"s3/{name}[*]", case.id) for name in NAMED_ONCE)
    ]


def test_every_pattern_matches_a_case() -> None:
    """What is expected to notice a mutation exists."""
    ids = [case.id for case in CASES]
    assert not {name: found for name in NAMES if (found := S3[name].unmatched_patterns(ids))}


def test_every_check_of_signatures_has_its_mutation() -> None:
    """Each check of how S3 authenticates requests is left out by a mutation."""
    assert {
        name.removeprefix("s3-waives-") for name in NAMES if "-waives-" in name
    } == SKIPPABLE_CHECKS
