"""`summary.md`: the claim, failures, reasons, matrix and facts of a run, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from fixtures.model import Claim, Header, Run, Status
from reports.record.canonical import canonical_digest
from reports.record.claim import (
    HOLDS,
    UNSUCCESSFUL,
    assess_run,
    case_count,
    shard_name,
    status_counts,
)
from reports.record.recorded_run import RecordedRun
from reports.record.selection import recorded_options
from reports.render.markdown import escape_text, fenced_block, inline_code
from reports.render.matrix import SIGNS, Cell, build_matrix, outcomes_by_reason

_FULL = 50  # failures shown in full; the page and the record have all

HEADLINES = {  # by the word of an assessment
    HOLDS: "A part of the plan holds",
    Claim.CONFORMANT: "Conformant",
    Claim.WITH_DEVIATIONS: "Conformant, with known deviations",
    Claim.NOT_CONFORMANT: "Not conformant",
    Claim.INCOMPLETE: "Incomplete",
}


def markdown_summary(recorded: RecordedRun) -> bytes:
    """`summary.md`, ended by a newline."""
    return ("\n".join(_lines(recorded.run)) + "\n").encode()


def _lines(run: Run) -> Iterator[str]:
    verdict = assess_run(run)
    yield f"# {HEADLINES[verdict.word]}: {escape_text(run.header.target.get('name', 'target'))}"
    yield ""
    yield f"**{verdict.word}**: {escape_text(verdict.because)}."
    yield ""
    yield from _counts(run)
    yield from _failures(run)
    yield from _reasons(run, Status.NOT_CLAIMED, "Not claimed by the target")
    yield from _reasons(run, Status.KNOWN_DEVIATION, "Known deviations")
    yield from _matrix(run)
    yield from _facts(run)


def _counts(run: Run) -> Iterator[str]:
    yield "| status | cases |"
    yield "|---|---:|"
    for status, number in status_counts(run.outcomes).items():
        if number:
            yield f"| {SIGNS[status]} {status.replace('_', ' ')} | {number} |"
    yield f"| recorded, of {run.header.plan.get('cases', '?')} planned | {len(run.outcomes)} |"
    yield ""


def _failures(run: Run) -> Iterator[str]:
    bad = [o for o in run.outcomes if o.status in UNSUCCESSFUL]
    if not bad:
        return
    yield f"## Failures ({len(bad)})"
    yield ""
    for outcome in bad[:_FULL]:
        yield f"### {SIGNS[outcome.status]} {inline_code(outcome.case)}"
        yield ""
        yield f"{escape_text(outcome.requirement)} ({outcome.level}: {escape_text(outcome.source)})"
        yield ""
        for name in ("expected", "observed", "because", "repeat"):
            if text := getattr(outcome, name):
                yield from (f"{name}:", "", *fenced_block(text), "")
    if len(bad) > _FULL:
        yield f"{len(bad) - _FULL} more: {', '.join(inline_code(o.case) for o in bad[_FULL:])}"
        yield ""


def _reasons(run: Run, status: Status, heading: str) -> Iterator[str]:
    reasons = outcomes_by_reason(run.outcomes, status)
    if not reasons:
        return
    yield f"## {heading} ({sum(map(len, reasons.values()))})"
    yield ""
    for because, outcomes in reasons.items():
        cases = ", ".join(inline_code(outcome.case) for outcome in outcomes)
        yield f"- {escape_text(because)}: {cases}"
    yield ""


def _matrix(run: Run) -> Iterator[str]:
    picture = build_matrix(run)
    if not picture.drivers:
        return
    yield "## Rows and drivers"
    yield ""
    drivers = " | ".join(map(escape_text, picture.drivers))
    yield f"| table | EC2 command | CloudStack call | {drivers} |"
    yield "|---|---|---|" + "---|" * len(picture.drivers)
    for table in picture.tables:
        for row in table.rows:
            cells = " | ".join(map(_cell, row.cells))
            names = (
                f"{escape_text(row.ec2_command or row.name)} | {escape_text(row.cloudstack_call)}"
            )
            yield f"| {escape_text(table.title)} | {names} | {cells} |"
    yield ""


def _cell(cell: Cell) -> str:
    if cell.worst is None:
        return ""
    return f"{SIGNS[cell.worst]} {cell.passed_count}/{len(cell.outcomes)}"


def _facts(run: Run) -> Iterator[str]:
    header = run.header
    yield "## The run"
    yield ""
    for name, value in run_facts(run).items():
        yield f"- {name}: {escape_text(value)}"
    target_name = recorded_options(run).target or header.target.get("name", "")
    command = f"conform run --target {target_name} --seed {header.seed}"
    show = f"conform show {header.run} CASE"
    yield f"- repeat: {inline_code(command)}; one case: {inline_code(show)}"


def run_facts(run: Run) -> dict[str, str]:
    """The facts of a run, without empty ones. `canonical`: digest of the canonical record, which is
    equal in runs whose target behaved alike."""
    header = run.header
    values = {
        "run": header.run,
        "target": ", ".join(f"{key} {value}" for key, value in header.target.items() if value),
        "harness": " ".join(value for value in header.harness.values() if value),
        "started": header.started,
        "finished": run.footer.finished if run.footer else "interrupted",
        "plan": header.plan.get("digest", ""),
        "part": shard_name(header),
        "sessions": str(run.footer.attempts) if run.footer and run.footer.attempts > 1 else "",
        "shards": ", ".join(str(shard["run"]) for shard in header.plan.get("shards", ())),
        "rejudged": _rejudged_text(header),
        "canonical": canonical_digest(run),
    }
    return {name: value for name, value in values.items() if value}


def _rejudged_text(header: Header) -> str:
    """The run whose cases were judged again, and the harness that did; empty if none was."""
    if not (rejudged := header.plan.get("rejudged")):
        return ""
    harness = " ".join(value for value in rejudged.get("harness", {}).values() if value)
    return f"{case_count(rejudged.get('cases', 0))} of run {rejudged.get('run')}, by {harness}"
