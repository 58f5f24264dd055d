"""`conform sweep`: takes away what interrupted runs left on a live cloud, by their ledgers."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.text import Text

from fixtures import profile
from fixtures.cloud.cloudstack import CloudStackError
from fixtures.model import HarnessError, UsageError
from fixtures.observers.factory import forward_bridge_calls
from fixtures.resources.buckets import BucketRemover
from fixtures.resources.ledger import LEDGER_FILE
from fixtures.resources.sweep import Sweep
from fixtures.targets import connections
from reports.record import run_directory
from reports.sanitize import first_line

REMAINS = 1


def sweep(options: argparse.Namespace) -> int:
    """Remove (or, with `--dry-run`, name) what the ledgers of abandoned runs tell of; 1 if
    something stays that ought not to."""
    described = profile.load(options.target)
    if described.kind != "live":
        raise UsageError(f"{options.target}: what is not live ends with its run: nothing to sweep")
    ledgers = _ledgers(options.directories)
    console = Console(highlight=False)
    remains = False
    with ExitStack() as stack:
        if described.cloudstack is None:
            stack.enter_context(forward_bridge_calls(described, connections.access_keys(described)))
        clouds = connections.side_channels(described)
        for cloud in clouds.values():
            stack.callback(cloud.close)
        stores = connections.s3_drivers(described)
        for store in stores.values():
            stack.callback(store.close)
        waits = connections.timeouts(described)
        work = Sweep(
            clouds,
            frozenset(connections.addresses(described)),
            dry_run=options.dry_run,
            appear_timeout=described.timeouts.appear,
            buckets=BucketRemover(stores.__getitem__, waits) if stores else None,
        )
        told = False
        try:
            for swept in work.run(ledgers):
                told = True
                remains |= swept.remains
                line = f"{swept.run}  {swept.resource}: {swept.outcome}".replace("  : ", "  ")
                console.print(Text(first_line(line, 300)), soft_wrap=True)
        except CloudStackError as refused:
            raise HarnessError(f"CloudStack does not let us look: {refused}") from refused
    if not told:
        console.print(Text(f"nothing was left behind by {len(ledgers)} runs"))
    return REMAINS if remains else 0


def _ledgers(directories: list[Path]) -> list[Path]:
    """The ledgers of these run directories, or of all that there are, oldest first."""
    found = {
        path.resolve()  # `latest` leads to one of the others
        for folder in directories or [run_directory.ROOT]
        for path in (folder / LEDGER_FILE, *folder.glob(f"*/{LEDGER_FILE}"))
        if path.is_file()
    }
    for folder in directories:
        if not any(path.is_relative_to(folder.resolve()) for path in found):
            raise UsageError(f"{folder}: no run directory, and none in it has a {LEDGER_FILE}")
    return sorted(found, key=lambda path: path.parent.name)
