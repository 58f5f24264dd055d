"""`conform compare`: what changed between two runs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from fixtures.model import UsageError

if TYPE_CHECKING:
    from fixtures.model import Run

FORMATS = ("text", "markdown", "html", "json")
REGRESSED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    parser.epilog = "exit status: 0 no regressions, 1 regressions, 2 a run cannot be compared"
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
    return REGRESSED if changes.regressions else 0


def _load(path: Path) -> Run:
    from reports.record.run_file import load_run

    run = load_run(path)
    if not run.outcomes:
        raise UsageError(f"{path}: no case was recorded, nothing to compare")
    return run
