"""The record of a run, `run.jsonl`: written line by line, verified when it is read."""

from __future__ import annotations

import fcntl
import gc
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

import msgspec

from fixtures.model import Footer, HarnessError, Header, Outcome, Run, UsageError
from reports.record.claim import assess_run, status_counts
from reports.record.run_directory import write_atomically
from reports.sanitize import encode_json

FILE = "run.jsonl"
SCHEMA = 1

RecordLine = Header | Outcome | Footer

_KINDS: dict[str, type[RecordLine]] = {"header": Header, "outcome": Outcome, "footer": Footer}
_NAMES: dict[type[RecordLine], str] = {noun: name for name, noun in _KINDS.items()}
_DECODERS = {name: msgspec.json.Decoder(noun) for name, noun in _KINDS.items()}


class _Envelope(msgspec.Struct):
    """The fields that every line of a record has."""

    kind: str
    previous: str = ""


_SEALED = re.compile(rb'(?P<content>.*),"seal":"(?P<seal>[0-9a-f]{64})"\}', re.DOTALL)
_ENVELOPE = msgspec.json.Decoder(_Envelope)


class RunWriter:
    """Appends to a record; each line is flushed before the next case begins."""

    def __init__(self, path: Path, held: BinaryIO | None = None, previous: str = "") -> None:
        """Begin the record at `path`, which must not exist.

        `held`: the open file of a record to continue (`resume`); `previous`: the SHA-256 of its
        last line.

        Raises:
            UsageError: it cannot be created.
        """
        self._path = path
        self._previous = previous
        self._file = held or _open_locked(path, "xb")

    @classmethod
    def resume(cls, path: Path) -> tuple[Self, Run]:
        """Continue an interrupted record after its last whole outcome; returns its run, too.

        The record as it was is kept beside it, at its `superseded_path`.

        Raises:
            UsageError: there is no valid record, its run was finished, or another process is
                writing it; nothing is changed then.
        """
        file = _open_locked(path, "r+b")
        try:
            run = load_run(path)
            if is_finished(run):
                raise UsageError(f"{path}: the run was finished, there is nothing to resume")
            data = path.read_bytes()
            kept = data.split(b"\n")[: 1 + len(run.outcomes)]  # not a torn line, not the footer
            write_atomically(superseded_path(path, count_attempts(path)), data)
            file.truncate(len(b"\n".join(kept)))
            file.seek(0, os.SEEK_END)
            file.write(b"\n")
            file.flush()
        except BaseException:
            file.close()
            raise
        previous = hashlib.sha256(kept[-1]).hexdigest()
        return cls(path, file, previous), Run(run.header, run.outcomes, None)

    def write(self, line: RecordLine) -> None:
        """Append a header, an outcome or a footer, with the SHA-256 of the line before."""
        encoded = encode_line(line, self._previous)
        try:
            self._file.write(encoded + b"\n")
            self._file.flush()
        except OSError as error:
            text = f"{self._path}: cannot go on with the record: {error.strerror}"
            raise HarnessError(text) from error
        self._previous = hashlib.sha256(encoded).hexdigest()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def write_run(run: Run, path: Path) -> None:
    """Write a whole record at `path`; `UsageError` if it exists or cannot be written."""
    with RunWriter(path) as writer:
        writer.write(run.header)
        for outcome in run.outcomes:
            writer.write(outcome)
        if run.footer is not None:
            writer.write(run.footer)


def _open_locked(path: Path, mode: str) -> BinaryIO:
    """Open the file of a record, locked against other processes until it is closed."""
    try:
        file = cast(BinaryIO, path.open(mode))
    except OSError as error:
        raise UsageError(f"{path}: cannot write the record: {error.strerror}") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise UsageError(f"{path}: another process is still writing this run") from None
    except OSError:  # a file system without locks
        pass
    return file


def is_finished(run: Run) -> bool:
    """Whether a run was finished: not interrupted, and with an outcome for every case that it was
    to take. A process of several that is lost takes its case with it."""
    if run.footer is None or run.footer.interrupted:
        return False
    return bool(len(run.outcomes) == run.header.plan.get("cases", len(run.outcomes)))


def is_being_written(path: Path) -> bool:
    """Whether a process is writing the record, given its directory or its file, right now."""
    file = path / FILE if path.is_dir() else path
    try:
        with file.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # it is gone, or on a file system without locks
        return False
    return False


def superseded_path(path: Path, attempt: int) -> Path:
    """Where the record of an earlier session is kept after the run was resumed."""
    return path.with_name(f"run.{attempt}.jsonl")


