"""Merges the records of a plan's shards into the record that a run of the whole plan would have.

Stages: every shard is read and verified → the shards are compared with each other → header,
outcomes and footer are made → the new run directory is written beside its place and renamed.
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
from reports.record.judgements import FILE as JUDGEMENTS
from reports.record.run_directory import assemble
from reports.record.run_file import FILE, load_run, write_run
from reports.record.selection import Shard


@dataclass(frozen=True, slots=True)
class _ShardRun:
    """A shard: its directory, its number, and its run."""

    directory: Path
    shard: Shard
    run: Run


def merge_shards(directories: Sequence[Path], out: Path, render: Callable[[Path], object]) -> Run:
    """Merge shards into the new run directory `out` and return the new run.

    `render` writes the reports into a directory that has the record.

    Raises:
        UsageError: a shard is missing, given twice, incomplete, or of another plan, target, seed
            or harness; a record is damaged; `out` exists or cannot be written. Nothing is written
            then.
    """
    out = out.resolve()  # its name becomes that of the run
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
        raise UsageError(f"{directory}: not a shard, the run had no --shard")
    shard = Shard.parse(name)
    planned = run.header.plan.get("digest")
    whole = plan_digest(outcome.case for outcome in run.outcomes) == planned
    if run.footer is None or run.footer.interrupted or not whole:
        why = assess_run(run).because
        raise UsageError(f"{directory}: shard {shard} is not complete, {why}: resume it first")
    return _ShardRun(directory, shard, run)


def _ordered_shards(pieces: Sequence[_ShardRun]) -> list[_ShardRun]:
    """The shards sorted by number, after checks that they are of one plan and complete it."""
    first = pieces[0]
    found: dict[int, _ShardRun] = {}
    for piece in pieces:
        place = f"{first.directory} and {piece.directory}"
        if difference := header_difference(first.run.header, piece.run.header, shards=True):
            raise UsageError(f"{place}: cannot be merged, {difference}")
        if piece.shard.of != first.shard.of:
            raise UsageError(f"{place}: cannot be merged, {first.shard} and {piece.shard}")
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
    """The entry of a shard in the merged header."""
    header = piece.run.header
    return {"shard": str(piece.shard), "run": header.run, "started": header.started}


def _check_cases(pieces: Sequence[_ShardRun], outcomes: Iterable[Outcome], header: Header) -> None:
    """Check that every shard has exactly its share of the cases, and all together the plan."""
    cases = [outcome.case for outcome in outcomes]
    for piece in pieces:
        if piece.shard.share(cases) != {outcome.case for outcome in piece.run.outcomes}:
            raise UsageError(f"{piece.directory}: not the cases of shard {piece.shard} of the plan")
    if plan_digest(cases) != header.plan.get("digest"):
        raise UsageError("the cases of the shards are not those of the plan (another digest)")


def _copy_attachments(pieces: Iterable[_ShardRun], directory: Path) -> None:
    """Copy what the shards keep beside their records: histories, whose names are unique, and the
    lines of judgements."""
    for piece in pieces:
        if (there := piece.directory / HISTORIES).is_dir():
            shutil.copytree(there, directory / HISTORIES, dirs_exist_ok=True)
        if (lines := piece.directory / JUDGEMENTS).is_file():
            with lines.open("rb") as source, (directory / JUDGEMENTS).open("ab") as joined:
                shutil.copyfileobj(source, joined)
