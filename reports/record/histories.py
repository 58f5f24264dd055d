"""Histories of failovers, kept beside the record so that they can be judged again:
`histories/<case>.jsonl`.

A file is a header (case, promise, nemesis, what was looked at), a line for each call, moment,
survivor and so on, and an end that tells how many lines came before: a torn file has none. The
record vouches for a file by its SHA-256 (`Outcome.evidence`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from fixtures.model import (
    Job,
    Lag,
    Moment,
    Operation,
    Outcome,
    Promise,
    Survivor,
    Told,
    UsageError,
    UsageRecord,
)
from reports.record.run_directory import write_whole
from reports.render.sanitize import without_surrogates

FOLDER = "histories"
SCHEMA = 1


class _Missing(msgspec.Struct, frozen=True):
    """A transaction that the new primary never had, by the names of what it was about."""

    names: tuple[str, ...]


class _Header(msgspec.Struct, frozen=True, kw_only=True):
    """What the history is about, and which of the lists somebody looked for."""

    case: str
    promise: Promise
    nemesis: str
    fell_back: bool
    looked: tuple[str, ...]
    schema: int


class _End(msgspec.Struct, frozen=True):
    """How many lines came before."""

    lines: int


class _Line(msgspec.Struct, frozen=True):
    """What every line has: its own kind, as things have kinds, too."""

    line: str


# Kind of line → the list of `Told` that it belongs to, and how it is read.
_LISTS: dict[str, tuple[str, msgspec.json.Decoder[Any]]] = {
    "operation": ("operations", msgspec.json.Decoder(Operation)),
    "moment": ("moments", msgspec.json.Decoder(Moment)),
    "lag": ("lags", msgspec.json.Decoder(Lag)),
    "survivor": ("survivors", msgspec.json.Decoder(Survivor)),
    "job": ("jobs", msgspec.json.Decoder(Job)),
    "usage": ("usage", msgspec.json.Decoder(UsageRecord)),
    "missing": ("missing", msgspec.json.Decoder(_Missing)),
}
_LINE = msgspec.json.Decoder(_Line)
_HEADER, _END = msgspec.json.Decoder(_Header), msgspec.json.Decoder(_End)


def path(directory: Path, case: str) -> Path:
    """Where a case's history is kept in a run directory; `UsageError` if that is no case's id."""
    parts = case.split("/")
    if not all(parts) or {".", ".."} & {*parts} or "\0" in case:
        raise UsageError(f"{directory}: {case!r} is not the id of a case")
    return directory.joinpath(FOLDER, *parts[:-1], f"{parts[-1]}.jsonl")


def keep(directory: Path, case: str, told: Told) -> str:
    """Write a case's history into a run directory, whole or not at all; returns its SHA-256.

    `UsageError` if it cannot be written.
    """
    file = path(directory, case)
    content = b"".join(line + b"\n" for line in _lines(case, told))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as trouble:
        raise UsageError(f"{file}: cannot write: {trouble.strerror}") from trouble
    write_whole(file, content)
    return hashlib.sha256(content).hexdigest()


def kept(directory: Path, outcome: Outcome) -> Told | None:
    """The history that a case's outcome was judged by; `None` if it was judged by none.

    Raises:
        UsageError: it is missing, torn, or not what the record vouches for; names the file.
    """
    if not outcome.evidence:
        return None
    file = path(directory, outcome.case)
    try:
        content = file.read_bytes()
    except OSError as trouble:
        raise UsageError(f"{file}: cannot read the history: {trouble.strerror}") from trouble
    case, told = _read(file, content)
    if case != outcome.case:
        raise UsageError(f"{file}:1: the history of another case: {case}")
    if hashlib.sha256(content).hexdigest() != outcome.evidence:
        raise UsageError(f"{file}: was changed after the record was written")
    return told


def _lines(case: str, told: Told) -> Iterable[bytes]:
    lists = {field: getattr(told, field) for field, _ in _LISTS.values()}
    yield _encoded(
        "history",
        _Header(
            case=case,
            promise=told.promise,
            nemesis=told.nemesis,
            fell_back=told.fell_back,
            looked=tuple(field for field, entries in lists.items() if entries is not None),
            schema=SCHEMA,
        ),
    )
    number = 1
    for kind, (field, _) in _LISTS.items():
        for entry in lists[field] or ():
            number += 1
            yield _encoded(kind, _Missing(entry) if kind == "missing" else entry)
    yield _encoded("end", _End(number))


def _encoded(kind: str, noun: object) -> bytes:
    fields = {"line": kind} | msgspec.to_builtins(noun)
    try:
        return msgspec.json.encode(fields)
    except UnicodeEncodeError:  # a target's text that was never Unicode
        return msgspec.json.encode(without_surrogates(fields))


def _read(file: Path, content: bytes) -> tuple[str, Told]:
    """A whole history and the case that it is of."""
    raw = content.split(b"\n")
    number = 1
    try:
        if not content or _LINE.decode(raw[0]).line != "history":
            raise UsageError(f"{file}:1: not a history: it does not begin with a header")
        header = _HEADER.decode(raw[0])
        if header.schema != SCHEMA:
            raise UsageError(f"{file}:1: schema {header.schema}, this harness reads {SCHEMA}")
        lists: dict[str, list[Any]] = {field: [] for field, _ in _LISTS.values()}
        for number, line in enumerate(raw[1:], 2):
            if not line and number == len(raw):
                break
            kind = _LINE.decode(line).line
            if kind == "end" and _END.decode(line).lines == number - 1 == len(raw) - 2:
                return header.case, _told(header, lists)
            if kind not in _LISTS:
                raise UsageError(f"{file}:{number}: a line that does not belong there: {kind!r}")
            field, decoder = _LISTS[kind]
            entry = decoder.decode(line)
            lists[field].append(entry.names if isinstance(entry, _Missing) else entry)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as trouble:
        raise UsageError(f"{file}:{number}: not a line of a history: {trouble}") from trouble
    raise UsageError(f"{file}: the history is torn: it has no end")


def _told(header: _Header, lists: Mapping[str, Sequence[Any]]) -> Told:
    def looked(field: str) -> tuple[Any, ...] | None:
        return tuple(lists[field]) if field in header.looked else None

    return Told(
        promise=header.promise,
        nemesis=header.nemesis,
        operations=tuple(lists["operations"]),
        moments=tuple(lists["moments"]),
        lags=tuple(lists["lags"]),
        survivors=looked("survivors"),
        jobs=looked("jobs"),
        usage=looked("usage"),
        fell_back=header.fell_back,
        missing=looked("missing"),
    )
