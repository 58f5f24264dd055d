"""`conform init`: a configuration directory for `conform serve --config`."""

from __future__ import annotations

import argparse
from pathlib import Path

from fixtures.model import UsageError
from tools.conform.arguments import port


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    parser.add_argument("directory", type=Path, metavar="DIR", help="a new or empty directory")
    for name, interface, number in (("ec2", "Amazon interface", 7080), ("api", "API", 8080)):
        parser.add_argument(
            f"--{name}-port",
            type=port,
            default=number,
            metavar="P",
            help=f"port of CloudStack's {interface} (default: {number})",
        )


def execute(options: argparse.Namespace) -> int:
    """Write the files, and print their names."""
    from fixtures.simulator.configuration.directory import create_configuration
    from fixtures.simulator.errors import ConfigurationError

    if 0 in (options.ec2_port, options.api_port) or options.ec2_port == options.api_port:
        raise UsageError("each interface needs a port of its own, from 1 to 65535")
    try:
        create_configuration(options.directory, options.ec2_port, options.api_port)
    except ConfigurationError as error:
        raise UsageError(str(error)) from error
    for path in sorted(options.directory.iterdir()):
        print(f"{path}{f' -> {path.readlink()}' if path.is_symlink() else ''}")
    return 0
