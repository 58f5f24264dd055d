"""The catalogue of values is laid over every parameter of every documented action."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl

from fixtures.clients.ec2 import service_model
from fixtures.clients.ec2.actions import ACTIONS
from fixtures.clients.ec2.raw_driver import query_parameters
from fixtures.model import Case, Scenario
from fixtures.plan.mapping import rows
from tests.support.planned_suites import all_cases, scenario

ROWS = {row.action: row for row in rows()}
LATER = "not of the API of 2010-11-15"
OLDER = "the older form of a parameter that has cases, of which the API of 2010-11-15 says nothing"
NOTHING = "CloudStack has nothing that it could become"
# Why a parameter has no case, by its name.
REASONS: Mapping[str, str] = {
    **dict.fromkeys(("Domain", "AllocationId", "AssociationId"), LATER),
    **dict.fromkeys(("GroupId", "GroupIds", "SecurityGroupIds", "VpcId"), LATER),
    **dict.fromkeys(("Attribute", "OperationType", "UserIds", "UserGroups", "Value"), OLDER),
    **dict.fromkeys(("IpProtocol", "FromPort", "ToPort", "CidrIp"), OLDER),
    **dict.fromkeys(("SourceSecurityGroupName", "SourceSecurityGroupOwnerId"), OLDER),
    **dict.fromkeys(("KernelId", "RamdiskId", "RootDeviceName", "ProductCodes"), NOTHING),
    **dict.fromkeys(("Monitoring", "DisableApiTermination", "AdditionalInfo"), NOTHING),
    **dict.fromkeys(("InstanceInitiatedShutdownBehavior", "SubnetId"), NOTHING),
    **dict.fromkeys(("PrivateIpAddress",), NOTHING),
    "Description": NOTHING,  # of a snapshot
}


def _value_cases() -> Iterator[tuple[Case, Scenario]]:
    return ((case, scenario(case)) for case in all_cases() if case.suite == "values")


def _varied_arguments(case: Case, scenario_: Scenario) -> Iterator[str]:
    """The arguments that differ from the row's, or name a resource that does."""
    row = ROWS[case.row].scenario
    other = [
        f"{{{name}." for name, recipe in scenario_.needs.items() if row.needs.get(name) != recipe
    ]
    for name, value in scenario_.arguments.items():
        if value != row.arguments.get(name) or any(text in str(value) for text in other):
            yield name
    sent = dict(parse_qsl(scenario_.tampering.get("parameters", ""), keep_blank_values=True))
    for name in ACTIONS[case.row]:
        query_name = _query_name(case.row, name)
        if any(re.fullmatch(rf"{re.escape(query_name)}(\..*)?", parameter) for parameter in sent):
            yield name


def _query_name(action: str, argument: str) -> str:
    """An argument's name in a query."""
    shape = service_model.input_shape(action).members[argument]
    is_list = shape.type_name == "list"
    value = {"string": "x", "list": ["x"], "structure": {}}.get(shape.type_name, 1)
    (name,) = query_parameters(action, {argument: value}) or (argument,)
    return name.removesuffix(".1") if is_list else name


def test_every_parameter_has_values_or_a_reason() -> None:
    """A parameter of a documented action that no case of the catalogue varies has a reason."""
    varied = {
        (case.row, name)
        for case, scenario_ in _value_cases()
        for name in _varied_arguments(case, scenario_)
    }
    missing = {
        (action, name)
        for action in ROWS
        for name in ACTIONS[action]
        if (action, name) not in varied
    }
    assert not {pair for pair in missing if pair[1] not in REASONS}
    assert REASONS.keys() == {name for _, name in missing}


def test_values_are_named_once() -> None:
    """No two cases of the catalogue have one id."""
    ids = [case.id for case, _ in _value_cases()]
    assert len(ids) == len(set(ids))
