"""The matrix of a run: documented rows by drivers, with the worst status of each cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
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
    heading: str = ""

    @property
    def has_commands(self) -> bool:
        """Whether a row has an EC2 command."""
        return any(row.ec2_command for table in self.tables for row in table.rows)


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


def build_matrix(run: Run) -> Matrix:
    """The matrix of a run: the rows of the plan, recorded or not, then other rows of outcomes."""
    return _matrix("", _suite_labels(run), run.outcomes, lambda o: (o.suite, o.row))


def build_matrices(run: Run) -> tuple[Matrix, ...]:
    """A matrix of the documented tables, with the cases of all suites about their rows, one of S3's
    operations, and one for each group of other suites that are of the same drivers: each has only
    the drivers that it has cases of."""
    documented = [outcome for outcome in run.outcomes if outcome.table]
    others = [outcome for outcome in run.outcomes if not outcome.table]
    in_s3 = [outcome for outcome in others if is_s3_suite(outcome.suite)]
    operational = [outcome for outcome in others if not is_s3_suite(outcome.suite)]
    parts = [
        _matrix("EC2: the documented tables", _table_labels(run), documented, _table_place),
        _matrix("S3: operations", _outcome_labels(in_s3), in_s3, _suite_place),
    ]
    for suites, part in _by_drivers(operational).items():
        heading = f"Operation: {', '.join(suites)}".replace("_", " ")
        parts.append(_matrix(heading, _outcome_labels(part), part, _suite_place))
    return tuple(part for part in parts if part.tables)


def _by_drivers(outcomes: Iterable[Outcome]) -> dict[tuple[str, ...], list[Outcome]]:
    """Outcomes by the suites that have the same drivers."""
    by_suite: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_suite.setdefault(outcome.suite, []).append(outcome)
    groups: dict[frozenset[str], list[str]] = {}
    for suite in sorted(by_suite):
        drivers = frozenset(outcome.driver for outcome in by_suite[suite])
        groups.setdefault(drivers, []).append(suite)
    return {
        tuple(suites): [outcome for suite in suites for outcome in by_suite[suite]]
        for suites in groups.values()
    }


def is_s3_suite(suite: str) -> bool:
    """Whether a suite is about S3."""
    return suite == "s3" or suite.startswith("s3-")


_Label = Mapping[str, Any]  # table, suite, row, and what else the header of a record has of a row
_Place = tuple[object, str]  # the table or suite, and the row


def _table_place(outcome: Outcome) -> _Place:
    return outcome.table, outcome.row


def _suite_place(outcome: Outcome) -> _Place:
    return outcome.suite, outcome.row


def _matrix(
    heading: str,
    labels: Mapping[_Place, _Label],
    outcomes: Sequence[Outcome],
    place_of: Callable[[Outcome], _Place],
) -> Matrix:
    found: dict[_Place, dict[str, list[Outcome]]] = {}
    for outcome in outcomes:
        cells = found.setdefault(place_of(outcome), {})
        cells.setdefault(outcome.driver, []).append(outcome)
    drivers = tuple(sorted({o.driver for o in outcomes}, key=_driver_order))
    grouped: dict[tuple[int, str], tuple[str, list[MatrixRow]]] = {}
    for place, label in labels.items():
        group = (label["table"], label["suite"])
        rows = grouped.setdefault(group, (label.get("title") or label["suite"], []))[1]
        rows.append(_row(label, drivers, found.get(place, {})))
    ordered = sorted(grouped.items(), key=lambda item: item[0][0] or 1000)
    tables = (Table(n, suite, title, tuple(rows)) for (n, suite), (title, rows) in ordered)
    return Matrix(drivers, tuple(tables), heading)


def _suite_labels(run: Run) -> dict[_Place, _Label]:
    """The rows of the plan, from the header, then those that only outcomes have, by suite."""
    labels: dict[_Place, _Label] = {
        (label["suite"], label["row"]): label for label in run.header.plan.get("rows", ())
    }
    for place, label in _outcome_labels(run.outcomes).items():
        labels.setdefault(place, label)
    return labels


def _table_labels(run: Run) -> dict[_Place, _Label]:
    """The rows of the documented tables, from the header, then those that only outcomes have."""
    labels: dict[_Place, _Label] = {
        (label["table"], label["row"]): label for label in run.header.plan.get("rows", ())
    }
    suites = {label["table"]: label["suite"] for label in labels.values()}
    for outcome in run.outcomes:
        if outcome.table and (outcome.table, outcome.row) not in labels:
            suite = suites.setdefault(outcome.table, outcome.suite)
            labels[outcome.table, outcome.row] = _label(outcome) | {"suite": suite}
    return labels


def _outcome_labels(outcomes: Iterable[Outcome]) -> dict[_Place, _Label]:
    labels: dict[_Place, _Label] = {}
    for outcome in outcomes:
        if (outcome.suite, outcome.row) not in labels:
            labels[outcome.suite, outcome.row] = _label(outcome)
    return labels


def _label(outcome: Outcome) -> dict[str, Any]:
    return {"table": outcome.table, "suite": outcome.suite, "row": outcome.row}


def _row(
    label: Mapping[str, Any], drivers: tuple[str, ...], found: Mapping[str, list[Outcome]]
) -> MatrixRow:
    name = label["row"]
    cells = (Cell(driver, tuple(found.get(driver, ()))) for driver in drivers)
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
