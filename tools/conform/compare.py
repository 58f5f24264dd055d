"""`conform compare`: what changed between two runs."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fixtures.model import UsageError

if TYPE_CHECKING:
    from fixtures.model import Run

FORMATS = ("text", "markdown", "html", "json")
REGRESSED, INCONCLUSIVE = 1, 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    parser.epilog = (
        "exit status: 0 no regressions, 1 regressions, 2 a run cannot be compared, 3 none seen, but"
        " the new run ended before cases that passed in the old one"
    )
    parser.add_argument("old", metavar="OLD", help="run directory, or a run's name")
    parser.add_argument("new", metavar="NEW", help="run directory, or a run's name")
    parser.add_argument(
        "--format", choices=FORMATS, default=FORMATS[0], help="format of the output (default: text)"
    )


def execute(options: argparse.Namespace) -> int:
    """Print the changes."""
    from reports.record.compare import compare
    from reports.render import comparison
    from tools.conform.recorded_runs import locate_run, standard_output

    changes = compare(_load(locate_run(options.old)), _load(locate_run(options.new)))
    output = standard_output()
    output.write(comparison.FORMATS[options.format](changes, output.isatty()))
    output.flush()
    if changes.regressions:
        return REGRESSED
    return INCONCLUSIVE if changes.is_inconclusive else 0


def _load(path: Path) -> Run:
    from reports.record.run_file import is_being_written, load_run

    run = load_run(path)
    if run.footer is None:
        why = "the run still goes on" if is_being_written(path) else "the run was cut off"
        raise UsageError(f"{path}: the record has no end: {why}; nothing is compared with a part")
    if not run.outcomes:
        raise UsageError(f"{path}: no case was recorded, nothing to compare")
    # Without the wire, which nothing compares: two long records would fill the memory with it.
    outcomes = tuple(replace(outcome, exchange=(), repeat="") for outcome in run.outcomes)
    return replace(run, outcomes=outcomes)