def count_attempts(path: Path) -> int:
    """The number of sessions that a run has had so far; 1 unless it was resumed."""
    return 1 + len(list(path.parent.glob("run.[0-9]*.jsonl")))


def encode_line(line: RecordLine, previous: str = "") -> bytes:
    """A line without its newline: first the kind, last the SHA-256 of the line before; a footer,
    after which there is no line, also has its own (`seal`)."""
    fields: dict[str, Any] = {"kind": _NAMES[type(line)]} | msgspec.to_builtins(line)
    if previous:
        fields["previous"] = previous
    encoded = encode_json(fields)
    if isinstance(line, Footer):
        return b'%s,"seal":"%s"}' % (encoded[:-1], _digest(encoded))
    return encoded


def _digest(line: bytes) -> bytes:
    return hashlib.sha256(line).hexdigest().encode()


def load_run(path: Path) -> Run:
    """Read and verify a record, given its directory or its file.

    A last line that was not written completely is left out; the run has no footer then.

    Raises:
        UsageError: there is no record, or it is damaged; names the file and the line.
    """
    file = path / FILE if path.is_dir() else path
    try:
        with _paused_collection(), file.open("rb") as stream:
            lines = _decode_lines(file, stream)
    except OSError as error:
        raise UsageError(f"{file}: cannot read the record: {error.strerror}") from error
    if not lines or not isinstance(lines[0], Header):
        raise UsageError(f"{file}:1: not a record: it does not begin with a header")
    header, last = lines[0], lines[-1]
    footer = last if isinstance(last, Footer) else None
    body = lines[1:-1] if footer else lines[1:]
    outcomes = tuple(line for line in body if isinstance(line, Outcome))
    if len(outcomes) != len(body):
        number = next(n for n, line in enumerate(body, 2) if not isinstance(line, Outcome))
        raise UsageError(f"{file}:{number}: a header in the middle of the record")
    run = Run(header, outcomes, footer)
    _check_footer(file, run, len(lines))
    return run


@contextmanager
def _paused_collection() -> Iterator[None]:
    """Without Python's garbage collection, which would look at each new object of a long record
    again and again; none of them is garbage, then or later."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()


def _decode_lines(file: Path, stream: Iterable[bytes]) -> list[RecordLine]:
    """Every complete line of a record, decoded, with its chain of digests verified."""
    decoded: list[RecordLine] = []
    previous = ""
    for number, ended in enumerate(stream, 1):
        line = ended.removesuffix(b"\n")
        if decoded and isinstance(decoded[-1], Footer):
            raise UsageError(f"{file}:{number}: there is more after the footer")
        if len(line) == len(ended) and _is_torn(line):
            break
        decoded.append(_decode_line(file, number, line, previous))
        previous = hashlib.sha256(line).hexdigest()
    return decoded


def _is_torn(line: bytes) -> bool:
    """Whether the last line, which has no newline, was not written completely."""
    try:
        msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return True
    return False


def _decode_line(file: Path, number: int, line: bytes, previous: str) -> RecordLine:
    try:
        envelope = _ENVELOPE.decode(line)
        decoder = _DECODERS.get(envelope.kind)
        if decoder is None:
            raise UsageError(f"{file}:{number}: unknown kind of line: {envelope.kind!r}")
        decoded = decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{file}:{number}: not a line of a record: {error}") from error
    if envelope.previous != previous:
        text = "the line before was changed, or lines were removed or inserted"
        raise UsageError(f"{file}:{number}: {text}")
    if isinstance(decoded, Footer):
        sealed = _SEALED.fullmatch(line)
        if sealed is None or _digest(sealed["content"] + b"}") != sealed["seal"]:
            raise UsageError(f"{file}:{number}: the footer was changed, or has no seal")
    if isinstance(decoded, Header) and decoded.schema != SCHEMA:
        text = f"schema {decoded.schema}, this harness reads {SCHEMA}"
        raise UsageError(f"{file}:{number}: {text}")
    return decoded


def _check_footer(file: Path, run: Run, number: int) -> None:
    """Check the footer by the outcomes: no line after it has its digest."""
    if run.footer is None:
        return
    if {k: v for k, v in status_counts(run.outcomes).items() if v} != {
        k: v for k, v in run.footer.counts.items() if v
    }:
        raise UsageError(f"{file}:{number}: the footer's counts are not those of the outcomes")
    earned = assess_run(run).claim
    if run.footer.claim is not earned:
        text = f"the footer claims {run.footer.claim}, the outcomes give {earned}"
        raise UsageError(f"{file}:{number}: {text}")
