"""`conform run --check`: whether a target can be used, and how many cases a run would take."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fixtures.profile import Profile, claimed_capabilities
from fixtures.targets.findings import Finding, Grade
from fixtures.targets.preflight import check_target
from reports.sanitize import first_line, sanitize
from tools.conform.planned_cases import PlannedCase

USABLE, UNUSABLE, UNREACHABLE = 0, 2, 3
_ERRORS = (Grade.UNUSABLE, Grade.UNREACHABLE)
_COLOURS = {
    Grade.GOOD: "green",
    Grade.LACKING: "yellow",
    Grade.UNUSABLE: "red",
    Grade.UNREACHABLE: "red",
}


def print_check(profile: Profile, cases: Sequence[PlannedCase]) -> int:
    """Print the findings on a live target, and the number of cases of each suite.

    Returns 0 if the target is usable, 2 if not, 3 if it is unreachable; each reason for that is a
    line on stderr, too.
    """
    findings = list(check_target(profile)) if profile.kind == "live" else []
    console = Console(highlight=False)
    with console.capture() as shown:
        if findings:
            console.print(_findings_table(findings))
        console.print(_plan_table(profile, cases))
    print(shown.get(), end="", flush=True)
    errors = [finding for finding in findings if finding.grade in _ERRORS]
    for error in errors:
        print(f"conform: {error.about}: {first_line(error.text, 1000)}", file=sys.stderr)
    if not errors:
        return USABLE
    reachable = any(error.grade is Grade.UNUSABLE for error in errors)
    return UNUSABLE if reachable else UNREACHABLE


def _findings_table(findings: Iterable[Finding]) -> Table:
    table = Table("part", "grade", "finding")
    for finding in findings:
        grade = Text(finding.grade, _COLOURS[finding.grade])
        table.add_row(sanitize(finding.about), grade, sanitize(finding.text))
    return table


def _plan_table(profile: Profile, cases: Sequence[PlannedCase]) -> Table:
    """How many cases of each suite will run, and which capabilities the others lack."""
    claimed = claimed_capabilities(profile)
    left_out: Mapping[str, Counter[str]] = defaultdict(Counter)
    for case in cases:
        if missing := sorted(set(case.needs) - claimed):
            left_out[case.suite][", ".join(missing)] += 1
    table = Table("suite", "cases", "will run", "not claimed", show_footer=True)
    suites = Counter(case.suite for case in cases)
    for suite, number in suites.items():
        lacking = left_out[suite]
        why = ", ".join(f"{count} need {what}" for what, count in lacking.most_common())
        table.add_row(suite, str(number), str(number - lacking.total()), why)
    unclaimed = sum(lacking.total() for lacking in left_out.values())
    totals = ("all", str(len(cases)), str(len(cases) - unclaimed), str(unclaimed))
    for column, total in zip(table.columns, totals, strict=True):
        column.footer = total
    for column in table.columns[1:3]:
        column.justify = "right"
    return table
