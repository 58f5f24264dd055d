"""`report.html`: claim, findings, matrices, failovers and every case of a run, in one file that
needs no network.

What a reader must see, also on paper and without a script, is HTML: claim, findings, matrices and
failovers. The cases are data that `templates/scripts` draw; see `page_data`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from fixtures.model import History, Outcome, Run, Status
from reports.record.causes import find_causes
from reports.record.claim import assess_run, status_counts
from reports.record.findings import Finding
from reports.record.recorded_run import RecordedRun
from reports.render import page_glossary
from reports.render.marks import Segments, mark_differences
from reports.render.matrix import (
    SEVERITY,
    SIGNS,
    build_matrices,
    html_anchor,
    outcomes_by_reason,
)
from reports.render.overview import run_overview
from reports.render.page_data import BLOCK_CASES, build_page_data
from reports.render.summary import HEADLINES
from reports.render.timeline import Timeline
from reports.sanitize import cut, first_line, sanitize

TEMPLATES = Path(__file__).parent / "templates"
# In the order in which they are put together: each uses those before it.
SCRIPTS = (
    *("records", "filter", "address", "elements", "bodies", "sequence", "case"),
    *("case_list", "matrix", "findings", "facets", "report"),
)
_CLAIM_LENGTH = 160  # characters of the claim's reason in the heading
_FEW = 6  # findings of which the first is open at first
_PICTURES = 20  # up to this number, all histories are shown as pictures


def html_page(recorded: RecordedRun) -> bytes:
    """`report.html`."""
    run = recorded.run
    verdict = assess_run(run)
    found = find_causes(run)
    matrices = build_matrices(run)
    return render_template(
        "report.html.j2",
        run=run,
        verdict=verdict,
        headline=HEADLINES[verdict.word],
        counts={k: v for k, v in status_counts(run.outcomes).items() if v},
        facts=run_overview(run),
        matrices=matrices,
        found=found,
        entries=list(_finding_entries(found.findings, count())),
        few=_FEW,
        claim_length=_CLAIM_LENGTH,
        unclaimed=outcomes_by_reason(run.outcomes, Status.NOT_CLAIMED),
        deviations=outcomes_by_reason(run.outcomes, Status.KNOWN_DEVIATION),
        histories=_history_section(run.outcomes, recorded.histories),
        steps=page_glossary.STEPS,
        glossary=_glossary(run),
        data=build_page_data(run, found, matrices),
        block_cases=BLOCK_CASES,
        script=_module(),
    ).encode()


@dataclass(frozen=True, slots=True)
class FindingEntry:
    """A finding on the page: its number, as in `RunFindings.all_findings`, and both sides of its
    example, the differing values marked."""

    number: int
    finding: Finding
    expected: Segments
    observed: Segments
    consequences: tuple[FindingEntry, ...]


def _finding_entries(findings: Iterable[Finding], numbers: Iterator[int]) -> Iterator[FindingEntry]:
    for finding in findings:
        number = next(numbers)
        sides = mark_differences(finding.example)
        consequences = tuple(_finding_entries(finding.consequences, numbers))
        yield FindingEntry(number, finding, *sides, consequences)


def _glossary(run: Run) -> Mapping[str, Mapping[str, str]]:
    """What the words on the page of this run mean; words that it does not have are left out."""
    drivers = {outcome.driver for outcome in run.outcomes}
    observer = run.header.target.get("observer")
    return {
        "claims": page_glossary.CLAIMS,
        "levels": page_glossary.LEVELS,
        "statuses": page_glossary.STATUSES,
        "clients": {k: v for k, v in page_glossary.CLIENTS.items() if k in drivers},
        "observers": {k: v for k, v in page_glossary.OBSERVERS.items() if k == observer},
    }


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A history of the run and its time line."""

    outcome: Outcome
    timeline: Timeline

    @property
    def sign(self) -> str:
        """The sign of its status."""
        return SIGNS[self.outcome.status]

    @property
    def anchor(self) -> str:
        """The id of its case on the page."""
        return html_anchor(self.outcome.case)


@dataclass(frozen=True, slots=True)
class HistorySection:
    """All histories of a run, and those that are shown as pictures."""

    entries: tuple[HistoryEntry, ...]
    shown: tuple[HistoryEntry, ...]

    @property
    def evidence(self) -> list[str]:
        """For each promise, how many changes were looked for after its failovers, and what follows
        if none is lost."""
        promises: dict[str, list[Timeline]] = {}
        for entry in self.entries:
            promises.setdefault(str(entry.timeline.history.promise), []).append(entry.timeline)
        return [f"{name}: {_evidence(timelines)}" for name, timelines in promises.items()]


def _evidence(timelines: Iterable[Timeline]) -> str:
    observed = [timeline for timeline in timelines if timeline.lost_writes is not None]
    changes = sum(timeline.acknowledged_changes for timeline in observed)
    lost = sum(len(timeline.lost_writes or ()) for timeline in observed)
    if not changes:
        return "no acknowledged change was looked for afterwards, so that “0 lost” proves nothing"
    looked = (
        f"{changes:,} acknowledged changes in {len(observed):,} "
        f"failover{'s' * (len(observed) != 1)} were looked for afterwards, {lost:,} were lost"
    )
    if lost:
        return looked
    # the rule of three: the upper bound of a rate of which nothing was seen in so many trials
    return f"{looked}: with 95 % confidence, fewer than {300 / changes:.2g} % are"


def _history_section(
    outcomes: Iterable[Outcome], histories: Mapping[str, History]
) -> HistorySection:
    """Of many histories, those that did not pass and the slowest are shown as pictures."""
    entries = tuple(
        HistoryEntry(o, Timeline(histories[o.case])) for o in outcomes if o.case in histories
    )
    if len(entries) <= _PICTURES:
        return HistorySection(entries, entries)
    slowest = max(entries, key=lambda entry: entry.timeline.write_outage)
    shown = (e for e in entries if e is slowest or e.outcome.status is not Status.PASSED)
    return HistorySection(
        entries, tuple(sorted(shown, key=lambda e: SEVERITY.index(e.outcome.status)))
    )


def _module() -> str:
    """The script of the page."""
    files = (TEMPLATES / "scripts" / f"{name}.js" for name in SCRIPTS)
    return "".join(file.read_text(encoding="utf-8") for file in files)


def render_template(name: str, *, script: str = "", **values: Any) -> str:
    """Fill a template: values sanitized and escaped, the script allowed by its digest."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_escape_value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "address": _address,
        "one_line": first_line,
        "short": cut,
        "raw": Markup,  # for base64 alone
        "to_json": json.dumps,
    }
    environment.globals |= {"signs": SIGNS, "severity": SEVERITY}
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    # Both are our own files, never text of a target.
    own = {"script": Markup(script), "style": Markup((TEMPLATES / "page.css").read_text("utf-8"))}
    return environment.get_template(name).render(**values, **own, script_digest=digest)


def _address(text: object) -> str:
    """The text as the part of an address behind `#`."""
    return quote(sanitize(text), safe="/[]:,@!$'()*;")


def _escape_value(value: object) -> Markup:
    """The value, sanitized and escaped, but for single quotes, which are frequent: attributes are
    in double quotes."""
    if isinstance(value, Markup):
        return value
    return Markup(str(escape(sanitize(value))).replace("&#39;", "'"))  # escaped right here
