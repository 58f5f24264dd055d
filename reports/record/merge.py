"""Joins the records of a plan's shards into the record that the whole plan would have left.

Stages: every shard is read and verified → they are held against each other → header, outcomes and
footer are made → the new run directory is written aside and put into place as one.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fixtures.model import Header, Outcome, Run, UsageError
from reports.record.canonical import header_difference, whole_plan
from reports.record.claim import assess_run, make_footer, plan_digest
from reports.record.histories import FOLDER as HISTORIES
from reports.record.run_directory import assemble
from reports.record.run_file import FILE, load_run, write_run
from reports.record.selection import Shard

ALLURE = "allure-results"


@dataclass(frozen=True, slots=True)
class _ShardRun:
    """A shard's directory, what it is of which plan, and its run."""

    directory: Path
    shard: Shard
    run: Run


def merge_shards(directories: Sequence[Path], out: Path, render: Callable[[Path], object]) -> Run:
    """Join shards into the run directory `out`, which is made, and return the new run.

    `render` writes the reports into a directory that has the record.

    Raises:
        UsageError: a shard is missing, there twice, unfinished, or of another plan, target, seed
            or harness; a record is damaged; `out` is in use or cannot be written. Nothing is
            written then.
    """
    out = out.resolve()  # the new run is called after it
    pieces = _ordered_shards([_read_shard(directory) for directory in directories])
    run = _merged_run(pieces, out.name)
    with assemble(out) as made:
        write_run(run, made / FILE)
        _copy_attachments(pieces, made)
        render(made)
    return run


def _read_shard(directory: Path) -> _ShardRun:
    run = load_run(directory)
    name = run.header.plan.get("shard")
    if not isinstance(name, str):
        raise UsageError(f"{directory}: not a shard, it was run without --shard")
    shard = Shard.parse(name)
    planned = run.header.plan.get("digest")
    if run.footer is None or plan_digest(outcome.case for outcome in run.outcomes) != planned:
        why = assess_run(run).because
        raise UsageError(f"{directory}: shard {shard} is not complete, {why}: resume it first")
    return _ShardRun(directory, shard, run)


def _ordered_shards(pieces: Sequence[_ShardRun]) -> list[_ShardRun]:
    """The shards by number, of one plan, each once, none missing."""
    first = pieces[0]
    found: dict[int, _ShardRun] = {}
    for piece in pieces:
        place = f"{first.directory} and {piece.directory}"
        if difference := header_difference(first.run.header, piece.run.header, shards=True):
            raise UsageError(f"{place}: cannot be joined, {difference}")
        if piece.shard.of != first.shard.of:
            raise UsageError(f"{place}: cannot be joined, {first.shard} and {piece.shard}")
        if (other := found.setdefault(piece.shard.index, piece)) is not piece:
            raise UsageError(f"{other.directory} and {piece.directory}: both shard {piece.shard}")
    missing = [str(n) for n in range(1, first.shard.of + 1) if n not in found]
    if missing:
        raise UsageError(f"shard {', '.join(missing)} of {first.shard.of} is missing")
    return [found[number] for number in sorted(found)]


def _merged_run(pieces: Sequence[_ShardRun], name: str) -> Run:
    outcomes = sorted(
        (outcome for piece in pieces for outcome in piece.run.outcomes),
        key=lambda outcome: (outcome.table or 1000, outcome.suite, outcome.row, outcome.case),
    )
    header = _merged_header(pieces, name)
    _check_cases(pieces, outcomes, header)
    finished = max(piece.run.footer.finished for piece in pieces if piece.run.footer)
    return Run(header, tuple(outcomes), make_footer(header, outcomes, finished))


def _merged_header(pieces: Sequence[_ShardRun], name: str) -> Header:
    first = pieces[0].run.header
    plan: dict[str, Any] = {
        **whole_plan(first),
        "asked": {k: v for k, v in first.plan.get("asked", {}).items() if k != "shard"},
        "rows": first.plan.get("rows", []),
        "shards": [_provenance(piece) for piece in pieces],
    }
    started = min(piece.run.header.started for piece in pieces)
    return replace(first, run=name, plan=plan, started=started)


def _provenance(piece: _ShardRun) -> Mapping[str, Any]:
    """Where a shard's outcomes come from."""
    header = piece.run.header
    return {"shard": str(piece.shard), "run": header.run, "started": header.started}


def _check_cases(pieces: Sequence[_ShardRun], outcomes: Iterable[Outcome], header: Header) -> None:
    """Every case of the plan is there once, in the shard that it was dealt to."""
    cases = [outcome.case for outcome in outcomes]
    for piece in pieces:
        if piece.shard.share(cases) != {outcome.case for outcome in piece.run.outcomes}:
            raise UsageError(f"{piece.directory}: not the cases of shard {piece.shard} of the plan")
    if plan_digest(cases) != header.plan.get("digest"):
        raise UsageError("the cases of the shards are not those of the plan (another digest)")


def _copy_attachments(pieces: Iterable[_ShardRun], directory: Path) -> None:
    """What lies beside the records of all shards, under names that are unique: Allure's results,
    and the histories of cases."""
    (directory / ALLURE).mkdir()
    for piece in pieces:
        for folder in (ALLURE, HISTORIES):
            if (there := piece.directory / folder).is_dir():
                shutil.copytree(there, directory / folder, dirs_exist_ok=True)
