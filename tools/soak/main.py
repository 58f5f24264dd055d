"""Soaking: runs in other circumstances, and a deployment under many clients, for so many minutes.

Results of runs are kept; the next command goes on with the next run. The figures are of all.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from reports.record.run_directory import ROOT
from tools.figures import table, write_section
from tools.soak.clients import CLIENTS, growth, load_deployment
from tools.soak.runs import RunResult, flakes, soak_runs

_FEW = 10  # descriptors that are opened once, such as those of threads
_MOST_GROWTH = 1.25  # of memory, from the warm deployment to the end


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak, print and write the figures; 1 for flakes, leaks or errors."""
    parser = argparse.ArgumentParser(prog="soak", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=200, help="runs altogether (200)")
    parser.add_argument("--minutes", type=float, default=0.0, help="end runs after so long")
    parser.add_argument("--suite", action="append", help="of the runs; repeatable (the whole plan)")
    parser.add_argument("--seed", type=int, default=0, help="of the circumstances (0)")
    parser.add_argument("--load-minutes", type=float, default=5.0, help="of the clients (5)")
    parser.add_argument("--clients", type=int, default=CLIENTS, help=f"at once ({CLIENTS})")
    parser.add_argument("--out", type=Path, default=ROOT / "soak", help="results and records")
    parser.add_argument("--no-figures", action="store_true", help="leave docs/figures.md as it is")
    sent = sys.argv[1:] if arguments is None else arguments
    options = parser.parse_args(sent)
    command = " ".join(("tools/toxw run -e soak --", *sent))
    failed = False
    if options.runs:
        failed |= _soak_runs(options, command)
    if options.load_minutes:
        failed |= _soak_clients(options, command)
    return int(failed)


def _soak_runs(options: argparse.Namespace, command: str) -> bool:
    """Run until the number or the time is reached; whether there was a flake or a leak."""
    file = options.out / "runs.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    kept = file.read_bytes().splitlines() if file.exists() else []
    results = [msgspec.json.decode(line, type=RunResult) for line in kept]
    began = time.monotonic()
    runs = soak_runs(options.suite or (), options.seed, len(results), options.out)
    while len(results) < options.runs:
        if options.minutes and time.monotonic() - began > options.minutes * 60:
            break
        result = next(runs)
        results.append(result)
        with file.open("ab") as stream:
            stream.write(msgspec.json.encode(result) + b"\n")
        what = f"{result.seconds:.0f} s, {result.workers} workers, {result.load} busy processes"
        print(f"run {result.number}: {what}, {result.digest[:12]}, left: {result.left}", flush=True)
    wrong, left = flakes(results), [result for result in results if result.left]
    rows = [
        ("runs", len(results)),
        ("suites", ", ".join(sorted(set().union(*(r.suites for r in results)))) or "all"),
        ("hours", f"{sum(result.seconds for result in results) / 3600:.2f}"),
        ("records", len({result.digest for result in results})),
        ("flakes", len(wrong)),
        ("runs that left a process or a file behind", len(left)),
        ("largest process, MiB", max((result.largest for result in results), default=0) // 1024),
    ]
    _publish("Runs in other circumstances", command, table(("", ""), rows), options)
    return bool(wrong or left)


def _soak_clients(options: argparse.Namespace, command: str) -> bool:
    """Load a deployment; whether there was an error or a leak."""
    figures = load_deployment(options.load_minutes * 60, options.clients)
    memory, memory_at_end = growth(figures)
    descriptors = (figures.descriptors_at_start, figures.samples[-1][2], figures.idle_descriptors)
    for error in sorted(set(figures.errors))[:10]:
        print(f"soak: {error}", file=sys.stderr)
    rows = [
        ("clients", options.clients),
        ("minutes", f"{options.load_minutes:g}"),
        ("requests", len(figures.latencies)),
        ("errors", len(figures.errors)),
        (
            "median and 99th percentile, ms",
            " and ".join(f"{figures.percentile(share) * 1000:.0f}" for share in (0.5, 0.99)),
        ),
        ("memory, MiB: warm, at the end", f"{memory // 1024}, {memory_at_end // 1024}"),
        ("descriptors: before, with and after the clients", ", ".join(map(str, descriptors))),
    ]
    _publish("A deployment under many clients", command, table(("", ""), rows), options)
    grown = memory_at_end > memory * _MOST_GROWTH
    leaks = grown or figures.idle_descriptors > figures.descriptors_at_start + _FEW
    return bool(figures.errors or leaks)


def _publish(title: str, command: str, lines: list[str], options: argparse.Namespace) -> None:
    print("\n".join((title, *lines)), flush=True)
    if not options.no_figures:
        write_section(title, command, lines)
