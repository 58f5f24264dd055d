"""A history as a picture: operations a second, how far the replica was behind, each step of the
failover as a band, and what was lost.

Everything here is arithmetic: where a thing stands in the picture, in SVG's units, and the figures
that are told beside it. How it looks is in `templates/timeline.html.j2` and `page.css`.
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

WIDTH, LEFT, RIGHT = 960, 70, 60  # of the whole, and of what stands beside the plots
RATES, LAGS = 150, 64  # the plots' heights
ROW, GAP, AXIS = 17, 14, 40  # of labels, between plots, below them
LETTER = 7.2  # the width of a letter of a label, at most
BARS, LINES = 110, 30  # in the picture, and in the table beside it, at most
_WIDTHS = tuple(n * 10**k for k in range(-2, 5) for n in (1, 2, 5))
_STEP = re.compile(r"F[1-6]")


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of an axis, and the number beside it."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Band:
    """A moment in the picture, and where its label stands: in a row above the plots."""

    moment: Phase
    step: bool  # of the failover; otherwise it is what the nemesis did
    x: float
    width: float
    label: str
    y: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: what happened in a slot of time."""

    slot: TimeSlot
    until: float
    lag: str


@dataclass(frozen=True, slots=True)
class Plot:
    """One of the plots: its place, its axis, and what is drawn, as SVG paths by class."""

    top: float
    height: float
    ticks: tuple[Tick, ...]
    paths: tuple[tuple[str, str], ...]


