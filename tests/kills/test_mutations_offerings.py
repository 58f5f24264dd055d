"""Every check of an instance's offering can fail: put to a bridge that takes another one."""

from __future__ import annotations

import pytest

from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.mutations import offerings
from fixtures.simulator.mutations.mutation import Mutation
from suites.offerings import TestOfferings as Offerings
from tests.kills.expected import OFFERINGS
from tests.kills.mutated_runs import assert_noticed, simulated
from tests.support.planned_suites import cases

KINDS = ("named", "default", "unnamed", "doubled", "domain")
EVERY = [
    case
    for kind in KINDS
    for demand in Offerings.demands(kind, ())
    for case in cases(Offerings.suite, demand)
]
CASES = [case for case in EVERY if case.driver == "boto3"]


@pytest.mark.parametrize("mutation", offerings.MUTATIONS, ids=lambda each: each.name)
def test_another_offering_is_noticed(shared_session: Session, mutation: Mutation) -> None:
    """A bridge that takes another offering fails the cases about that, and no other."""
    shared_session.controls.clear()
    with mutation.apply(simulated(shared_session.installations.changeable)):
        verdicts = {case.id: run_case(case, shared_session).verdict for case in CASES}
    assert_noticed(verdicts, OFFERINGS[mutation.name])


def test_every_client_names_types() -> None:
    """Each client sends instance types that are offerings, and such that are none."""
    for kind in ("named", "unnamed", "doubled", "domain"):
        asking = {case.driver for case in EVERY if case.kind == kind}
        assert asking == {"boto", "boto3", "soap", "command", "raw"}
