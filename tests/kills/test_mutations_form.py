"""A document without its request's id, or of another version, is noticed by every client."""

from __future__ import annotations

import pytest

from fixtures.plan.mapping import rows
from fixtures.simulator.mutations import reply_form
from fixtures.targets.target import Target
from suites.reply_form import TestReplyForm as ReplyForm
from tests.kills.expected import FORM
from tests.kills.mutated_runs import assert_noticed, run_mutated
from tests.support.planned_suites import cases

CASES = [
    case for demand in ReplyForm.demands("form", rows()) for case in cases(ReplyForm.suite, demand)
]


@pytest.mark.parametrize("name", [mutation.name for mutation in reply_form.MUTATIONS])
def test_a_wrong_frame_is_noticed(target: Target, name: str) -> None:
    """The cases about it fail with every client, and no others."""
    assert_noticed(run_mutated(target, name, CASES), FORM[name])


def test_every_action_and_every_case_is_covered() -> None:
    """The answer to each action has a case, and each case is failed by a mutation."""
    assert {case.row for case in CASES} == {row.action for row in rows()}
    assert {case.driver for case in CASES} == {"boto", "boto3", "soap", "raw"}
    uncovered = [c.id for c in CASES if not any(each.covers(c.id) for each in FORM.values())]
    assert uncovered == []
