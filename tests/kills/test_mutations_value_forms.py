"""A right value in a wrong form is noticed, and the finding says in words what is wrong with it."""

from __future__ import annotations

from fixtures.simulator.mutations import value_forms
from fixtures.targets.target import Target
from tests.kills.expected import VALUE_FORMS
from tests.kills.mutated_runs import assert_noticed, run_mutated
from tests.support.planned_suites import all_cases

OBSERVED = (
    "instances/DescribeInstances/reply[boto3]",
    "volumes/DescribeVolumes/reply[boto3]",
    "volumes/DescribeVolumes/reply/all[boto3]",
    "volumes/CreateVolume/documented-call[boto3]",
    "groups/CreateSecurityGroup/documented-call[boto3]",
)


def test_the_cause_of_a_difference_is_said(target: Target) -> None:
    """White space, capitals, units, escapes, prefixes: the finding names what differs."""
    cases = [case for case in all_cases() if case.id in OBSERVED]
    assert len(cases) == len(OBSERVED)
    for mutation in value_forms.MUTATIONS:
        assert_noticed(run_mutated(target, mutation.name, cases), VALUE_FORMS[mutation.name])
