"""`report.html`: claim, failures, matrix and every case of a run, in a page without network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from fixtures.model import History, Outcome, Run, Status
from reports.record.causes import find_causes
from reports.record.claim import assess_run, status_counts
from reports.record.recorded_run import RecordedRun
from reports.render.matrix import (
    SEVERITY,
    SIGNS,
    build_matrix,
    html_anchor,
    outcomes_by_reason,
    short_name,
)
from reports.render.summary import HEADLINES
from reports.render.timeline import Timeline
from reports.sanitize import first_line, sanitize

TEMPLATES = Path(__file__).parent / "templates"
# Characters of wire exchange in a page, of cases that did not pass; the most severe come first.
EXCHANGE_BUDGET = 500_000
_LISTED = 10  # failures that are shown unfolded
_PICTURES = 20  # up to this number, all histories are shown as pictures


def html_page(recorded: RecordedRun) -> bytes:
    """`report.html`."""
    run = recorded.run
    verdict = assess_run(run)
    unpassed = [o for o in run.outcomes if o.status is not Status.PASSED]
    with_exchange = _with_exchange(unpassed)
    found = find_causes(run)
    return render_template(
        "report.html.j2",
        run=run,
        verdict=verdict,
        headline=HEADLINES[verdict.word],
        counts={k: v for k, v in status_counts(run.outcomes).items() if v},
        matrix=build_matrix(run),
        found=found,
        failures=[o for finding in found.all_findings for o in finding.outcomes],
        listed=_LISTED,
        unclaimed=outcomes_by_reason(run.outcomes, Status.NOT_CLAIMED),
        deviations=outcomes_by_reason(run.outcomes, Status.KNOWN_DEVIATION),
        with_exchange=with_exchange,
        left_out=sum(bool(o.exchange) for o in unpassed) - len(with_exchange),
        duration=_duration_text(run),
        histories=_history_section(run.outcomes, recorded.histories),
    ).encode()


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


def render_template(name: str, **values: Any) -> str:
    """Fill a template: values sanitized and escaped, the script allowed by its digest."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_escape_value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"anchor": html_anchor, "short_name": short_name, "one_line": first_line}
    script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    # Both are our own files, never text of a target.
    own = {"script": Markup(script), "style": Markup((TEMPLATES / "page.css").read_text("utf-8"))}
    return environment.get_template(name).render(
        **values, **own, script_digest=digest, signs=SIGNS, severity=SEVERITY
    )


def _escape_value(value: object) -> Markup:
    """The value, sanitized and escaped, but for single quotes, which are frequent: attributes are
    in double quotes."""
    if isinstance(value, Markup):
        return value
    return Markup(str(escape(sanitize(value))).replace("&#39;", "'"))  # escaped right here


def _by_severity(outcomes: Iterable[Outcome]) -> list[Outcome]:
    return sorted(outcomes, key=lambda outcome: SEVERITY.index(outcome.status))


def _with_exchange(outcomes: Iterable[Outcome]) -> frozenset[str]:
    """The cases whose wire exchange the page has room for, the most severe first."""
    fitting = set()
    room = EXCHANGE_BUDGET
    for outcome in _by_severity(outcomes):
        size = sum(len(str(text)) for entry in outcome.exchange for text in entry.values())
        if outcome.exchange and size <= room:
            room -= size
            fitting.add(outcome.case)
    return frozenset(fitting)


def _duration_text(run: Run) -> str:
    """The duration of the run; empty if the record does not have it."""
    if run.footer is None:
        return ""
    try:
        began = datetime.fromisoformat(run.header.started)
        seconds = (datetime.fromisoformat(run.footer.finished) - began).total_seconds()
    except (ValueError, TypeError):  # not ISO 8601, or only one of them has a time zone
        return ""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes:.0f} min {rest:.0f} s" if minutes else f"{rest:.1f} s"
