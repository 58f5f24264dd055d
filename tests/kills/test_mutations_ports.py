"""Every check of the ports can fail: put to a deployment that mistakes its files."""

from __future__ import annotations

import pytest

from fixtures.deployments.configured import SimulatedConfiguration
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.mutations import ports
from fixtures.targets.target import Target
from suites.ports import TestPorts as Ports
from tests.kills.expected import PORTS
from tests.kills.mutated_runs import assert_noticed
from tests.support.planned_suites import cases

CASES = [
    case
    for kind in ("changed", "not-restarted", "one-file", "form", "no-port")
    for demand in Ports.demands(kind, ())
    for case in cases("ports", demand)
    if case.driver == "raw"
]
# Once it is down, every later case fails.
FATAL = "stays-down-after-an-unusable-port"


@pytest.mark.parametrize("name", [mutation.name for mutation in ports.MUTATIONS])
def test_a_mistaken_port_is_noticed(target: Target, name: str) -> None:
    """A deployment that mistakes its files fails the cases about that, and no other."""
    expected = PORTS[name]
    mutation = next(each for each in ports.MUTATIONS if each.name == name)
    selected = [case for case in CASES if name != FATAL or expected.covers(case.id)]
    with Session(target) as session:
        installation = session.installations.configured
        assert isinstance(installation, SimulatedConfiguration)
        with mutation.apply(installation.deployment):
            verdicts = {case.id: run_case(case, session).verdict for case in selected}
    assert_noticed(verdicts, expected)
