"""A case of a run, its claim and its facts on a terminal."""

from __future__ import annotations

from textwrap import indent

from rich.console import Console
from rich.text import Text

from fixtures.model import Claim, Outcome, Run, Status
from reports.record.claim import HOLDS, assess_run, case_count
from reports.record.rejudge import Rejudgement
from reports.render.matrix import SIGNS
from reports.render.summary import run_facts
from reports.sanitize import sanitize

STATUS_COLOURS = {
    Status.PASSED: "green",
    Status.FAILED: "red",
    Status.ERROR: "dark_orange3",
    Status.INCONCLUSIVE: "yellow",
    Status.NOT_CLAIMED: "bright_black",
    Status.KNOWN_DEVIATION: "blue",
    Status.STALE_DEVIATION: "magenta",
}
_CLAIM_COLOURS = {  # by the word of an assessment
    HOLDS: "bold green",
    Claim.CONFORMANT: "bold green",
    Claim.WITH_DEVIATIONS: "bold blue",
    Claim.NOT_CONFORMANT: "bold red",
    Claim.INCOMPLETE: "bold yellow",
}


def print_claim(console: Console, run: Run) -> None:
    """The claim of the run, and the reason."""
    console.print(claim_text(run), soft_wrap=True)


def claim_text(run: Run) -> Text:
    """The claim of the run, and the reason, in one line."""
    verdict = assess_run(run)
    claim = Text(verdict.word, style=_CLAIM_COLOURS[verdict.word])
    return claim.append(f": {sanitize(verdict.because)}", style="default not bold")


def print_rejudged(console: Console, rejudgement: Rejudgement) -> None:
    """The cases whose verdict or reason differs now, with both verdicts, and what became of the
    others."""
    for before, now in rejudgement.changed:
        line = Text(f"{SIGNS[now.status]} {sanitize(now.case)}", style=STATUS_COLOURS[now.status])
        line.append(
            f"  {_status_name(before.status)} → {_status_name(now.status)}", style="default"
        )
        console.print(line, soft_wrap=True)
        if now.because:
            console.print(Text(indent(sanitize(now.because), "    ")), soft_wrap=True)
    for case, why in rejudgement.unreadable.items():
        text = f"{sanitize(case)}: cannot be judged again: {sanitize(why)}"
        console.print(Text(text, style="yellow"), soft_wrap=True)
    changed, unjudged = len(rejudgement.changed), rejudgement.unjudged_count
    kept = f"; {unjudged} that no checker judged, as recorded" if unjudged else ""
    text = f"{case_count(len(rejudgement.judged))} judged again, {changed or 'none'} otherwise"
    console.print(Text(text + kept))


def _status_name(status: Status) -> str:
    return status.replace("_", " ")


def print_facts(console: Console, run: Run) -> None:
    """The facts of the run, each on a line that scripts can read."""
    for name, value in run_facts(run).items():
        console.print(Text(f"{name:9} {sanitize(value)}"), soft_wrap=True)


def print_case(console: Console, outcome: Outcome) -> None:
    """A case in full: requirement, expected, observed, calls, exchange, how to repeat it."""
    title = Text(f"{SIGNS[outcome.status]} {sanitize(outcome.case)}", style="bold")
    status = _status_name(outcome.status)
    title.append(
        f"  {status}, {outcome.seconds * 1000:.0f} ms", style=STATUS_COLOURS[outcome.status]
    )
    console.print(title, soft_wrap=True)
    console.print(Text(sanitize(outcome.requirement)), soft_wrap=True)
    source = f"{outcome.level}: {sanitize(outcome.source)}"
    console.print(Text(source, style="dim"), soft_wrap=True)
    parts = {
        "expected": outcome.expected,
        "observed": outcome.observed,
        "because": outcome.because,
        "CloudStack calls": "\n".join(map(call_text, outcome.calls)) or "none recorded",
        "exchange": "\n\n".join(map(exchange_text, outcome.exchange)) or "none recorded",
        "repeat": outcome.repeat,
    }
    for name, text in parts.items():
        if text:
            console.print(Text(f"\n{name}", style="bold"))
            console.print(Text(indent(sanitize(text), "  ")), soft_wrap=True)


def call_text(call: object) -> str:
    """A recorded CloudStack call in one line."""
    assert isinstance(call, dict)  # for mypy: it is recorded as a mapping
    params = " ".join(f"{name}={value}" for name, value in call.get("params", {}).items())
    return f"{call.get('command', '')} {params}  → {call.get('status', '')}"


def exchange_text(entry: object) -> str:
    """A recorded request and its reply, as on the wire."""
    assert isinstance(entry, dict)  # for mypy: it is recorded as a mapping
    first = f"{entry.get('method', '')} {entry.get('url', '')}"
    status = entry.get("status")
    answered = "no answer" if status is None else str(status)
    return f"{first}\n{entry.get('request', '')}\n→ {answered}\n{entry.get('response', '')}"
