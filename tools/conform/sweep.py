"""`conform sweep`: removes from a live cloud what the ledgers of interrupted runs list."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from fixtures.model import HarnessError, UsageError

if TYPE_CHECKING:
    from fixtures.profile import Profile
    from fixtures.resources.sweep import Sweep

REMAINS = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    parser.epilog = "exit status: 0 nothing is left, 1 something is, 2 wrong usage, 3 unreachable"
    parser.add_argument("--target", required=True, metavar="FILE", help="profile of the cloud")
    parser.add_argument("--dry-run", action="store_true", help="only show what would be removed")
    parser.add_argument(
        "directories",
        nargs="*",
        type=Path,
        metavar="DIR",
        help="run directories, or directories that contain them (default: reports/out)",
    )


def execute(options: argparse.Namespace) -> int:
    """Remove (with `--dry-run`, only print) what abandoned runs left; 1 if some of it remains."""
    from rich.console import Console
    from rich.text import Text

    from fixtures import profile
    from fixtures.cloud.cloudstack import CloudStackError
    from reports.sanitize import first_line

    loaded = profile.load(options.target)
    if loaded.kind != "live":
        raise UsageError(
            f"{options.target}: only live clouds are swept, and this profile is {loaded.kind}"
        )
    ledgers = _ledgers(options.directories)
    console = Console(highlight=False)
    found = remains = False
    with ExitStack() as stack:
        sweep = _sweep(loaded, options.dry_run, stack)
        try:
            for swept in sweep.run(ledgers):
                found = True
                remains |= swept.remains
                line = f"{swept.run}  {swept.resource}: {swept.outcome}".replace("  : ", "  ")
                console.print(Text(first_line(line, 300)), soft_wrap=True)
            number = 0 if found else sweep.count_runs(ledgers)
        except CloudStackError as error:
            raise HarnessError(f"CloudStack refuses to list resources: {error}") from error
    if not found:
        runs = "1 run" if number == 1 else f"{number} runs"
        console.print(Text(f"nothing was left behind by {runs} of this target"))
    return REMAINS if remains else 0


def _sweep(loaded: Profile, dry_run: bool, stack: ExitStack) -> Sweep:
    """A sweep of the profile's cloud, whose connections the stack closes.

    Without `[cloudstack]` it works through the bridge, whose calls need a proxy then.
    """
    from fixtures.observers.factory import forward_bridge_calls
    from fixtures.resources.buckets import BucketRemover
    from fixtures.resources.sweep import Sweep
    from fixtures.targets import connections

    if loaded.cloudstack is None:
        stack.enter_context(forward_bridge_calls(loaded, connections.access_keys(loaded)))
    clouds = connections.side_channels(loaded)
    for cloud in clouds.values():
        stack.callback(cloud.close)
    drivers = connections.s3_drivers(loaded)
    for driver in drivers.values():
        stack.callback(driver.close)
    timeouts = connections.timeouts(loaded)
    return Sweep(
        clouds,
        frozenset(connections.addresses(loaded)),
        dry_run=dry_run,
        appear_timeout=loaded.timeouts.appear,
        buckets=BucketRemover(drivers.__getitem__, timeouts) if drivers else None,
    )


def _ledgers(directories: list[Path]) -> list[Path]:
    """The ledgers of these run directories, or of all in `reports/out`, oldest first."""
    from fixtures.resources.ledger import LEDGER_FILE
    from reports.record.run_directory import ROOT
    from reports.record.run_file import FILE

    found = {
        path.resolve()  # `latest` leads to one of the others
        for folder in directories or [ROOT]
        for path in (folder / LEDGER_FILE, *folder.glob(f"*/{LEDGER_FILE}"))
        if path.is_file()
    }
    for folder in directories:
        if (folder / FILE).is_file():  # a run that created nothing may have no ledger
            continue
        if not any(path.is_relative_to(folder.resolve()) for path in found):
            raise UsageError(
                f"{folder}: neither a run directory nor a directory of these, has no {LEDGER_FILE}"
            )
    return sorted(found, key=lambda path: path.parent.name)
