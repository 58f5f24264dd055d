"""Resources of cases: created, written to the ledger, tracked and removed."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, cast

import msgspec
import pytest

from fixtures import profile
from fixtures.cloud.cloudstack import CloudStackError
from fixtures.model import (
    CloudStackCall,
    Ec2Reply,
    Ec2Request,
    Expectation,
    HarnessError,
    Inconclusive,
    NotAvailable,
    Pattern,
    ReplyKind,
    Scenario,
    Status,
    UsageError,
)
from fixtures.resources.kinds import Resource
from fixtures.resources.ledger import Created, Intent, Ledger, Resolved, open_ledger
from fixtures.resources.names import RunNames
from fixtures.resources.tracker import ResourceTracker, TrackerContext
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.setup.discovery import discover
from fixtures.setup.recipes import RECIPES, RecipeContext
from fixtures.targets.target import Target
from tests.conftest import RUN
from tests.support.account_resources import resource_ids
from tests.support.planned_suites import table_cases


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_creates_and_leaves_nothing(target: Target, recipe: str) -> None:
    """Every recipe's resource exists for the case, and is removed with all others that it
    needed."""
    with target.resources.for_case(Scenario("X", needs={"thing": recipe})) as resources:
        assert resources.names["thing"]["exists"] == "true"
        # What was destroyed on purpose is not listed any more.
        assert resource_ids(target.resources.clouds["me"]) or recipe == "instance:destroyed"
    assert resource_ids(target.resources.clouds["me"]) == []
    assert target.resources.leftovers == []


def test_resources_of_the_other_user(target: Target) -> None:
    """A recipe with `@other` creates the resource in the other account."""
    with target.resources.for_case(Scenario("X", needs={"foreign": "volume@other"})) as resources:
        assert resources.names["foreign"]["account"] == resources.names["other"]["account"]
    assert resource_ids(target.resources.clouds["other"]) == []


def test_shared_resources_are_created_once(target: Target) -> None:
    """Cases that change nothing share their resources, until a case fails."""
    reading = Scenario("X", needs={"volume": "volume"}, shared=True)
    ids = []
    for _ in range(2):
        with target.resources.for_case(reading) as resources:
            ids.append(resources.names["volume"]["id"])
    target.resources.invalidate_shared()
    with target.resources.for_case(reading) as resources:
        assert ids[0] == ids[1] != resources.names["volume"]["id"]
    target.resources.invalidate_shared()
    assert resource_ids(target.resources.clouds["me"]) == []


def test_what_a_request_created_is_tracked(target: Target) -> None:
    """Resources in the reply, and those only in CloudStack's answers, are checked and removed."""
    cloud = target.resources.clouds["me"]
    creating = Scenario("X", creates={"group": "Name"})
    with target.resources.for_case(creating) as resources:
        replied, hidden = (target.resources.names.fresh() for _ in range(2))
        cloud.call("createSecurityGroup", name=replied, description="replied")
        answer = cloud.call("createSecurityGroup", name=hidden, description="hidden")
        call = CloudStackCall("createSecurityGroup", {}, "", 200, answer, 0.0, "journal")
        resources.record_intents(Ec2Request("CreateSecurityGroup", {"GroupName": replied}))
        resources.track_created(Ec2Reply(ReplyKind.ANSWERED, {"Name": replied}), (call,))
        patterns = {"new-group.description": Pattern(), "new-group.exists": Pattern()}
        state = resources.current_state(Expectation("x", state=patterns))
        assert state == {"new-group.description": "replied", "new-group.exists": "true"}
    assert resource_ids(cloud) == []


def test_a_rejected_call_created_nothing(target: Target) -> None:
    """A call that CloudStack rejected leaves nothing to track."""
    with target.resources.for_case(Scenario("X", creates={"group": "Name"})) as resources:
        resources.record_intents(Ec2Request("CreateSecurityGroup", {"GroupName": "cf-1"}))
        rejected = CloudStackCall("createSecurityGroup", {}, "", 431, {"id": "1"}, 0.0, "journal")
        resources.track_created(Ec2Reply(ReplyKind.FAULT, code="X"), (rejected,))
        state = {"new-group.exists": Pattern()}
        assert resources.current_state(Expectation("x", state=state)) == {
            "new-group.exists": "false"
        }


def test_dependent_resources_are_removed_in_order(target: Target) -> None:
    """A group that another group's rule refers to is removed after it."""
    needs = {"group": "group", "source": "group"}
    with target.resources.for_case(Scenario("X", needs=needs)) as resources:
        source = resources.names["source"]["name"]
        rule = {
            "protocol": "tcp",
            "startport": "1",
            "endport": "2",
            "usersecuritygrouplist[0].account": resources.names["me"]["account"],
            "usersecuritygrouplist[0].group": source,
        }
        group = resources.names["group"]["id"]
        cloud = target.resources.clouds["me"]
        cloud.job("authorizeSecurityGroupIngress", securitygroupid=group, **rule)
    assert resource_ids(target.resources.clouds["me"]) == []
    assert target.resources.leftovers == []


