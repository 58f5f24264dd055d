"""The scene: what a case stands on is made, written down, adopted and taken away again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures import profile
from fixtures.cloud.cloudstack import Cloud, CloudStackError
from fixtures.model import (
    CloudStackCall,
    Ec2Reply,
    Ec2Request,
    Expectation,
    HarnessError,
    NotAvailable,
    Pattern,
    ReplyKind,
    Scenario,
    Status,
    UsageError,
)
from fixtures.resources.ledger import Created, Intent, Ledger, Resolved, open_ledger
from fixtures.resources.names import RunNames
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.setup.discovery import discover
from fixtures.setup.recipes import RECIPES
from fixtures.targets.target import Target
from tests.support.planned_suites import planned


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A simulated deployment and a ledger."""
    ledger = Ledger(tmp_path_factory.mktemp("scene") / "ledger.jsonl")
    with (
        closing(ledger),
        Target(profile.load("simulated"), run="20261121T000000Z-scene1", ledger=ledger) as running,
    ):
        yield running


def _ours(cloud: Cloud) -> list[str]:
    """Everything that an account has, as far as scenes make it."""
    listed = (
        ("listVirtualMachines", "virtualmachine"),
        ("listVolumes", "volume"),
        ("listSnapshots", "snapshot"),
        ("listPublicIpAddresses", "publicipaddress"),
        ("listSSHKeyPairs", "sshkeypair"),
        ("listSecurityGroups", "securitygroup"),
    )
    found = [
        str(thing.get("id") or thing["name"])
        for command, item in listed
        for thing in cloud.list(command, item)
        if thing.get("name") != "default" and thing.get("type") != "ROOT"  # goes with its instance
    ]
    images = cloud.list("listTemplates", "template", templatefilter="self")
    return found + [str(image["id"]) for image in images]


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_is_made_and_leaves_nothing(target: Target, recipe: str) -> None:
    """Whatever a case may need can be made, exists, and is gone afterwards with all it stood on."""
    with target.resources.for_case(Scenario("X", needs={"thing": recipe})) as stage:
        assert stage.names["thing"]["exists"] == "true"
        assert _ours(target.resources.clouds["me"])
    assert _ours(target.resources.clouds["me"]) == []
    assert target.resources.leftovers == []


def test_what_others_own_is_made_by_others(target: Target) -> None:
    """A thing of another account stands in that account."""
    with target.resources.for_case(Scenario("X", needs={"foreign": "volume@other"})) as stage:
        assert stage.names["foreign"]["account"] == stage.names["other"]["account"]
    assert _ours(target.resources.clouds["other"]) == []


def test_what_is_only_looked_at_is_made_once(target: Target) -> None:
    """Cases that change nothing share what they look at, until a case fails."""
    looking = Scenario("X", needs={"volume": "volume"}, shared=True)
    seen = []
    for _ in range(2):
        with target.resources.for_case(looking) as stage:
            seen.append(stage.names["volume"]["id"])
    target.resources.invalidate_shared()
    with target.resources.for_case(looking) as stage:
        assert seen[0] == seen[1] != stage.names["volume"]["id"]
    target.resources.invalidate_shared()
    assert _ours(target.resources.clouds["me"]) == []


def test_what_a_request_created_is_adopted(target: Target) -> None:
    """What the reply tells of, and what only CloudStack tells of, is looked at and taken away."""
    cloud = target.resources.clouds["me"]
    making = Scenario("X", creates={"group": "Name"})
    with target.resources.for_case(making) as stage:
        told, untold = (target.resources.names.fresh() for _ in range(2))
        cloud.call("createSecurityGroup", name=told, description="told")
        answer = cloud.call("createSecurityGroup", name=untold, description="untold")
        call = CloudStackCall("createSecurityGroup", {}, "", 200, answer, 0.0, "journal")
        stage.record_intents(Ec2Request("CreateSecurityGroup", {"GroupName": told}))
        stage.track_created(Ec2Reply(ReplyKind.ANSWERED, {"Name": told}), (call,))
        wanted = {"new-group.description": Pattern(), "new-group.exists": Pattern()}
        seen = stage.current_state(Expectation("x", state=wanted))
        assert seen == {"new-group.description": "told", "new-group.exists": "true"}
    assert _ours(cloud) == []


