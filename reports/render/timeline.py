"""A history as a picture: operations per second, the replica's lag, each step of the failover as a
band, and what was lost.

This module computes positions, in SVG's units, and figures. The look is in
`templates/timeline.html.j2` and `page.css`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from fixtures.model import (
    History,
    Lag,
    Operation,
    OpKind,
    OpResult,
    Phase,
    TimeSlot,
    failover_window,
    throughput,
    unavailability,
)

WIDTH, LEFT, RIGHT = 960, 70, 60  # of the picture, and of its margins
RATES_HEIGHT, LAGS_HEIGHT = 150, 64  # the plots' heights
ROW_HEIGHT, GAP, AXIS_HEIGHT = 17, 14, 40  # of labels; between plots; below them
LETTER_WIDTH = 7.2  # of a letter of a label, at most
MAX_BARS, MAX_ROWS = 110, 30  # in the picture, and in the table beside it, at most
_ROUND_NUMBERS = tuple(n * 10**k for k in range(-2, 5) for n in (1, 2, 5))
_STEP = re.compile(r"F[1-6]")


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of an axis, and the number beside it."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Band:
    """A phase in the picture, with its label in a row above the plots."""

    phase: Phase
    is_step: bool  # of the failover; else it is an action of the nemesis
    x: float
    width: float
    label: str
    y: float


@dataclass(frozen=True, slots=True)
class TableRow:
    """The operations of a slot of time, and the largest lag."""

    slot: TimeSlot
    ended: float
    lag: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot: its place, its axis, and its SVG paths by class."""

    top: float
    height: float
    ticks: tuple[Tick, ...]
    paths: tuple[tuple[str, str], ...]


