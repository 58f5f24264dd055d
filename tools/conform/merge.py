"""`conform merge`: the shards of a plan, merged into one run."""

from __future__ import annotations

import argparse

from tools.conform.arguments import path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    parser.epilog = "exit status: 0 the shards are merged, 2 they cannot be; with --gate, a run's"
    parser.add_argument("directories", metavar="DIR", nargs="+", help="run directory of a shard")
    parser.add_argument(
        "--out", type=path, metavar="DIR", required=True, help="run directory to be made"
    )
    parser.add_argument(
        "--gate", action="store_true", help="exit by the claim of the merged run, as a run does"
    )


def execute(options: argparse.Namespace) -> int:
    """Merge the shards, and print the result of the whole run."""
    from reports.record.claim import assess_run, exit_status
    from reports.record.merge import merge_shards
    from reports.render.renderers import render
    from reports.render.terminal_summary import print_run
    from tools.conform.recorded_runs import locate_run, print_to_output

    run = merge_shards([locate_run(name) for name in options.directories], options.out, render)
    print_to_output(lambda console: print_run(console, run, options.out))
    return exit_status(assess_run(run)) if options.gate else 0
