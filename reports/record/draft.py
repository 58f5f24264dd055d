"""A first list of known deviations, drafted from a run: what failed, by how it failed.

A list is a claim of somebody who has looked. A draft has only the machine's part of it: which cases
fail alike, and by what one knows it again; the reasons are still to be written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fixtures.model import Outcome, Run, Status, matches_case
from reports.sanitize import first_line

LIFETIME = timedelta(days=90)
REASON = "drafted from run {}: nobody has written down why yet"
DRIFTED = "fails otherwise than listed"

_SIGNATURE_LENGTH = 120  # characters of a signature
_JUDGED = frozenset({Status.PASSED, Status.FAILED, Status.STALE_DEVIATION, Status.KNOWN_DEVIATION})
# Where a finding begins to speak of this run alone: ids, names that we gave, addresses, times,
# fingerprints, long numbers, unprintable characters.
_RUN_SPECIFIC = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-|\bcf-[\w-]+|\d+\.\d+\.\d+\.\d+|\d{4}-\d\d-\d\d"
    r"|[0-9a-f]{2}:[0-9a-f]{2}:|\d{5,}|[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd]",
    re.IGNORECASE,
)
# Findings that go on in the target's own words.
_QUOTING_TARGET = re.compile(
    r"\w+: (?:(?:refused with|error code) \S+|none in time|not an \w+ answer: [^:'\"(\[]*)"
)


@dataclass(frozen=True, slots=True)
class DraftEntry:
    """Cases that fail alike, by a pattern that covers them and no case that does otherwise."""

    case: str
    signature: str
    covers: tuple[str, ...]


def draft_entries(run: Run) -> list[DraftEntry]:
    """What a list must have for each failure of the run to be known.

    A pattern may be wide only as far as the run has seen: all that it matches and that was judged
    failed with that signature.
    """
    judged = [outcome for outcome in run.outcomes if outcome.status in _JUDGED]
    failures = {one.case: why for one in judged if (why := _unlisted_failure(one))}
    groups: dict[str, list[Outcome]] = {}
    for one in judged:
        if one.case in failures:
            groups.setdefault(failure_signature(failures[one.case]), []).append(one)
    found: list[DraftEntry] = []
    for mark, alike in groups.items():
        covered = {case for entry in found for case in entry.covers}
        found += _covering_entries(
            mark, [one for one in alike if one.case not in covered], failures, judged
        )
    return found


def failure_signature(because: str) -> str:
    """The part of a failure's first finding by which it is known again in another run."""
    line = because.partition("\n")[0]
    told = _QUOTING_TARGET.match(line)
    text = told[0] if told else line.partition(", expected ")[0]
    if passing := _RUN_SPECIFIC.search(text):
        text = text[: passing.start()].rstrip(" '\"=([")
    return text[:_SIGNATURE_LENGTH].rstrip() or line[:_SIGNATURE_LENGTH].partition(":")[0]


def draft_deviations(run: Run, today: date) -> str:
    """The list as TOML, with comments that tell what each entry covers."""
    found = draft_entries(run)
    lines = [
        f"# Drafted from run {run.header.run} of {first_line(run.header.target.get('name', ''))}.",
        "# Of each entry, write down the reason; take out what is to be repaired.",
    ]
    reason = REASON.format(run.header.run)
    for entry in found:
        lines += ["", *(f"# {case}" for case in entry.covers), "[[known_deviation]]"]
        facts = {"case": entry.case, "signature": entry.signature, "reason": reason}
        lines += [f"{name} = {_toml_string(text)}" for name, text in facts.items()]
        lines.append(f"expires = {today + LIFETIME}")
    lines += _obsolete_comments(run.outcomes)
    return "\n".join(lines) + "\n"


def _toml_string(text: str) -> str:
    """A text as TOML has it: as JSON has it, but for halves of characters, which we have cut."""
    return json.dumps(text, ensure_ascii=False)


def _unlisted_failure(outcome: Outcome) -> str:
    """How a case failed that is not on a list as it failed, or nothing."""
    if outcome.status is Status.FAILED:
        return outcome.because
    if outcome.status is Status.STALE_DEVIATION and outcome.because.startswith(DRIFTED):
        return outcome.because.partition("\n")[2]
    return ""


def _obsolete_comments(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """What is listed and should not be any more."""
    stale = [o for o in outcomes if o.status is Status.STALE_DEVIATION and not _unlisted_failure(o)]
    if stale:
        yield "\n# Listed already, but no longer true or expired:"
        yield from (f"# {outcome.case}: {first_line(outcome.because)}" for outcome in stale)


def _covering_entries(
    mark: str,
    alike: Sequence[Outcome],
    failures: Mapping[str, str],
    judged: Sequence[Outcome],
) -> Iterator[DraftEntry]:
    """As few patterns as it takes to cover these cases and nothing that ends otherwise."""
    left = {one.case: one for one in alike}
    while left:
        best = DraftEntry("", mark, ())
        for pattern in _case_patterns(next(iter(left.values()))):
            matched = [one.case for one in judged if matches_case(pattern, one.case)]
            covers = tuple(case for case in matched if case in left)
            true = all(mark in failures.get(case, "") for case in matched)
            if true and len(covers) > len(best.covers):
                best = DraftEntry(pattern, mark, covers)
        yield best
        left = {case: one for case, one in left.items() if case not in best.covers}


def _case_patterns(outcome: Outcome) -> Iterator[str]:
    """What a list may call a case: itself, and then wider and wider."""
    yield outcome.case
    requirement = outcome.case.rpartition("[")[0]
    yield f"{requirement}[*]"
    suite, row, rest = requirement.split("/", 2)
    kind, _, name = rest.partition("/")
    word = name.partition("-")[0]
    yield f"*/{rest}[{outcome.driver}]"
    yield f"*/{rest}[*]"
    yield f"{suite}/{row}/{kind}/{word}-*[{outcome.driver}]"
    yield f"{suite}/{row}/{kind}/{word}-*"
    yield f"{suite}/{row}/{kind}/*[{outcome.driver}]"
    yield f"{suite}/{row}/{kind}/*"
    yield f"{suite}/{row}/*[{outcome.driver}]"
    yield f"{suite}/{row}/*"