class Timeline:
    """The picture of one history."""

    def __init__(self, history: History) -> None:
        self.history = history
        ends = [call.ended for call in history.operations]
        ends += [phase.ended for phase in history.phases]
        self.duration = max(ends, default=0.0) or 1.0

    # --- the frame ---

    def x(self, at: float) -> float:
        """The x of a time."""
        return round(LEFT + (WIDTH - LEFT - RIGHT) * at / self.duration, 1)

    @property
    def right(self) -> float:
        """The x of the plots' end."""
        return WIDTH - RIGHT

    @property
    def height(self) -> float:
        """The height of the picture."""
        return self.bottom + AXIS_HEIGHT

    @property
    def bottom(self) -> float:
        """The y of the plots' end, where the time axis is."""
        if self.lags is not None:
            return self.lags.top + LAGS_HEIGHT
        return self.lost_y + ROW_HEIGHT / 2 if self.lost_marks else self.rates.top + RATES_HEIGHT

    @property
    def lost_y(self) -> float:
        """The y of the marks of lost writes, below the operations."""
        return self.rates.top + RATES_HEIGHT + GAP

    @cached_property
    def time_ticks(self) -> tuple[Tick, ...]:
        """The ticks of the time axis."""
        step = _round_up(self.duration / 10)
        number = int(self.duration / step + 1e-9)
        return tuple(Tick(self.x(n * step), f"{n * step:g}") for n in range(number + 1))

    @cached_property
    def bands(self) -> tuple[Band, ...]:
        """The bands of all phases. A label begins where its phase does, with a line down from
        there. Labels are placed from right to left, each in the lowest row in which it ends before
        the labels beside it and the lines from above."""
        rows: list[float] = []  # where the leftmost label of each row begins, the lowest row first
        placed: list[tuple[Phase, str, int]] = []
        for phase in sorted(self.history.phases, key=lambda phase: (phase.began, phase.ended))[
            ::-1
        ]:
            sign = "✗ " if phase.findings else ""
            label = f"{sign}{phase.name} {_seconds_text(phase.ended - phase.began)}"
            begins = self.x(phase.began)
            ends = begins + LETTER_WIDTH * (len(label) + 1)
            row = next(n for n in range(len(rows) + 1) if ends <= min(rows[n:], default=math.inf))
            rows[row:] = [begins, *rows[row + 1 :]]
            placed.append((phase, label, row))
        return tuple(
            Band(
                phase=phase,
                is_step=bool(_STEP.fullmatch(phase.name)),
                x=self.x(phase.began),
                width=round(max(2.0, self.x(phase.ended) - self.x(phase.began)), 1),
                label=label,
                y=(len(rows) - row) * ROW_HEIGHT,
            )
            for phase, label, row in reversed(placed)
        )

    # --- the plots ---

    @cached_property
    def slot_width(self) -> float:
        """The seconds of a bar."""
        return _round_up(self.duration / MAX_BARS)

    @cached_property
    def rates(self) -> Plot:
        """Operations per second, stacked by their results."""
        slots = throughput(self.history.operations, self.slot_width)
        rates = [[count / self.slot_width for count in (s.ok, s.refused, s.unknown)] for s in slots]
        highest = max((sum(rate) for rate in rates), default=0.0)
        top = max((band.y for band in self.bands), default=0.0) + GAP
        ticks, scale = _vertical_axis(highest, top, RATES_HEIGHT)
        paths = []
        for number, result in enumerate(OpResult):
            bars = [
                (slot.at, sum(rate[:number]) * scale, rate[number] * scale)
                for slot, rate in zip(slots, rates, strict=True)
            ]
            shapes = (
                self._bar(at, top + RATES_HEIGHT - low, tall) for at, low, tall in bars if tall
            )
            paths.append((str(result), "".join(shapes)))
        return Plot(top, RATES_HEIGHT, ticks, tuple(paths))

    @cached_property
    def lags(self) -> Plot | None:
        """How far the replica was behind; `None` if it was not observed."""
        if not self.history.lags:
            return None
        top = self.lost_y + (ROW_HEIGHT if self.lost_marks else 0)
        known = [lag.transactions for lag in self.history.lags if lag.transactions is not None]
        ticks, scale = _vertical_axis(float(max(known, default=0)), top, LAGS_HEIGHT)
        floor = top + LAGS_HEIGHT
        area, dark = [], []
        for lag, after in zip(self.history.lags, [*self.history.lags[1:], None], strict=True):
            until = lag.at if after is None else after.at
            begins, width = self.x(lag.at), round(self.x(until) - self.x(lag.at), 1)
            if lag.transactions is None:
                dark.append(f"M{begins} {floor}v-{LAGS_HEIGHT}h{width}v{LAGS_HEIGHT}z")
            else:
                tall = round(lag.transactions * scale, 1)
                area.append(f"M{begins} {floor}v-{tall}h{width}v{tall}z")
        return Plot(top, LAGS_HEIGHT, ticks, (("lag", "".join(area)), ("dark", "".join(dark))))

    def _bar(self, at: float, floor: float, tall: float) -> str:
        begins = self.x(at)
        width = round(self.x(min(at + self.slot_width, self.duration)) - begins, 1)
        return f"M{begins} {floor:.1f}v-{tall:.1f}h{max(width, 1.0)}v{tall:.1f}z"

    # --- losses ---

    @cached_property
    def lost_writes(self) -> tuple[Operation, ...] | None:
        """The acknowledged changes that the new primary never had; `None` if not observed."""
        if self.history.missing is None:
            return None
        # Of an item's changes on the old primary, the missing ones are the last.
        left = Counter(name for transaction in self.history.missing for name in {*transaction})
        lost = []
        for call in sorted(self._changes_on_old_primary(), key=lambda call: -call.ended):
            if left[call.name]:
                left[call.name] -= 1
                lost.append(call)
        return tuple(reversed(lost))

    def _changes_on_old_primary(self) -> list[Operation]:
        """The changes that were acknowledged before the new primary served."""
        starts = (phase.began for phase in self.history.phases if phase.name == "F5")
        served = min(starts, default=math.inf)
        return [
            call
            for call in self.history.operations
            if call.ended <= served
            and call.result is OpResult.OK
            and call.op_kind is not OpKind.READ
        ]

    @property
    def acknowledged_changes(self) -> int:
        """The number of changes that were acknowledged before the new primary served."""
        return len(self._changes_on_old_primary())

    @cached_property
    def lost_marks(self) -> tuple[float, ...]:
        """The x of each lost write."""
        return tuple(self.x(call.ended) for call in self.lost_writes or ())

    # --- figures and table ---

    @property
    def write_outage(self) -> float:
        """Seconds for which no write was acknowledged; 0 if that is not known."""
        return unavailability(self.history, reads=False) or 0.0

    @cached_property
    def figures(self) -> dict[str, str]:
        """The most important numbers, by name."""
        results = [call.result for call in self.history.operations]
        window = failover_window(self.history)
        known = [lag.transactions for lag in self.history.lags if lag.transactions is not None]
        return {
            "operations": str(len(results)),
            "refused": str(results.count(OpResult.REFUSED)),
            "unknown": str(results.count(OpResult.UNKNOWN)),
            "failover": "not done"
            if window is None
            else _seconds_text(window.ended - window.began),
            "no writes for": _outage_text(unavailability(self.history, reads=False)),
            "no reads for": _outage_text(unavailability(self.history, reads=True)),
            "behind at most": _transactions_text(max(known)) if known else "not observed",
            "lost": "not observed" if self.lost_writes is None else str(len(self.lost_writes)),
        }

    @property
    def description(self) -> str:
        """The picture as a text."""
        figures = "; ".join(f"{name}: {value}" for name, value in self.figures.items())
        phases = "; ".join(
            f"{phase.name} from {phase.began:.2f} to {phase.ended:.2f} s"
            for phase in self.history.phases
        )
        return f"{_seconds_text(self.duration)} under load. {figures}. {phases or 'No failover'}."

    @cached_property
    def table(self) -> tuple[TableRow, ...]:
        """The picture as a table."""
        width = _round_up(self.duration / MAX_ROWS)
        return tuple(
            TableRow(
                slot, slot.at + width, _largest_lag(self.history.lags, slot.at, slot.at + width)
            )
            for slot in throughput(self.history.operations, width)
        )


def _round_up(width: float) -> float:
    """The next round number."""
    return next((number for number in _ROUND_NUMBERS if number >= width), width)


def _vertical_axis(highest: float, top: float, height: float) -> tuple[tuple[Tick, ...], float]:
    """The ticks of an axis from 0 to the highest value, and the scale: SVG's units per unit."""
    step = _round_up(max(highest, 1.0) / 3)
    step = max(step, 1.0)
    number = max(1, math.ceil(highest / step - 1e-9))
    scale = height / (number * step)
    ticks = (
        Tick(round(top + height - n * step * scale, 1), f"{n * step:g}") for n in range(number + 1)
    )
    return tuple(ticks), scale


def _seconds_text(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _transactions_text(number: int) -> str:
    return f"{number} transaction" if number == 1 else f"{number} transactions"


def _outage_text(seconds: float | None) -> str:
    """A duration without service, as figures show it."""
    if seconds is None:
        return "not known"
    return _seconds_text(seconds) if seconds else "0 s"


def _largest_lag(lags: Sequence[Lag], began: float, ended: float) -> str:
    samples = [lag for lag in lags if began <= lag.at < ended]
    known = [lag.transactions for lag in samples if lag.transactions is not None]
    return str(max(known)) if known else ("not known" if samples else "–")
