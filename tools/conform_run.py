"""`conform run`, `certify` and `plan`: a thin front of pytest and the reports."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections import Counter
from pathlib import Path

import msgspec
from rich.console import Console
from rich.text import Text

from fixtures.model import HarnessError, UsageError
from reports import outdir
from reports.claim import assess_run, exit_status, plan_digest
from reports.record import FILE, load
from reports.render import PAGE, render
from reports.terminal import print_run
from reports.visible import one_line
from tools import progress
from tools.pytest_session import run_pytest

SIMULATED = "simulated"  # the profile of the deployment that we carry


class Planned(msgspec.Struct, frozen=True):
    """A line of the plan as pytest's side writes it."""

    id: str
    level: str = ""
    suite: str = ""
    text: str = ""
    source: str = ""
    because: str = ""  # why a client has no such case


def run(options: argparse.Namespace) -> int:
    """Run what was asked for and tell how it went."""
    return _certified(options, [*_narrowed(options), *options.pytest_arguments])


def certify(options: argparse.Namespace) -> int:
    """Run the whole plan and tell how it went."""
    return _certified(options, [])


def plan(options: argparse.Namespace) -> int:
    """Print the cases that a run would take, and the digest that names them."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "plan.jsonl"
        wanted = [*_target(options), *_narrowed(options)]
        trouble = run_pytest(["--collect-only", "--conform-plan", str(file), *wanted])
        if trouble:
            raise trouble
        lines = file.read_bytes().splitlines() if file.exists() else []
    read = [msgspec.json.decode(line, type=Planned) for line in lines]
    cases = [one for one in read if not one.because]
    if not cases:
        raise UsageError("no case fits")
    console = progress.terminal()
    for case in cases:
        line = Text(f"{case.id}  ").append(f"{case.level}  {one_line(case.text, 100)}", "dim")
        console.print(line, soft_wrap=True)
    for one in read:
        if one.because:
            console.print(Text(f"{one.id}  excused: {one.because}", "dim"), soft_wrap=True)
    for suite, number in Counter(case.suite for case in cases).items():
        console.print(Text(f"{number:6} {suite}"))
    digest = plan_digest(case.id for case in cases)
    excused = f" ({len(read) - len(cases)} excused)" if len(read) > len(cases) else ""
    told = f"{len(cases):6} cases{excused}, digest {digest}"
    console.print(Text(told), soft_wrap=True)
    return 0


def _certified(options: argparse.Namespace, arguments: list[str]) -> int:
    """A run from its directory to its exit status."""
    root = options.out or outdir.ROOT
    directory = outdir.create(root.resolve())
    console = progress.terminal()
    listener = progress.listener(console)
    try:
        workers = _workers(options, arguments)
        trouble = run_pytest([*_session(options, directory), *workers, *arguments], listener)
    finally:
        listener.close()
        begun = _begun(directory / FILE)
        if not begun:
            outdir.discard(directory)
    if not begun:
        raise trouble or HarnessError("stopped before the first case")
    return _told(console, directory, trouble)


def _begun(record: Path) -> bool:
    """Whether a record has its first line, whole."""
    return record.exists() and b"\n" in record.read_bytes()


def _session(options: argparse.Namespace, directory: Path) -> list[str]:
    seed = [] if options.seed is None else ["--seed", str(options.seed)]
    return [
        "-p",
        "allure_pytest.plugin",
        "--alluredir",
        str(directory / "allure-results"),
        "--conform-out",
        str(directory),
        *_target(options),
        *seed,
    ]


def _workers(options: argparse.Namespace, arguments: list[str]) -> list[str]:
    """So many processes side by side, each with a simulated deployment of its own.

    By default two for the whole plan against the built-in deployment; fewer cases are done before a
    second process is up, and a live account is one worker's.
    """
    number = options.workers
    if number is None:
        whole = not arguments and options.target in (None, SIMULATED)
        number = min(2, os.cpu_count() or 1) if whole else 1
    elif number > 1 and options.target not in (None, SIMULATED):
        raise UsageError(f"-n {number}: only the target {SIMULATED} can be put to several workers")
    return ["-p", "xdist.plugin", "-n", str(number)] if number > 1 else []


def _target(options: argparse.Namespace) -> list[str]:
    return [] if options.target is None else ["--target", options.target]


def _narrowed(options: argparse.Namespace) -> list[str]:
    level = ["--level", options.level] if options.level else []
    return [*(word for suite in options.suite for word in ("--suite", suite)), *level]


def _told(console: Console, directory: Path, trouble: HarnessError | None) -> int:
    """Tell what the record says; what the session could not render any more is rendered here."""
    made = load(directory)
    if made.footer is None or not (directory / PAGE).exists():
        render(directory)
        outdir.publish(directory)
    print_run(console, made, directory)
    if trouble:
        raise trouble
    return exit_status(assess_run(made).claim)
