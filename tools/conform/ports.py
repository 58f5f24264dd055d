"""`conform ports`: the port of the Amazon interface in a configuration directory."""

from __future__ import annotations

import argparse
from pathlib import Path

from tools.conform.arguments import port


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    parser.add_argument(
        "directory",
        type=Path,
        metavar="DIR",
        help="such as /etc/cloudstack/management, or one that conform init made",
    )
    parser.add_argument(
        "--set",
        type=port,
        metavar="N",
        help="change the port in every file to N; it takes effect when the server is restarted",
    )
    parser.epilog = "exit status: 0 the files agree, 1 they do not, 2 wrong usage"


def execute(options: argparse.Namespace) -> int:
    """Change the port where that is asked for, print what the files say, and what is wrong."""
    from fixtures.model import UsageError
    from fixtures.server_files import directory
    from fixtures.server_files.bridge_properties import BRIDGE, ENDPOINT

    if options.set is not None:
        if options.set == 0:
            raise UsageError("--set 0: a server would listen on any port, unknown to its clients")
        for line in directory.set_port(options.directory, options.set):
            print(line)
    seen = directory.read_ports(options.directory)
    for name, file in seen.files.items():
        link = f" (a link to {seen.link})" if name == directory.LOADED and seen.link else ""
        scheme = "https" if file.connector.is_tls else "http"
        print(f"{name}{link}: {scheme}, port {file.connector.port}")
    if seen.bridge.endpoint is not None:
        print(f"{BRIDGE}: {ENDPOINT} {seen.bridge.endpoint}")
    found = list(directory.findings(seen))
    for finding in found:
        print(f"wrong: {finding}")
    return 1 if found else 0
