"""A target without [cloudstack]: resources are created through the EC2 API of the bridge."""

from __future__ import annotations

import re
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
from fixtures.simulator.deployment import Deployment
from fixtures.simulator.mutations.catalogue import find_mutation
from fixtures.targets.target import Target
from tests.support.planned_suites import table_cases

SYSTEM = "QCOW2:zone1:CentOS 6.4 (64-bit):KVM"
ODD_TEXTS = {"group:odd-text", "image:odd-text"}  # which EC2 may refuse
TAGGED = {name for name in RECIPES if re.search(r":tagged|:two-tags|:tag-key", name)}


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
def target_profile(deployment: Deployment) -> profile.Profile:
    """The profile of the deployment as a live target that has an EC2 API only."""
    return _profile(deployment)


@pytest.fixture(scope="module", autouse=True)
def observer(deployment: Deployment, target: Target) -> None:
    """Let the target observe the CloudStack calls of the deployment."""
    journal = JournalObserver(deployment.management.journal)
    target._watch = WindowedObserver(journal, quiet=0, setup_is_observed=True)


@pytest.mark.parametrize("recipe", sorted({*RECIPES} - TAGGED - ODD_TEXTS))
def test_resources_are_created_through_the_bridge(target: Target, recipe: str) -> None:
    """Every recipe without tags works with EC2 requests alone, and leaves nothing."""
    with target.resources.for_case(Scenario("X", needs={"thing": recipe})) as resources:
        assert resources.names["thing"]["exists"] == "true"
    (exists,) = (
        resources.current_state(Expectation("x", state={"thing.exists": Pattern()})).values()
        if recipe != "volume:root"
        else ("false",)  # removed with its instance, and not listed any more
    )
    assert exists == "false"
    assert target.resources.leftovers == []


@pytest.mark.parametrize("recipe", sorted(TAGGED))
def test_commands_without_equivalent_are_inconclusive(target: Target, recipe: str) -> None:
    """A recipe that needs a command without an equivalent in EC2 is inconclusive, and leaves
    nothing."""
    with (
        pytest.raises(Inconclusive, match=r"createTags needs \[cloudstack\]"),
        target.resources.for_case(Scenario("X", needs={"thing": recipe})),
    ):
        pass


def _verdicts(target: Target, *actions: str) -> dict[str, Verdict]:
    return {
        case.row: run_case(case, Session(target)).verdict
        for case in table_cases("documented-call", driver="raw")
        if case.row in actions
    }


def test_observable_attributes_are_compared(target: Target) -> None:
    """A case passes if everything in it can be compared; if an attribute is not observable, such as
    a zone's id, the case is inconclusive and names it."""
    actions = ("StopInstances", "AttachVolume", "CreateKeyPair", "DescribeVolumes")
    verdicts = _verdicts(target, *actions, "CreateVolume", "DeregisterImage")
    create_volume = verdicts.pop("CreateVolume")
    assert {verdict.status for verdict in verdicts.values()} == {Status.PASSED}, verdicts
    assert (create_volume.status, create_volume.because) == (
        Status.INCONCLUSIVE,
        "without [cloudstack] these cannot be observed: new-volume.zoneid, zone.id",
    )


@pytest.mark.parametrize("name", ["wrong-argument-StopInstances", "wrong-argument-CreateVolume"])
def test_mutations_are_noticed(deployment: Deployment, target: Target, name: str) -> None:
    """A wrong value that can be compared is a failure, whatever else is not observable."""
    with find_mutation(name).apply(deployment):
        (verdict,) = _verdicts(target, name.rpartition("-")[2]).values()
    assert verdict.status is Status.FAILED


def test_rejections_have_cloudstacks_codes(target: Target) -> None:
    """EC2 errors are converted to CloudStack's: missing resources, limits, internal errors."""
    cloud = target.resources.clouds["me"]
    with pytest.raises(CloudStackError) as rejected:
        cloud.call("deleteVolume", id=target.resources.names.unknown_id())
    assert rejected.value.code == 431
    assert "InvalidVolume.NotFound" in str(rejected.value)
    with pytest.raises(Inconclusive, match="updateVirtualMachine"):
        cloud.call("updateVirtualMachine", id="x")


def test_an_unreachable_bridge(deployment: Deployment) -> None:
    """An unreachable bridge is an error when the target starts."""
    unreachable = _profile(deployment)
    unreachable = structs.replace(
        unreachable, endpoint=profile.Endpoint(ec2="http://127.0.0.1:1/awsapi")
    )
    with pytest.raises(Unreachable, match="the bridge gave no answer"), Target(unreachable):
        pass


def test_patterns_with_unobservable_values_accept_any_value() -> None:
    """A parameter whose correct value is unknown must be there, with any value; only harmless ones
    do not make the case inconclusive."""
    names = {"zone": {"id": Unobservable("zone1"), "name": "zone1"}}
    call = CallPattern(
        "createVolume",
        {"zoneid": Pattern.of("{zone.id}"), "name": Pattern.of("{zone.name}")},
        harmless={"zone": Pattern.of("{zone.id}")},
    )
    bound, unobservable = bind_observable(call, names)
    assert bound == replace(
        call,
        parameters={"zoneid": Pattern(), "name": Pattern.of("zone1")},
        harmless={"zone": Pattern()},
    )
    assert unobservable == {"zone.id"}
    with pytest.raises(HarnessError, match="no volume"):
        bind_observable(Pattern.of("{volume.id}"), names)
