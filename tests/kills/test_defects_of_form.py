"""Replies whose values are right and whose form is not: one finding, not at `must`, and only of the
clients that cannot read them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fixtures.model import Level, Status, Verdict
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.bridge.ec2.cloud import Cloud, CommandResult, NextCommand
from fixtures.simulator.bridge.hooks import Hooks
from fixtures.targets.target import Target
from tests.support.planned_suites import table_cases

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


def test_a_parameter_that_cloudstack_does_not_have_is_a_finding(target: Target) -> None:
    """It changes nothing: the documented call is made."""

    async def hook(
        cloud: Cloud, command: str, parameters: Mapping[str, str], call_next: NextCommand
    ) -> CommandResult:
        del cloud
        more = {"colour": "red"} if command == "listVirtualMachines" else {}
        return await call_next(command, {**parameters, **more})

    failures = _failures(_verdicts(target, Hooks(command=hook)))
    assert failures.keys() == {f"reply[{name}]" for name in ("boto", "boto3", "soap", "command")}
    for text in failures.values():
        assert text == "listVirtualMachines: CloudStack has no parameter colour (='red')"
