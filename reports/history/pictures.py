"""Pictures of a trend, and the badge of a run: SVG without scripts, fonts or network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from fixtures.model import Claim, Run
from reports.history.trends import Trend, TrendRun
from reports.record.claim import HOLDS, assess_run, count_passed
from reports.sanitize import cut, sanitize

WIDTH, HEIGHT = 720, 160
_MARGIN = 40
_BAR = 24  # pixels of a bar at most
_BADGE_COLOURS = {
    Claim.CONFORMANT: "#2e7d32",
    Claim.WITH_DEVIATIONS: "#1565c0",
    HOLDS: "#2e7d32",
    Claim.NOT_CONFORMANT: "#c62828",
    Claim.INCOMPLETE: "#9e6a00",
}


@dataclass(frozen=True, slots=True)
class _Scale:
    """From values to pixels."""

    largest: float
    count: int

    @property
    def step(self) -> float:
        return (WIDTH - _MARGIN) / max(1, self.count)

    def left(self, number: int) -> float:
        return _MARGIN + number * self.step

    def height(self, value: float) -> float:
        return (HEIGHT - _MARGIN) * value / self.largest if self.largest else 0.0


def cases_picture(trend: Trend) -> str:
    """A bar for each run: its claimed cases, and those that passed."""
    scale = _Scale(max(run.total.claimed for run in trend.runs), len(trend.runs))
    bars = []
    for number, run in enumerate(trend.runs):
        title = f"{run.name}: {run.total.passed:,} of {run.total.claimed:,} passed, {run.claim}"
        inner = _bar(scale, number, run.total.claimed, "claimed")
        inner += _bar(scale, number, run.total.passed, "passed")
        bars.append(f"<g><title>{escape(title)}</title>{inner}</g>")
    return _picture("Cases claimed and passed, by run", "".join(bars), f"{scale.largest:,}")


def durations_picture(trend: Trend) -> str:
    """A line: the seconds of all cases of each run."""
    scale = _Scale(max(run.total.seconds for run in trend.runs), len(trend.runs))
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in _points(scale, trend.runs))
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"><title>'
        f"{escape(run.name)}: {run.total.seconds:.1f} s</title></circle>"
        for run, (x, y) in zip(trend.runs, _points(scale, trend.runs), strict=True)
    )
    line = f'<polyline points="{points}" fill="none" stroke="currentColor"/>{dots}'
    return _picture("Seconds of all cases, by run", line, f"{scale.largest:.1f} s")


def _points(scale: _Scale, runs: Sequence[TrendRun]) -> Iterator[tuple[float, float]]:
    for number, run in enumerate(runs):
        bottom = HEIGHT - _MARGIN / 2
        yield scale.left(number) + scale.step / 2, bottom - scale.height(run.total.seconds)


def _bar(scale: _Scale, number: int, value: float, name: str) -> str:
    width, height = min(_BAR, scale.step * 0.8), scale.height(value)
    left, top = scale.left(number) + (scale.step - width) / 2, HEIGHT - _MARGIN / 2 - height
    place = f'x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect class="{name}" {place}/>'


def _picture(title: str, inner: str, largest: str) -> str:
    bottom = HEIGHT - _MARGIN / 2
    axis = (
        f'<line x1="{_MARGIN}" x2="{WIDTH}" y1="{bottom}" y2="{bottom}" stroke="currentColor"/>'
        f'<text x="0" y="{_MARGIN / 2 + 4}">{escape(largest)}</text>'
        f'<text x="0" y="{bottom}">0</text>'
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}" '
        f'class="trend"><title>{escape(title)}</title>{axis}{inner}</svg>'
    )


def badge(run: Run) -> str:
    """The claim of a run as a badge: an SVG file."""
    word = assess_run(run).word
    name = cut(sanitize(run.header.target.get("name", "target")), 40)
    passed, claimed = count_passed(run.outcomes)
    value = f"{word}, {passed:,}/{claimed:,}"
    left, right = (7 * len(text) + 16 for text in (name, value))
    title = escape(f"{name}: {value}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{title}"><title>{title}</title>'
        f'<rect width="{left}" height="20" fill="#444"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{_BADGE_COLOURS[word]}"/>'
        '<g fill="#fff" font-family="Verdana,sans-serif" font-size="11" text-anchor="middle">'
        f'<text x="{left / 2}" y="14">{escape(name)}</text>'
        f'<text x="{left + right / 2}" y="14">{escape(value)}</text></g></svg>\n'
    )
