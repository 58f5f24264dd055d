"""Certifying a deployment to which there is no side channel: scenes are set through the bridge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from msgspec import structs

from fixtures import profile
from fixtures.cloud.cloudstack import CloudStackError
from fixtures.model import (
    CallPattern,
    Expectation,
    HarnessError,
    Inconclusive,
    Pattern,
    Scenario,
    Status,
    Unobservable,
    Unreachable,
    Verdict,
)
from fixtures.observers.journal import JournalObserver
from fixtures.observers.windows import WindowedObserver
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.setup.binding import bind_observable
from fixtures.setup.recipes import RECIPES
from fixtures.simulator.deployment import Deployment, DeploymentOptions
from fixtures.simulator.mutations.catalogue import find_mutation
from fixtures.targets.target import Target
from tests.support.planned_suites import planned

SYSTEM = "QCOW2:zone1:CentOS 6.4 (64-bit):KVM"
TAGGED = {name for name in RECIPES if name.endswith(":tagged")}


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    """A deployment that is looked at from outside only."""
    with Deployment(DeploymentOptions()) as running:
        yield running


def _profile(deployment: Deployment) -> profile.Profile:
    me, other = (
        profile.User(access_key=user.access_key, secret_key=user.secret_key)
        for name in ("alice", "bob")
        for user in deployment.users
        if user.name == name
    )
    return profile.Profile(
        name="without a side channel",
        kind="live",
        endpoint=profile.Endpoint(ec2=deployment.ec2_url),
        user=me,
        other_user=other,
        world=profile.World(architecture=SYSTEM),
        capabilities=dict.fromkeys(("query", "elastic_ip", "passwords", "second_account"), True),
    )


@pytest.fixture(scope="module")
def target(deployment: Deployment) -> Iterator[Target]:
    """The same, as a target; somebody watches what is asked of CloudStack."""
    with Target(_profile(deployment), run="20261121T000000Z-b41d6e") as running:
        journal = JournalObserver(deployment.management.journal)
        running._watch = WindowedObserver(journal, quiet=0, setup_is_observed=True)
        yield running


@pytest.mark.parametrize("recipe", sorted({*RECIPES} - TAGGED))
def test_scenes_are_set_through_the_bridge(target: Target, recipe: str) -> None:
    """Whatever a case may need is made with EC2 calls, exists, and is gone afterwards."""
    with target.resources.for_case(Scenario("X", needs={"thing": recipe})) as stage:
        thing = stage.names["thing"]
        assert thing["exists"] == "true"
    (now,) = (
        stage.current_state(Expectation("x", state={"thing.exists": Pattern()})).values()
        if recipe != "volume:root"
        else ("false",)  # goes with its instance, and nobody lists it then
    )
    assert now == "false"
    assert target.resources.leftovers == []


@pytest.mark.parametrize("recipe", sorted(TAGGED))
def test_what_ec2_has_no_word_for_is_said(target: Target, recipe: str) -> None:
    """What cannot be set up through the bridge is said to be so, and leaves nothing."""
    with (
        pytest.raises(Inconclusive, match=r"without \[cloudstack\] nobody can ask for createTags"),
        target.resources.for_case(Scenario("X", needs={"thing": recipe})),
    ):
        pass


def _verdicts(target: Target, *actions: str) -> dict[str, Verdict]:
    return {
        case.row: run_case(case, Session(target)).verdict
        for case in planned("documented-call", driver="raw")
        if case.row in actions
    }


def test_what_can_be_told_is_judged(target: Target) -> None:
    """Where everything can be compared the case passes; where something cannot be told, such as a
    zone's id, it is inconclusive and says what."""
    actions = ("StopInstances", "AttachVolume", "CreateKeyPair", "DescribeVolumes")
    verdicts = _verdicts(target, *actions, "CreateVolume", "DeregisterImage")
    told = verdicts.pop("CreateVolume")
    assert {verdict.status for verdict in verdicts.values()} == {Status.PASSED}, verdicts
    assert (told.status, told.because) == (
        Status.INCONCLUSIVE,
        "without [cloudstack] these cannot be observed: new-volume.zoneid, zone.id",
    )


@pytest.mark.parametrize("name", ["wrong-argument-StopInstances", "wrong-argument-CreateVolume"])
def test_a_lie_is_noticed_all_the_same(deployment: Deployment, target: Target, name: str) -> None:
    """What can be compared and is wrong is a failure, whatever else could not be told."""
    with find_mutation(name).apply(deployment):
        (verdict,) = _verdicts(target, name.rpartition("-")[2]).values()
    assert verdict.status is Status.FAILED


def test_refusals_are_cloudstacks(target: Target) -> None:
    """What the bridge refuses is told as CloudStack would have: not there, no more, broken."""
    cloud = target.resources.clouds["me"]
    with pytest.raises(CloudStackError) as refused:
        cloud.call("deleteVolume", id=target.resources.names.unknown_id())
    assert refused.value.code == 431
    assert "InvalidVolume.NotFound" in str(refused.value)
    with pytest.raises(Inconclusive, match="updateVirtualMachine"):
        cloud.call("updateVirtualMachine", id="x")


def test_a_bridge_that_is_not_there(deployment: Deployment) -> None:
    """Without the bridge nothing can be done, and that is said at once."""
    gone = _profile(deployment)
    gone = structs.replace(gone, endpoint=profile.Endpoint(ec2="http://127.0.0.1:1/awsapi"))
    with pytest.raises(Unreachable, match="the bridge gave no answer"), Target(gone):
        pass


def test_patterns_on_what_nobody_could_tell_take_anything() -> None:
    """A parameter whose right value is unknown must be there; one that need not be there at all is
    no reason for a doubt."""
    names = {"zone": {"id": Unobservable("zone1"), "name": "zone1"}}
    call = CallPattern(
        "createVolume",
        {"zoneid": Pattern.of("{zone.id}"), "name": Pattern.of("{zone.name}")},
        harmless={"zone": Pattern.of("{zone.id}")},
    )
    bound, unsaid = bind_observable(call, names)
    assert bound == replace(
        call,
        parameters={"zoneid": Pattern(), "name": Pattern.of("zone1")},
        harmless={"zone": Pattern()},
    )
    assert unsaid == {"zone.id"}
    with pytest.raises(HarnessError, match="no volume"):
        bind_observable(Pattern.of("{volume.id}"), names)
