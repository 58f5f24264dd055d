"""The result of a run on a terminal, at most a screen: the claim, the findings, where to look."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from rich.console import Console
from rich.text import Text

from fixtures.model import Level, Outcome, Run, Status
from reports.record.causes import find_causes
from reports.record.claim import case_count, status_counts
from reports.record.findings import Finding, RunFindings
from reports.render.matrix import SEVERITY, SIGNS
from reports.render.terminal import STATUS_COLOURS, claim_text
from reports.sanitize import first_line, sanitize

SCREEN_LINES = 24
_AROUND = 10  # of these, the lines that are not of findings
_IN_FULL = 2  # findings that are so few that expected and observed are shown as well
_TEXT_LINES = 3  # of each of both
_INDENT = " " * 6


def print_run(console: Console, run: Run, directory: Path, *, running: bool = False) -> None:
    """The claim, the findings with their extent, the counts, and where to look for more.

    `running`: the record is still being written, so that there is no claim yet.
    """
    if running:
        done = f"{len(run.outcomes):,} of {run.header.plan.get('cases', 0):,} cases so far"
        console.print(Text("running", "bold cyan").append(f": {done}", "not bold default"))
    else:
        console.print(claim_text(run), soft_wrap=True)
    found = find_causes(run)
    if found.levels:
        console.print(Text(found.levels), soft_wrap=True)
    if found.findings:
        _print_findings(console, found)
    console.print(_counts(run))
    place = directory.absolute()
    if found.findings:
        case = found.findings[0].example.case
        command = f"conform show {shlex.quote(str(place))} {shlex.quote(sanitize(case))}"
        console.print(Text("one case: ", "dim").append(command, "not dim"), soft_wrap=True)
    if not running:
        report = str(place / "report.html")
        console.print(Text("report:   ", "dim").append(report, "not dim"), soft_wrap=True)


def _print_findings(console: Console, found: RunFindings) -> None:
    console.print(Text(f"{found.headline}:", "bold"))
    left = SCREEN_LINES - _AROUND
    shown = 0
    for finding in found.findings:
        lines = list(_finding_lines(finding, console.width))
        if shown and len(lines) > left:
            break
        for line in lines:
            console.print(line, soft_wrap=True)
        left -= len(lines)
        shown += 1
        if len(found.findings) <= _IN_FULL:
            for line in _example_lines(finding.example):
                console.print(line, soft_wrap=True)
    if more := len(found.findings) - shown:
        console.print(Text(f"  … and {more:,} more in the report"))


def _finding_lines(finding: Finding, width: int) -> Iterator[Text]:
    """Sign and level, extent, and what is wrong, wrapped to the width."""
    status = finding.example.status
    level = finding.level if finding.is_judged else _status_name(status)
    prefix = f"{SIGNS[status]} {'security, ' * finding.is_security}{level}"
    following = len(finding.all_outcomes) - len(finding.outcomes)
    follows = f", and {case_count(following)} that follow" if following else ""
    text = f"{prefix}, {finding.extent}{follows}: {sanitize(finding.title)}"
    lines = textwrap.wrap(
        text, max(width, 40), initial_indent="  ", subsequent_indent=_INDENT, break_on_hyphens=False
    )
    for number, line in enumerate(lines):
        shown = Text(line)
        if number == 0:
            bold = "bold " * (finding.is_security or finding.level is Level.MUST)
            shown.stylize(f"{bold}{STATUS_COLOURS[status]}", 0, 2 + len(prefix))
        yield shown


def _example_lines(outcome: Outcome) -> Iterator[Text]:
    for name, text in (("expected", outcome.expected), ("observed", outcome.observed)):
        lines = [first_line(line) for line in sanitize(text).splitlines()]
        if len(lines) > _TEXT_LINES:
            lines[_TEXT_LINES:] = [f"… {len(lines) - _TEXT_LINES} lines more"]
        for label, line in zip_longest((name,), lines, fillvalue=""):
            yield Text(f"{_INDENT}{label:9} ", style="dim").append(line, style="not dim")


def _counts(run: Run) -> Text:
    found = status_counts(run.outcomes)
    return Text("   ").join(
        Text(f"{SIGNS[status]} {found[status]:,} {_status_name(status)}", STATUS_COLOURS[status])
        for status in reversed(SEVERITY)
        if found[status]
    )


def _status_name(status: Status) -> str:
    return status.replace("_", " ")
