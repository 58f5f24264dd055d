"""Every value of the catalogue is noticed where it is altered, or taken for another."""

from __future__ import annotations

import pytest

from fixtures.model import Status
from fixtures.simulator.mutations.catalogue import ALL_MUTATIONS
from fixtures.simulator.mutations.mutation import Area
from fixtures.targets.target import Target
from tests.kills.expected import VALUES
from tests.kills.mutated_runs import run_mutated, unsuccessful
from tests.support.planned_suites import all_cases

CASES = [case for case in all_cases() if case.suite == "values"]
ONCE = [case for case in CASES if case.driver in ("boto3", "raw")]
# Put to every mutation: cases of parameters that have little to do with each other.
CONTROLS = [
    case
    for case in ONCE
    if case.id.removeprefix("values/").partition("[")[0]
    in (
        "CreateSecurityGroup/parameters/Description-hash",
        "CreateSecurityGroup/parameters/Description-chinese",
        "DescribeVolumes/filters/tag-value-hash",
        "DescribeInstances/parameters/indices-gaps",
        "AuthorizeSecurityGroupIngress/parameters/range-half",
        "RunInstances/parameters/UserData-newlines",
        "DetachVolume/rejections/Device-long",
    )
]
# The simulated deployment refuses these, as it may, so that it cannot alter them.
REFUSED = (
    *("range-leading-zeros", "Name-comma", "Name-255-characters", "Name-256-characters"),
    "Timestamp-small-letters",
)


@pytest.mark.parametrize(
    "name", [mutation.name for mutation in ALL_MUTATIONS if mutation.area is Area.VALUES]
)
def test_an_altered_value_is_noticed(target: Target, name: str) -> None:
    """A bridge that alters values of one kind fails the cases of that kind, and no others."""
    about = [case for case in ONCE if VALUES[name].covers(case.id) and case not in CONTROLS]
    verdicts = run_mutated(target, name, [*about, *CONTROLS])
    findings = unsuccessful(verdicts)
    assert not [case for case in findings if not VALUES[name].covers(case)]
    # Not every action takes every value: what it refuses is not altered.
    unnoticed = VALUES[name].unmatched_patterns(findings)
    assert not unnoticed
    for case, finding in findings.items():
        assert verdicts[case].status is Status.FAILED, finding
        assert VALUES[name].text in finding


def test_every_case_can_fail() -> None:
    """Each case is failed by a mutation, unless the deployment refuses the value."""
    assert not [
        case.id
        for case in CASES
        if not any(each.covers(case.id) for each in VALUES.values())
        and not any(f"/{name}[" in case.id for name in REFUSED)
    ]


def test_clients_send_what_their_encoding_could_change() -> None:
    """Texts that an encoding is likely to change are sent by every client."""
    encoded = [case for case in CASES if "/Description-percent-encoded[" in case.id]
    assert {case.driver for case in encoded} == {"boto", "boto3", "soap", "command"}
