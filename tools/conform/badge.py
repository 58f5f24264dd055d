"""`conform badge`: the claim of a run as a picture for a web page."""

from __future__ import annotations

import argparse

from tools.conform.arguments import path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    parser.add_argument("directory", metavar="DIR", help="run directory, or a run's name")
    parser.add_argument("--out", type=path, metavar="FILE", help="write it there, not to stdout")


def execute(options: argparse.Namespace) -> int:
    """Write the badge."""
    from reports.history.pictures import badge
    from reports.record.run_directory import write_atomically
    from reports.record.run_file import load_run
    from tools.conform.recorded_runs import locate_run, standard_output

    picture = badge(load_run(locate_run(options.directory)))
    if options.out is None:
        standard_output().write(picture)
    else:
        write_atomically(options.out, picture.encode())
    return 0
