"""The progress of a run: a bar on a terminal, plain lines elsewhere.

Of cases that fail for one cause only the first is printed: the findings are printed at the end.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from fixtures.model import Footer, Header, Outcome
from reports.record.causes import finding_keys
from reports.record.claim import UNSUCCESSFUL, case_count, shard_name
from reports.record.consequences import COMMON_CAUSE
from reports.record.reasons import one_line_reason
from reports.render.matrix import SIGNS
from reports.render.terminal import STATUS_COLOURS
from reports.sanitize import first_line, sanitize

NAME = "conform-progress"  # conftest.py finds the listener as the pytest plugin of this name
REPORT_SECONDS = 15.0  # between two lines about the progress


@dataclass(slots=True)
class SuiteTally:
    """A suite so far; `reported`: of how many of its cases a line was printed."""

    cases: int = 0
    bad: int = 0
    seconds: float = 0.0
    reported: int = 0


class FirstFailures:
    """Which failures are the first of their cause."""

    def __init__(self) -> None:
        self.count = 0  # of failures so far
        self._actions: dict[object, set[str]] = {}

    def first_line_of(self, outcome: Outcome) -> str:
        """A failure in one line; empty if its cause has been shown, for its action or for many."""
        self.count += 1
        cause, action = finding_keys(outcome)
        actions = self._actions.setdefault(cause, set())
        if action in actions or len(actions) >= COMMON_CAUSE:
            return ""
        actions.add(action)
        return failure_line(outcome)


class Pace:
    """How fast cases end, and how long the rest takes at that rate."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.begin(0)

    def begin(self, total: int) -> None:
        """Start to count cases."""
        self.total, self.done = total, 0
        self._began = self._reported = self._clock()

    @property
    def rate(self) -> float:
        """Cases a second so far."""
        return self.done / max(self._clock() - self._began, 0.001)

    @property
    def is_due(self) -> bool:
        """Whether it is time for another line; then the next is due later."""
        if (now := self._clock()) - self._reported < REPORT_SECONDS:
            return False
        self._reported = now
        return True

    def line(self, failed: int) -> str:
        """`120 of 400 cases, 3 failed, 12 a second, 23 s left`."""
        left = (self.total - self.done) / self.rate if self.done else 0.0
        minutes, seconds = divmod(round(left), 60)
        time_left = f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
        bad = f", {failed:,} failed" if failed else ""
        progress = f"{self.done:,} of {case_count(self.total)}{bad}"
        return f"{progress}, {self.rate:.3g} a second, {time_left} left"


class LineProgress:
    """A pytest plugin that prints lines: one a suite, one for each new cause of a failure when it
    happens, and now and then the progress."""

    __name__ = NAME

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self.console = console
        self.has_begun = False
        self._last = ""
        self._suites: dict[str, SuiteTally] = {}
        self._failures = FirstFailures()
        self._pace = Pace(clock)

    def prepare(self, text: str) -> None:
        """Print nothing: a log begins with the run, or with the error that prevents it."""

    def on_start(self, header: Header, total: int) -> None:
        """Print the run, its target and the number of cases to run."""
        self.has_begun = True
        self._pace.begin(total)
        name = sanitize(header.target.get("name", "target"))
        done = header.plan["cases"] - total
        rerun_of = header.plan.get("again")
        parts = (
            shard_name(header),
            f"what failed in run {sanitize(rerun_of)}" if rerun_of else "",
            f"{done} done before" if done else "",
        )
        aside = "".join(f", {part}" for part in parts if part)
        self._print(f"run {sanitize(header.run)}: {case_count(total)}, target {name}{aside}")

    def on_outcome(self, outcome: Outcome) -> None:
        """Count the case, and print it if it is the first that failed for its cause."""
        if self._last not in ("", outcome.suite) and not self._suites[self._last].reported:
            self._print_suite(self._last)
        self._last = outcome.suite
        tally = self._suites.setdefault(outcome.suite, SuiteTally())
        tally.cases += 1
        tally.seconds += outcome.seconds
        if outcome.status in UNSUCCESSFUL:
            tally.bad += 1
            if line := self._failures.first_line_of(outcome):
                self._print(line)
        self._pace.done += 1
        if self._pace.is_due:
            self._print(self._pace.line(self._failures.count))

    def on_finish(self, footer: Footer) -> None:
        """Print the suites of which no line was printed since their last case."""
        del footer  # the claim is printed after the reports are rendered
        for suite, tally in self._suites.items():
            if tally.reported != tally.cases:
                self._print_suite(suite)

    def close(self) -> None:
        """Do nothing: no resource is open."""

    def _print_suite(self, suite: str) -> None:
        tally = self._suites[suite]
        tally.reported = tally.cases
        failed = f", {tally.bad} failed" if tally.bad else ""
        self._print(f"{sanitize(suite)}: {case_count(tally.cases)}{failed}, {tally.seconds:.1f} s")

    def _print(self, text: str) -> None:
        self.console.print(Text(text), soft_wrap=True)


