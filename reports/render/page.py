"""A run as one HTML page that needs no network: claim, failures, matrix, and every case behind."""

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
from reports.record.claim import REFUTED, UNSEEN, assess_run, counts
from reports.render.matrix import SEVERITY, SIGNS, anchor, matrix, short_name
from reports.render.sanitize import one_line, visible
from reports.render.summary import HEADLINES
from reports.render.timeline import Timeline

TEMPLATES = Path(__file__).parent / "templates"
# Characters of wire exchange in one page, of what did not pass; the gravest cases come first.
EXCHANGE_BUDGET = 500_000
_LISTED = 10  # failures shown at once, the others unfold
_PICTURES = 20  # up to so many histories are all shown as pictures


def page(run: Run, told: Mapping[str, History] | None = None) -> str:
    """The whole of `report.html`; `told` are the histories that are kept beside the record, by
    their cases."""
    verdict = assess_run(run)
    unpassed = [o for o in run.outcomes if o.status is not Status.PASSED]
    kept = _with_exchange(unpassed)
    return render_template(
        "report.html.j2",
        run=run,
        verdict=verdict,
        headline=HEADLINES[verdict.claim],
        counts={k: v for k, v in counts(run.outcomes).items() if v},
        matrix=matrix(run),
        failures=_gravest(o for o in run.outcomes if o.status in REFUTED | UNSEEN),
        listed=_LISTED,
        unclaimed=_reasons(run.outcomes, Status.NOT_CLAIMED),
        deviations=_reasons(run.outcomes, Status.KNOWN_DEVIATION),
        kept=kept,
        left_out=sum(bool(o.exchange) for o in unpassed) - len(kept),
        lasted=_lasted(run),
        histories=_histories(run.outcomes, told or {}),
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """A history of the run, as it is shown."""

    outcome: Outcome
    timeline: Timeline

    @property
    def sign(self) -> str:
        """Of what became of it."""
        return SIGNS[self.outcome.status]

    @property
    def anchor(self) -> str:
        """By which its case is known on the page."""
        return anchor(self.outcome.case)


@dataclass(frozen=True, slots=True)
class Histories:
    """All histories of a run, and those of them that are shown as pictures."""

    entries: tuple[Entry, ...]
    shown: tuple[Entry, ...]


def _histories(outcomes: Iterable[Outcome], told: Mapping[str, History]) -> Histories:
    """Of many, the pictures are those of each that did not pass, and of the slowest."""
    entries = tuple(Entry(o, Timeline(told[o.case])) for o in outcomes if o.case in told)
    if len(entries) <= _PICTURES:
        return Histories(entries, entries)
    slowest = max(entries, key=lambda entry: entry.timeline.silence)
    shown = (e for e in entries if e is slowest or e.outcome.status is not Status.PASSED)
    return Histories(entries, tuple(sorted(shown, key=lambda e: SEVERITY.index(e.outcome.status))))


def render_template(name: str, **values: Any) -> str:
    """Fill a template of `templates`: values visible and escaped, the script pinned."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"anchor": anchor, "short_name": short_name, "one_line": one_line}
    script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    # both are our own files, never a target's text
    own = {"script": Markup(script), "style": Markup((TEMPLATES / "page.css").read_text("utf-8"))}
    return made.get_template(name).render(
        **values, **own, script_digest=digest, signs=SIGNS, severity=SEVERITY
    )


def _harmless(value: object) -> Markup:
    """As it may stand in the page: attributes are in double quotes, so that single ones, of which
    there are many, can stay."""
    if isinstance(value, Markup):
        return value
    return Markup(str(escape(visible(value))).replace("&#39;", "'"))  # escaped right here


def _gravest(outcomes: Iterable[Outcome]) -> list[Outcome]:
    return sorted(outcomes, key=lambda outcome: SEVERITY.index(outcome.status))


def _with_exchange(outcomes: Iterable[Outcome]) -> frozenset[str]:
    """The cases whose wire exchange the page has room for, the gravest first."""
    kept = set()
    room = EXCHANGE_BUDGET
    for outcome in _gravest(outcomes):
        size = sum(len(str(text)) for entry in outcome.exchange for text in entry.values())
        if outcome.exchange and size <= room:
            room -= size
            kept.add(outcome.case)
    return frozenset(kept)


def _reasons(outcomes: Iterable[Outcome], status: Status) -> dict[str, list[Outcome]]:
    reasons: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.status is status:
            reasons.setdefault(outcome.because or "no reason recorded", []).append(outcome)
    return reasons


def _lasted(run: Run) -> str:
    """Wall time in words, or nothing if the record does not tell it."""
    if run.footer is None:
        return ""
    try:
        began = datetime.fromisoformat(run.header.started)
        seconds = (datetime.fromisoformat(run.footer.finished) - began).total_seconds()
    except (ValueError, TypeError):  # a clock that wrote no ISO 8601, or only one of them a zone
        return ""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes:.0f} min {rest:.0f} s" if minutes else f"{rest:.1f} s"
