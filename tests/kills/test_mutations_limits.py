"""Every check of zones and network offerings can fail: put to deployments that mistake them."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from fixtures.model import ZoneKind
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.mutations import limits
from fixtures.simulator.mutations.mutation import Mutation
from suites.limits import TestLimits as Limits
from tests.kills.expected import LIMITS
from tests.kills.expected.limits import OF_THE_TARGET
from tests.kills.mutated_runs import assert_noticed, simulated
from tests.support.planned_suites import cases

EVERY = [
    case
    for kind in ("zone", "address", "claim")
    for demand in Limits.demands(kind, ())
    for case in cases(Limits.suite, demand)
]
CASES = [case for case in EVERY if case.driver in ("boto3", "cloudstack")]


@pytest.mark.parametrize("mutation", limits.MUTATIONS, ids=lambda each: each.name)
def test_a_mistaken_zone_is_noticed(shared_session: Session, mutation: Mutation) -> None:
    """A deployment that mistakes its zones fails the cases about that, and no other."""
    assert shared_session.target.deployment is not None
    deployments = [shared_session.target.deployment]
    if mutation.name not in OF_THE_TARGET:
        zoned = [shared_session.installations.with_zones(frozenset({each})) for each in ZoneKind]
        deployments = [simulated(each) for each in zoned]
    with ExitStack() as stack:
        for deployment in deployments:
            stack.enter_context(mutation.apply(deployment))
        verdicts = {case.id: run_case(case, shared_session).verdict for case in CASES}
    assert_noticed(verdicts, LIMITS[mutation.name])


def test_every_client_names_zones() -> None:
    """Each client sends requests in zones of both kinds, and asks for addresses."""
    for kind in ("zone", "address"):
        asking = {case.driver for case in EVERY if case.kind == kind}
        assert asking == {"boto", "boto3", "soap", "command", "raw"}
