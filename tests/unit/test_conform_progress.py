"""The progress of a run."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from fixtures.model import Outcome, Status
from tests.support.made_runs import every_status, header, made_run, outcome
from tools.conform.progress import BarProgress, LineProgress, progress_listener


def _console(interactive: bool) -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    console = Console(
        file=stream, force_terminal=interactive, force_interactive=interactive, width=120
    )
    return console, stream


def _follow(following: LineProgress | BarProgress, cases: list[Outcome]) -> None:
    run = made_run(cases)
    assert run.footer is not None
    following.on_start(run.header, len(cases))
    for case in cases:
        following.on_outcome(case)
    following.on_finish(run.footer)
    following.close()


def test_ci_log_gets_one_line_a_suite_and_each_failure() -> None:
    """A CI log has the run, the suites, and failures when they happen."""
    console, stream = _console(interactive=False)
    volumes = [outcome(seconds=0.4), outcome(Status.FAILED, kind="reply", seconds=0.2)]
    _follow(LineProgress(console), [*volumes, outcome(suite="zones", case="zones/x")])
    assert stream.getvalue().splitlines() == [
        "run 20261121T221500Z-ab12cd: 3 cases, target staging",
        "✗ volumes/AttachVolume/reply[boto3]: attachVolume was not called",
        "volumes: 2 cases, 1 failed, 0.6 s",
        "zones: 1 case, 0.0 s",
    ]


def test_a_cause_is_printed_once() -> None:
    """However many cases fail for one cause, the log has the first, and what is new."""
    console, stream = _console(interactive=False)
    alike = [outcome(Status.FAILED, kind=f"case-{n}") for n in range(300)]
    other = outcome(Status.FAILED, kind="reply", because="reply: a is 1, expected 2")
    _follow(LineProgress(console), [*alike, other])
    assert stream.getvalue().splitlines()[1:] == [
        "✗ volumes/AttachVolume/case-0[boto3]: attachVolume was not called",
        "✗ volumes/AttachVolume/reply[boto3]: a is 1, expected 2",
        "volumes: 301 cases, 301 failed, 3.6 s",
    ]


def test_a_log_gets_the_progress_now_and_then() -> None:
    """A long run says how far it is, how many cases failed, its rate, and how long it will take."""
    console, stream = _console(interactive=False)
    now = [0.0]
    following = LineProgress(console, clock=lambda: now[0])
    cases = [outcome(Status.FAILED if n == 3 else Status.PASSED, kind=f"c-{n}") for n in range(40)]
    following.on_start(header(cases), len(cases))
    for case in cases:
        now[0] += 2
        following.on_outcome(case)
    lines = [line for line in stream.getvalue().splitlines() if " left" in line]
    assert lines[0] == "8 of 40 cases, 1 failed, 0.5 a second, 1 min 4 s left"
    assert len(lines) == 5


def test_mixed_order_does_not_flood_a_ci_log() -> None:
    """Cases of many suites in a mixed order still make at most two lines a suite."""
    console, stream = _console(interactive=False)
    mixed = [
        outcome(suite=suite, case=f"{suite}/{n}")
        for n in range(50)
        for suite in ("volumes", "zones")
    ]
    _follow(LineProgress(console), mixed)
    lines = stream.getvalue().splitlines()
    assert len(lines) <= 5
    assert lines[-2:] == ["volumes: 50 cases, 0.6 s", "zones: 50 cases, 0.6 s"]


def test_terminal_gets_a_bar_that_goes_away() -> None:
    """On a terminal the bar counts cases and failures; only failures stay on the screen."""
    console, stream = _console(interactive=True)
    following = BarProgress(console)
    cases = list(every_status())
    following.on_start(header(cases), len(cases))
    following.pytest_runtest_logstart("suites/volumes.py::test_x[volumes/AttachVolume/x[boto]]")
    for case in cases:
        following.on_outcome(case)
    drawn = stream.getvalue()
    following.close()
    assert "✗ volumes/AttachVolume/case-1[boto3]: attachVolume was not called" in drawn
    assert "7/7" in drawn + stream.getvalue()
    assert "4 failed" in stream.getvalue()


@pytest.mark.parametrize(("interactive", "kind"), [(True, BarProgress), (False, LineProgress)])
def test_bar_on_a_terminal_only(interactive: bool, kind: type) -> None:
    """A terminal gets the bar, a pipe or a CI log gets lines."""
    assert isinstance(progress_listener(_console(interactive)[0]), kind)
