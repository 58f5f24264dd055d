"""What the database of past runs tells: how a target went, since when a finding is there, and which
cases change their mind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from sqlalchemy import Connection, func, select

from fixtures.model import Status, UsageError
from reports.history.store import CASES, FINDINGS, RESULTS, RUNS, SUITES
from reports.record.claim import UNSUCCESSFUL

_Z = 1.96  # of a normal distribution, for 95 %


@dataclass(frozen=True, slots=True)
class SuiteTotal:
    """The cases of a suite in a run."""

    passed: int
    claimed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class TrendRun:
    """A run, with its suites by name."""

    name: str
    started: str
    version: str
    commit: str
    claim: str
    is_whole: bool
    suites: Mapping[str, SuiteTotal]

    @property
    def total(self) -> SuiteTotal:
        """Of all suites."""
        each = self.suites.values()
        return SuiteTotal(
            sum(suite.passed for suite in each),
            sum(suite.claimed for suite in each),
            sum(suite.seconds for suite in each),
        )


@dataclass(frozen=True, slots=True)
class FindingTrend:
    """A finding of the latest run: since which run it has been there without a break.

    `last_good`: the run before, which took the whole plan and did not find it; empty if every run
    found it.
    """

    title: str
    level: str
    is_security: bool
    cases: int
    first_bad: str
    last_good: str
    runs: int  # in which it was found


@dataclass(frozen=True, slots=True)
class Trend:
    """How a target went, the oldest run first."""

    target: str
    runs: tuple[TrendRun, ...]
    findings: tuple[FindingTrend, ...]


@dataclass(frozen=True, slots=True)
class FlakyCase:
    """A case that passed in some runs of the same target, plan and commit, and not in others."""

    case: str
    commit: str
    runs: int
    failures: int
    low: float  # with 95 % confidence, at least this share of runs fails
    high: float  # and at most this


def targets(connection: Connection) -> list[str]:
    """The names of the targets that have runs."""
    return list(connection.scalars(select(RUNS.c.target).distinct().order_by(RUNS.c.target)))


def load_trend(connection: Connection, target: str) -> Trend:
    """How a target went; `UsageError` if it has no run."""
    rows = connection.execute(
        select(RUNS).where(RUNS.c.target == target).order_by(RUNS.c.started, RUNS.c.name)
    ).all()
    if not rows:
        known = ", ".join(targets(connection)) or "none"
        raise UsageError(f"no run of {target!r} was added; there are: {known}")
    suites = _suite_totals(connection, target)
    runs = [
        TrendRun(
            row.name,
            row.started,
            row.version,
            row.commit_id,
            row.claim,
            row.is_whole,
            suites.get(row.id, {}),
        )
        for row in rows
    ]
    findings = _finding_trends(
        connection, [(row.id, run) for row, run in zip(rows, runs, strict=True)]
    )
    return Trend(target, tuple(runs), tuple(findings))


def _suite_totals(connection: Connection, target: str) -> Mapping[int, dict[str, SuiteTotal]]:
    rows = connection.execute(
        select(
            SUITES.c.run_id,
            SUITES.c.suite,
            SUITES.c.status,
            func.sum(SUITES.c.cases).label("cases"),
            func.sum(SUITES.c.seconds).label("seconds"),
        )
        .join(RUNS, RUNS.c.id == SUITES.c.run_id)
        .where(RUNS.c.target == target)
        .group_by(SUITES.c.run_id, SUITES.c.suite, SUITES.c.status)
    )
    found: dict[int, dict[str, SuiteTotal]] = defaultdict(dict)
    for row in rows:
        before = found[row.run_id].get(row.suite, SuiteTotal(0, 0, 0.0))
        found[row.run_id][row.suite] = SuiteTotal(
            before.passed + int(row.cases) * (row.status == Status.PASSED),
            before.claimed + int(row.cases) * (row.status != Status.NOT_CLAIMED),
            before.seconds + float(row.seconds),
        )
    return found


def _finding_trends(
    connection: Connection, runs: Sequence[tuple[int, TrendRun]]
) -> Iterable[FindingTrend]:
    """The findings of the latest run, security and documented ones first."""
    rows = connection.execute(
        select(FINDINGS).where(FINDINGS.c.run_id.in_([number for number, _ in runs]))
    )
    by_run: dict[int, set[str]] = defaultdict(set)
    latest = {}
    for row in rows:
        by_run[row.run_id].add(row.finding)
        if row.run_id == runs[-1][0]:
            latest[row.finding] = row
    for name, row in sorted(
        latest.items(), key=lambda item: (not item[1].is_security, item[1].level, -item[1].cases)
    ):
        first_bad, last_good = runs[-1][1].name, ""
        for number, run in reversed(runs):
            if name in by_run[number]:
                first_bad = run.name
            elif run.is_whole:  # a part of the plan may not have looked
                last_good = run.name
                break
        times = sum(name in found for found in by_run.values())
        yield FindingTrend(
            row.title, row.level, row.is_security, row.cases, first_bad, last_good, times
        )


def flaky_cases(connection: Connection, target: str) -> list[FlakyCase]:
    """The cases of a target that passed and did not, on the same commit and plan; those that fail
    about half the time first."""
    counted = (
        select(
            RESULTS.c.case_id,
            RUNS.c.commit_id,
            RUNS.c.plan,
            RESULTS.c.status,
            func.count().label("runs"),
        )
        .join(RUNS, RUNS.c.id == RESULTS.c.run_id)
        .where(RUNS.c.target == target)
        .where(RESULTS.c.status.in_([Status.PASSED.value, *(each.value for each in UNSUCCESSFUL)]))
        .group_by(RESULTS.c.case_id, RUNS.c.commit_id, RUNS.c.plan, RESULTS.c.status)
    )
    passes: dict[tuple[int, str, str], int] = defaultdict(int)
    failures: dict[tuple[int, str, str], int] = defaultdict(int)
    for row in connection.execute(counted):
        side = passes if row.status == Status.PASSED else failures
        side[row.case_id, row.commit_id, row.plan] += row.runs
    both = passes.keys() & failures.keys()
    numbers = {case for case, _, _ in both}
    rows = connection.execute(select(CASES).where(CASES.c.id.in_(numbers)))
    names = {row.id: row.name for row in rows}
    found = []
    for key in both:
        count = passes[key] + failures[key]
        low, high = failure_share(failures[key], count)
        found.append(FlakyCase(names[key[0]], key[1], count, failures[key], low, high))
    return sorted(found, key=lambda each: (-min(each.low, 1 - each.high), each.case))


def failure_share(failures: int, runs: int) -> tuple[float, float]:
    """Between which shares of all runs fail, with 95 % confidence (Wilson's interval)."""
    share, squared = failures / runs, _Z**2
    center = (share + squared / (2 * runs)) / (1 + squared / runs)
    half = _Z * sqrt(share * (1 - share) / runs + squared / (4 * runs**2)) / (1 + squared / runs)
    return max(0.0, center - half), min(1.0, center + half)
