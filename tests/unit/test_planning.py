"""The plan: what a run is going to ask, told as what differs from the documented rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from fixtures.model import Expectation, HarnessError, Pattern, Requirement, Scenario, matches_case
from fixtures.plan.mapping import rows
from fixtures.setup.binding import bind
from tests.support.planned_suites import cases, excused, planned, scenario

CLIENTS = ("boto", "boto3", "soap", "command")


def _only(requirement: Requirement) -> Scenario:
    (case,) = cases("suite", replace(requirement, drivers=("raw",)))
    return scenario(case)


def _demand(action: str, **overlay: object) -> Requirement:
    return replace(Requirement(action, "parameters", "x", "It works."), **overlay)  # type: ignore[arg-type]  # names of fields


def test_every_row_is_asked_with_every_client() -> None:
    """The whole plan covers all 38 rows with the four kinds of client, each case with an id of its
    own."""
    plan = planned()
    assert len(plan) >= 1600
    doubles = [case for case, times in Counter(case.id for case in plan).items() if times > 1]
    assert not doubles
    documented = {(case.row, case.driver) for case in plan if case.kind == "documented-call"}
    assert documented == {(row.action, driver) for row in rows() for driver in CLIENTS}


def test_every_case_says_what_it_is_about_and_why() -> None:
    """Each case carries a requirement in words, a level and a source."""
    for case in planned():
        assert len(case.text) > 20
        assert case.source
        assert case.level in ("must", "should")


def test_a_requirement_is_laid_over_its_row() -> None:
    """Arguments, needs and parameters are the row's, but for what the requirement says."""
    played = _only(
        _demand(
            "AttachVolume",
            arguments={"Device": "/dev/sdg", "InstanceId": None},
            needs={"second": "volume"},
            parameters={"deviceid": 6, "virtualmachineid": None},
        ),
    )
    assert played.arguments == {"VolumeId": "{volume.id}", "Device": "/dev/sdg"}
    assert set(played.needs) == {"instance", "volume", "second"}
    (call,) = played.expectation.calls
    assert call.parameters == {"id": Pattern.of("{volume.id}"), "deviceid": Pattern.of(6)}


def test_one_call_for_each() -> None:
    """A request about two things asks for one documented call each."""
    each = ({"id": "{instance.id}"}, {"id": "{second.id}"})
    played = _only(_demand("StopInstances", each=each))
    told = [call.parameters["id"].accepts[0] for call in played.expectation.calls]
    assert told == ["{instance.id}", "{second.id}"]


def test_a_refusal_asks_for_no_call() -> None:
    """What is refused must cause no documented call, unless CloudStack is what fails."""
    refused = _demand("StopInstances", codes=frozenset({"X"}))
    expectation = _only(refused).expectation
    assert (expectation.calls, expectation.attempt) == ((), "stopVirtualMachine")
    failed = _demand("StopInstances", codes=frozenset({"X"}), call_expected=True)
    assert len(_only(failed).expectation.calls) == 1


def test_only_what_changes_nothing_shares_its_scene() -> None:
    """What changes something gets things of its own; what looks, or is refused, shares them."""
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


def test_what_a_client_cannot_say_is_not_planned() -> None:
    """A case exists for the drivers that can say its request."""
    demand = Requirement(
        "RunInstances", "parameters", "x", "It works.", arguments={"InstanceType": None}
    )
    told = {case.driver for case in cases("instances", demand)}
    assert "boto3" in told


ONCE = "by each name once, with a value"
EXCUSES = {  # which cases a client has not, and the reason that it gives
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


def test_every_excuse_is_known_and_needed() -> None:
    """A client has a case or one of these excuses, for the reason given; none is spare."""
    needed = set()
    for excuse in excused():
        (pattern,) = (one for one in EXCUSES if matches_case(one, excuse.case))
        assert EXCUSES[pattern] in excuse.because
        needed.add(pattern)
    assert needed == EXCUSES.keys()


NAMES = {"volume": {"id": "7", "zoneid": "z"}}


def test_identities_are_bound_at_any_depth() -> None:
    """Texts name things of the scene wherever they stand."""
    bound = bind({"a": ["{volume.id}", ("{volume.zoneid}-{volume}",)], "{volume.id}": 1}, NAMES)
    assert bound == {"a": ["7", ("z-7",)], "7": 1}
    expectation = Expectation("x", fields={"V[?id=='{volume.id}']": Pattern.of("{volume.zoneid}")})
    assert bind(expectation, NAMES).fields == {"V[?id=='7']": Pattern.of("z")}


@pytest.mark.parametrize("text", ["{snapshot.id}", "{volume.colour}"])
def test_a_name_that_stands_for_nothing(text: str) -> None:
    """A text that names what the scene does not have is an error of ours, and named."""
    with pytest.raises(HarnessError, match=text[1:-1]):
        bind(text, NAMES)
