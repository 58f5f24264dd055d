"""What a case destroys that is not its own: it is a finding, and is created again if possible."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from fixtures.cloud.cloudstack import Cloud, CloudStackError
from fixtures.model import Case, Inconclusive, Status, Verdict
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.setup.binding import bind
from fixtures.setup.discovery import discover
from fixtures.simulator.bridge.ec2.actions import groups as bridge_groups
from fixtures.simulator.management import groups
from fixtures.targets.target import Target
from tests.support.planned_suites import table_cases

DELETE = "groups/DeleteSecurityGroup/rejections/reserved[boto3]"
LAUNCH = "instances/RunInstances/documented-call[boto3]"


@pytest.fixture
def unguarded(target: Target, monkeypatch: pytest.MonkeyPatch) -> Target:
    """A deployment whose bridge and management server delete the group `default`."""
    requested = groups.requested_group

    def nameless(call: Any, *parameters: str) -> Any:
        row = requested(call, *parameters)
        return SimpleNamespace(**{**row._mapping, "name": ""})

    monkeypatch.setattr(bridge_groups, "_RESERVED", "nothing")
    monkeypatch.setattr(groups, "requested_group", nameless)
    return target


def _case(name: str) -> Case:
    return next(case for case in table_cases() if case.id == name)


def _verdict(target: Target, name: str) -> Verdict:
    with Session(target) as session:
        return run_case(_case(name), session).verdict


class _Groupless:
    """CloudStack in a zone without security groups."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def list(self, command: str, *words: str, **parameters: str) -> list[dict[str, Any]]:
        """What is listed, but for security groups."""
        if command == "listSecurityGroups":
            return []
        return self._cloud.list(command, *words, **parameters)


def test_a_zone_without_security_groups(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """RunInstances is judged all the same; a case about the group `default` names what it lacks."""
    cloud = _Groupless(target.resources.clouds["me"])
    world = discover(target.profile.world, {"me": cast(Cloud, cloud)})
    monkeypatch.setitem(target.resources.world, "default-group", world["default-group"])
    launched = _verdict(target, LAUNCH)
    assert launched.status is Status.PASSED, launched.because
    verdict = _verdict(target, "groups/DescribeSecurityGroups/reply/default[boto3]")
    assert verdict.status is Status.INCONCLUSIVE
    assert verdict.because == (
        "precondition: CloudStack lists no security group `default`; there are none in this zone"
    )


def test_the_default_group_is_created_again(unguarded: Target) -> None:
    """A target that deletes the group `default` fails with that finding, and the next case that
    needs the group passes."""
    before = unguarded.resources.world["default-group"]["id"]
    verdict = _verdict(unguarded, DELETE)
    assert verdict.status is Status.FAILED
    *_, last = verdict.because.splitlines()
    assert last == (
        "destroyed: the security group default, which existed before the run; it was created again"
    )
    assert unguarded.resources.world["default-group"]["id"] != before
    assert _verdict(unguarded, LAUNCH).status is Status.PASSED


def test_what_cannot_be_created_again_is_not_an_error_of_later_cases(
    unguarded: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the group cannot be created again, the finding says so, and cases that need it are
    inconclusive."""
    cloud, send = unguarded.resources.clouds["me"], unguarded.resources.clouds["me"].call

    def refuse(command: str, **parameters: Any) -> dict[str, Any]:
        if parameters.get("name") == "default" or command == "deployVirtualMachine":
            raise CloudStackError(command, 431, "not today")
        return send(command, **parameters)

    with monkeypatch.context() as patched:
        patched.setattr(cloud, "call", refuse)
        because = _verdict(unguarded, DELETE).because
        assert because.endswith("which existed before the run; it could not be created again")
        with pytest.raises(Inconclusive, match="a case before destroyed: the security group"):
            bind("{default-group.id}", unguarded.resources.world)
