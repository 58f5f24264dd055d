"""Coverage: measures which case notices what, and writes docs/coverage.md."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from fixtures.model import Case, HarnessError
from reports.record.run_directory import write_atomically
from tools.coverage.cases import planned_cases
from tools.coverage.page import PAGE, coverage_page
from tools.coverage.results import Coverage, read_measured, write_measured
from tools.coverage.statements import read_statements, statement_defects
from tools.coverage.survey import measure


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure or write; 1 if a leaf has neither a case nor a reason, 2 if it cannot be measured."""
    parser = argparse.ArgumentParser(
        prog="coverage", description=(__doc__ or "").partition("\n")[0]
    )
    commands = parser.add_subparsers(dest="command", required=True)
    measuring = commands.add_parser(
        "measure", help="alter every leaf, record which case fails, and write the page"
    )
    measuring.add_argument(
        "--group",
        action="append",
        default=[],
        metavar="NAME",
        help="only this EC2 action or S3 operation; repeatable",
    )
    commands.add_parser("write", help="write the page from what was measured")
    options = parser.parse_args(arguments)
    try:
        cases = planned_cases()
        if options.command == "measure":
            _measure(cases, frozenset(options.group))
        coverage, statements = Coverage.read(), read_statements()
        suites = {case.suite for case in cases}
        write_atomically(PAGE, coverage_page(coverage, statements, suites).encode())
    except (HarnessError, OSError) as error:
        print(f"coverage: {error}", file=sys.stderr)
        return 2
    defects = [
        *(f"no case and no reason: {' '.join(leaf)}" for leaf in coverage.uncovered_leaves()),
        *(f"a reason without leaves: {pattern}" for pattern in coverage.unused_reasons()),
        *statement_defects(statements, [case.id for case in cases]),
    ]
    for defect in defects:
        print(f"coverage: {defect}", file=sys.stderr)
    return int(bool(defects))


def _measure(cases: Sequence[Case], groups: frozenset[str]) -> None:
    """Measure these groups, all if there is none, and write the results."""
    started = time.monotonic()
    measured = measure(cases, groups, lambda group: print(group, flush=True))
    if groups:
        known = read_measured()
        if unknown := sorted(groups - {group for _, group, _ in measured}):
            raise HarnessError(f"no such EC2 action or S3 operation: {', '.join(unknown)}")
        measured = {**known, **measured}
    write_measured(measured)
    print(f"{len(measured)} leaves, {time.monotonic() - started:.0f} s")
