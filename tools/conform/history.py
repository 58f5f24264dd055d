"""`conform history`: runs over releases, in a database."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from fixtures.model import UsageError
from reports.record.run_directory import ROOT
from tools.conform.arguments import path

if TYPE_CHECKING:
    from sqlalchemy import Connection

FILE = "history.sqlite"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    parser.add_argument(
        "--database",
        metavar="URL",
        default="",
        help=f"SQLAlchemy URL of the database (default: SQLite, {FILE} in reports/out)",
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="add runs", allow_abbrev=False)
    add.add_argument("directories", nargs="+", metavar="DIR", help="run directory, or a run's name")
    trend = actions.add_parser("trend", help="how a target's runs went", allow_abbrev=False)
    flaky = actions.add_parser(
        "flaky",
        help="cases that passed and failed on one plan and commit",
        allow_abbrev=False,
    )
    for each in (trend, flaky):
        each.add_argument("--target", metavar="NAME", help="the target, if there are several")
    trend.add_argument("--html", type=path, metavar="FILE", help="write a page with pictures")


def execute(options: argparse.Namespace) -> int:
    """Add runs, or print what the database tells."""
    from reports.history.store import open_store

    with open_store(options.database or _default_url(options.action)) as connection:
        if options.action == "add":
            return _add(connection, options.directories)
        target = options.target or _only_target(connection)
        if options.action == "trend":
            return _trend(connection, target, options.html)
        return _flaky(connection, target)


def _default_url(action: str) -> str:
    file = ROOT / FILE
    if action == "add":
        try:
            ROOT.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{ROOT}: cannot write: {error.strerror}") from error
    elif not file.exists():
        raise UsageError(f"{file}: there is no history yet; conform history add DIR begins one")
    return f"sqlite:///{file}"


def _add(connection: Connection, directories: list[str]) -> int:
    from reports.history.store import add_run
    from reports.record.run_file import load_run
    from tools.conform.recorded_runs import locate_run

    for run in [load_run(locate_run(name)) for name in directories]:
        added = add_run(connection, run)
        print(f"{run.header.run}: {'added' if added else 'is there already'}")
    return 0


def _only_target(connection: Connection) -> str:
    from reports.history.trends import targets

    found = targets(connection)
    if len(found) != 1:
        raise UsageError(f"--target: one of {', '.join(found) or 'none: no run was added'}")
    return found[0]


def _trend(connection: Connection, target: str, file: Path | None) -> int:
    from reports.history.page import trend_lines, trend_page
    from reports.history.trends import flaky_cases, load_trend
    from reports.record.run_directory import write_atomically

    trend = load_trend(connection, target)
    if file is not None:
        write_atomically(file, trend_page(trend, flaky_cases(connection, target)).encode())
    for line in trend_lines(trend):
        print(line)
    return 0


def _flaky(connection: Connection, target: str) -> int:
    from reports.history.page import flaky_lines
    from reports.history.trends import flaky_cases

    for line in flaky_lines(flaky_cases(connection, target)):
        print(line)
    return 0
