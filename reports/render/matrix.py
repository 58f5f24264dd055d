"""The matrix of a run: documented rows by drivers, with the worst status of each cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fixtures.model import Outcome, Run, Status

# from the status that a reader must see first to the one that needs no attention
SEVERITY = (
    Status.FAILED,
    Status.STALE_DEVIATION,
    Status.ERROR,
    Status.INCONCLUSIVE,
    Status.KNOWN_DEVIATION,
    Status.NOT_CLAIMED,
    Status.PASSED,
)

SIGNS: Mapping[str, str] = {
    Status.PASSED: "✓",
    Status.FAILED: "✗",
    Status.ERROR: "!",
    Status.INCONCLUSIVE: "?",
    Status.NOT_CLAIMED: "○",
    Status.KNOWN_DEVIATION: "≈",
    Status.STALE_DEVIATION: "≠",
}

_DRIVERS = ("boto", "boto3", "soap", "command", "raw")


@dataclass(frozen=True, slots=True)
class Cell:
    """The outcomes of one row with one driver."""

    driver: str
    anchor: str
    outcomes: tuple[Outcome, ...]

    @property
    def worst(self) -> Status | None:
        """The most severe status of the cell; None if it has no outcome."""
        return worst_status(self.outcomes)

    @property
    def passed_count(self) -> int:
        """The number of cases that passed."""
        return sum(outcome.status is Status.PASSED for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A documented row with a cell for each driver of the run."""

    name: str
    ec2_command: str
    soap_call: str
    cloudstack_call: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A documented table, or a suite that is not one (number 0)."""

    number: int
    suite: str
    title: str
    rows: tuple[MatrixRow, ...]

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Every outcome of the table."""
        return tuple(o for row in self.rows for cell in row.cells for o in cell.outcomes)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Drivers across, tables and their rows down."""

    drivers: tuple[str, ...]
    tables: tuple[Table, ...]


def worst_status(outcomes: Iterable[Outcome]) -> Status | None:
    """The most severe status of outcomes; None if there are none."""
    return min((outcome.status for outcome in outcomes), key=SEVERITY.index, default=None)


def outcomes_by_reason(outcomes: Iterable[Outcome], status: Status) -> dict[str, list[Outcome]]:
    """The outcomes in a status, grouped by their reason."""
    reasons: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.status is status:
            reasons.setdefault(outcome.because or "no reason recorded", []).append(outcome)
    return reasons


def html_anchor(*parts: object) -> str:
    """A name that is valid as an HTML id, a URL fragment and a CSS selector."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", "-".join(map(str, parts))).strip("-")


def short_name(outcome: Outcome) -> str:
    """A case's id without the suite, row and driver, which its place in the matrix shows."""
    name = outcome.case.removeprefix(f"{outcome.suite}/").removeprefix(f"{outcome.row}/")
    return name.removesuffix(f"[{outcome.driver}]") or outcome.case


def build_matrix(run: Run) -> Matrix:
    """The matrix of a run: the rows of the plan, recorded or not, then other rows of outcomes."""
    found: dict[tuple[str, str], dict[str, list[Outcome]]] = {}
    for outcome in run.outcomes:
        cells = found.setdefault((outcome.suite, outcome.row), {})
        cells.setdefault(outcome.driver, []).append(outcome)
    drivers = tuple(sorted({o.driver for o in run.outcomes}, key=_driver_order))
    grouped: dict[tuple[int, str], tuple[str, list[MatrixRow]]] = {}
    for label in _labels(run):
        suite, name = label["suite"], label["row"]
        place = (label["table"], suite)
        rows = grouped.setdefault(place, (label.get("title") or suite, []))[1]
        rows.append(_row(label, drivers, found.get((suite, name), {})))
    ordered = sorted(grouped.items(), key=lambda item: item[0][0] or 1000)
    tables = (Table(n, suite, title, tuple(rows)) for (n, suite), (title, rows) in ordered)
    return Matrix(drivers, tuple(tables))


def _labels(run: Run) -> list[Mapping[str, Any]]:
    """The rows of the plan, from the header, then those that only outcomes have."""
    labels: list[Mapping[str, Any]] = list(run.header.plan.get("rows", ()))
    known = {(label["suite"], label["row"]) for label in labels}
    for outcome in run.outcomes:
        if (outcome.suite, outcome.row) not in known:
            known.add((outcome.suite, outcome.row))
            labels.append({"table": outcome.table, "suite": outcome.suite, "row": outcome.row})
    return labels


def _row(
    label: Mapping[str, Any], drivers: tuple[str, ...], found: Mapping[str, list[Outcome]]
) -> MatrixRow:
    name = label["row"]
    cells = (
        Cell(driver, html_anchor(label["suite"], name, driver), tuple(found.get(driver, ())))
        for driver in drivers
    )
    return MatrixRow(
        name,
        label.get("ec2_command", ""),
        label.get("soap_call", name),
        label.get("cloudstack_call", ""),
        tuple(cells),
    )


def _driver_order(driver: str) -> tuple[int, str]:
    place = _DRIVERS.index(driver) if driver in _DRIVERS else len(_DRIVERS)
    return place, driver
