"""Fuzzing: changed requests and records, as long as asked for; what is found is kept.

Samples with a new kind of answer join the corpus of their target, in a directory that the next run
goes on with.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec

from reports.record.run_directory import ROOT
from tools.figures import table, write_section
from tools.fuzz.mutation import Mutator, Sample
from tools.fuzz.targets import TARGETS, FuzzTarget, open_target

_MOST_FINDINGS = 20  # of one target


@dataclass(slots=True)
class TargetFigures:
    """What came of fuzzing a target."""

    name: str
    seconds: float = 0.0
    samples: int = 0
    kinds: int = 0
    findings: int = 0
    slowest: float = 0.0  # seconds


def fuzz(name: str, target: FuzzTarget, seconds: float, seed: int, out: Path) -> TargetFigures:
    """Try changed samples for so many seconds; corpus and findings are under `out`."""
    figures, mutator = TargetFigures(name), Mutator(seed)
    corpus, kinds = [*target.seeds, *_kept(out / "corpus")], set[str]()
    waiting, began, problems = list(corpus), time.monotonic(), set[str]()
    while time.monotonic() - began < seconds and len(problems) < _MOST_FINDINGS:
        sample = waiting.pop() if waiting else mutator.mutate(corpus)
        started = time.monotonic()
        answer = target.try_sample(sample)
        figures.slowest = max(figures.slowest, time.monotonic() - started)
        figures.samples += 1
        if answer.kind not in kinds:
            kinds.add(answer.kind)
            corpus.append(sample)
            _keep(out / "corpus", sample)
        if answer.problem and answer.problem[:60] not in problems:
            problems.add(answer.problem[:60])
            print(f"{name}: {answer.problem}\n  {_keep(out / 'findings', sample)}", flush=True)
    figures.seconds = time.monotonic() - began
    figures.kinds, figures.findings = len(kinds), len(problems)
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz targets, print and write the figures; 1 if there are findings."""
    parser = argparse.ArgumentParser(prog="fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("targets", nargs="*", help=f"{', '.join(TARGETS)} (default: all)")
    parser.add_argument("--minutes", type=float, default=1.0, help="for each target (1)")
    parser.add_argument("--seed", type=int, default=random.randrange(2**31))  # no secret
    parser.add_argument("--out", type=Path, default=ROOT / "fuzz", help="corpora and findings")
    parser.add_argument("--no-figures", action="store_true", help="leave docs/figures.md as it is")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.targets if name not in TARGETS]:
        print(f"fuzz: no target {', '.join(unknown)}: {', '.join(TARGETS)}", file=sys.stderr)
        return 2
    print(f"seed {options.seed}", flush=True)
    lines = []
    for name in options.targets or TARGETS:
        with open_target(name) as target:
            seconds = options.minutes * 60
            lines.append(fuzz(name, target, seconds, options.seed, options.out / name))
    rows = [
        (f.name, f"{f.seconds / 60:.1f}", f.samples, f.kinds, f"{f.slowest:.2f}", f.findings)
        for f in lines
    ]
    head = ("target", "minutes", "samples", "kinds of answers", "slowest, s", "findings")
    print("\n".join(table(head, rows)))
    if not options.no_figures:
        command = f"tools/toxw run -e fuzz -- --minutes {options.minutes:g} --seed {options.seed}"
        write_section("Fuzzing", command, table(head, rows))
    return int(any(figures.findings for figures in lines))


def _kept(directory: Path) -> list[Sample]:
    files = sorted(directory.glob("*.json")) if directory.is_dir() else []
    return [msgspec.json.decode(file.read_bytes(), type=Sample) for file in files]


def _keep(directory: Path, sample: Sample) -> Path:
    """Write a sample to a file named after its content."""
    content = msgspec.json.encode(sample)
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / f"{sha256(content).hexdigest()[:16]}.json"
    file.write_bytes(content)
    return file