def test_what_cannot_be_removed_is_reported(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A resource whose removal CloudStack rejects is a leftover, reported with CloudStack's
    error."""

    def reject(resource: object) -> None:
        del resource
        raise CloudStackError("deleteVolume", 530, "not today")

    with target.resources.for_case(Scenario("X", needs={"volume": "volume"})) as resources:
        volume = resources.names["volume"]["id"]
        monkeypatch.setattr("fixtures.resources.tracker.remove_resource", reject)
    target.resources.close()
    assert target.resources.leftovers == [f"volume {volume}: deleteVolume: 530: not today"]
    target.resources.clouds["me"].call("deleteVolume", id=volume)


def test_failed_removals_are_tried_again_at_the_end(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A removal that CloudStack rejected is tried again when the run ends."""

    def reject(resource: object) -> None:
        del resource
        raise CloudStackError("deleteVolume", 530, "not yet")

    with (
        monkeypatch.context() as patch,
        target.resources.for_case(Scenario("X", needs={"volume": "volume"})),
    ):
        patch.setattr("fixtures.resources.tracker.remove_resource", reject)
    assert resource_ids(target.resources.clouds["me"])
    target.resources.close()
    assert resource_ids(target.resources.clouds["me"]) == []
    assert target.resources.leftovers == []


def test_names_contain_the_runs_id(target: Target) -> None:
    """Every name contains the run's whole id, and none is given twice, not even by a run that is
    resumed."""
    name = target.resources.names.fresh()
    assert name.startswith(f"cf-{RUN.lower()}-")
    assert len(name) <= 32
    resumed = RunNames(RUN, 0, used=f'{{"texts":["{name}"]}}')
    assert int(resumed.fresh().rpartition("-")[2]) == int(name.rpartition("-")[2]) + 1


def test_the_ledger_is_written_before_creation(tmp_path: Path) -> None:
    """An intent is in the ledger before the creation, and the id as soon as it is known."""
    path = tmp_path / "ledger.jsonl"
    with closing(Ledger(path)) as ledger:
        intent = ledger.record_intent(Intent("volume", "me", ("cf-1",)))
        with open_ledger(path) as state:
            assert state.in_use
            assert [intent.texts for intent in state.unresolved] == [("cf-1",)]
        ledger.write(Created("volume", "me", "7", intent.number))
        ledger.write(Resolved(intent.number))
    with open_ledger(path) as state:
        assert (state.in_use, state.unresolved) == (False, ())
        assert [created.identity for created in state.remaining] == ["7"]


def test_an_incomplete_line_is_ignored(tmp_path: Path) -> None:
    """After a power cut the last line may be incomplete; those before it count, and a resumed
    session begins a new line."""
    path = tmp_path / "ledger.jsonl"
    with closing(Ledger(path)) as ledger:
        ledger.record_intent(Intent("volume", "me", ("cf-1",)))
    path.write_bytes(path.read_bytes() + b'{"line":"will","ki')
    with closing(Ledger(path)) as ledger:
        ledger.record_intent(Intent("volume", "me", ("cf-2",)))
    with open_ledger(path) as state:
        assert [intent.texts for intent in state.unresolved] == [("cf-1",), ("cf-2",)]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"line":"nonsense"}', "ledger.jsonl:1: unknown kind of line"),
        ('{"line":"made","kind":7}', "ledger.jsonl:1: not a line of a ledger"),
        ("[]", "ledger.jsonl:1: not a line of a ledger"),
    ],
)
def test_a_file_that_is_no_ledger(tmp_path: Path, text: str, error: str) -> None:
    """An error names the file and the line."""
    path = tmp_path / "ledger.jsonl"
    path.write_text(text + "\n")
    with pytest.raises(UsageError, match=error), open_ledger(path):
        pass


