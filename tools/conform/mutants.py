"""`conform mutants`: the named defects that `conform serve --mutant` gives the deployment."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define no options."""


def execute(options: argparse.Namespace) -> int:
    """Print the name, area and description of each mutant."""
    del options
    from fixtures.simulator.mutations.catalogue import ALL_MUTATIONS

    for mutation in ALL_MUTATIONS:
        print(f"{mutation.name}  {mutation.area}: {mutation.description}")
    return 0
