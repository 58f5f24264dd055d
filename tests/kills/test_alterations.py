"""Each parameter of the documented calls and each element of the replies is checked: if it is left
out or changed, a case of its row fails, unless it is listed here as free."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest

from fixtures.model import Case, Status
from fixtures.plan.mapping import rows
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.bridge.ec2.cloud import Cloud, CommandResult, NextCommand
from fixtures.simulator.bridge.hooks import Hooks
from fixtures.targets.target import Target
from tests.support.planned_suites import table_cases

ACTIONS = [row.action for row in rows()]
COMMAND = {row.action: row.cloudstack_call.real for row in rows()}
OTHER_ID = "00000000-0000-4000-8000-00000000beef"
LEAF = re.compile(r"<(\w+)>([^<]*)</\1>")

# A bridge may do without these: it filters what it listed, or names what EC2 does not name.
FREE_PARAMETERS = {
    ("DescribeAddresses", "drop", "ipaddress"),
    ("DescribeAvailabilityZones", "drop", "available"),
    ("DescribeInstanceAttribute", "drop", "id"),
    ("DescribeKeyPairs", "drop", "name"),
    ("DescribeSecurityGroups", "drop", "securitygroupname"),
    ("CreateVolume", "alter", "name"),
}
# Elements that Amazon's schema lets a service leave out.
OPTIONAL = {
    *("amiLaunchIndex", "architecture", "clientToken", "description", "hypervisor"),
    *("imageLocation", "imageOwnerAlias", "ownerAlias", "platform", "privateIpAddress"),
    *("rootDeviceName", "rootDeviceType", "state", "volumeSize", "deviceName"),
    "deleteOnTermination",
}
# Elements whose value depends on the bridge: how it writes an owner, what it calls a reservation, a
# region or a host; what CloudStack does not store; what is encrypted.
BRIDGE_SPECIFIC = {
    *("ownerId", "imageOwnerId", "reservationId", "regionName", "privateDnsName", "passwordData"),
    *("imageLocation", "imageOwnerAlias", "ownerAlias", "platform", "privateIpAddress"),
    *("rootDeviceName", "volumeSize", "deviceName", "deleteOnTermination", "description"),
    "clientToken",
}
MAY_BE_EMPTY = {"regionName", "privateDnsName"}  # required by the schema, and empty where unknown


def _cases(action: str) -> list[Case]:
    kinds = ("documented-call", "reply", "parameters")
    return [case for case in table_cases(*kinds, driver="boto3") if case.row == action]


def _is_noticed(target: Target, hooks: Hooks, cases: list[Case]) -> bool:
    """Whether a case fails while the bridge has these hooks."""
    assert target.deployment is not None
    target.resources.invalidate_shared()
    target.deployment.bridge.hooks = (hooks,)
    try:
        return any(
            run_case(case, Session(target)).verdict.status is Status.FAILED for case in cases
        )
    finally:
        target.deployment.bridge.hooks = ()


def _change_value(value: str) -> str:
    """Another value of the same kind."""
    if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value):
        return OTHER_ID
    if value in ("true", "false"):
        return "true" if value == "false" else "false"
    if re.fullmatch(r"-?\d+", value):
        return str(int(value) + 1)
    if re.fullmatch(r"\d{4}-\d\d-\d\dT.*", value):
        return "1970-01-01T00:00:00.000Z"
    return "10.99.99.99" if re.fullmatch(r"[\d.]+", value) else value + "x"


# --- the CloudStack side ----------------------------------------------------------------------

Change = Callable[[Mapping[str, str]], Mapping[str, str]]


def _changing_call(action: str, change: Change) -> Hooks:
    """Changes the parameters of an action's documented call."""

    async def hook(
        cloud: Cloud, command: str, parameters: Mapping[str, str], call_next: NextCommand
    ) -> CommandResult:
        documented = (cloud.action, command) == (action, COMMAND[action])
        return await call_next(command, change(parameters) if documented else parameters)

    return Hooks(command=hook)


def _without(name: str) -> Change:
    return lambda parameters: {key: value for key, value in parameters.items() if key != name}


def _with_another(name: str) -> Change:
    return lambda parameters: {
        key: _change_value(value) if key == name else value for key, value in parameters.items()
    }


@pytest.mark.parametrize("action", ACTIONS)
def test_every_parameter_of_the_documented_call_counts(target: Target, action: str) -> None:
    """A parameter of the documented call that is left out or changed is noticed."""
    seen: set[str] = set()

    def record(parameters: Mapping[str, str]) -> Mapping[str, str]:
        seen.update(parameters)
        return parameters

    cases = _cases(action)
    assert not _is_noticed(target, _changing_call(action, record), cases)
    changes = {("drop", name): _without(name) for name in seen}
    changes |= {("alter", name): _with_another(name) for name in seen}
    missed = {
        (action, kind, name)
        for (kind, name), change in changes.items()
        if not _is_noticed(target, _changing_call(action, change), cases)
    }
    assert missed <= FREE_PARAMETERS


# --- the EC2 side -----------------------------------------------------------------------------


def _changing_element(action: str, name: str, change: Callable[[str], str | None]) -> Hooks:
    """Changes an element of an action's replies, or leaves it out (None)."""

    def rewrite(element: re.Match[str]) -> str:
        text = change(element[1])
        return "" if text is None else f"<{name}>{text}</{name}>"

    def hook(replied: str, text: str) -> str:
        if replied != action:
            return text
        return re.sub(rf"<{name}>([^<]*)</{name}>", rewrite, text)

    return Hooks(reply=hook)


@pytest.mark.parametrize("action", ACTIONS)
def test_every_element_of_the_reply_counts(target: Target, action: str) -> None:
    """An element of the reply that is left out or changed is noticed, unless it is optional."""
    seen: set[str] = set()

    def record(replied: str, text: str) -> str:
        if replied == action:
            seen.update(leaf[1] for leaf in LEAF.finditer(text))
        return text

    cases = _cases(action)
    assert not _is_noticed(target, Hooks(reply=record), cases)
    names = seen - {"requestId"}
    dropped = {
        name
        for name in names
        if not _is_noticed(target, _changing_element(action, name, _left_out), cases)
    }
    altered = {
        name
        for name in names
        if not _is_noticed(target, _changing_element(action, name, _change_value), cases)
    }
    assert dropped <= OPTIONAL | MAY_BE_EMPTY
    assert altered <= BRIDGE_SPECIFIC


def _left_out(_: str) -> None:
    return None
