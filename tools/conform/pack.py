"""`conform pack`: one archive of a run's evidence, to hand in."""

from __future__ import annotations

import argparse

from tools.conform.arguments import path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    parser.add_argument("directory", metavar="DIR", help="run directory, or a run's name")
    parser.add_argument(
        "--out", type=path, metavar="FILE", required=True, help="the archive, a .tar.gz"
    )


def execute(options: argparse.Namespace) -> int:
    """Write the archive."""
    from reports.certificate.certificate import FILE
    from reports.certificate.pack import pack
    from tools.conform.recorded_runs import locate_run

    names = pack(locate_run(options.directory), options.out)
    certified = "with" if FILE in names else "without"
    print(f"{options.out}: {len(names)} files, {certified} a certificate")
    return 0