def test_a_refused_call_created_nothing(target: Target) -> None:
    """A call that CloudStack refused leaves nothing to adopt."""
    with target.resources.for_case(Scenario("X", creates={"group": "Name"})) as stage:
        stage.record_intents(Ec2Request("CreateSecurityGroup", {"GroupName": "cf-1"}))
        refused = CloudStackCall("createSecurityGroup", {}, "", 431, {"id": "1"}, 0.0, "journal")
        stage.track_created(Ec2Reply(ReplyKind.FAULT, code="X"), (refused,))
        state = {"new-group.exists": Pattern()}
        assert stage.current_state(Expectation("x", state=state)) == {"new-group.exists": "false"}


def test_things_that_hang_together_go_in_the_right_order(target: Target) -> None:
    """A group that another group's rule refers to goes after it."""
    needs = {"group": "group", "source": "group"}
    with target.resources.for_case(Scenario("X", needs=needs)) as stage:
        source = stage.names["source"]["name"]
        rule = {
            "protocol": "tcp",
            "startport": "1",
            "endport": "2",
            "usersecuritygrouplist[0].account": stage.names["me"]["account"],
            "usersecuritygrouplist[0].group": source,
        }
        group = stage.names["group"]["id"]
        cloud = target.resources.clouds["me"]
        cloud.job("authorizeSecurityGroupIngress", securitygroupid=group, **rule)
    assert _ours(target.resources.clouds["me"]) == []
    assert target.resources.leftovers == []


