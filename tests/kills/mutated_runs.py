"""Cases run against a mutated deployment, and whether they notice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack

from fixtures.deployments.installation import Installation
from fixtures.deployments.simulated import SimulatedInstallation
from fixtures.model import Case, Status, Verdict, ZoneKind
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.deployment import Deployment
from fixtures.simulator.mutations.catalogue import find_mutation
from fixtures.targets.target import Target
from tests.kills.expected import Expected


def run_mutated(target: Target, name: str, cases: Iterable[Case]) -> dict[str, Verdict]:
    """The verdicts on cases by their ids, while the target's deployment has that mutation."""
    assert target.deployment is not None
    with find_mutation(name).apply(target.deployment):
        return {case.id: run_case(case, Session(target)).verdict for case in cases}


def unsuccessful(verdicts: Mapping[str, Verdict]) -> dict[str, str]:
    """The findings of all cases that did not pass, by their ids."""
    return {
        case: verdict.because
        for case, verdict in verdicts.items()
        if verdict.status is not Status.PASSED
    }


def assert_noticed(verdicts: Mapping[str, Verdict], expected: Expected) -> None:
    """The expected cases fail, at least one, with the expected text; all others pass."""
    must_fail = {case for case in verdicts if expected.covers(case)}
    assert must_fail
    findings = unsuccessful(verdicts)
    assert findings.keys() == must_fail, {
        case: verdicts[case].because for case in findings.keys() ^ must_fail
    }
    for case, finding in findings.items():
        assert verdicts[case].status is Status.FAILED, finding
        assert expected.text in finding


def simulated(installation: Installation) -> Deployment:
    """The deployment behind an installation, which is a simulated one."""
    assert isinstance(installation, SimulatedInstallation)
    return installation.deployment


def run_mutated_installations(
    target: Target, name: str, cases: Iterable[Case]
) -> dict[str, Verdict]:
    """The same, while all deployments that cases change or restart have that mutation."""
    with Session(target) as session, ExitStack() as stack:
        installations = session.installations
        zoned = [installations.with_zones(frozenset({kind})) for kind in ZoneKind]
        for installation in (installations.changeable, *zoned):
            stack.enter_context(find_mutation(name).apply(simulated(installation)))
        return {case.id: run_case(case, session).verdict for case in cases}
