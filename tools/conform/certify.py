"""`conform certify`: the whole plan against a target."""

from __future__ import annotations

import argparse

from tools.conform import arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    arguments.add_plan_arguments(parser)
    arguments.add_session_arguments(parser)
    parser.set_defaults(
        suite=[], case=[], level=None, repeat=None, rerun_failed=None, draft_deviations=None
    )


def execute(options: argparse.Namespace) -> int:
    """Run the plan, or a shard of it."""
    from tools.conform.run_session import start_run

    return start_run(options)