def test_an_account_at_its_limit(target: Target) -> None:
    """A case that needs more than the account's limit is not claimed, for that reason; shared
    resources are removed before that."""
    assert target.deployment is not None
    cloud = target.resources.clouds["me"]
    limited = {"resourcetype": "2", "account": target.resources.world["me"]["account"]}
    deployment = target.deployment.management
    domain = {"domainid": target.resources.world["me"]["domainid"]}
    (case, *_) = (
        case for case in table_cases("documented-call", driver="raw") if case.row == "CreateVolume"
    )
    try:
        deployment.execute("updateResourceLimit", {**limited, **domain, "max": "1"}, "admin")
        target.resources.shared_resource("volume")
        assert run_case(case, Session(target)).verdict.status is Status.PASSED
        deployment.execute("updateResourceLimit", {**limited, **domain, "max": "0"}, "admin")
        verdict = run_case(case, Session(target)).verdict
        assert (verdict.status, verdict.because) == (
            Status.NOT_CLAIMED,
            "the account may have no more than 0 of these: volume",
        )
        with (
            pytest.raises(
                NotAvailable, match=r"could not create volume in CloudStack: .* 535: Maximum"
            ),
            target.resources.for_case(Scenario("X", needs={"volume": "volume"})),
        ):
            pass
    finally:
        deployment.execute("updateResourceLimit", {**limited, **domain, "max": "-1"}, "admin")
    assert resource_ids(cloud) == []


def test_a_ledger_that_cannot_be_written(tmp_path: Path) -> None:
    """A ledger in a missing directory is an error that names it."""
    with pytest.raises(UsageError, match=r"ledger\.jsonl"):
        Ledger(tmp_path / "nowhere" / "ledger.jsonl")


@pytest.mark.parametrize(
    ("key", "kind"),
    [("zone", "zone"), ("image", "ready template"), ("instance_type", "service offering")],
)
def test_a_world_that_does_not_exist(target: Target, key: str, kind: str) -> None:
    """A zone, image or instance type that CloudStack does not list is an error that names it."""
    world = msgspec.structs.replace(profile.World(), **{key: "no-such-thing"})
    with pytest.raises(HarnessError, match=f"lists no {kind}"):
        discover(world, target.resources.clouds)


@pytest.mark.parametrize("recipe", ["keypair", "group:rule", "image:own"])
def test_names_end_with_the_text_of_a_recipe(target: Target, recipe: str) -> None:
    """A text behind a recipe's name, whatever it contains, is the end of the resource's name."""
    scenario = Scenario("X", needs={"thing": f"{recipe}=a@b=c+"})
    with target.resources.for_case(scenario) as resources:
        assert re.fullmatch(r"cf-.*-\d+a@b=c\+", resources.names["thing"]["name"])
    assert not resource_ids(target.resources.clouds["me"])


def _keypair_with_another_name(context: RecipeContext) -> Resource:
    key = context.world["public-key"]["base"]
    register = partial(context.cloud.call, "registerSSHKeyPair", name="other", publickey=key)
    return context.create("keypair", context.fresh_name(), register)


@pytest.mark.parametrize("recipe", ["keypair=" + "long" * 99, "changed=a+b"])
def test_names_that_cloudstack_does_not_have(
    target: Target, monkeypatch: pytest.MonkeyPatch, recipe: str
) -> None:
    """A text that CloudStack refuses in names, or changes, is what the deployment lacks."""
    monkeypatch.setitem(cast(Any, RECIPES), "changed", _keypair_with_another_name)
    with (
        pytest.raises(NotAvailable, match=r"longlong|a\+b"),
        target.resources.for_case(Scenario("X", needs={"keypair": recipe})),
    ):
        pass
    assert not resource_ids(target.resources.clouds["me"])


def test_an_unknown_recipe(target: Target) -> None:
    """A recipe that does not exist is an error that names it."""
    scenario = replace(Scenario("X"), needs={"thing": "unicorn"})
    with (
        pytest.raises(HarnessError, match="no recipe 'unicorn'"),
        target.resources.for_case(scenario),
    ):
        pass


def test_cases_with_the_same_failed_setup_end_alike(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a shared resource cannot be set up, the second case that needs it ends as the first."""

    def unobservable(context: object) -> NoReturn:
        del context
        raise Inconclusive("the target does not show it")

    monkeypatch.setitem(cast(Any, RECIPES), "volume", unobservable)
    reading = Scenario("X", needs={"volume": "volume"}, shared=True)
    for _ in range(2):
        with (
            pytest.raises(Inconclusive, match="does not show it"),
            target.resources.for_case(reading),
        ):
            pass


def test_an_intent_does_not_grow_with_what_was_terminated(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bridge may list terminated instances for long: an intent contains those that exist only."""
    cloud = target.resources.clouds["me"]
    states = ["Destroyed"] * 600 + ["Running"]
    entries = [{"id": f"i-{number}", "state": state} for number, state in enumerate(states)]
    monkeypatch.setattr(cloud, "list", lambda *_, **__: entries)
    with closing(Ledger(tmp_path / "ledger.jsonl")) as ledger:
        tracker = ResourceTracker(TrackerContext({"me": cloud}, ledger, "cf-run"))
        intent = tracker.record_intent(Intent("instance", "me"), by_bridge=True)
    assert intent.before == ("i-600",)
