"""`conform failover`: the runbook of a manual failover, with a profile's values."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    parser.add_argument("--target", required=True, metavar="FILE", help="profile with [failover]")
    parser.add_argument(
        "--dry-run",
        required=True,
        action="store_true",
        help="required: the command only prints; a run with --allow-destructive fails over",
    )


def execute(options: argparse.Namespace) -> int:
    """Print the runbook."""
    from tools.conform.failover_runbook import print_runbook

    return print_runbook(options)
