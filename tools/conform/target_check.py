"""`conform run --check`: whether a target can be used, and how many cases a run would take."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fixtures.profile import CAPABILITY_TEXTS, Profile, claimed_capabilities
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
        claimed = claimed_capabilities(profile)
        console.print(_plan_table(cases, claimed))
        if (unclaimed := _capability_table(cases, claimed)) is not None:
            console.print(unclaimed)
            console.print(Text("claim what the deployment has under [capabilities]", "dim"))
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


def _plan_table(cases: Sequence[PlannedCase], claimed: AbstractSet[str]) -> Table:
    """How many cases of each suite will run."""
    table = Table("suite", "cases", "will run", "not claimed", show_footer=True)
    suites = Counter(case.suite for case in cases)
    runs = Counter(case.suite for case in cases if claimed >= {*case.needs})
    for suite, number in suites.items():
        left_out = number - runs[suite]
        table.add_row(suite, str(number), str(runs[suite]), str(left_out or ""))
    totals = ("all", str(len(cases)), str(runs.total()), str(len(cases) - runs.total()))
    for column, total in zip(table.columns, totals, strict=True):
        column.footer = total
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def _capability_table(cases: Iterable[PlannedCase], claimed: AbstractSet[str]) -> Table | None:
    """What is not claimed, and how many cases each of it would add; None if all is claimed."""
    needing: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    for case in cases:
        missing = sorted({*case.needs} - {*claimed})
        needing.update(missing)
        if len(missing) == 1:
            alone[missing[0]] += 1
    if not needing:
        return None
    table = Table("not claimed", "what it is", "cases need it", "would run with it alone")
    for name, number in needing.most_common():
        about = CAPABILITY_TEXTS.get(name, "what the endpoint accepts, see [endpoint]")
        table.add_row(name, about, str(number), str(alone[name]))
    for column in table.columns[2:]:
        column.justify = "right"
    return table
