"""The progress of a run: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from fixtures.model import Footer, Header, Outcome
from reports.record.claim import UNSUCCESSFUL, shard_name
from reports.render.matrix import SIGNS
from reports.render.terminal import STATUS_COLOURS
from reports.sanitize import first_line, sanitize

NAME = "conform-progress"  # conftest.py finds the listener as the pytest plugin of this name


@dataclass(slots=True)
class SuiteTally:
    """A suite so far; `reported`: of how many of its cases a line was printed."""

    cases: int = 0
    bad: int = 0
    seconds: float = 0.0
    reported: int = 0


class LineProgress:
    """A pytest plugin that prints lines: one a suite, and one for each failure when it happens."""

    __name__ = NAME

    def __init__(self, console: Console) -> None:
        self.console = console
        self.has_begun = False
        self._last = ""
        self._suites: dict[str, SuiteTally] = {}

    def on_start(self, header: Header, total: int) -> None:
        """Print the run, its target and the number of cases to run."""
        self.has_begun = True
        name = sanitize(header.target.get("name", "target"))
        done = header.plan["cases"] - total
        rerun_of = header.plan.get("again")
        parts = (
            shard_name(header),
            f"what failed in run {sanitize(rerun_of)}" if rerun_of else "",
            f"{done} done before" if done else "",
        )
        aside = "".join(f", {part}" for part in parts if part)
        self._print(f"run {sanitize(header.run)}: {total} cases, target {name}{aside}")

    def on_outcome(self, outcome: Outcome) -> None:
        """Count the case, and print it if it failed."""
        if self._last not in ("", outcome.suite) and not self._suites[self._last].reported:
            self._print_suite(self._last)
        self._last = outcome.suite
        tally = self._suites.setdefault(outcome.suite, SuiteTally())
        tally.cases += 1
        tally.seconds += outcome.seconds
        if outcome.status in UNSUCCESSFUL:
            tally.bad += 1
            self._print(failure_line(outcome))

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
        self._print(f"{sanitize(suite)}: {tally.cases} cases{failed}, {tally.seconds:.1f} s")

    def _print(self, text: str) -> None:
        self.console.print(Text(text), soft_wrap=True)


class BarProgress:
    """A pytest plugin that draws a bar: cases done and failed, and the current case."""

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
            redirect_stdout=False,  # pytest captures both
            redirect_stderr=False,
        )
        self._task = self._bar.add_task("", total=None, bad="")

    def on_start(self, header: Header, total: int) -> None:
        """Show the bar."""
        self.has_begun = True
        name = sanitize(header.target.get("name", "target"))
        self._bar.update(self._task, total=total, description=f"starting {name}")
        self._bar.start()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Show the case that begins."""
        case = nodeid.partition("[")[2].removesuffix("]") or nodeid
        self._bar.update(self._task, description=first_line(case, 60))

    def on_outcome(self, outcome: Outcome) -> None:
        """Count the case, and print it if it failed."""
        if outcome.status in UNSUCCESSFUL:
            self._bad += 1
            line = Text(failure_line(outcome), style=STATUS_COLOURS[outcome.status])
            self._bar.console.print(line, soft_wrap=True)
        failed = f"{self._bad} failed" if self._bad else ""
        self._bar.update(self._task, advance=1, bad=failed)

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
    """A failure in one line: sign, case, first finding."""
    return f"{SIGNS[outcome.status]} {sanitize(outcome.case)}: {first_line(outcome.because)}"