class Timeline:
    """The picture of one history."""

    def __init__(self, told: History) -> None:
        self.told = told
        ends = [*(one.ended for one in told.operations), *(one.ended for one in told.phases)]
        self.lasted = max(ends, default=0.0) or 1.0

    # --- the frame ---

    def x(self, at: float) -> float:
        """Where a time is."""
        return round(LEFT + (WIDTH - LEFT - RIGHT) * at / self.lasted, 1)

    @property
    def right(self) -> float:
        """Where the plots end."""
        return WIDTH - RIGHT

    @property
    def height(self) -> float:
        """Of the whole picture."""
        return self.bottom + AXIS

    @property
    def bottom(self) -> float:
        """Where the plots end, and the axis of time is."""
        if self.lags is not None:
            return self.lags.top + LAGS
        return self.lane + ROW / 2 if self.losses else self.rates.top + RATES

    @property
    def lane(self) -> float:
        """Where what was lost is marked, below the operations."""
        return self.rates.top + RATES + GAP

    @cached_property
    def seconds(self) -> tuple[Tick, ...]:
        """The axis of time."""
        step = _at_least(self.lasted / 10)
        number = int(self.lasted / step + 1e-9)
        return tuple(Tick(self.x(n * step), f"{n * step:g}") for n in range(number + 1))

    @cached_property
    def bands(self) -> tuple[Band, ...]:
        """Every moment. A label begins where its moment does, and a line leads down from there;
        labels are placed from right to left, each as low as it ends before the labels beside it and
        the lines that come from above."""
        rows: list[float] = []  # where the leftmost label of each row begins, the lowest row first
        placed: list[tuple[Phase, str, int]] = []
        for moment in sorted(self.told.phases, key=lambda one: (one.began, one.ended))[::-1]:
            sign = "✗ " if moment.findings else ""
            label = f"{sign}{moment.name} {_lasting(moment.ended - moment.began)}"
            begins = self.x(moment.began)
            ends = begins + LETTER * (len(label) + 1)
            row = next(n for n in range(len(rows) + 1) if ends <= min(rows[n:], default=math.inf))
            rows[row:] = [begins, *rows[row + 1 :]]
            placed.append((moment, label, row))
        return tuple(
            Band(
                moment=moment,
                step=bool(_STEP.fullmatch(moment.name)),
                x=self.x(moment.began),
                width=round(max(2.0, self.x(moment.ended) - self.x(moment.began)), 1),
                label=label,
                y=(len(rows) - row) * ROW,
            )
            for moment, label, row in reversed(placed)
        )

    # --- the plots ---

    @cached_property
    def slot(self) -> float:
        """Seconds for which a bar stands."""
        return _at_least(self.lasted / BARS)

    @cached_property
    def rates(self) -> Plot:
        """Operations a second, by what came of them, one above the other."""
        slots = throughput(self.told.operations, self.slot)
        rates = [[count / self.slot for count in (s.ok, s.refused, s.unknown)] for s in slots]
        highest = max((sum(rate) for rate in rates), default=0.0)
        top = max((band.y for band in self.bands), default=0.0) + GAP
        ticks, scale = _upwards(highest, top, RATES)
        paths = []
        for number, came in enumerate(OpResult):
            bars = [
                (slot.at, sum(rate[:number]) * scale, rate[number] * scale)
                for slot, rate in zip(slots, rates, strict=True)
            ]
            shapes = (self._bar(at, top + RATES - low, tall) for at, low, tall in bars if tall)
            paths.append((str(came), "".join(shapes)))
        return Plot(top, RATES, ticks, tuple(paths))

    @cached_property
    def lags(self) -> Plot | None:
        """How far the replica was behind; nothing if nobody looked."""
        if not self.told.lags:
            return None
        top = self.lane + (ROW if self.losses else 0)
        known = [lag.transactions for lag in self.told.lags if lag.transactions is not None]
        ticks, scale = _upwards(float(max(known, default=0)), top, LAGS)
        floor = top + LAGS
        area, dark = [], []
        for lag, after in zip(self.told.lags, [*self.told.lags[1:], None], strict=True):
            until = lag.at if after is None else after.at
            begins, width = self.x(lag.at), round(self.x(until) - self.x(lag.at), 1)
            if lag.transactions is None:
                dark.append(f"M{begins} {floor}v-{LAGS}h{width}v{LAGS}z")
            else:
                tall = round(lag.transactions * scale, 1)
                area.append(f"M{begins} {floor}v-{tall}h{width}v{tall}z")
        return Plot(top, LAGS, ticks, (("lag", "".join(area)), ("dark", "".join(dark))))

    def _bar(self, at: float, floor: float, tall: float) -> str:
        begins = self.x(at)
        width = round(self.x(min(at + self.slot, self.lasted)) - begins, 1)
        return f"M{begins} {floor:.1f}v-{tall:.1f}h{max(width, 1.0)}v{tall:.1f}z"

    # --- what was lost ---

    @cached_property
    def lost(self) -> tuple[Operation, ...] | None:
        """The acknowledged changes that the new primary never had; `None` if nobody looked."""
        if self.told.missing is None:
            return None
        # Of what was done with a thing while the old primary served, the new one may have had the
        # beginning.
        left = Counter(name for transaction in self.told.missing for name in {*transaction})
        lost = []
        served = min((one.began for one in self.told.phases if one.name == "F5"), default=math.inf)
        old = (one for one in self.told.operations if one.ended <= served)
        for one in sorted(old, key=lambda one: -one.ended):
            if one.result is OpResult.OK and one.op_kind is not OpKind.READ and left[one.name]:
                left[one.name] -= 1
                lost.append(one)
        return tuple(reversed(lost))

    @cached_property
    def losses(self) -> tuple[float, ...]:
        """Where they are."""
        return tuple(self.x(one.ended) for one in self.lost or ())

    # --- what is told beside it ---

    @property
    def silence(self) -> float:
        """Seconds for which nothing could be written, as far as anybody knows."""
        return unavailability(self.told, reads=False) or 0.0

    @cached_property
    def figures(self) -> dict[str, str]:
        """The numbers that a reader asks for first."""
        came = [one.result for one in self.told.operations]
        when = failover_window(self.told)
        known = [lag.transactions for lag in self.told.lags if lag.transactions is not None]
        return {
            "operations": str(len(came)),
            "refused": str(came.count(OpResult.REFUSED)),
            "unknown": str(came.count(OpResult.UNKNOWN)),
            "failover": "not done" if when is None else _lasting(when.ended - when.began),
            "no writes for": _for(unavailability(self.told, reads=False)),
            "no reads for": _for(unavailability(self.told, reads=True)),
            "behind at most": _transactions(max(known)) if known else "not seen",
            "lost": "not seen" if self.lost is None else str(len(self.lost)),
        }

    @property
    def words(self) -> str:
        """The picture in words."""
        figures = "; ".join(f"{name}: {value}" for name, value in self.figures.items())
        moments = "; ".join(
            f"{one.name} from {one.began:.2f} to {one.ended:.2f} s" for one in self.told.phases
        )
        return f"{_lasting(self.lasted)} under load. {figures}. {moments or 'Nothing happened'}."

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The picture as a table."""
        width = _at_least(self.lasted / LINES)
        return tuple(
            Line(slot, slot.at + width, _largest(self.told.lags, slot.at, slot.at + width))
            for slot in throughput(self.told.operations, width)
        )


def _at_least(width: float) -> float:
    """A round number that is no smaller."""
    return next((round_one for round_one in _WIDTHS if round_one >= width), width)


def _upwards(highest: float, top: float, height: float) -> tuple[tuple[Tick, ...], float]:
    """An axis from 0 to what is highest, and how many units one more is."""
    step = _at_least(max(highest, 1.0) / 3)
    step = max(step, 1.0)
    number = max(1, math.ceil(highest / step - 1e-9))
    scale = height / (number * step)
    ticks = (
        Tick(round(top + height - n * step * scale, 1), f"{n * step:g}") for n in range(number + 1)
    )
    return tuple(ticks), scale


def _lasting(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _transactions(number: int) -> str:
    return f"{number} transaction" if number == 1 else f"{number} transactions"


def _for(seconds: float | None) -> str:
    """How long something did not work."""
    if seconds is None:
        return "not known"
    return _lasting(seconds) if seconds else "no time"


def _largest(lags: Sequence[Lag], began: float, ended: float) -> str:
    here = [lag for lag in lags if began <= lag.at < ended]
    known = [lag.transactions for lag in here if lag.transactions is not None]
    return str(max(known)) if known else ("not known" if here else "–")
