"""Arguments that several subcommands have."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def add_plan_arguments(parser: argparse.ArgumentParser) -> None:
    """Of commands that plan: the target and the shard."""
    parser.add_argument(
        "--target",
        metavar="NAME-or-FILE",
        help="profile: simulated (the default), replicated, moto, or a TOML file",
    )
    parser.add_argument("--shard", metavar="I/N", help="only this share of the plan, such as 2/4")


def add_selection_arguments(parser: argparse.ArgumentParser) -> None:
    """Of commands that can take a part of the plan."""
    parser.add_argument(
        "--suite", action="append", default=[], metavar="NAME", help="only this suite; repeatable"
    )
    parser.add_argument(
        "--case", action="append", default=[], metavar="ID", help="only this case; repeatable"
    )
    parser.add_argument(
        "--level",
        choices=("must", "should"),
        help="must: what CloudStack's documentation promises; should: everything (the default)",
    )
    parser.add_argument(
        "--repeat",
        type=number_up_to(9999),
        metavar="N",
        help="run each failover under load N times",
    )


def add_session_arguments(parser: argparse.ArgumentParser) -> None:
    """Of commands that run cases."""
    parser.add_argument(
        "--out",
        type=path,
        metavar="DIR",
        help="where run directories are made (default: reports/out)",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="seed of random choices (default: 0)")
    parser.add_argument(
        "-n",
        dest="workers",
        type=number_up_to(64),
        metavar="N",
        help="number of processes, only for simulated and replicated (default: up to 2)",
    )
    parser.add_argument(
        "--allow-destructive",
        action="store_true",
        help="let the commands of the profile's [failover] stop, kill and promote machines",
    )


def number_up_to(most: int) -> Callable[[str], int]:
    """An argument type: a number from 1 to `most`."""

    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {most}")
        return int(text)

    return parse


def path(text: str) -> Path:
    """An argument type: a path that is not empty."""
    if not text.strip():
        raise argparse.ArgumentTypeError("the path is empty")
    return Path(text)


def port(text: str) -> int:
    """An argument type: a TCP port; 0 is a free one."""
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"not a port: {text!r}")
    return int(text)
