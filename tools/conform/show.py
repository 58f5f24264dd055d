"""`conform show`: one case of a run, or the whole run."""

from __future__ import annotations

import argparse

from fixtures.model import Run, UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    parser.add_argument("directory", metavar="DIR", help="run directory, or a run's name")
    parser.add_argument(
        "case",
        metavar="CASE",
        nargs="?",
        help="id of a case, or a part of one id (default: the whole run)",
    )
    parser.add_argument(
        "--curl",
        action="store_true",
        help="only a line for a shell that sends the case's last request again, freshly signed",
    )
    parser.add_argument(
        "--canonical", action="store_true", help="only the digest of the canonical record"
    )


def execute(options: argparse.Namespace) -> int:
    """Print the case in full, or the result of the run."""
    from rich.console import Console

    from reports.record.canonical import canonical_digest
    from reports.record.run_file import FILE, is_being_written, load_run
    from reports.render.terminal import print_case, print_facts
    from reports.render.terminal_summary import print_run
    from tools.conform.recorded_runs import find_case, locate_run, print_to_output

    place = locate_run(options.directory)
    directory = place.parent if place.name == FILE else place
    if directory.is_file():
        raise UsageError(f"{place}: neither a run directory nor its {FILE}")
    running = is_being_written(directory)
    run = load_run(directory)
    if options.canonical:
        print(canonical_digest(run))
        return 0
    if options.curl:
        return _print_request(run, options.case)

    def print_report(console: Console) -> None:
        if options.case is None:
            print_run(console, run, directory, running=running)
            print_facts(console, run)
        else:
            print_case(console, find_case(run, options.case))

    print_to_output(print_report)
    return 0


def _print_request(run: Run, case: str | None) -> int:
    from tools.conform.recorded_runs import find_case
    from tools.conform.request_commands import profile_of_case, request_command

    if case is None:
        raise UsageError("--curl needs a CASE")
    outcome = find_case(run, case)
    print(request_command(outcome, profile_of_case(outcome)))
    return 0