class BarProgress:
    """A pytest plugin that draws a bar: cases done and failed, and the current case."""

    __name__ = NAME

    def __init__(self, console: Console) -> None:
        self.console = console
        self.has_begun = False
        self._failures = FirstFailures()
        self._pace = Pace()
        self._bar = Progress(
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[rate]}"),
            TextColumn("{task.fields[bad]}", style="bold red"),
            TextColumn("{task.description}", style="dim", markup=False),
            console=console,
            transient=True,
            refresh_per_second=8,
            redirect_stdout=False,  # pytest captures both
            redirect_stderr=False,
        )
        self._task = self._bar.add_task("", total=None, bad="", rate="")

    def prepare(self, text: str) -> None:
        """Show what is done before the run begins."""
        self._bar.update(self._task, description=text)
        self._bar.start()

    def on_start(self, header: Header, total: int) -> None:
        """Show the bar."""
        self.has_begun = True
        self._pace.begin(total)
        name = sanitize(header.target.get("name", "target"))
        self._bar.update(self._task, total=total, description=f"starting {name}")
        self._bar.start()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Show the case that begins."""
        case = nodeid.partition("[")[2].removesuffix("]") or nodeid
        self._bar.update(self._task, description=first_line(case, 60))

    def on_outcome(self, outcome: Outcome) -> None:
        """Count the case, and print it if it is the first that failed for its cause."""
        self._pace.done += 1
        if outcome.status in UNSUCCESSFUL and (text := self._failures.first_line_of(outcome)):
            line = Text(text, style=STATUS_COLOURS[outcome.status])
            self._bar.console.print(line, soft_wrap=True)
        failed = f"{self._failures.count:,} failed" if self._failures.count else ""
        self._bar.update(self._task, advance=1, bad=failed, rate=f"{self._pace.rate:.3g}/s")

    def on_finish(self, footer: Footer) -> None:
        """Remove the bar."""
        del footer  # the claim is printed after the reports are rendered
        self.close()

    def close(self) -> None:
        """Remove the bar."""
        self._bar.stop()


ProgressListener: TypeAlias = LineProgress | BarProgress


def progress_listener(console: Console) -> ProgressListener:
    """A bar on an interactive console, else lines."""
    return BarProgress(console) if console.is_interactive else LineProgress(console)


class DetachableConsole(Console):
    """A console that goes on in silence when its reader has closed the pipe."""

    def on_broken_pipe(self) -> None:
        """Print nothing more: the run goes on to its exit status."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


def open_terminal() -> Console:
    """A console on a copy of stdout, which pytest does not capture."""
    stream = os.fdopen(os.dup(1), "w", encoding=sys.stdout.encoding, errors="replace")
    console = DetachableConsole(file=stream, highlight=False)
    console.is_interactive = (
        console.is_interactive and stream.isatty()
    )  # it is also interactive where only colours are forced
    return console


def failure_line(outcome: Outcome) -> str:
    """A failure in one line: sign, case, reason."""
    return f"{SIGNS[outcome.status]} {sanitize(outcome.case)}: {one_line_reason(outcome)}"
