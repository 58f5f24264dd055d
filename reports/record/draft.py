"""A draft of a list of known deviations: the failures of a run, grouped by signature.

The draft has the cases that fail in the same way and the signature by which that is recognised. The
reason of each entry is for a person to write, who has looked at the failures.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from fixtures.model import Outcome, Run, Status, matches_case
from reports.record.causes import find_causes
from reports.record.signatures import failure_signature, unlisted_failure
from reports.sanitize import first_line

LIFETIME = timedelta(days=90)
PLACEHOLDER = "write the reason here"
REASON = f"drafted from run {{}}: {PLACEHOLDER}"

_JUDGED = frozenset({Status.PASSED, Status.FAILED, Status.STALE_DEVIATION, Status.KNOWN_DEVIATION})


@dataclass(frozen=True, slots=True)
class DraftEntry:
    """Cases that fail alike: a pattern that matches them, and no case that ends otherwise."""

    case: str
    signature: str
    covers: tuple[str, ...]
    finding: str = ""  # the title of the finding of its first case


def draft_entries(run: Run) -> list[DraftEntry]:
    """The entries with which every failure of the run would be a known deviation.

    A pattern matches no case of the run that passed or failed with another signature. The entries
    are in the order of the findings.
    """
    judged = [outcome for outcome in run.outcomes if outcome.status in _JUDGED]
    failures = {outcome.case: why for outcome in judged if (why := unlisted_failure(outcome))}
    titles = {
        outcome.case: finding.title
        for finding in find_causes(run).all_findings
        for outcome in finding.outcomes
    }
    order = {case: number for number, case in enumerate(titles)}
    groups: dict[str, list[Outcome]] = {}
    for outcome in sorted(judged, key=lambda outcome: order.get(outcome.case, 0)):
        if outcome.case in failures:
            groups.setdefault(failure_signature(failures[outcome.case]), []).append(outcome)
    found: list[DraftEntry] = []
    for mark, alike in groups.items():
        covered = {case for entry in found for case in entry.covers}
        found += _covering_entries(
            mark, [outcome for outcome in alike if outcome.case not in covered], failures, judged
        )
    return [replace(entry, finding=titles[entry.covers[0]]) for entry in found]


def draft_deviations(run: Run, today: date) -> str:
    """The list as TOML, with the cases of each entry as comments."""
    found = draft_entries(run)
    lines = [
        f"# Drafted from run {run.header.run} of {first_line(run.header.target.get('name', ''))}.",
        "# Write the reason of each entry; delete the entries of failures that will be fixed.",
    ]
    reason = REASON.format(run.header.run)
    for entry in found:
        lines += ["", f"# {first_line(entry.finding, 300)}"]
        lines += [*(f"#   {case}" for case in entry.covers), "[[known_deviation]]"]
        facts = {"case": entry.case, "signature": entry.signature, "reason": reason}
        lines += [f"{name} = {_toml_string(text)}" for name, text in facts.items()]
        lines.append(f"expires = {today + LIFETIME}")
    lines += _obsolete_comments(run.outcomes)
    return "\n".join(lines) + "\n"


def _toml_string(text: str) -> str:
    """A text in TOML, which is as in JSON: signatures end before halves of surrogate pairs."""
    return json.dumps(text, ensure_ascii=False)


def _obsolete_comments(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Comments on listed deviations that should be deleted."""
    stale = [o for o in outcomes if o.status is Status.STALE_DEVIATION and not unlisted_failure(o)]
    if stale:
        yield "\n# Listed now, but fixed or expired:"
        yield from (f"# {outcome.case}: {first_line(outcome.because)}" for outcome in stale)


def _covering_entries(
    mark: str,
    alike: Sequence[Outcome],
    failures: Mapping[str, str],
    judged: Sequence[Outcome],
) -> Iterator[DraftEntry]:
    """Few entries that cover these cases, and no case that ends otherwise."""
    left = {outcome.case: outcome for outcome in alike}
    while left:
        best = DraftEntry("", mark, ())
        for pattern in _case_patterns(next(iter(left.values()))):
            matched = [outcome.case for outcome in judged if matches_case(pattern, outcome.case)]
            covers = tuple(case for case in matched if case in left)
            true = all(mark in failures.get(case, "") for case in matched)
            if true and len(covers) > len(best.covers):
                best = DraftEntry(pattern, mark, covers)
        yield best
        left = {case: outcome for case, outcome in left.items() if case not in best.covers}


def _case_patterns(outcome: Outcome) -> Iterator[str]:
    """Patterns that match a case, from its id to wider and wider ones."""
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
