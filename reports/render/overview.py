"""The facts of a run on the first screen of its page: what was tried, with what, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fixtures.model import Run, Status
from reports.record.claim import case_count, shard_name
from reports.render.matrix import outcomes_by_reason
from reports.sanitize import cut, first_line

_PART_LENGTH = 80  # characters of the part of the plan that was run


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact, with names that are shown when they are asked for, or a link on the page."""

    name: str
    text: str
    more: tuple[str, ...] = ()
    more_title: str = ""
    link: str = ""
    link_text: str = ""


def run_overview(run: Run) -> list[Fact]:
    """The facts of a run, the most important first."""
    return [_target(run.header.target), *_claimed(run), _run(run), _harness(run.header.harness)]


def _target(target: Mapping[str, Any]) -> Fact:
    name = str(target.get("name", "unnamed"))
    known = {
        "kind": "{}",
        "api_version": "API {}",
        "endpoint": "{}",
    }
    texts = [form.format(target[key]) for key, form in known.items() if target.get(key)]
    if observer := target.get("observer"):
        seen = "not seen" if observer == "none" else f"seen by {observer}"
        texts.append(f"CloudStack's calls {seen}")
    others = (
        f"{key.replace('_', ' ')} {value}"
        for key, value in target.items()
        if key not in (*known, "name", "observer", "settings") and isinstance(value, str) and value
    )
    return Fact("Target", ", ".join(dict.fromkeys((name, *texts, *others))))


def _claimed(run: Run) -> Iterator[Fact]:
    unclaimed = outcomes_by_reason(run.outcomes, Status.NOT_CLAIMED)
    number = sum(map(len, unclaimed.values()))
    capabilities = tuple(map(str, run.header.target.get("capabilities", ())))
    total = len(run.outcomes)
    text = f"{total - number:,} of {case_count(total)}"
    if part := _part(run):
        text += f", only {cut(part, _PART_LENGTH)}"
    yield Fact("Claimed", text, capabilities, f"{len(capabilities)} capabilities")
    if not number:
        yield Fact("Not claimed", "nothing was left out")
        return
    most = max(unclaimed, key=lambda because: len(unclaimed[because]))
    others = f", and {len(unclaimed) - 1} more reasons" if len(unclaimed) > 1 else ""
    text = f"{case_count(number)}: {first_line(most, 100)}{others}"
    yield Fact("Not claimed", text, link="unclaimed", link_text="all reasons")


def _part(run: Run) -> str:
    """Which part of the plan was run; empty if it was the whole."""
    plan = run.header.plan
    if plan.get("full", False):
        return ""
    return shard_name(run.header) or plan.get("narrowed") or "a part of the plan"


def _run(run: Run) -> Fact:
    started = run.header.started
    zone = "UTC" if started.endswith(("+00:00", "Z")) else started[19:]
    took = duration_text(run)
    parts = [
        f"{started[:16].replace('T', ' ')} {zone}".strip(),
        f"took {took}" if took else "",
        "" if run.footer else "interrupted",
    ]
    digest = str(run.header.plan.get("digest", ""))[:16]
    more = [f"run {run.header.run}", f"seed {run.header.seed}", f"plan {digest or 'unknown'}"]
    if part := _part(run):
        more.append(f"part: {part}")
    return Fact("Date", ", ".join(filter(None, parts)), tuple(more), "run, seed, plan")


def _harness(harness: Mapping[str, str]) -> Fact:
    commit = harness.get("commit", "")
    version = f"harness {harness.get('version', 'unknown')}"
    return Fact("Versions", f"{version}, commit {commit[:12]}" if commit else version)


def duration_text(run: Run) -> str:
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
