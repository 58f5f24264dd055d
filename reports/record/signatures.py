"""The part of a failure's text that is the same in another run: by it deviations are recognised,
and failures are grouped into findings."""

from __future__ import annotations

import re

from fixtures.model import Outcome, Status

DRIFTED = "fails otherwise than listed"
_EXPIRED = "the listed deviation expired on"

_SIGNATURE_LENGTH = 120  # characters of a signature
# The parts of a finding that are of this run only: ids, names that the harness gave, addresses,
# times, fingerprints, long numbers, unprintable characters.
_RUN_SPECIFIC = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-|\bcf-[\w-]+|\d+\.\d+\.\d+\.\d+|\d{4}-\d\d-\d\d"
    r"|[0-9a-f]{2}:[0-9a-f]{2}:|\d{5,}|[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd]",
    re.IGNORECASE,
)
# The beginnings of findings that then quote the target.
_QUOTING_TARGET = re.compile(
    r"\w+: (?:(?:refused with|error code) \S+|none in time|not an \w+ answer: [^:'\"(\[]*)"
)


def failure_signature(because: str) -> str:
    """The part of a failure's first finding that is the same in another run."""
    line = because.partition("\n")[0]
    quoting = _QUOTING_TARGET.match(line)
    text = quoting[0] if quoting else line.partition(", expected ")[0]
    if specific := _RUN_SPECIFIC.search(text):
        text = text[: specific.start()].rstrip(" '\"=([")
    return text[:_SIGNATURE_LENGTH].rstrip() or line[:_SIGNATURE_LENGTH].partition(":")[0]


def unlisted_failure(outcome: Outcome) -> str:
    """The text of a failure that no deviation is listed for; empty if there is none."""
    if outcome.status is Status.FAILED:
        return outcome.because
    if outcome.status is Status.STALE_DEVIATION and outcome.because.startswith(DRIFTED):
        return outcome.because.partition("\n")[2]
    return ""


def differences(outcome: Outcome) -> str:
    """The differences of a case, one a line, without what is said of a listed deviation."""
    because = outcome.because
    if outcome.status is Status.STALE_DEVIATION and because.startswith((DRIFTED, _EXPIRED)):
        return because.partition("\n")[2] or because
    if outcome.status is Status.KNOWN_DEVIATION:
        return because.rpartition("\nknown: ")[0] or because
    return because or f"{outcome.status}: no reason recorded"
