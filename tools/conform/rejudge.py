"""`conform rejudge`: the verdicts of a run again, by what is kept of it, without its target."""

from __future__ import annotations

import argparse

from tools.conform.arguments import path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    parser.epilog = (
        "exit status: that of a run with these verdicts; 2 what the run kept is missing or damaged"
    )
    parser.add_argument("directory", metavar="DIR", help="run directory, or a run's name")
    parser.add_argument(
        "--out", type=path, metavar="DIR", help="also write the result as a run, in this directory"
    )


def execute(options: argparse.Namespace) -> int:
    """Judge again, and print the old and new verdicts and the claim."""
    from rich.console import Console

    from fixtures.checkers.failover import check_failover
    from fixtures.checkers.judgement import judge_again
    from reports.record.claim import assess_run, exit_status
    from reports.record.rejudge import Checkers, rejudge, write_rejudged
    from reports.record.session import harness_version
    from reports.render.renderers import render
    from reports.render.terminal import print_claim, print_rejudged
    from tools.conform.recorded_runs import locate_run, print_to_output

    directory = locate_run(options.directory)
    checkers = Checkers(check_failover, lambda asked: judge_again(asked).verdict)
    rejudged = rejudge(directory, checkers, harness_version())
    run = rejudged.run
    if options.out:
        run = write_rejudged(rejudged, directory, options.out, render)

    def print_report(console: Console) -> None:
        print_rejudged(console, rejudged)
        print_claim(console, run)

    print_to_output(print_report)
    return exit_status(assess_run(run))
