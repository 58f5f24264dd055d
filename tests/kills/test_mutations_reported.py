"""Every reported bug is noticed by the case that demands the right behaviour, with every client."""

from __future__ import annotations

import pytest

from fixtures.simulator.mutations import repeated_requests, reported_bugs
from fixtures.targets.target import Target
from suites.client_tokens import TestClientTokens as ClientTokens
from suites.reported_bugs import TestReportedBugs as ReportedBugs
from tests.kills.expected import REPORTED
from tests.kills.mutated_runs import assert_noticed, run_mutated
from tests.support.planned_suites import cases

CASES = [
    case
    for suite in (ReportedBugs, ClientTokens)
    for demand in suite.requirements
    for case in cases(suite.suite, demand)
]
MUTATIONS = (*reported_bugs.MUTATIONS, *repeated_requests.MUTATIONS)
CONTROLS = [
    case
    for case in CASES
    if case.driver in ("boto3", "raw") and not case.id.endswith("/longer-than-a-page[boto3]")
]


@pytest.mark.parametrize("name", [mutation.name for mutation in MUTATIONS])
def test_a_reported_bug_is_noticed(target: Target, name: str) -> None:
    """The bridge with the bug fails the cases about it, with every client, and no others."""
    about = [case for case in CASES if REPORTED[name].covers(case.id) and case not in CONTROLS]
    assert_noticed(run_mutated(target, name, [*about, *CONTROLS]), REPORTED[name])


def test_every_case_can_fail() -> None:
    """Each case is failed by a mutation."""
    assert not [
        case.id for case in CASES if not any(each.covers(case.id) for each in REPORTED.values())
    ]
