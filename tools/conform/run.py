"""`conform run`, `certify` and `plan`: a thin front of pytest and the reports."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import msgspec
from rich.console import Console
from rich.text import Text

from fixtures import profile
from fixtures.model import HarnessError, UsageError
from reports.record import run_directory
from reports.record.claim import assess_run, exit_status, plan_digest
from reports.record.draft import draft_deviations
from reports.record.merge import ALLURE
from reports.record.run_file import FILE, load_run
from reports.record.selection import recorded_options
from reports.render.renderers import PAGE, render
from reports.render.terminal import print_run
from reports.sanitize import first_line
from tools.conform import progress
from tools.conform.check import print_check
from tools.conform.planned_cases import read_plan
from tools.conform.progress import ProgressListener
from tools.conform.pytest_session import run_pytest
from tools.conform.read import locate_run

SIMULATED = "simulated"  # the profile of the deployment that we carry
REPLICATION = "replication"  # the suite, and the capability, that need MariaDB
_BUILT_IN = (None, SIMULATED, "replicated")
_MANY = 300  # cases: fewer are done before a second process is up


def run(options: argparse.Namespace) -> int:
    """Run what was asked for and tell how it went; with `--check`, only tell what would be run."""
    if options.check:
        return _check_target(options)
    if options.draft_deviations is not None and options.draft_deviations.exists():
        raise UsageError(f"{options.draft_deviations}: is there already, with reasons perhaps")
    if options.resume:
        return _resume_run(options)
    again = []
    if options.rerun_failed:
        before = locate_run(options.rerun_failed)
        asked = recorded_options(load_run(before))
        options.target = options.target or asked.target or None
        options.repeat = options.repeat or asked.repeat
        again = ["--rerun-failed", str(before)]
    return _start_run(options, [*again, *_selection_arguments(options), *options.pytest_arguments])


def _check_target(options: argparse.Namespace) -> int:
    """What a run would meet and take."""
    described = profile.load(options.target or SIMULATED)
    planned = read_plan(
        [*_target_arguments(options), *_selection_arguments(options), *options.pytest_arguments]
    )
    return print_check(described, [one for one in planned if one.here and not one.because])


def certify(options: argparse.Namespace) -> int:
    """Run the whole plan, or a shard of it, and tell how it went."""
    return _start_run(options, _shard_arguments(options))


def plan(options: argparse.Namespace) -> int:
    """Print the cases that a run would take, and the digest that names them."""
    read = read_plan([*_target_arguments(options), *_selection_arguments(options)])
    whole = [one for one in read if not one.because]
    cases = [case for case in whole if case.here]
    if not cases:
        raise UsageError("no case fits")
    console = progress.open_terminal()
    for case in cases:
        line = Text(f"{case.id}  ").append(f"{case.level}  {first_line(case.text, 100)}", "dim")
        console.print(line, soft_wrap=True)
    for one in read:
        if one.because:
            console.print(Text(f"{one.id}  excused: {one.because}", "dim"), soft_wrap=True)
    for suite, number in Counter(case.suite for case in cases).items():
        console.print(Text(f"{number:6} {suite}"))
    digest = plan_digest(case.id for case in cases)
    excused = f" ({len(read) - len(whole)} excused)" if len(read) > len(whole) else ""
    told = f"{len(cases):6} cases{excused}, digest {digest}"
    console.print(Text(told), soft_wrap=True)
    if options.shard:
        digest = plan_digest(case.id for case in whole)
        told = f"shard {options.shard} of {len(whole)} cases, digest {digest}"
        console.print(Text(told), soft_wrap=True)
    return 0


def _start_run(options: argparse.Namespace, arguments: list[str]) -> int:
    """A run from its directory to its exit status."""
    root = options.out or run_directory.ROOT
    directory = run_directory.create(root.resolve())
    listener = progress.progress_listener(progress.open_terminal())
    try:
        workers = _worker_arguments(options, many=not arguments or (options.repeat or 1) > 1)
        session = [*_session_arguments(options, directory), *workers, *arguments]
        return _run_session(options, directory, session, listener)
    finally:
        if not listener.has_begun:
            run_directory.discard(directory)


def _resume_run(options: argparse.Namespace) -> int:
    """A run that was broken off, to its end; what is not asked for is as it was."""
    directory = locate_run(options.resume).resolve()
    if options.out and options.out.resolve() != directory.parent:
        raise UsageError(f"--out {options.out}: a resumed run stays where it is, in {directory}")
    if directory.is_dir() and not (directory / FILE).exists():
        raise UsageError(f"{directory}: nothing was recorded there, start the run again")
    before = load_run(directory)
    asked = recorded_options(before)
    options.target = options.target or asked.target or None
    options.seed = before.header.seed if options.seed is None else options.seed
    given = [*_selection_arguments(options), *options.pytest_arguments]
    arguments = given or msgspec.structs.replace(asked, target="").pytest_arguments()
    left = before.header.plan.get("cases", 0) - len(before.outcomes)
    workers = _worker_arguments(options, many=left >= _MANY)
    session = [*_session_arguments(options, directory), "--resume", str(directory)]
    listener = progress.progress_listener(progress.open_terminal())
    try:
        return _run_session(options, directory, [*session, *workers, *arguments], listener)
    finally:
        if not listener.has_begun:
            with suppress(OSError):  # of an earlier session, or never made
                (directory / ALLURE).rmdir()


def _run_session(
    options: argparse.Namespace, directory: Path, arguments: list[str], listener: ProgressListener
) -> int:
    """A session of a run; what stopped it before it began is all that there is to tell then."""
    _provide_database(options, arguments, listener.console)
    try:
        trouble = run_pytest(arguments, listener)
    finally:
        listener.close()
    if not listener.has_begun:
        raise trouble or HarnessError("stopped before the first case")
    return _report_result(listener.console, directory, trouble, options.draft_deviations)


def _provide_database(options: argparse.Namespace, arguments: list[str], console: Console) -> None:
    """Fetch MariaDB where cases are going to need it, and say so: no case should have to wait."""
    suites = {after for word, after in pairwise(arguments) if word == "--suite"}
    if suites and REPLICATION not in suites:
        return
    from fixtures.database import Installation  # SQLAlchemy takes long to load

    with suppress(HarnessError):  # the session and its cases tell what is wrong with it
        described = profile.load(options.target or SIMULATED)
        if described.kind == SIMULATED and described.capabilities.get(REPLICATION):
            Installation.find(
                described.database.server,
                lambda text: console.print(Text(text, "dim"), soft_wrap=True),
            )


def _session_arguments(options: argparse.Namespace, directory: Path) -> list[str]:
    seed = [] if options.seed is None else ["--seed", str(options.seed)]
    destructive = ["--allow-destructive"] if options.allow_destructive else []
    return [
        "-p",
        "allure_pytest.plugin",
        "--alluredir",
        str(directory / ALLURE),
        "--conform-out",
        str(directory),
        *_target_arguments(options),
        *destructive,
        *seed,
    ]


def _worker_arguments(options: argparse.Namespace, *, many: bool) -> list[str]:
    """So many processes side by side, each with a simulated deployment of its own.

    By default two for many cases against the built-in deployment; fewer are done before a second
    process is up, and a live account is one worker's.
    """
    number = options.workers
    if number is None:
        number = min(2, os.cpu_count() or 1) if many and options.target in _BUILT_IN else 1
    elif number > 1 and options.target not in _BUILT_IN:
        raise UsageError(f"-n {number}: only the deployments that we carry take several workers")
    return ["-p", "xdist.plugin", "-n", str(number)] if number > 1 else []


def _target_arguments(options: argparse.Namespace) -> list[str]:
    return [] if options.target is None else ["--target", options.target]


def _selection_arguments(options: argparse.Namespace) -> list[str]:
    level = ["--level", options.level] if options.level else []
    suites = (word for suite in options.suite for word in ("--suite", suite))
    repeat = ["--repeat", str(options.repeat)] if options.repeat else []
    return [*suites, *level, *repeat, *_shard_arguments(options)]


def _shard_arguments(options: argparse.Namespace) -> list[str]:
    return ["--shard", options.shard] if options.shard else []


def _report_result(
    console: Console, directory: Path, trouble: HarnessError | None, drafted: Path | None
) -> int:
    """Tell what the record says; what the session could not render any more is rendered here."""
    made = load_run(directory)
    if made.footer is None or not (directory / PAGE).exists():
        render(directory)
        run_directory.publish(directory)
    print_run(console, made, directory)
    if drafted is not None:
        today = datetime.now(UTC).date()
        run_directory.write_atomically(drafted, draft_deviations(made, today).encode())
        console.print(Text(f"{drafted}: a draft of a list of known deviations"), soft_wrap=True)
    if trouble:
        raise trouble
    return exit_status(assess_run(made))
