"""What the checkers of a run were asked, `judgements.jsonl`: a line for each case that a checker
judged, so that today's checkers can be asked the same without the target.

The record holds the SHA-256 of each line (`Outcome.judgement`); lines that no outcome names, such
as those of a process that was killed, mean nothing.
"""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path

import msgspec

from fixtures.model import HarnessError, KeptJudgement, Outcome, UsageError

FILE = "judgements.jsonl"
LARGEST_TEXT = 64 * 1024 * 1024  # characters, inflated


class _JudgementLine(msgspec.Struct, frozen=True):
    """A line of the file."""

    case: str
    kept: KeptJudgement


_DECODER = msgspec.json.Decoder(_JudgementLine)


def append_judgement(directory: Path, case: str, kept: KeptJudgement) -> str:
    """Append a case's line; returns its SHA-256. `UsageError` if it cannot be written."""
    line = msgspec.json.encode(_JudgementLine(case, kept))
    file = directory / FILE
    try:
        with file.open("ab") as stream:
            stream.write(line + b"\n")
    except OSError as error:
        raise UsageError(f"{file}: cannot write: {error.strerror}") from error
    return hashlib.sha256(line).hexdigest()


def load_judgements(directory: Path, outcomes: Mapping[str, Outcome]) -> dict[str, KeptJudgement]:
    """What is kept of the cases whose outcomes name a line; by the ids of the cases.

    Raises:
        UsageError: one is missing, or not as it was written; names the case.
    """
    wanted = {each.judgement: case for case, each in outcomes.items() if each.judgement}
    file, result = directory / FILE, dict[str, KeptJudgement]()
    try:
        lines = file.read_bytes().splitlines() if wanted else []
    except OSError as error:
        raise UsageError(f"{file}: cannot read the judgements: {error.strerror}") from error
    for line in lines:
        if (case := wanted.get(hashlib.sha256(line).hexdigest())) is not None:
            result[case] = _decode(file, case, line)
    if missing := sorted(set(wanted.values()) - result.keys()):
        raise UsageError(
            f"{file}: of {len(missing)} cases there is no line as it was written: {missing[0]}"
        )
    return result


def _decode(file: Path, case: str, line: bytes) -> KeptJudgement:
    try:
        found = _DECODER.decode(line)
    except msgspec.DecodeError as error:
        raise UsageError(f"{file}: not a judgement: {error}") from error
    if found.case != case:
        raise UsageError(f"{file}: the line of {case} is about another case: {found.case}")
    return found.kept


def asked_text(kept: KeptJudgement) -> str:
    """What the checker was asked, as `fixtures.checkers.judgement` reads it.

    Raises:
        HarnessError: it cannot be unpacked.
    """
    inflator = zlib.decompressobj()
    try:
        text = inflator.decompress(b64decode(kept.asked, validate=True), LARGEST_TEXT)
        if not inflator.eof:
            raise HarnessError(f"a judgement is torn, or has more than {LARGEST_TEXT} characters")
        return text.decode()
    except (ValueError, zlib.error) as error:
        raise HarnessError(f"a judgement cannot be unpacked: {error}") from error
