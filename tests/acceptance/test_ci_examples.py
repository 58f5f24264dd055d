"""The examples of docs/ci.md: the gate is green exactly where it must be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from reports.record.claim import assess_run
from reports.record.run_file import load_run
from tests.support.ci_examples import Machines, run_github, run_gitlab, run_jenkins

EXAMPLES = {"github": run_github, "gitlab": run_gitlab, "jenkins": run_jenkins}
SITUATIONS: Mapping[str, tuple[Mapping[str, str], int, bool]] = {
    "green": ({}, 0, True),
    "a red shard": ({"MADE_RED": "2"}, 0, False),
    "a killed shard": ({"MADE_KILLED": "3"}, 0, False),
    "a lost artifact": ({}, 4, False),
}


@pytest.mark.parametrize(("made", "lost", "green"), SITUATIONS.values(), ids=SITUATIONS)
@pytest.mark.parametrize("run", EXAMPLES.values(), ids=EXAMPLES)
def test_the_gate_is_green_exactly_where_it_must_be(
    tmp_path: Path,
    run: Callable[[Machines, int], bool],
    made: Mapping[str, str],
    lost: int,
    green: bool,
) -> None:
    """If I copy an example into my pipeline, its gate is red over a red, killed or lost shard."""
    assert run(Machines(tmp_path, made), lost) is green


def test_the_gate_leaves_the_whole_run(tmp_path: Path) -> None:
    """The merged run of a red pipeline is an artifact, with all that failed."""
    machines = Machines(tmp_path, {"MADE_RED": "2"})
    assert not run_github(machines)
    merged = load_run(machines.artifacts["certified"] / "certified")
    assert len(merged.outcomes) == 12
    assert assess_run(merged).word == "not-conformant"
