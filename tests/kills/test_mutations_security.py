"""Every check of who may do what is able to fail: put to a bridge that leaves one out."""

from __future__ import annotations

import pytest

from fixtures.model import Case
from fixtures.plan.mapping import rows
from fixtures.simulator.bridge.soap.ws_security import SKIPPABLE_CHECKS
from fixtures.simulator.mutations import security
from fixtures.targets.target import Target
from suites.registration import TestRegistration as Registration
from tests.kills.expected import SECURITY
from tests.kills.mutated_runs import assert_noticed, run_mutated
from tests.support.planned_suites import cases, table_cases

MESSAGES = [
    case
    for case in table_cases("authentication")
    if case.driver == "soap" and case.row == "DescribeAvailabilityZones"
]
STORIES = [
    case
    for demanded in Registration.demands("story", rows())
    for case in cases(Registration.suite, demanded)
    if case.driver in ("soap", "raw")
]
CASES = [*MESSAGES, *STORIES]
SLOW = ("expiring", "lookalike")  # they generate keys
# The bridge keeps the certificates that it should have dropped when the mutation is over: last.
LASTING = "keeps-replaced-certificates"
NAMES = sorted((mutation.name for mutation in security.MUTATIONS), key=lambda name: name == LASTING)


def _cases_for(name: str) -> list[Case]:
    """The cases that must fail, and others about the same part of the bridge, which must not."""
    family = MESSAGES if name.startswith("waives-") else STORIES
    chosen = [
        case
        for case in CASES
        if SECURITY[name].covers(case.id)
        or (case in family and not any(slow in case.id for slow in SLOW))
    ]
    # Messages that are answered go first: some mutations need a previous caller.
    return sorted(chosen, key=lambda case: "rsa-sha" not in case.id)


@pytest.mark.parametrize("name", NAMES)
def test_misplaced_trust_is_noticed(target: Target, name: str) -> None:
    """A bridge that leaves one check out fails the cases about that, and no other."""
    assert_noticed(run_mutated(target, name, _cases_for(name)), SECURITY[name])


def test_every_pattern_matches_a_case() -> None:
    """What is expected to notice a mutation exists."""
    ids = [case.id for case in CASES]
    assert not {name: found for name in NAMES if (found := SECURITY[name].unmatched_patterns(ids))}


def test_every_check_has_its_mutation() -> None:
    """Each check of a SOAP message is left out by a mutation."""
    assert {
        name.removeprefix("waives-") for name in NAMES if name.startswith("waives-")
    } == SKIPPABLE_CHECKS
