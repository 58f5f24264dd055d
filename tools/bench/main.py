"""The bench: how long the simulated deployment and the harness take, beside moto where it compares.

A bench is a module with a function from `BenchOptions` to measurements, and a line in `BENCHES`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from fixtures.database import NoDatabase
from fixtures.model import HarnessError
from reports.record.run_directory import ROOT, write_atomically
from tools.bench import ec2, failover, listings, observers, reports, s3
from tools.bench.measurement import BenchOptions, Measurement


def _measure_failovers(options: BenchOptions) -> Iterator[Measurement]:
    del options
    try:
        for what, milliseconds, limit in failover.figures():
            yield Measurement(what, milliseconds, limit=limit)
    except NoDatabase as error:
        print(f"bench: failovers are not measured: {error}", file=sys.stderr)


BENCHES: Sequence[Callable[[BenchOptions], Iterable[Measurement]]] = (
    ec2.measure,
    s3.measure,
    observers.measure,
    _measure_failovers,
    listings.measure,
    reports.measure,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, write `bench.json`; 1 if a measurement misses its target."""
    parser = argparse.ArgumentParser(prog="bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--out",
        type=Path,
        default=ROOT / "bench.json",
        help="file of the measurements (default: reports/out/bench.json)",
    )
    parser.add_argument(
        "--many", type=int, default=1000, help="instances in the listing beside moto's (1000)"
    )
    parser.add_argument(
        "--most", type=int, default=10_000, help="instances in the longest listing of ours (10000)"
    )
    parser.add_argument(
        "--reports", action="store_true", help="only show and report, of long records"
    )
    options = parser.parse_args(arguments)
    try:
        bench = BenchOptions(options.many, options.most)
        benches = (reports.measure,) if options.reports else BENCHES
        measurements = [line for measure in benches for line in measure(bench)]
        options.out.parent.mkdir(parents=True, exist_ok=True)
        lines = [{**asdict(line), "ratio": line.ratio} for line in measurements]
        write_atomically(options.out, json.dumps(lines, indent=1).encode())
    except (HarnessError, OSError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    Console(width=None if sys.stdout.isatty() else 100).print(_table(measurements))
    print(options.out)
    return int(any(line.is_missed for line in measurements))


def _table(measurements: Sequence[Measurement]) -> Table:
    table = Table("", "ours, ms", "moto, ms", "times faster", "wanted")
    for line in measurements:
        wanted = "" if line.wanted is None else f"{line.wanted:g}"
        if line.limit is not None:
            wanted = f"≤ {line.limit:.3f} {line.unit}"
        table.add_row(
            line.what,
            f"{line.ours:.3f}" + ("" if line.unit == "ms" else f" {line.unit}"),
            "" if line.moto is None else f"{line.moto:.3f}",
            "" if line.ratio is None else f"{line.ratio:.1f}",
            f"{wanted} (missed)" if line.is_missed else wanted,
        )
    return table
