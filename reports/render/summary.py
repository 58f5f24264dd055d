"""`summary.md`: the claim, findings, matrix, reasons and facts of a run, in Markdown.

It is never larger than what CI systems accept: what has no room is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fixtures.model import Claim, Header, Run, Status
from reports.record.canonical import canonical_digest
from reports.record.causes import find_causes
from reports.record.claim import (
    HOLDS,
    assess_run,
    case_count,
    shard_name,
    status_counts,
)
from reports.record.findings import Finding, RunFindings
from reports.record.recorded_run import RecordedRun
from reports.record.selection import recorded_options
from reports.render.markdown import (
    BoundedText,
    escape_text,
    fenced_block,
    inline_code,
    size_of,
)
from reports.render.matrix import SIGNS, Cell, build_matrix, outcomes_by_reason
from reports.sanitize import cut, first_line

MAX_BYTES = 60_000  # of the file
FINDINGS_BYTES = 40_000  # of these, for findings
_IN_FULL = 10  # findings whose example is shown in full; the page and the record have all
_TEXT_CHARACTERS, _NAME_CHARACTERS = 1_000, 200  # of a text, and of a name
CANONICAL_CASES = 20_000  # of a run whose digest is computed unasked
_FACT_CHARACTERS = 300  # of a fact of the run
_NAMED = 3  # cases that are named for a reason, and consequences for a finding
_REASONS = {
    Status.NOT_CLAIMED: "Not claimed by the target",
    Status.KNOWN_DEVIATION: "Known deviations",
}

HEADLINES = {  # by the word of an assessment
    HOLDS: "A part of the plan holds",
    Claim.CONFORMANT: "Conformant",
    Claim.WITH_DEVIATIONS: "Conformant, with known deviations",
    Claim.NOT_CONFORMANT: "Not conformant",
    Claim.INCOMPLETE: "Incomplete",
}


def markdown_summary(recorded: RecordedRun) -> bytes:
    """`summary.md`, ended by a newline: at most `MAX_BYTES`, whatever the run has."""
    run = recorded.run
    facts = list(_facts(run))
    text = BoundedText(MAX_BYTES - size_of(facts))
    found = find_causes(run)
    text.add(_headline(run, found))
    text.add(_counts(run))
    text.add_all(_finding_blocks(found), "finding", FINDINGS_BYTES)
    text.add_all(_matrix_blocks(run), "row", MAX_BYTES)
    for status, heading in _REASONS.items():
        text.add_all(_reason_blocks(run, status, heading), "reason", MAX_BYTES)
    return ("\n".join((*text.lines, *facts)) + "\n").encode()


def _headline(run: Run, found: RunFindings) -> Iterator[str]:
    verdict = assess_run(run)
    name = first_line(run.header.target.get("name", "target"))
    yield f"# {HEADLINES[verdict.word]}: {escape_text(name)}"
    yield ""
    yield f"**{verdict.word}**: {escape_text(cut(verdict.because, _TEXT_CHARACTERS))}."
    yield ""
    if found.levels:
        yield f"{found.levels}."
        yield ""


def _counts(run: Run) -> Iterator[str]:
    yield "| status | cases |"
    yield "|---|---:|"
    for status, number in status_counts(run.outcomes).items():
        if number:
            yield f"| {SIGNS[status]} {status.replace('_', ' ')} | {number} |"
    yield f"| recorded, of {run.header.plan.get('cases', '?')} planned | {len(run.outcomes)} |"
    yield ""


def _finding_blocks(found: RunFindings) -> Iterator[Iterable[str]]:
    """The heading, each finding with its example, and what follows from it."""
    if not found.findings:
        return
    yield (f"## Findings: {found.headline}", "")
    for number, finding in enumerate(found.findings):
        yield _finding(finding, in_full=number < _IN_FULL)


def _finding(finding: Finding, *, in_full: bool) -> Iterator[str]:
    outcome = finding.example
    yield f"### {SIGNS[outcome.status]} {_title(finding)}"
    yield ""
    about = "security, " if finding.is_security else ""
    yield f"{about}{finding.level}, {finding.extent}, such as {_code(outcome.case)}"
    for consequence in finding.consequences[:_NAMED]:
        yield f"- follows from it, {consequence.extent}: {_title(consequence)}"
    if (more := len(finding.consequences) - _NAMED) > 0:
        yield f"- {more} more follow from it"
    yield ""
    if not in_full:
        return
    requirement = escape_text(cut(outcome.requirement, _TEXT_CHARACTERS))
    yield f"{requirement} ({outcome.level}: {escape_text(cut(outcome.source, _TEXT_CHARACTERS))})"
    yield ""
    for name in ("expected", "observed", "because", "repeat"):
        if text := getattr(outcome, name):
            yield from (f"{name}:", "", *fenced_block(cut(text, _TEXT_CHARACTERS)), "")


def _title(finding: Finding) -> str:
    return escape_text(cut(finding.title, _TEXT_CHARACTERS))


def _reason_blocks(run: Run, status: Status, heading: str) -> Iterator[Iterable[str]]:
    """The heading, and each reason with the number of its cases, the most frequent first."""
    reasons = outcomes_by_reason(run.outcomes, status)
    if not reasons:
        return
    yield (f"## {heading} ({sum(map(len, reasons.values()))})", "")
    for because, outcomes in sorted(reasons.items(), key=lambda item: -len(item[1])):
        named = ", ".join(_code(outcome.case) for outcome in outcomes[:_NAMED])
        more = ", …" if len(outcomes) > _NAMED else ""
        text = escape_text(first_line(because, _TEXT_CHARACTERS))
        yield (f"- {text}: {case_count(len(outcomes))}, {named}{more}",)


def _matrix_blocks(run: Run) -> Iterator[Iterable[str]]:
    picture = build_matrix(run)
    if not picture.drivers:
        return
    drivers = " | ".join(map(_cell_text, picture.drivers))
    header = f"| table | EC2 command | CloudStack call | {drivers} |"
    rule = "|---|---|---|" + "---|" * len(picture.drivers)
    yield ("## Rows and drivers", "", header, rule)
    for table in picture.tables:
        for row in table.rows:
            names = (table.title, row.ec2_command or row.name, row.cloudstack_call)
            cells = " | ".join((*map(_cell_text, names), *map(_cell, row.cells)))
            yield (f"| {cells} |",)


def _cell_text(text: str) -> str:
    return escape_text(cut(text, _NAME_CHARACTERS))


def _cell(cell: Cell) -> str:
    if cell.worst is None:
        return ""
    return f"{SIGNS[cell.worst]} {cell.passed_count}/{len(cell.outcomes)}"


def _code(case: str) -> str:
    return inline_code(cut(case, _NAME_CHARACTERS))


def _facts(run: Run) -> Iterator[str]:
    header = run.header
    yield "## The run"
    yield ""
    for name, value in run_facts(run).items():
        yield f"- {name}: {escape_text(cut(value, _FACT_CHARACTERS))}"
    target_name = recorded_options(run).target or header.target.get("name", "")
    command = f"conform run --target {target_name} --seed {header.seed}"
    show = f"conform show {header.run} CASE"
    yield f"- repeat: {inline_code(cut(command, _FACT_CHARACTERS))}; one case: {inline_code(show)}"


def run_facts(run: Run) -> dict[str, str]:
    """The facts of a run, without empty ones."""
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
        "canonical": canonical_text(run),
    }
    return {name: value for name, value in values.items() if value}


def canonical_text(run: Run) -> str:
    """The digest of the canonical record, which is equal in runs whose target behaved alike; of a
    long run, how it is computed, which takes seconds."""
    if len(run.outcomes) <= CANONICAL_CASES:
        return canonical_digest(run)
    return "see `conform show DIR --canonical`"


def _rejudged_text(header: Header) -> str:
    """The run whose cases were judged again, and the harness that did; empty if none was."""
    if not (rejudged := header.plan.get("rejudged")):
        return ""
    harness = " ".join(value for value in rejudged.get("harness", {}).values() if value)
    return f"{case_count(rejudged.get('cases', 0))} of run {rejudged.get('run')}, by {harness}"
