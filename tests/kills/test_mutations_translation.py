"""Every check of a translation is able to fail: all of them are put to a bridge that translates one
action wrongly."""

from __future__ import annotations

import pytest

from fixtures.plan.mapping import rows
from fixtures.simulator.mutations import translation
from fixtures.targets.target import Target
from tests.kills.expected import TRANSLATION
from tests.kills.mutated_runs import assert_noticed, run_mutated
from tests.support.planned_suites import table_cases

DOCUMENTED = table_cases("documented-call", driver="raw")
NAMES = [mutation.name for mutation in translation.MUTATIONS]


def test_each_row_has_four_mutations() -> None:
    """Silent, wrong command, wrong argument, one command too many: for each of the 38 rows."""
    assert len(NAMES) == 4 * len(rows())
    assert {name.split("-")[-1] for name in NAMES} == {row.action for row in rows()}
    assert set(NAMES) == TRANSLATION.keys()


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_translation_is_noticed(target: Target, name: str) -> None:
    """A wrong translation of one action fails that row, with a finding that names the command or
    parameter at fault, and no other row."""
    assert_noticed(run_mutated(target, name, DOCUMENTED), TRANSLATION[name])
