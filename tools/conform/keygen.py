"""`conform keygen`: a key pair with which certificates are signed."""

from __future__ import annotations

import argparse

from tools.conform.arguments import path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    parser.add_argument("file", type=path, metavar="FILE", help="of the private key")


def execute(options: argparse.Namespace) -> int:
    """Make the keys."""
    from reports.certificate.signing import make_key

    public = make_key(options.file)
    print(f"private key: {options.file}\npublic key: {public}")
    return 0
