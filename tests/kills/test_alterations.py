"""Everything counts: each parameter of the documented calls and each element of the replies, taken
away or changed in passing, turns a case of its row red, or is excused by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import pytest

from fixtures import profile
from fixtures.model import Case, Status
from fixtures.plan.mapping import rows
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.bridge.ec2.cloud import Cloud, CommandResult, NextCommand
from fixtures.simulator.bridge.hooks import Hooks
from fixtures.targets.target import Target
from tests.support.planned_suites import planned

ACTIONS = [row.action for row in rows()]
COMMAND = {row.action: row.cloudstack_call.real for row in rows()}
NOBODY = "00000000-0000-4000-8000-00000000beef"
LEAF = re.compile(r"<(\w+)>([^<]*)</\1>")

# A bridge may leave these to itself: it filters what it listed, or names what EC2 does not name.
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
# Elements whose value no one can know who does not know the bridge: how it writes an owner, what it
# calls a reservation, a region or a host; what CloudStack has no fact for; what is encrypted.
BRIDGES_OWN = {
    *("ownerId", "imageOwnerId", "reservationId", "regionName", "privateDnsName", "passwordData"),
    *("imageLocation", "imageOwnerAlias", "ownerAlias", "platform", "privateIpAddress"),
    *("rootDeviceName", "volumeSize", "deviceName", "deleteOnTermination", "description"),
    "clientToken",
}
MAY_BE_EMPTY = {"regionName", "privateDnsName"}  # required by the schema, and empty where unknown


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    """A simulated deployment to be meddled with."""
    with Target(profile.load("simulated"), run="alterations") as running:
        yield running


def _cases(action: str) -> list[Case]:
    kinds = ("documented-call", "reply", "parameters")
    return [case for case in planned(*kinds, driver="boto3") if case.row == action]


def _noticed(target: Target, lie: Hooks, wanted: list[Case]) -> bool:
    assert target.deployment is not None
    target.resources.invalidate_shared()
    target.deployment.bridge.hooks = (lie,)
    try:
        return any(
            run_case(case, Session(target)).verdict.status is Status.FAILED for case in wanted
        )
    finally:
        target.deployment.bridge.hooks = ()


def _altered(value: str) -> str:
    if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value):
        return NOBODY
    if value in ("true", "false"):
        return "true" if value == "false" else "false"
    if re.fullmatch(r"-?\d+", value):
        return str(int(value) + 1)
    if re.fullmatch(r"\d{4}-\d\d-\d\dT.*", value):
        return "1970-01-01T00:00:00.000Z"
    return "10.99.99.99" if re.fullmatch(r"[\d.]+", value) else value + "x"


# --- the CloudStack side ----------------------------------------------------------------------

Change = Callable[[Mapping[str, str]], Mapping[str, str]]


def _meddling(action: str, change: Change) -> Hooks:
    """A bridge whose documented call goes out changed."""

    async def call(
        cloud: Cloud, command: str, given: Mapping[str, str], go: NextCommand
    ) -> CommandResult:
        meant = (cloud.action, command) == (action, COMMAND[action])
        return await go(command, change(given) if meant else given)

    return Hooks("meddling", command=call)


def _without(name: str) -> Change:
    return lambda given: {other: value for other, value in given.items() if other != name}


def _with_another(name: str) -> Change:
    return lambda given: {**given, **({name: _altered(given[name])} if name in given else {})}


@pytest.mark.parametrize("action", ACTIONS)
def test_every_parameter_of_the_documented_call_counts(target: Target, action: str) -> None:
    """A parameter of the documented call that is left out or changed is noticed."""
    seen: set[str] = set()

    def spied(given: Mapping[str, str]) -> Mapping[str, str]:
        seen.update(given)
        return given

    wanted = _cases(action)
    assert not _noticed(target, _meddling(action, spied), wanted)
    changes = {("drop", name): _without(name) for name in seen}
    changes |= {("alter", name): _with_another(name) for name in seen}
    missed = {
        (action, kind, name)
        for (kind, name), change in changes.items()
        if not _noticed(target, _meddling(action, change), wanted)
    }
    assert missed <= FREE_PARAMETERS


# --- the EC2 side -----------------------------------------------------------------------------


def _rewriting(action: str, name: str, value: Callable[[str], str | None]) -> Hooks:
    """A bridge whose replies have another text in an element, or not the element."""

    def rewritten(found: re.Match[str]) -> str:
        text = value(found[1])
        return "" if text is None else f"<{name}>{text}</{name}>"

    def reply(of: str, text: str) -> str:
        return re.sub(rf"<{name}>([^<]*)</{name}>", rewritten, text) if of == action else text

    return Hooks("rewriting", reply=reply)


@pytest.mark.parametrize("action", ACTIONS)
def test_every_element_of_the_reply_counts(target: Target, action: str) -> None:
    """An element of the reply that is left out or changed is noticed, unless it is optional."""
    seen: set[str] = set()

    def spied(of: str, text: str) -> str:
        if of == action:
            seen.update(found[1] for found in LEAF.finditer(text))
        return text

    wanted = _cases(action)
    assert not _noticed(target, Hooks("spying", reply=spied), wanted)
    names = seen - {"requestId"}
    dropped = {
        name for name in names if not _noticed(target, _rewriting(action, name, _gone), wanted)
    }
    altered = {
        name for name in names if not _noticed(target, _rewriting(action, name, _altered), wanted)
    }
    assert dropped <= OPTIONAL | MAY_BE_EMPTY
    assert altered <= BRIDGES_OWN


def _gone(_: str) -> None:
    return None
