"""`conform report`: the reports of a run, rendered again."""

from __future__ import annotations

import argparse

from fixtures.model import UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    parser.add_argument("directory", metavar="DIR", help="run directory, or a run's name")
    parser.add_argument(
        "--allure",
        action="store_true",
        help="write allure-results/ also of a very long run",
    )


def execute(options: argparse.Namespace) -> int:
    """Render the files, and print the path of the page."""
    from reports.render.renderers import PAGE, render
    from tools.conform.recorded_runs import locate_run

    directory = locate_run(options.directory)
    if not directory.is_dir():
        raise UsageError(f"{directory}: not a run directory")
    render(directory, folders=True if options.allure else None)
    print(directory / PAGE)
    return 0
