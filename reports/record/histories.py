"""Histories of failovers, stored beside the record so that they can be judged again:
`histories/<case>.jsonl`.

A file is a header (case, promise, nemesis, which lists were observed), one line per operation,
phase, final item and so on, and an end line with the number of lines before it: a torn file has no
end line. The record holds a file's SHA-256 (`Outcome.evidence`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from fixtures.model import (
    FinalItem,
    History,
    Job,
    Lag,
    Operation,
    Outcome,
    Phase,
    Promise,
    UsageError,
    UsageRecord,
)
from reports.record.run_directory import write_atomically
from reports.sanitize import replace_surrogates

FOLDER = "histories"
SCHEMA = 1


class _Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first line."""

    case: str
    promise: Promise
    nemesis: str
    fell_back: bool
    looked: tuple[str, ...]  # the lists that were observed, by their names in the file
    schema: int


class _End(msgspec.Struct, frozen=True):
    """The last line."""

    lines: int  # before it


class _Line(msgspec.Struct, frozen=True):
    """What every line has: its tag. Items have a field `kind` of their own."""

    line: str


class _List:
    """One of the lists of a history: its names, and how its entries are written and read."""

    def __init__(self, field: str, name: str, noun: type, **written: str) -> None:
        """`field`: of `History`; `name`: in the header; `noun`: the dataclass of an entry;
        `written`: its fields that have another name in the file."""
        self.field, self.name = field, name
        self._noun = noun
        hints = get_type_hints(noun)
        self._entry = msgspec.defstruct(
            noun.__name__,
            [
                (each.name, hints[each.name], *(() if each.default is MISSING else (each.default,)))
                for each in fields(noun)
            ],
            rename=written,
            frozen=True,
        )
        self._decoder = msgspec.json.Decoder(self._entry)

    def to_file(self, entry: Any) -> msgspec.Struct:
        """An entry with its fields named as in the file."""
        return self._entry(*(getattr(entry, name) for name in self._entry.__struct_fields__))

    def from_file(self, line: bytes) -> Any:
        """The entry of a line; `msgspec.DecodeError` if the line is not one."""
        return self._noun(*msgspec.structs.astuple(self._decoder.decode(line)))


@dataclass(frozen=True, slots=True)
class _Missing:
    """A transaction that the new primary never had."""

    names: tuple[str, ...]  # of the items that it changed


# By the tag of their lines, in the order in which they are written. Tags and names are those of
# schema 1, whatever the model calls these things.
_LISTS: Mapping[str, _List] = {
    "operation": _List("operations", "operations", Operation, op_kind="act", result="came"),
    "moment": _List("phases", "moments", Phase, findings="wrong"),
    "lag": _List("lags", "lags", Lag),
    "survivor": _List("final_items", "survivors", FinalItem),
    "job": _List("jobs", "jobs", Job),
    "usage": _List("usage", "usage", UsageRecord),
    "missing": _List("missing", "missing", _Missing),
}
_OPTIONAL = {field.name for field in fields(History) if field.default is None}
_LINE = msgspec.json.Decoder(_Line)
_HEADER, _END = msgspec.json.Decoder(_Header), msgspec.json.Decoder(_End)


def history_path(directory: Path, case: str) -> Path:
    """Where a run directory stores a case's history; `UsageError` if the id is not a case's."""
    parts = case.split("/")
    if not all(parts) or {".", ".."} & {*parts} or "\0" in case:
        raise UsageError(f"{directory}: {case!r} is not the id of a case")
    return directory.joinpath(FOLDER, *parts[:-1], f"{parts[-1]}.jsonl")


def save_history(directory: Path, case: str, history: History) -> str:
    """Write a case's history into a run directory, whole or not at all; returns its SHA-256.

    `UsageError` if it cannot be written.
    """
    file = history_path(directory, case)
    content = b"".join(line + b"\n" for line in _encode(case, history))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{file}: cannot write: {error.strerror}") from error
    write_atomically(file, content)
    return hashlib.sha256(content).hexdigest()


def load_history(directory: Path, outcome: Outcome) -> History | None:
    """The history from which a case's outcome was judged; `None` if there was none.

    Raises:
        UsageError: the file is missing, torn, or not the one that the record was written with;
            names the file.
    """
    if not outcome.evidence:
        return None
    file = history_path(directory, outcome.case)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: cannot read the history: {error.strerror}") from error
    case, history = _decode(file, content)
    if case != outcome.case:
        raise UsageError(f"{file}:1: the history of another case: {case}")
    if hashlib.sha256(content).hexdigest() != outcome.evidence:
        raise UsageError(f"{file}: was changed after the record was written")
    return history


def _encode(case: str, history: History) -> Iterator[bytes]:
    """The lines of a file, without their ends."""
    lists = {tag: getattr(history, each.field) for tag, each in _LISTS.items()}
    yield _encode_line(
        "history",
        _Header(
            case=case,
            promise=history.promise,
            nemesis=history.nemesis,
            fell_back=history.fell_back,
            looked=tuple(_LISTS[tag].name for tag, found in lists.items() if found is not None),
            schema=SCHEMA,
        ),
    )
    number = 1
    for tag, entries in lists.items():
        for entry in entries or ():
            number += 1
            line = _LISTS[tag].to_file(_Missing(entry) if tag == "missing" else entry)
            yield _encode_line(tag, line)
    yield _encode_line("end", _End(number))


def _encode_line(tag: str, line: msgspec.Struct) -> bytes:
    values = {"line": tag} | msgspec.to_builtins(line)
    try:
        return msgspec.json.encode(values)
    except UnicodeEncodeError:  # the target sent what is not Unicode
        return msgspec.json.encode(replace_surrogates(values))


def _decode(file: Path, content: bytes) -> tuple[str, History]:
    """The case id and the history of a whole file."""
    lines = content.split(b"\n")
    number = 1
    try:
        if not content or _LINE.decode(lines[0]).line != "history":
            raise UsageError(f"{file}:1: not a history: it does not begin with a header")
        header = _HEADER.decode(lines[0])
        if header.schema != SCHEMA:
            raise UsageError(f"{file}:1: schema {header.schema}, this harness reads {SCHEMA}")
        lists: dict[str, list[Any]] = {tag: [] for tag in _LISTS}
        for number, line in enumerate(lines[1:], 2):
            if not line and number == len(lines):
                break
            tag = _LINE.decode(line).line
            if tag == "end" and _END.decode(line).lines == number - 1 == len(lines) - 2:
                return header.case, _history(header, lists)
            if tag not in _LISTS:
                raise UsageError(f"{file}:{number}: a line that does not belong there: {tag!r}")
            entry = _LISTS[tag].from_file(line)
            lists[tag].append(entry.names if isinstance(entry, _Missing) else entry)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{file}:{number}: not a line of a history: {error}") from error
    raise UsageError(f"{file}: the history is torn: it has no end")


def _history(header: _Header, lists: Mapping[str, list[Any]]) -> History:
    """The history of a header and the entries by tag; a list that was not observed is `None`."""
    observed: dict[str, Any] = {
        each.field: None if each.field in _OPTIONAL and each.name not in header.looked else entries
        for each, entries in ((_LISTS[tag], tuple(found)) for tag, found in lists.items())
    }
    return History(
        promise=header.promise, nemesis=header.nemesis, fell_back=header.fell_back, **observed
    )
