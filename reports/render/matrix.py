"""A run as people look at it: documented rows against drivers, the worst status in front."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fixtures.model import Outcome, Run, Status

# from what a reader must see first to what needs no look
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
    """What one driver found out about one row."""

    driver: str
    anchor: str
    outcomes: tuple[Outcome, ...]

    @property
    def worst(self) -> Status | None:
        """The gravest status of the cell; nothing if the driver has no case here."""
        return worst_status(self.outcomes)

    @property
    def passed(self) -> int:
        """How many cases passed."""
        return sum(outcome.status is Status.PASSED for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One documented row with its cells, one for each driver of the run."""

    name: str
    ec2_command: str
    soap_call: str
    cloudstack_call: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One of the documented tables, or a suite that stands beside them (number 0)."""

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
    """The whole picture: drivers across, tables and their rows down."""

    drivers: tuple[str, ...]
    tables: tuple[Table, ...]


def worst_status(outcomes: Iterable[Outcome]) -> Status | None:
    """The gravest status among outcomes, or nothing if there are none."""
    return min((outcome.status for outcome in outcomes), key=SEVERITY.index, default=None)


def html_anchor(*parts: object) -> str:
    """A name that an HTML id, a URL fragment and a CSS selector all take."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", "-".join(map(str, parts))).strip("-")


def short_name(outcome: Outcome) -> str:
    """A case's id without what its place in the matrix already says."""
    name = outcome.case.removeprefix(f"{outcome.suite}/").removeprefix(f"{outcome.row}/")
    return name.removesuffix(f"[{outcome.driver}]") or outcome.case


def build_matrix(run: Run) -> Matrix:
    """Arrange a run: every row that the header's plan names, recorded or not, and the others."""
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
    """The rows of the plan as the header tells them, then those that only outcomes know."""
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
