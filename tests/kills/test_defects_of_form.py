"""Replies whose values are right and whose form is not: one finding, not at `must`, and only of the
clients that cannot read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from fixtures.model import Level, Status, Verdict
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.bridge.ec2.cloud import Cloud, CommandResult, NextCommand
from fixtures.simulator.bridge.hooks import Hooks
from fixtures.simulator.bridge.s3.call import S3Call
from fixtures.simulator.bridge.s3.hooks import NextOperation
from fixtures.simulator.bridge.s3.replies import S3Reply
from fixtures.targets.target import Target
from tests.support.planned_suites import s3_cases, table_cases

DESCRIBE = "DescribeInstances"


def _verdicts(target: Target, hooks: Hooks, action: str = DESCRIBE) -> Mapping[str, Verdict]:
    """The verdicts on the action's documented call, reply and parameters, for every client."""
    assert target.deployment is not None
    names = (f"/{action}/documented-call[", f"/{action}/reply[", f"/{action}/filters/instance-id[")
    cases = [
        case
        for case in table_cases("documented-call", "reply", "filters")
        if any(name in case.id for name in names)
    ]
    assert {case.level for case in cases} == {Level.MUST, Level.SHOULD}
    target.resources.invalidate_shared()
    target.deployment.bridge.hooks = (hooks,)
    try:
        return {case.id: run_case(case, Session(target)).verdict for case in cases}
    finally:
        target.deployment.bridge.hooks = ()


def _failures(verdicts: Mapping[str, Verdict]) -> dict[str, str]:
    findings = {case: v.because for case, v in verdicts.items() if v.status is Status.FAILED}
    assert {v.status for v in verdicts.values()} <= {Status.FAILED, Status.PASSED}
    return {case.partition("/")[2].partition("/")[2]: text for case, text in findings.items()}


def _rewriting(pattern: str, replacement: str) -> Hooks:
    def hook(replied: str, text: str) -> str:
        return re.sub(pattern, replacement, text) if replied == DESCRIBE else text

    return Hooks(reply=hook)


def test_an_empty_number_is_one_finding(target: Target) -> None:
    """Only boto3 wants a number, and the field is named; by the schema it is a text."""
    hooks = _rewriting("<amiLaunchIndex>0</amiLaunchIndex>", "<amiLaunchIndex></amiLaunchIndex>")
    failures = _failures(_verdicts(target, hooks))
    assert failures.keys() == {"reply[boto3]"}
    place = "reservationSet/item/instancesSet/item/amiLaunchIndex"
    text = f"reply: boto3 cannot read the answer: {place} is '', not an integer"
    assert failures["reply[boto3]"] == text


def test_a_missing_element_is_a_finding_of_soap(target: Target) -> None:
    """What the schema demands, and no client needs, fails the SOAP reply alone."""
    failures = _failures(_verdicts(target, _rewriting("<requestId>[^<]*</requestId>", "")))
    assert failures.keys() == {"reply[soap]"}
    assert "not by the schema of 2010-11-15" in failures["reply[soap]"]


async def _colour(
    cloud: Cloud, command: str, parameters: Mapping[str, str], call_next: NextCommand
) -> CommandResult:
    del cloud
    more = {"colour": "red"} if command == "listVirtualMachines" else {}
    return await call_next(command, {**parameters, **more})


@pytest.mark.parametrize("listed", [True, False])
def test_a_parameter_that_cloudstack_does_not_have_is_a_finding(
    target: Target, monkeypatch: pytest.MonkeyPatch, *, listed: bool
) -> None:
    """It changes nothing: the documented call is made. What CloudStack has, it lists itself; where
    it does not, a table says it."""
    assert "zoneid" in target.api_parameters["listVirtualMachines"]
    if not listed:
        monkeypatch.setattr(target, "api_parameters", {})
    failures = _failures(_verdicts(target, Hooks(command=_colour)))
    assert failures.keys() == {f"reply[{name}]" for name in ("boto", "boto3", "soap", "command")}
    for text in failures.values():
        assert text == "listVirtualMachines: CloudStack has no parameter colour (='red')"


def test_a_parameter_that_this_cloudstack_has_is_no_ignored_one(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A parameter that the deployment lists, and the table lacks, is carried out: it fails the
    documented call."""
    command = "listVirtualMachines"
    known = {**target.api_parameters, command: target.api_parameters[command] | {"colour"}}
    monkeypatch.setattr(target, "api_parameters", known)
    failures = _failures(_verdicts(target, Hooks(command=_colour)))
    assert failures["documented-call[boto3]"] == f"{command}: unexpected parameter colour='red'"


# A value of each S3 operation's reply: the element or header, and what boto and boto3 say of it.
S3_VALUES: Mapping[str, tuple[str, str, str]] = {
    "ListBuckets": ("CreationDate", "", "Buckets/Bucket/CreationDate is 'x', not a time"),
    "ListObjects": ("Size", *2 * ("Contents/Size is 'x', not an integer",)),
    "ListObjectsV2": ("Size", "", "Contents/Size is 'x', not an integer"),
    "GetObject": ("last-modified", "", "the header Last-Modified is 'x', not a time"),
    "HeadObject": ("last-modified", "", "the header Last-Modified is 'x', not a time"),
    "CopyObject": ("LastModified", "", "LastModified is 'x', not a time"),
    "ListObjectVersions": ("Size", *2 * ("Version/Size is 'x', not an integer",)),
    "ListMultipartUploads": ("MaxUploads", *2 * ("MaxUploads is 'x', not an integer",)),
    "ListParts": ("Size", *2 * ("Part/Size is 'x', not an integer",)),
}


async def _break_values(call: S3Call, call_next: NextOperation) -> S3Reply:
    reply = await call_next(call)
    names = "|".join({element for element, *_ in S3_VALUES.values()})
    body = re.sub(f"<({names})>[^<]*".encode(), rb"<\1>x", reply.body)
    headers = {name: "x" if name in names else value for name, value in reply.headers.items()}
    return replace(reply, body=body, headers=headers)


def test_values_of_s3_are_findings_of_the_client_that_cannot_read_them(target: Target) -> None:
    """The case about an operation's values names client and field; what the documentation promises
    of the lists passes, for both SDKs."""
    cases = [
        case
        for case in s3_cases()
        if "/readable-values[" in case.id
        or (case.level is Level.MUST and case.driver in ("boto", "boto3") and "List" in case.row)
    ]
    assert target.deployment is not None
    target.deployment.bridge.hooks = (Hooks(s3_operation=_break_values),)
    try:
        verdicts = [run_case(case, Session(target)).verdict for case in cases]
    finally:
        target.deployment.bridge.hooks = ()
    for case, verdict in zip(cases, verdicts, strict=True):
        if case.level is Level.MUST:
            assert verdict.status is Status.PASSED, (case.id, verdict.because)
            continue
        _, *texts = S3_VALUES[case.row]
        text = texts[("boto", "boto3").index(case.driver)]
        place, _, finding = verdict.because.partition(": ")
        assert (place, verdict.status) == (case.row, Status.FAILED)
        assert f"{case.driver} cannot read the answer: " in finding
        assert text
        assert text in finding
    assert {case.row for case in cases if case.level is Level.SHOULD} == S3_VALUES.keys()
