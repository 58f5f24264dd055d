"""Every check of what the settings enable can fail: put to a deployment that mistakes them."""

from __future__ import annotations

import pytest

from fixtures.model import Case, Verdict
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.mutations import enablement
from fixtures.targets.target import Target
from suites.enablement import TestEnablement as Enablement
from tests.kills.expected import ENABLEMENT
from tests.kills.mutated_runs import assert_noticed, simulated
from tests.support.planned_suites import cases

KINDS = ("disabled", "not-restarted", "enabled", "alone", "spelling", "value", "rights", "port")
EVERY = [
    case
    for kind in KINDS
    for demand in Enablement.demands(kind, ())
    for case in cases("enablement", demand)
]
CASES = [case for case in EVERY if case.driver in ("raw", "soap", "cloudstack")]
# One of each kind, which must pass where it is not among those that notice.
PLAIN = {
    "enablement/EC2/disabled/list[raw]",
    "enablement/S3/disabled/list[raw]",
    "enablement/EC2/enabled/integration[raw]",
    "enablement/S3/alone/S3-enabled[raw]",
    "enablement/enable.ec2.api/value/true-by-administrator[cloudstack]",
    "enablement/integration.api.port/port/default[cloudstack]",
}
# Under these nothing can be certain of the other cases.
UNUSABLE = {
    "stays-disabled",
    "lacks-the-service",
    "never-opens-the-integration-port",
    "forgets-values-of-settings",
    "takes-any-value-of-a-setting",
}


def _run(target: Target, name: str, selected: list[Case]) -> dict[str, Verdict]:
    """The verdicts on a deployment that has the mutation from its start."""
    mutation = next(each for each in enablement.MUTATIONS if each.name == name)
    with Session(target) as session, mutation.apply(simulated(session.installations.changeable)):
        session.expect(selected)
        return {case.id: run_case(case, session).verdict for case in selected}


@pytest.mark.parametrize("name", [mutation.name for mutation in enablement.MUTATIONS])
def test_what_settings_do_is_noticed(target: Target, name: str) -> None:
    """A deployment that mistakes its settings fails the cases about that, and no other."""
    expected = ENABLEMENT[name]
    plain = set() if name in UNUSABLE else PLAIN
    selected = [case for case in CASES if expected.covers(case.id) or case.id in plain]
    assert_noticed(_run(target, name, selected), expected)


def test_every_client_is_refused() -> None:
    """Each client sends its request to a disabled service, and to an enabled one."""
    for kind in ("disabled", "not-restarted", "enabled", "alone"):
        asking = {case.driver for case in EVERY if case.kind == kind and "/EC2/" in case.id}
        assert asking == {"boto", "boto3", "soap", "command", "raw"}