def test_what_cannot_be_removed_is_named(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thing that CloudStack does not let go of is a leftover, named with CloudStack's words."""

    def refuse(thing: object) -> None:
        del thing
        raise CloudStackError("deleteVolume", 530, "not today")

    with target.resources.for_case(Scenario("X", needs={"volume": "volume"})) as stage:
        volume = stage.names["volume"]["id"]
        monkeypatch.setattr("fixtures.resources.tracker.remove_resource", refuse)
    target.resources.close()
    assert target.resources.leftovers == [f"volume {volume}: deleteVolume: 530: not today"]
    target.resources.clouds["me"].call("deleteVolume", id=volume)


def test_what_did_not_go_at_first_goes_at_the_end(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What CloudStack would not let go of yet is asked for once more when the run ends."""

    def refuse(thing: object) -> None:
        del thing
        raise CloudStackError("deleteVolume", 530, "not yet")

    with (
        monkeypatch.context() as patch,
        target.resources.for_case(Scenario("X", needs={"volume": "volume"})),
    ):
        patch.setattr("fixtures.resources.tracker.remove_resource", refuse)
    assert _ours(target.resources.clouds["me"])
    target.resources.close()
    assert _ours(target.resources.clouds["me"]) == []
    assert target.resources.leftovers == []


def test_names_carry_the_runs_id(target: Target) -> None:
    """Everything that a run names carries the run's whole id, and no name is given twice, also by
    a run that goes on after it was interrupted."""
    name = target.resources.names.fresh()
    assert name.startswith("cf-20261121t000000z-scene1-")
    assert len(name) <= 32
    again = RunNames("20261121T000000Z-scene1", 0, used=f'{{"texts":["{name}"]}}')
    assert int(again.fresh().rpartition("-")[2]) == int(name.rpartition("-")[2]) + 1


def test_the_ledger_knows_before_it_happens(tmp_path: Path) -> None:
    """What is made is written down before it is made, and its id as soon as it is known."""
    path = tmp_path / "ledger.jsonl"
    with closing(Ledger(path)) as ledger:
        intent = ledger.record_intent(Intent("volume", "me", ("cf-1",)))
        with open_ledger(path) as told:
            assert told.in_use
            assert [one.texts for one in told.unresolved] == [("cf-1",)]
        ledger.write(Created("volume", "me", "7", intent.number))
        ledger.write(Resolved(intent.number))
    with open_ledger(path) as told:
        assert (told.in_use, told.unresolved) == (False, ())
        assert [made.identity for made in told.remaining] == ["7"]


def test_a_torn_line_was_never_acted_upon(tmp_path: Path) -> None:
    """After a power cut the last line may be half there; what was written before it counts, and a
    session that goes on begins a line of its own."""
    path = tmp_path / "ledger.jsonl"
    with closing(Ledger(path)) as ledger:
        ledger.record_intent(Intent("volume", "me", ("cf-1",)))
    path.write_bytes(path.read_bytes() + b'{"line":"will","ki')
    with closing(Ledger(path)) as ledger:
        ledger.record_intent(Intent("volume", "me", ("cf-2",)))
    with open_ledger(path) as told:
        assert [one.texts for one in told.unresolved] == [("cf-1",), ("cf-2",)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"line":"nonsense"}', "ledger.jsonl:1: unknown kind of line"),
        ('{"line":"made","kind":7}', "ledger.jsonl:1: not a line of a ledger"),
        ("[]", "ledger.jsonl:1: not a line of a ledger"),
    ],
)
def test_what_is_no_ledger_is_named(tmp_path: Path, text: str, says: str) -> None:
    """A file that is no ledger is named, with the line."""
    path = tmp_path / "ledger.jsonl"
    path.write_text(text + "\n")
    with pytest.raises(UsageError, match=says), open_ledger(path):
        pass


def test_an_account_that_may_have_no_more(target: Target) -> None:
    """A case that needs more than the account may have is not claimed, and the account's limit is
    given as the reason; what is kept for other cases is given back first."""
    assert target.deployment is not None
    cloud = target.resources.clouds["me"]
    limited = {"resourcetype": "2", "account": target.resources.world["me"]["account"]}
    deployment = target.deployment.management
    domain = {"domainid": target.resources.world["me"]["domainid"]}
    (case, *_) = (
        case for case in planned("documented-call", driver="raw") if case.row == "CreateVolume"
    )
    try:
        deployment.execute("updateResourceLimit", {**limited, **domain, "max": "1"}, "admin")
        target.resources.shared("volume")
        assert run_case(case, Session(target)).verdict.status is Status.PASSED
        deployment.execute("updateResourceLimit", {**limited, **domain, "max": "0"}, "admin")
        verdict = run_case(case, Session(target)).verdict
        assert (verdict.status, verdict.because) == (
            Status.NOT_CLAIMED,
            "the account may have no more than 0 of these: volume",
        )
        with (
            pytest.raises(
                NotAvailable, match=r"could not make volume in CloudStack: .* 535: Maximum"
            ),
            target.resources.for_case(Scenario("X", needs={"volume": "volume"})),
        ):
            pass
    finally:
        deployment.execute("updateResourceLimit", {**limited, **domain, "max": "-1"}, "admin")
    assert _ours(cloud) == []


def test_a_ledger_that_cannot_be_written(tmp_path: Path) -> None:
    """A ledger in a place that does not exist is named."""
    with pytest.raises(UsageError, match=r"ledger\.jsonl"):
        Ledger(tmp_path / "nowhere" / "ledger.jsonl")


@pytest.mark.parametrize(
    ("key", "says"),
    [("zone", "zone"), ("image", "ready template"), ("instance_type", "service offering")],
)
def test_a_world_that_is_not_there(target: Target, key: str, says: str) -> None:
    """A zone, image or instance type that CloudStack does not list is named."""
    world = profile.World(**{key: "no-such-thing"})
    with pytest.raises(HarnessError, match=f"lists no {says}"):
        discover(world, target.resources.clouds)


def test_an_unknown_recipe(target: Target) -> None:
    """A need that nobody can make is an error of ours, and named."""
    scenario = replace(Scenario("X"), needs={"thing": "unicorn"})
    with (
        pytest.raises(HarnessError, match="no recipe 'unicorn'"),
        target.resources.for_case(scenario),
    ):
        pass
