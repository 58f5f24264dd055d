"""The judge: a table of expectation, observation and the verdict that must come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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


def unseen(command: str) -> CloudStackCall:
    """A call of which nobody saw the parameters."""
    return CloudStackCall(command, None, "alice", 200, {}, 0.0, "api-log")


def expect(*calls: CallPattern, **more: Any) -> Expectation:
    """What must be seen."""
    return Expectation(requirement="It works.", calls=calls, **more)


CHANGES = Visibility(lookups=False, rejected=False, commands=frozenset({"stopVirtualMachine"}))


@dataclass(frozen=True, slots=True)
class Judged:
    """A line of the table; `says` must be part of the reason."""

    expectation: Expectation
    calls: tuple[CloudStackCall, ...] | None
    status: Status
    says: str = ""
    reply: Ec2Reply = ANSWERED
    state: Mapping[str, Any] | None = None
    sight: Visibility = field(default_factory=Visibility)


REFUSED = frozenset({"InvalidVolume.NotFound"})
TABLE = {
    "the documented call": Judged(
        expect(STOP), (call("stopVirtualMachine", id="i"),), Status.PASSED
    ),
    "with look-ups around it": Judged(
        expect(STOP),
        (
            call("listVirtualMachines"),
            call("stopVirtualMachine", id="i"),
            call("queryAsyncJobResult"),
        ),
        Status.PASSED,
    ),
    "with a harmless parameter": Judged(
        expect(STOP), (call("stopVirtualMachine", id="i", forced="false"),), Status.PASSED
    ),
    "with a parameter about who asks": Judged(
        expect(STOP),
        (call("stopVirtualMachine", id="i", listall="true", account="alice"),),
        Status.PASSED,
    ),
    "with a harmful parameter": Judged(
        expect(STOP),
        (call("stopVirtualMachine", id="i", forced="true"),),
        Status.FAILED,
        "stopVirtualMachine: unexpected parameter forced='true'",
    ),
    "with an unknown parameter": Judged(
        expect(STOP), (call("stopVirtualMachine", id="i", hostid="h"),), Status.FAILED, "hostid"
    ),
    "for another account": Judged(
        expect(STOP),
        (call("stopVirtualMachine", id="i", account="bob"),),
        Status.FAILED,
        "account is 'bob'",
    ),
    "no call": Judged(expect(STOP), (), Status.FAILED, "stopVirtualMachine: missing"),
    "about something else": Judged(
        expect(STOP),
        (call("stopVirtualMachine", id="j"),),
        Status.FAILED,
        "stopVirtualMachine: id is 'j', expected 'i'",
    ),
    "without its parameter": Judged(
        expect(STOP),
        (call("stopVirtualMachine"),),
        Status.FAILED,
        "stopVirtualMachine: id is not there",
    ),
    "twice": Judged(
        expect(STOP),
        (call("stopVirtualMachine", id="i"), call("stopVirtualMachine", id="i")),
        Status.FAILED,
        "unexpected state-changing call stopVirtualMachine",
    ),
    "another command": Judged(
        expect(STOP),
        (call("rebootVirtualMachine", id="i"),),
        Status.FAILED,
        "rebootVirtualMachine: unexpected",
    ),
    "another change besides": Judged(
        expect(STOP),
        (call("stopVirtualMachine", id="i"), call("deleteVolume", id="v")),
        Status.FAILED,
        "deleteVolume: unexpected state-changing call",
    ),
    "another change that CloudStack refused": Judged(
        expect(STOP),
        (call("stopVirtualMachine", id="i"), call("deleteVolume", 431, id="v")),
        Status.FAILED,
        "deleteVolume",
    ),
    "a change that may surround it": Judged(
        expect(STOP, around=(CallPattern("startVirtualMachine", {"id": Pattern.of("i")}),)),
        (call("stopVirtualMachine", id="i"), call("startVirtualMachine", id="i")),
        Status.PASSED,
    ),
    "which happens too often": Judged(
        expect(STOP, around=(CallPattern("startVirtualMachine", {"id": Pattern.of("i")}),)),
        (call("stopVirtualMachine", id="i"), *[call("startVirtualMachine", id="i")] * 2),
        Status.FAILED,
        "startVirtualMachine",
    ),
    "one call for each of two": Judged(
        expect(STOP, CallPattern("stopVirtualMachine", {"id": Pattern.of("j")})),
        (call("stopVirtualMachine", id="j"), call("stopVirtualMachine", id="i")),
        Status.PASSED,
    ),
    "both calls for the same": Judged(
        expect(STOP, CallPattern("stopVirtualMachine", {"id": Pattern.of("j")})),
        (call("stopVirtualMachine", id="j"), call("stopVirtualMachine", id="j")),
        Status.FAILED,
        "expected 'i'",
    ),
    "a group by name": Judged(
        expect(GROUP), (call("deleteSecurityGroup", name="g"),), Status.PASSED
    ),
    "a group by id": Judged(expect(GROUP), (call("deleteSecurityGroup", id="7"),), Status.PASSED),
    "another group by id": Judged(
        expect(GROUP),
        (call("deleteSecurityGroup", id="8"),),
        Status.FAILED,
        "id is '8', expected '7'",
    ),
    "a read": Judged(expect(LIST), (call("listVolumes"),), Status.PASSED),
    "a read with others of its kind": Judged(
        expect(LIST), (call("listVolumes", id="w"), call("listVolumes", id="v")), Status.PASSED
    ),
    "a read of something else": Judged(
        expect(LIST),
        (call("listVolumes", id="w"),),
        Status.FAILED,
        "listVolumes: unexpected parameter id='w'",
    ),
    "no read": Judged(expect(LIST), (), Status.FAILED, "listVolumes: missing"),
    "nobody looked": Judged(expect(STOP), None, Status.INCONCLUSIVE, "were not observed"),
    "nobody looked, and the reply is wrong": Judged(
        expect(STOP), None, Status.FAILED, "InvalidVolume.NotFound", NOT_FOUND
    ),
    "a field as expected": Judged(
        expect(fields={"Volumes[0].Size": Pattern.of(2), "Return": Pattern.of(True)}),
        (),
        Status.PASSED,
    ),
    "a field that differs": Judged(
        expect(fields={"Volumes[0].Size": Pattern.of(3)}),
        (),
        Status.FAILED,
        "Volumes[0].Size is 2, expected '3'",
    ),
    "a field that is missing": Judged(
        expect(fields={"Volumes[0].State": Pattern.of({"present": True})}),
        (),
        Status.FAILED,
        "Volumes[0].State is not there",
    ),
    "refused as expected": Judged(expect(codes=REFUSED), (), Status.PASSED, reply=NOT_FOUND),
    "refused with another code": Judged(
        expect(codes=frozenset({"AuthFailure"})),
        (),
        Status.FAILED,
        "expected AuthFailure",
        NOT_FOUND,
    ),
    "not refused": Judged(expect(codes=REFUSED), (), Status.FAILED, "answered as if all were well"),
    "refused, and tried at CloudStack, which refused it": Judged(
        expect(codes=REFUSED, attempt="deleteVolume"),
        (call("deleteVolume", 431, id="x"),),
        Status.PASSED,
        reply=NOT_FOUND,
    ),
    "refused, and done all the same": Judged(
        expect(codes=REFUSED, attempt="deleteVolume"),
        (call("deleteVolume", id="x"),),
        Status.FAILED,
        "deleteVolume: unexpected",
        NOT_FOUND,
    ),
    "refused without a question": Judged(
        expect(codes=REFUSED, no_calls=True), (), Status.PASSED, reply=NOT_FOUND
    ),
    "refused after a question": Judged(
        expect(codes=REFUSED, no_calls=True),
        (call("listAccounts"),),
        Status.FAILED,
        "listAccounts: CloudStack was asked",
        NOT_FOUND,
    ),
    "parameters that nobody saw": Judged(
        expect(STOP),
        (unseen("stopVirtualMachine"),),
        Status.INCONCLUSIVE,
        "stopVirtualMachine: its parameters were not observed",
    ),
    "another command whose parameters nobody saw": Judged(
        expect(STOP), (unseen("deleteVolume"),), Status.FAILED, "stopVirtualMachine: missing"
    ),
    "twice, without parameters": Judged(
        expect(STOP), (unseen("stopVirtualMachine"),) * 2, Status.FAILED, "unexpected"
    ),
    "look-ups whose parameters nobody saw": Judged(
        expect(STOP),
        (unseen("listVolumes"), call("stopVirtualMachine", id="i")),
        Status.PASSED,
    ),
    "a call whose command nobody saw": Judged(
        expect(STOP),
        (unseen(""),),
        Status.INCONCLUSIVE,
        "the command of one of the CloudStack calls",
    ),
    "silence, broken by a call whose command nobody saw": Judged(
        expect(codes=REFUSED, no_calls=True),
        (unseen(""),),
        Status.FAILED,
        "CloudStack was asked",
        NOT_FOUND,
    ),
    "a read that the observer would not show": Judged(
        expect(LIST), (), Status.INCONCLUSIVE, "not all of the CloudStack calls", sight=CHANGES
    ),
    "a change that the observer would have shown": Judged(
        expect(STOP), (), Status.FAILED, "stopVirtualMachine: missing", sight=CHANGES
    ),
    "a change that the observer would not have shown": Judged(
        expect(GROUP), (), Status.INCONCLUSIVE, "not all of the CloudStack calls", sight=CHANGES
    ),
    "a change that the observer shows": Judged(
        expect(GROUP), (unseen("stopVirtualMachine"),), Status.FAILED, "unexpected", sight=CHANGES
    ),
    "refused, by the looks of an observer that does not show refusals": Judged(
        expect(codes=REFUSED), (), Status.INCONCLUSIVE, reply=NOT_FOUND, sight=CHANGES
    ),
    "refused, nobody looked": Judged(
        expect(codes=REFUSED), None, Status.INCONCLUSIVE, reply=NOT_FOUND
    ),
    "state as expected": Judged(
        expect(state={"volume.exists": Pattern.of(False)}),
        (),
        Status.PASSED,
        state={"volume.exists": "false"},
    ),
    "another state": Judged(
        expect(state={"volume.exists": Pattern.of(False)}),
        (),
        Status.FAILED,
        "volume.exists is 'true'",
        state={"volume.exists": "true"},
    ),
    "garbage": Judged(
        expect(),
        (),
        Status.FAILED,
        "not an EC2 answer: <html>",
        Ec2Reply(ReplyKind.GARBLED, message="<html>"),
    ),
    "garbage where a refusal was expected": Judged(
        expect(codes=REFUSED), (), Status.FAILED, "not an EC2 answer", Ec2Reply(ReplyKind.GARBLED)
    ),
    "no answer in time": Judged(
        expect(), (), Status.FAILED, "in time", Ec2Reply(ReplyKind.TIMED_OUT)
    ),
    "no connection": Judged(
        expect(codes=REFUSED), (), Status.ERROR, "no connection", Ec2Reply(ReplyKind.REFUSED)
    ),
}


@pytest.mark.parametrize("judged", TABLE.values(), ids=TABLE)
def test_verdict(judged: Judged) -> None:
    """Every kind of observation gets the verdict, and the reason, that it deserves."""
    seen = Observation(judged.reply, judged.calls, judged.state, judged.sight)
    verdict = check_translation(judged.expectation, seen)
    assert verdict.status is judged.status, verdict.because
    assert judged.says in verdict.because
    assert bool(verdict.because) == (judged.status is not Status.PASSED)


PATTERNS: tuple[tuple[Any, Any, bool], ...] = (
    ("a", "a", True),
    ("a", "A", False),
    (True, "True", True),
    (False, "true", False),
    (5, "5", True),
    (["a", "b"], "b", True),
    (["a", "b"], "c", False),
    ({"matches": "a+"}, "aaa", True),
    ({"matches": "a+"}, "aab", False),
    ({"set": ["a", "b"]}, "b,a", True),
    ({"set": ["a", "b"]}, ["a"], False),
    ({"set": ["a"]}, ["a", "a"], False),
    ({"set": []}, "", True),
    ({"includes": ["a"]}, ["a", "b"], True),
    ({"includes": ["c"]}, ["a", "b"], False),
    ({"count": 2}, [1, 2], True),
    ({"count": 2}, [1], False),
    ({"present": True}, "x", True),
    ({"present": True}, "", False),
    ({"absent": True}, "", True),
    ({"absent": True}, "x", False),
    ({"optional": ["a", "b"]}, "", True),
    ({"optional": ["a", "b"]}, "b", True),
    ({"optional": ["a", "b"]}, "c", False),
    ({"any": True}, "x", True),
)


@pytest.mark.parametrize(("wanted", "value", "fits"), PATTERNS)
def test_patterns(wanted: Any, value: Any, fits: bool) -> None:
    """Values are compared by meaning: numbers, booleans and lists as either side writes them."""
    expectation = expect(fields={"X": Pattern.of(wanted)})
    observation = Observation(Ec2Reply(ReplyKind.ANSWERED, {"X": value}), ())
    assert (check_translation(expectation, observation).status is Status.PASSED) == fits
