"""Every check is able to fail: the whole contract is put to a bridge that lies in one thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from fixtures import profile
from fixtures.model import Case, HarnessError, Status, Verdict, matches_case
from fixtures.plan.mapping import rows
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.mutations import equivalent
from fixtures.simulator.mutations.catalogue import MUTANTS, planted
from fixtures.simulator.mutations.failover import FORGETTING
from fixtures.simulator.mutations.s3 import MISLAYING
from fixtures.simulator.mutations.security import TRUSTING
from fixtures.simulator.quirks import ALL, QUIRKS
from fixtures.targets.target import Target
from tests.support.planned_suites import planned


def _described(**endpoint: Any) -> profile.Profile:
    """The simulated deployment behind such an endpoint."""
    return replace(
        profile.load("simulated"), endpoint=profile.Endpoint(ec2="http://127.0.0.1", **endpoint)
    )


SINS = {
    name: mutant
    for name, mutant in MUTANTS.items()
    if any(pattern.endswith("/documented-call[*]") for pattern in mutant.notices)
    and not mutant.notices[0].startswith("s3/")
}
HARMLESS = {name: mutant for name, mutant in MUTANTS.items() if not mutant.notices}
# What a profile says of an endpoint that takes less than others do.
LESS: Mapping[str, profile.Profile] = {
    "post-only": _described(verbs=("POST",)),
    "get-only": _described(verbs=("GET",)),
    "hmac-sha1-only": _described(signature_methods=("HmacSHA1",)),
    "one-version": replace(profile.load("simulated"), api_version="2012-08-15"),
    "signature-2-only": profile.load("simulated"),
}


DOCUMENTED = planned("documented-call", driver="raw")


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    """A simulated deployment to be lied about."""
    with Target(profile.load("simulated"), run="mutants") as running:
        yield running


def _verdicts(target: Target, name: str, wanted: list[Case]) -> dict[str, Verdict]:
    assert target.deployment is not None
    with planted(name, target.deployment):
        return {case.id: run_case(case, Session(target)).verdict for case in wanted}


def test_there_are_four_sins_for_each_row() -> None:
    """Silent, wrong command, wrong argument, one mutation too many: for each of the 38 rows."""
    assert len(SINS) == 4 * len(rows())
    actions = {row.action for row in rows()}
    assert {name.split("-")[-1] for name in SINS} == actions
    assert len(HARMLESS) >= 5


@pytest.mark.parametrize("name", SINS)
def test_a_lie_is_noticed(target: Target, name: str) -> None:
    """A lie about one translation turns that row red, names what is wrong, and no other row."""
    mutant = SINS[name]
    verdicts = _verdicts(target, name, DOCUMENTED)
    red = {case for case, verdict in verdicts.items() if verdict.status is not Status.PASSED}
    wanted = {
        case for case in verdicts if any(matches_case(pattern, case) for pattern in mutant.notices)
    }
    assert red == wanted, {case: verdicts[case].because for case in red ^ wanted}
    for case in red:
        assert verdicts[case].status is Status.FAILED
        assert mutant.names in verdicts[case].because


@pytest.mark.parametrize("name", [name for name in HARMLESS if name not in LESS])
def test_a_harmless_difference_survives(target: Target, name: str) -> None:
    """What a right bridge may do differently turns nothing red."""
    if name.endswith(("-xml", "namespace")):
        wanted = [*planned("reply", driver="raw"), *planned("documented-call", driver="boto")]
    else:
        wanted = [*DOCUMENTED, *planned("parameters", driver="raw")]
    verdicts = _verdicts(target, name, wanted)
    red = {case: v.because for case, v in verdicts.items() if v.status is not Status.PASSED}
    assert not red


@pytest.mark.parametrize("name", LESS)
def test_an_endpoint_that_takes_less_gets_a_fair_trial(name: str) -> None:
    """An endpoint that takes one verb, one version or one way of signing, and whose profile says
    so, is held to that by every client, and to nothing else."""
    wanted = [
        case
        for driver in ("boto", "boto3", "raw")
        for case in planned("documented-call", driver=driver)
        if case.suite in ("zones", "keypairs", "instances")
    ]
    wanted += [
        case
        for case in planned("authentication")
        if case.driver == "raw" and case.row == "DescribeAvailabilityZones"
    ]
    with Target(LESS[name], run="less") as running:
        verdicts = _verdicts(running, name, wanted)
    passed = {case for case, verdict in verdicts.items() if verdict.status is Status.PASSED}
    red = {case: v.because for case, v in verdicts.items() if v.status is Status.FAILED}
    assert not red
    unclaimed = {name.rpartition("/")[2] for name in verdicts.keys() - passed}
    assert unclaimed == {
        "post-only": {"get[raw]"},
        "get-only": {"post[raw]"},
        "hmac-sha1-only": {"hmac-sha256[raw]"},
    }.get(name, set())


def test_names_of_mutants_are_not_used_twice() -> None:
    """Who asks for a mutant by its name gets that one."""
    parts = (TRUSTING, MISLAYING, equivalent.HARMLESS)
    named = [mutant.name for part in parts for mutant, _ in part]
    named += [*FORGETTING, *QUIRKS, ALL]
    sins = [name for name in MUTANTS if name not in named]
    assert len(named) == len(set(named))
    assert len(sins) == 4 * len(rows())


def test_an_unknown_mutant_is_named(target: Target) -> None:
    """A name that is no mutant is answered as such."""
    assert target.deployment is not None
    with (
        pytest.raises(HarnessError, match="unknown mutant 'honest'"),
        planted("honest", target.deployment),
    ):
        pass
