"""A bridge that does wrong while CloudStack is away or slow is noticed by every client."""

from __future__ import annotations

import pytest

from fixtures.model import Timeouts
from fixtures.simulator.mutations import outages
from fixtures.targets.target import Target
from suites.outages import TestOutages as Outages
from tests.kills.expected import OUTAGES
from tests.kills.mutated_runs import assert_noticed, run_mutated
from tests.support.planned_suites import cases

CASES = [case for demand in Outages.requirements for case in cases(Outages.suite, demand)]
WAITING = {"waits-for-cloudstack"}  # the clients wait a second then
CONTROLS = [case for case in CASES if case.driver == "raw"]


@pytest.mark.parametrize("name", [mutation.name for mutation in outages.MUTATIONS])
def test_a_wrong_answer_in_an_outage_is_noticed(
    target: Target, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cases about it fail with every client, and no others."""
    if name in WAITING:
        monkeypatch.setattr(target, "timeouts", Timeouts(request=1))
    expected = OUTAGES[name]
    about = [case for case in CASES if expected.covers(case.id) and case not in CONTROLS]
    assert_noticed(run_mutated(target, name, [*about, *CONTROLS]), expected)


def test_every_case_can_fail() -> None:
    """Each case is failed by a mutation."""
    uncovered = [c.id for c in CASES if not any(each.covers(c.id) for each in OUTAGES.values())]
    assert uncovered == []
