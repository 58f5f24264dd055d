"""`conform capabilities`: the names that a profile's [capabilities] takes."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define no options."""


def execute(options: argparse.Namespace) -> int:
    """Print the name of each capability, and what a deployment that claims it has."""
    del options
    from fixtures.profile import CAPABILITY_TEXTS

    for name, about in sorted(CAPABILITY_TEXTS.items()):
        print(f"{name}  {about}")
    return 0
