"""Actions that a deployment does not have: named by the profile, or found out once."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from fixtures import profile
from fixtures.model import Status, UsageError, Verdict
from fixtures.plan.offered_actions import check_not_offered
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.bridge.ec2.cloud import Cloud
from fixtures.simulator.bridge.ec2.errors import Ec2Error
from fixtures.simulator.bridge.hooks import Hooks, NextAction
from fixtures.simulator.bridge.xml import Tree
from fixtures.simulator.mutations.mutation import bridge_hooks
from fixtures.targets.target import Target
from tests.support.planned_suites import table_cases

ACTION = "CreateImage"


def with_profile(**changes: object) -> profile.Profile:
    """The profile of the simulated deployment with some of its tables replaced."""
    return msgspec.structs.replace(profile.load("simulated"), **changes)


async def without_create_image(
    cloud: Cloud, values: Mapping[str, str], call_next: NextAction
) -> Tree:
    """A bridge that does not know one action."""
    if cloud.action == ACTION:
        raise Ec2Error("InvalidAction", f"The action {ACTION} is not valid for this web service.")
    return await call_next(values)


def verdicts(target: Target) -> list[tuple[str, Verdict]]:
    """The kind of each case of the action, with its verdict."""
    cases = [case for case in table_cases() if case.row == ACTION]
    return [(case.kind, run_case(case, Session(target)).verdict) for case in cases]


def test_an_unknown_action_is_one_finding(target: Target) -> None:
    """A bridge that does not know an action fails the documented call, with each client; the other
    cases of the action are not judged, and say how to name it."""
    assert target.deployment is not None
    with bridge_hooks(lambda _: Hooks(action=without_create_image))(target.deployment):
        judged = verdicts(target)
    failed = {kind for kind, verdict in judged if verdict.status is Status.FAILED}
    assert failed == {"documented-call"}
    for kind, verdict in judged:
        if kind != "documented-call" and verdict.status is not Status.PASSED:
            assert verdict.status is Status.INCONCLUSIVE
            assert "[actions] not_offered" in verdict.because


def test_an_action_that_is_not_offered_is_not_claimed() -> None:
    """What the profile says is not offered is not claimed, by name, and nothing is sent."""
    changed = with_profile(actions=profile.Actions(not_offered=(ACTION,)))
    with Target(changed, run="denied") as denied:
        judged = verdicts(denied)
    assert {verdict.status for _, verdict in judged} == {Status.NOT_CLAIMED}
    assert any(f"does not offer {ACTION}" in verdict.because for _, verdict in judged)


@pytest.mark.parametrize(
    ("capability", "kind"), [("authentication", "authentication"), ("filters", "filters")]
)
def test_what_a_profile_denies_is_not_claimed(capability: str, kind: str) -> None:
    """Authentication, filters and tags count as claimed until a profile denies them."""
    cases = table_cases(kind)
    assert cases
    assert all(capability in case.capabilities for case in cases)
    plain = profile.load("simulated")
    denied = with_profile(capabilities={**plain.capabilities, capability: False})
    assert capability in profile.claimed_capabilities(plain)
    assert capability not in profile.claimed_capabilities(denied)


def test_cases_about_tags_need_tags() -> None:
    """A case that needs a tagged resource, or filters by tags, is about tags."""
    about = {case.id for case in table_cases() if "tags" in case.capabilities}
    assert any("tag" in case for case in about)
    assert all(case.partition("/")[0] != "keypairs" for case in about)


def test_a_misspelled_action_is_an_error() -> None:
    """An action that is none of the documented ones is named, with the one that was meant."""
    changed = with_profile(actions=profile.Actions(not_offered=("CreateImages",)))
    with pytest.raises(UsageError, match=r"'CreateImages' .* did you mean CreateImage\?"):
        check_not_offered(changed)
