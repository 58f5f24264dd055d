"""The checker of translations: a table of expectations, observations and the expected verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from fixtures.checkers.translation import check_translation
from fixtures.model import (
    CallPattern,
    CloudStackCall,
    Ec2Reply,
    Expectation,
    Observation,
    Pattern,
    ReplyKind,
    Status,
    Visibility,
)

ANSWERED = Ec2Reply(ReplyKind.ANSWERED, {"Volumes": [{"VolumeId": "v", "Size": 2}], "Return": True})
NOT_FOUND = Ec2Reply(
    ReplyKind.FAULT, code="InvalidVolume.NotFound", message="no v", http_status=400
)
STOP = CallPattern(
    "stopVirtualMachine", {"id": Pattern.of("i")}, harmless={"forced": Pattern.of(False)}
)
LIST = CallPattern("listVolumes", harmless={"id": Pattern.of("v")}, times=None)
GROUP = CallPattern(
    "deleteSecurityGroup", either=({"name": Pattern.of("g")}, {"id": Pattern.of("7")})
)


def call(command: str, status: int = 200, **parameters: str) -> CloudStackCall:
    """A call by alice."""
    return CloudStackCall(command, parameters, "alice", status, {}, 0.0, "journal")


def without_parameters(command: str) -> CloudStackCall:
    """A call whose parameters were not observed."""
    return CloudStackCall(command, None, "alice", 200, {}, 0.0, "api-log")


def expect(*calls: CallPattern, **more: Any) -> Expectation:
    """An expectation of these calls."""
    return Expectation(requirement="It works.", calls=calls, **more)


CHANGES = Visibility(lookups=False, rejected=False, commands=frozenset({"stopVirtualMachine"}))


@dataclass(frozen=True, slots=True)
class Example:
    """A line of the table."""

    expectation: Expectation
    calls: tuple[CloudStackCall, ...] | None
    status: Status
    because: str = ""  # part of the verdict's
    reply: Ec2Reply = ANSWERED
    state: Mapping[str, Any] | None = None
    sight: Visibility = field(default_factory=Visibility)


REFUSED = frozenset({"InvalidVolume.NotFound"})
ANY_REFUSAL = expect(refused=True, no_calls=True)
DENIED = Ec2Reply(ReplyKind.GARBLED, message="HTTP 403 with no XML: Denied", http_status=403)
UNDER_200 = Ec2Reply(
    ReplyKind.GARBLED, code="AuthFailure", message="no", http_status=200, is_error=True
)
TABLE = {
    "the documented call": Example(
        expect(STOP), (call("stopVirtualMachine", id="i"),), Status.PASSED
    ),
    "with look-ups around it": Example(
        expect(STOP),
        (
            call("listVirtualMachines"),
            call("stopVirtualMachine", id="i"),
            call("queryAsyncJobResult"),
        ),
        Status.PASSED,
    ),
    "with a harmless parameter": Example(
        expect(STOP), (call("stopVirtualMachine", id="i", forced="false"),), Status.PASSED
    ),
    "with a parameter about the account": Example(
        expect(STOP),
        (call("stopVirtualMachine", id="i", listall="true", account="alice"),),
        Status.PASSED,
    ),
    "with a harmful parameter": Example(
        expect(STOP),
        (call("stopVirtualMachine", id="i", forced="true"),),
        Status.FAILED,
        "stopVirtualMachine: unexpected parameter forced='true'",
    ),
    "with an unknown parameter": Example(
        expect(STOP), (call("stopVirtualMachine", id="i", hostid="h"),), Status.FAILED, "hostid"
    ),
    "with a parameter that CloudStack ignores": Example(
        expect(replace(STOP, known=frozenset({"id", "forced"}))),
        (call("stopVirtualMachine", id="i", colour="red"),),
        Status.PASSED,
    ),
    "with a harmful parameter that CloudStack has": Example(
        expect(replace(STOP, known=frozenset({"id", "forced"}))),
        (call("stopVirtualMachine", id="i", forced="true"),),
        Status.FAILED,
        "unexpected parameter forced='true'",
    ),
    "with an ignored parameter, where the form counts": Example(
        expect(replace(STOP, known=frozenset({"id", "forced"})), well_formed=True),
        (call("stopVirtualMachine", id="i", colour="red"),),
        Status.FAILED,
        "stopVirtualMachine: CloudStack has no parameter colour (='red')",
    ),
    "for another account": Example(
        expect(STOP),
        (call("stopVirtualMachine", id="i", account="bob"),),
        Status.FAILED,
        "account is 'bob'",
    ),
    "no call": Example(expect(STOP), (), Status.FAILED, "stopVirtualMachine: missing"),
    "about something else": Example(
        expect(STOP),
        (call("stopVirtualMachine", id="j"),),
        Status.FAILED,
        "stopVirtualMachine: id is 'j', expected 'i'",
    ),
    "without its parameter": Example(
        expect(STOP),
        (call("stopVirtualMachine"),),
        Status.FAILED,
        "stopVirtualMachine: id is not there",
    ),
    "twice": Example(
        expect(STOP),
        (call("stopVirtualMachine", id="i"), call("stopVirtualMachine", id="i")),
        Status.FAILED,
        "unexpected state-changing call stopVirtualMachine",
    ),
    "another command": Example(
        expect(STOP),
        (call("rebootVirtualMachine", id="i"),),
        Status.FAILED,
        "rebootVirtualMachine: unexpected",
    ),
    "another change besides": Example(
        expect(STOP),
        (call("stopVirtualMachine", id="i"), call("deleteVolume", id="v")),
        Status.FAILED,
        "deleteVolume: unexpected state-changing call",
    ),
    "another change that CloudStack refused": Example(
        expect(STOP),
        (call("stopVirtualMachine", id="i"), call("deleteVolume", 431, id="v")),
        Status.FAILED,
        "deleteVolume",
    ),
    "a change that may surround it": Example(
        expect(STOP, around=(CallPattern("startVirtualMachine", {"id": Pattern.of("i")}),)),
        (call("stopVirtualMachine", id="i"), call("startVirtualMachine", id="i")),
        Status.PASSED,
    ),
    "which happens too often": Example(
        expect(STOP, around=(CallPattern("startVirtualMachine", {"id": Pattern.of("i")}),)),
        (call("stopVirtualMachine", id="i"), *[call("startVirtualMachine", id="i")] * 2),
        Status.FAILED,
        "startVirtualMachine",
    ),
    "one call for each of two": Example(
        expect(STOP, CallPattern("stopVirtualMachine", {"id": Pattern.of("j")})),
        (call("stopVirtualMachine", id="j"), call("stopVirtualMachine", id="i")),
        Status.PASSED,
    ),
    "both calls for the same": Example(
        expect(STOP, CallPattern("stopVirtualMachine", {"id": Pattern.of("j")})),
        (call("stopVirtualMachine", id="j"), call("stopVirtualMachine", id="j")),
        Status.FAILED,
        "expected 'i'",
    ),
    "a group by name": Example(
        expect(GROUP), (call("deleteSecurityGroup", name="g"),), Status.PASSED
    ),
    "a group by id": Example(expect(GROUP), (call("deleteSecurityGroup", id="7"),), Status.PASSED),
    "another group by id": Example(
        expect(GROUP),
        (call("deleteSecurityGroup", id="8"),),
        Status.FAILED,
        "id is '8', expected '7'",
    ),
    "a read": Example(expect(LIST), (call("listVolumes"),), Status.PASSED),
    "a read with others of its kind": Example(
        expect(LIST), (call("listVolumes", id="w"), call("listVolumes", id="v")), Status.PASSED
    ),
    "a read of something else": Example(
        expect(LIST),
        (call("listVolumes", id="w"),),
        Status.FAILED,
        "listVolumes: unexpected parameter id='w'",
    ),
    "no read": Example(expect(LIST), (), Status.FAILED, "listVolumes: missing"),
    "not observed": Example(expect(STOP), None, Status.INCONCLUSIVE, "were not observed"),
    "not observed, and the reply is wrong": Example(
        expect(STOP), None, Status.FAILED, "InvalidVolume.NotFound", NOT_FOUND
    ),
    "refused in plain text, where any refusal will do": Example(
        ANY_REFUSAL, (), Status.PASSED, reply=DENIED
    ),
    "refused in plain text, and a call": Example(
        ANY_REFUSAL,
        (call("listVolumes"),),
        Status.FAILED,
        "listVolumes: CloudStack was asked, expected no call at all",
        reply=DENIED,
    ),
    "refused under HTTP 200, where any refusal will do": Example(
        ANY_REFUSAL, (), Status.PASSED, reply=UNDER_200
    ),
    "refused with any code": Example(ANY_REFUSAL, (), Status.PASSED, reply=NOT_FOUND),
    "answered where any refusal will do": Example(
        expect(refused=True),
        (),
        Status.FAILED,
        "answered as if all were well, expected a refusal",
    ),
    "no refusal, but garbage": Example(
        expect(refused=True),
        (),
        Status.FAILED,
        "not an EC2 answer: HTTP 200 with no XML",
        reply=Ec2Reply(ReplyKind.GARBLED, message="HTTP 200 with no XML", http_status=200),
    ),
    "an answer of another form, where its form does not count": Example(
        expect(LIST, fields={"Return": Pattern.of(True)}),
        (call("listVolumes"),),
        Status.PASSED,
        reply=replace(ANSWERED, defects=("boto3 cannot read the answer: size is ''",)),
    ),
    "an answer of another form, where its form counts": Example(
        expect(LIST, well_formed=True),
        (call("listVolumes"),),
        Status.FAILED,
        "reply: boto3 cannot read the answer: size is ''",
        reply=replace(ANSWERED, defects=("boto3 cannot read the answer: size is ''",)),
    ),
    "a field that cannot be counted": Example(
        expect(fields={"length(Snapshots)": Pattern.of(1)}),
        (),
        Status.FAILED,
        "reply: length(Snapshots) cannot be found: In function length(), invalid type",
    ),
    "a field as expected": Example(
        expect(fields={"Volumes[0].Size": Pattern.of(2), "Return": Pattern.of(True)}),
        (),
        Status.PASSED,
    ),
    "a field that differs": Example(
        expect(fields={"Volumes[0].Size": Pattern.of(3)}),
        (),
        Status.FAILED,
        "Volumes[0].Size is 2, expected '3'",
    ),
    "a field that is missing": Example(
        expect(fields={"Volumes[0].State": Pattern.of({"present": True})}),
        (),
        Status.FAILED,
        "Volumes[0].State is not there",
    ),
    "refused as expected": Example(expect(codes=REFUSED), (), Status.PASSED, reply=NOT_FOUND),
    "refused with another code": Example(
        expect(codes=frozenset({"AuthFailure"})),
        (),
        Status.FAILED,
        "expected AuthFailure",
        NOT_FOUND,
    ),
    "not refused": Example(
        expect(codes=REFUSED), (), Status.FAILED, "answered as if all were well"
    ),
    "refused, and tried at CloudStack, which refused it": Example(
        expect(codes=REFUSED, attempt="deleteVolume"),
        (call("deleteVolume", 431, id="x"),),
        Status.PASSED,
        reply=NOT_FOUND,
    ),
    "refused, and done all the same": Example(
        expect(codes=REFUSED, attempt="deleteVolume"),
        (call("deleteVolume", id="x"),),
        Status.FAILED,
        "deleteVolume: unexpected",
        NOT_FOUND,
    ),
    "refused without a call": Example(
        expect(codes=REFUSED, no_calls=True), (), Status.PASSED, reply=NOT_FOUND
    ),
    "refused after a call": Example(
        expect(codes=REFUSED, no_calls=True),
        (call("listAccounts"),),
        Status.FAILED,
        "listAccounts: CloudStack was asked",
        NOT_FOUND,
    ),
    "parameters that were not observed": Example(
        expect(STOP),
        (without_parameters("stopVirtualMachine"),),
        Status.INCONCLUSIVE,
        "stopVirtualMachine: its parameters were not observed",
    ),
    "another command, without its parameters": Example(
        expect(STOP),
        (without_parameters("deleteVolume"),),
        Status.FAILED,
        "stopVirtualMachine: missing",
    ),
    "twice, without parameters": Example(
        expect(STOP), (without_parameters("stopVirtualMachine"),) * 2, Status.FAILED, "unexpected"
    ),
    "look-ups without their parameters": Example(
        expect(STOP),
        (without_parameters("listVolumes"), call("stopVirtualMachine", id="i")),
        Status.PASSED,
    ),
    "a call whose command was not observed": Example(
        expect(STOP),
        (without_parameters(""),),
        Status.INCONCLUSIVE,
        "the command of one of the CloudStack calls",
    ),
    "no call expected, and one whose command was not observed": Example(
        expect(codes=REFUSED, no_calls=True),
        (without_parameters(""),),
        Status.FAILED,
        "CloudStack was asked",
        NOT_FOUND,
    ),
    "a read that the observer would not show": Example(
        expect(LIST), (), Status.INCONCLUSIVE, "not all of the CloudStack calls", sight=CHANGES
    ),
    "a change that the observer would have shown": Example(
        expect(STOP), (), Status.FAILED, "stopVirtualMachine: missing", sight=CHANGES
    ),
    "a change that the observer would not have shown": Example(
        expect(GROUP), (), Status.INCONCLUSIVE, "not all of the CloudStack calls", sight=CHANGES
    ),
    "a change that the observer shows": Example(
        expect(GROUP),
        (without_parameters("stopVirtualMachine"),),
        Status.FAILED,
        "unexpected",
        sight=CHANGES,
    ),
    "refused, with an observer that does not show refused calls": Example(
        expect(codes=REFUSED), (), Status.INCONCLUSIVE, reply=NOT_FOUND, sight=CHANGES
    ),
    "refused, not observed": Example(
        expect(codes=REFUSED), None, Status.INCONCLUSIVE, reply=NOT_FOUND
    ),
    "state as expected": Example(
        expect(state={"volume.exists": Pattern.of(False)}),
        (),
        Status.PASSED,
        state={"volume.exists": "false"},
    ),
    "another state": Example(
        expect(state={"volume.exists": Pattern.of(False)}),
        (),
        Status.FAILED,
        "volume.exists is 'true'",
        state={"volume.exists": "true"},
    ),
    "garbage": Example(
        expect(),
        (),
        Status.FAILED,
        "not an EC2 answer: <html>",
        Ec2Reply(ReplyKind.GARBLED, message="<html>"),
    ),
    "garbage where a refusal was expected": Example(
        expect(codes=REFUSED), (), Status.FAILED, "not an EC2 answer", Ec2Reply(ReplyKind.GARBLED)
    ),
}


@pytest.mark.parametrize("example", TABLE.values(), ids=TABLE)
def test_verdict(example: Example) -> None:
    """Every kind of observation has its verdict, and the reason for it."""
    observation = Observation(example.reply, example.calls, example.state, example.sight)
    verdict = check_translation(example.expectation, observation)
    assert verdict.status is example.status, verdict.because
    assert example.because in verdict.because
    assert bool(verdict.because) == (example.status is not Status.PASSED)
