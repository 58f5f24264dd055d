"""The plan: cases from the documented rows and the requirements on them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from fixtures.model import Expectation, HarnessError, Pattern, Requirement, Scenario, matches_case
from fixtures.plan.mapping import rows
from fixtures.setup.binding import bind
from tests.support.planned_suites import cases, excluded_cases, scenario, table_cases

CLIENTS = ("boto", "boto3", "soap", "command")


def _only(requirement: Requirement) -> Scenario:
    (case,) = cases("suite", replace(requirement, drivers=("raw",)))
    return scenario(case)


def _demand(action: str, **overlay: object) -> Requirement:
    return replace(Requirement(action, "parameters", "x", "It works."), **overlay)  # type: ignore[arg-type]  # names of fields


def test_every_row_has_cases_of_every_client() -> None:
    """The whole plan covers all 38 rows with the four kinds of client; case ids are unique."""
    plan = table_cases()
    assert len(plan) >= 1600
    doubles = [case for case, times in Counter(case.id for case in plan).items() if times > 1]
    assert not doubles
    documented = {(case.row, case.driver) for case in plan if case.kind == "documented-call"}
    assert documented == {(row.action, driver) for row in rows() for driver in CLIENTS}


def test_every_case_has_a_text_a_level_and_a_source() -> None:
    """Each case carries a requirement in words, a level and a source."""
    for case in table_cases():
        assert len(case.text) > 20
        assert case.source
        assert case.level in ("must", "should")


def test_a_requirement_is_merged_with_its_row() -> None:
    """Arguments, needs and parameters are the row's, except for those of the requirement."""
    scenario = _only(
        _demand(
            "AttachVolume",
            arguments={"Device": "/dev/sdg", "InstanceId": None},
            needs={"second": "volume"},
            parameters={"deviceid": 6, "virtualmachineid": None},
        ),
    )
    assert scenario.arguments == {"VolumeId": "{volume.id}", "Device": "/dev/sdg"}
    assert set(scenario.needs) == {"instance", "volume", "second"}
    (call,) = scenario.expectation.calls
    assert call.parameters == {"id": Pattern.of("{volume.id}"), "deviceid": Pattern.of(6)}


def test_one_call_for_each() -> None:
    """A request about two resources requires one documented call for each."""
    each = ({"id": "{instance.id}"}, {"id": "{second.id}"})
    scenario = _only(_demand("StopInstances", each=each))
    ids = [call.parameters["id"].accepts[0] for call in scenario.expectation.calls]
    assert ids == ["{instance.id}", "{second.id}"]


def test_a_rejection_requires_no_call() -> None:
    """A rejected request must cause no documented call, unless CloudStack itself rejects it."""
    refused = _demand("StopInstances", codes=frozenset({"X"}))
    expectation = _only(refused).expectation
    assert (expectation.calls, expectation.attempt) == ((), "stopVirtualMachine")
    failed = _demand("StopInstances", codes=frozenset({"X"}), call_expected=True)
    assert len(_only(failed).expectation.calls) == 1


def test_only_what_changes_nothing_shares_resources() -> None:
    """Requests that change resources get their own; look-ups and rejected ones share them."""
    shared = {
        name: _only(demand).shared
        for name, demand in (
            ("change", _demand("StopInstances")),
            ("refused", _demand("StopInstances", codes=frozenset({"X"}))),
            ("look", _demand("DescribeInstances")),
            ("own", _demand("DescribeInstances", own_resources=True)),
        )
    }
    assert shared == {"change": False, "refused": True, "look": True, "own": False}


def test_what_a_client_cannot_send_is_not_planned() -> None:
    """A case exists for the drivers whose clients can send its request."""
    demand = Requirement(
        "RunInstances", "parameters", "x", "It works.", arguments={"InstanceType": None}
    )
    drivers = {case.driver for case in cases("instances", demand)}
    assert "boto3" in drivers


ONCE = "by each name once, with a value"
EXCLUDED = {  # cases that a client does not have → part of the reason
    "*/filters/several-filters[boto]": ONCE,
    "*/filters/several-filters[command]": ONCE,
    "*/filters/contradiction[boto]": ONCE,
    "*/filters/contradiction[command]": ONCE,
    "instances/DescribeInstances/filters/group-id[boto]": "one group-id",
    "groups/AuthorizeSecurityGroupIngress/parameters/two-permissions[boto]": "one permission",
    "groups/AuthorizeSecurityGroupIngress/parameters/two-permissions[command]": "one permission",
    "image_attributes/ModifyImageAttribute/parameters/description[boto]": "cannot leave out",
    "*/rejections/unknown-attribute[soap]": "no element",
    "*/rejections/unknown-attribute[command]": "no option",
    "passwords/GetPasswordData/reply[command]": "it is printed decrypted",
}


def test_every_excluded_case_is_listed() -> None:
    """A client has a case or is listed here with the reason; no entry is superfluous."""
    needed = set()
    for case in excluded_cases():
        (pattern,) = (pattern for pattern in EXCLUDED if matches_case(pattern, case.case))
        assert EXCLUDED[pattern] in case.because
        needed.add(pattern)
    assert needed == EXCLUDED.keys()


NAMES = {"volume": {"id": "7", "zoneid": "z"}}


def test_identities_are_bound_at_any_depth() -> None:
    """References to resources are replaced at any depth."""
    bound = bind({"a": ["{volume.id}", ("{volume.zoneid}-{volume}",)], "{volume.id}": 1}, NAMES)
    assert bound == {"a": ["7", ("z-7",)], "7": 1}
    expectation = Expectation("x", fields={"V[?id=='{volume.id}']": Pattern.of("{volume.zoneid}")})
    assert bind(expectation, NAMES).fields == {"V[?id=='7']": Pattern.of("z")}


@pytest.mark.parametrize("text", ["{snapshot.id}", "{volume.colour}"])
def test_an_unknown_name_is_an_error(text: str) -> None:
    """A reference to a resource or attribute that does not exist is an error that names it."""
    with pytest.raises(HarnessError, match=text[1:-1]):
        bind(text, NAMES)
