"""`conform run`: suites against a target."""

from __future__ import annotations

import argparse

from tools.conform import arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    parser.usage = "conform run [options] [-- PYTEST ARGUMENTS]"
    arguments.add_plan_arguments(parser)
    arguments.add_selection_arguments(parser)
    parser.add_argument(
        "--check",
        action="store_true",
        help="only check whether the target can be used, and show how many cases would run",
    )
    parser.add_argument(
        "--draft-deviations",
        type=arguments.path,
        metavar="FILE",
        help="also write the failures as a draft of a list of known deviations",
    )
    arguments.add_session_arguments(parser)
    again = parser.add_mutually_exclusive_group()
    again.add_argument("--resume", metavar="DIR", help="continue this interrupted run")
    again.add_argument("--rerun-failed", metavar="DIR", help="only what did not pass in this run")


def execute(options: argparse.Namespace) -> int:
    """Run, resume, or only check the target."""
    from tools.conform import run_session

    if options.check:
        from tools.conform.target_check import print_check

        return print_check(*run_session.plan_check(options))
    if options.resume:
        return run_session.resume_run(options)
    return run_session.start_run(options)
