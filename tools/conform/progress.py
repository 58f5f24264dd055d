"""How a run tells of itself while it lasts: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from fixtures.model import Footer, Header, Outcome
from reports.record.claim import FAILING, UNJUDGED, shard_name
from reports.render.matrix import SIGNS
from reports.render.terminal import STATUS_COLOURS
from reports.sanitize import first_line, sanitize

BAD = FAILING | UNJUDGED
NAME = "conform-progress"  # whoever records the outcomes looks for a pytest plugin of this name


@dataclass(slots=True)
class SuiteTally:
    """What is known of a suite so far; `told` is how many of its cases were spoken of."""

    cases: int = 0
    bad: int = 0
    seconds: float = 0.0
    reported: int = 0


class LineProgress:
    """A pytest plugin that writes plain lines: one a suite, and each failure as it happens."""

    __name__ = NAME

    def __init__(self, console: Console) -> None:
        self.console = console
        self.has_begun = False
        self._last = ""
        self._suites: dict[str, SuiteTally] = {}

    def on_start(self, header: Header, total: int) -> None:
        """The record was begun, so many cases are planned."""
        self.has_begun = True
        name = sanitize(header.target.get("name", "target"))
        done = header.plan["cases"] - total
        again = header.plan.get("again")
        parts = (
            shard_name(header),
            f"what failed in run {sanitize(again)}" if again else "",
            f"{done} done before" if done else "",
        )
        aside = "".join(f", {part}" for part in parts if part)
        self._print(f"run {sanitize(header.run)}: {total} cases, target {name}{aside}")

    def on_outcome(self, outcome: Outcome) -> None:
        """A case ended."""
        if self._last not in ("", outcome.suite) and not self._suites[self._last].reported:
            self._print_suite(self._last)
        self._last = outcome.suite
        tally = self._suites.setdefault(outcome.suite, SuiteTally())
        tally.cases += 1
        tally.seconds += outcome.seconds
        if outcome.status in BAD:
            tally.bad += 1
            self._print(failure_line(outcome))

    def on_finish(self, footer: Footer) -> None:
        """The record was ended."""
        del footer  # the claim is told with everything else, once the reports are there
        for suite, tally in self._suites.items():
            if tally.reported != tally.cases:
                self._print_suite(suite)

    def close(self) -> None:
        """Nothing is held open."""

    def _print_suite(self, suite: str) -> None:
        tally = self._suites[suite]
        tally.reported = tally.cases
        failed = f", {tally.bad} failed" if tally.bad else ""
        self._print(f"{sanitize(suite)}: {tally.cases} cases{failed}, {tally.seconds:.1f} s")

    def _print(self, text: str) -> None:
        self.console.print(Text(text), soft_wrap=True)


class BarProgress:
    """A pytest plugin that draws one bar: cases done, failed so far, the current one."""

    __name__ = NAME

    def __init__(self, console: Console) -> None:
        self.console = console
        self.has_begun = False
        self._bad = 0
        self._bar = Progress(
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[bad]}", style="bold red"),
            TextColumn("{task.description}", style="dim", markup=False),
            console=console,
            transient=True,
            refresh_per_second=8,
            redirect_stdout=False,  # pytest has taken hold of both already
            redirect_stderr=False,
        )
        self._task = self._bar.add_task("", total=None, bad="")

    def on_start(self, header: Header, total: int) -> None:
        """The record was begun, so many cases are planned."""
        self.has_begun = True
        name = sanitize(header.target.get("name", "target"))
        self._bar.update(self._task, total=total, description=f"starting {name}")
        self._bar.start()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """A case begins."""
        case = nodeid.partition("[")[2].removesuffix("]") or nodeid
        self._bar.update(self._task, description=first_line(case, 60))

    def on_outcome(self, outcome: Outcome) -> None:
        """A case ended."""
        if outcome.status in BAD:
            self._bad += 1
            line = Text(failure_line(outcome), style=STATUS_COLOURS[outcome.status])
            self._bar.console.print(line, soft_wrap=True)
        failed = f"{self._bad} failed" if self._bad else ""
        self._bar.update(self._task, advance=1, bad=failed)

    def on_finish(self, footer: Footer) -> None:
        """The record was ended."""
        del footer  # the claim is told with everything else, once the reports are there
        self.close()

    def close(self) -> None:
        """Take the bar away, however the run ended."""
        self._bar.stop()


ProgressListener: TypeAlias = LineProgress | BarProgress


def progress_listener(console: Console) -> ProgressListener:
    """What fits the console: a bar where somebody sits, lines where something logs."""
    return BarProgress(console) if console.is_interactive else LineProgress(console)


class DetachableConsole(Console):
    """A console whose reader may leave without ending the run."""

    def on_broken_pipe(self) -> None:
        """Say nothing more; the run and its exit status matter more than who listens."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


def open_terminal() -> Console:
    """A console on a copy of standard output, which pytest's capturing of output leaves alone."""
    stream = os.fdopen(os.dup(1), "w", encoding=sys.stdout.encoding, errors="replace")
    console = DetachableConsole(file=stream, highlight=False)
    console.is_interactive = (
        console.is_interactive and stream.isatty()
    )  # colours alone may be forced
    return console


def failure_line(outcome: Outcome) -> str:
    """A failure in one line: sign, case, first finding."""
    return f"{SIGNS[outcome.status]} {sanitize(outcome.case)}: {first_line(outcome.because)}"
