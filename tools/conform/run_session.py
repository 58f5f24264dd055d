"""A session of `conform run` or `certify`: pytest on the suites, and the result of the run."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import msgspec
from rich.console import Console
from rich.text import Text

from fixtures import profile
from fixtures.model import HarnessError, Run, UsageError
from reports.record import run_directory
from reports.record.claim import assess_run, exit_status
from reports.record.draft import draft_deviations
from reports.record.run_file import FILE, load_run
from reports.record.selection import recorded_options
from reports.render.annotations import github_annotations
from reports.render.renderers import PAGE, render
from reports.render.terminal_summary import print_run
from tools.conform import progress
from tools.conform.planned_cases import PlannedCase, read_plan
from tools.conform.progress import ProgressListener
from tools.conform.pytest_session import Interrupted, run_pytest
from tools.conform.recorded_runs import locate_run

SIMULATED = "simulated"  # the default profile, of the deployment that the harness contains
REPLICATION = "replication"  # the suite and the capability that need MariaDB
_BUILT_IN = (None, SIMULATED, "replicated")  # targets of which each worker has its own
_MANY = 300  # cases for which a second process is worth its start


def start_run(options: argparse.Namespace) -> int:
    """Run the selected cases in a new run directory; returns the exit status.

    With `--rerun-failed`, target and repetitions default to those of the earlier run.
    """
    _check_draft(options)
    rerun = []
    if options.rerun_failed:
        before = locate_run(options.rerun_failed)
        recorded = recorded_options(load_run(before))
        options.target = options.target or recorded.target or None
        options.repeat = options.repeat or recorded.repeat
        rerun = ["--rerun-failed", str(before)]
    arguments = [*rerun, *selection_arguments(options), *options.pytest_arguments]
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


def resume_run(options: argparse.Namespace) -> int:
    """Run what an interrupted run has left; returns the exit status.

    Options that are not given are those of the earlier session.
    """
    _check_draft(options)
    directory = locate_run(options.resume).resolve()
    if options.out and options.out.resolve() != directory.parent:
        raise UsageError(f"--out {options.out}: a resumed run stays where it is, in {directory}")
    if directory.is_dir() and not (directory / FILE).exists():
        raise UsageError(f"{directory}: nothing was recorded there, start the run again")
    before = load_run(directory)
    recorded = recorded_options(before)
    options.target = options.target or recorded.target or None
    options.seed = before.header.seed if options.seed is None else options.seed
    given = [*selection_arguments(options), *options.pytest_arguments]
    arguments = given or msgspec.structs.replace(recorded, target="").pytest_arguments()
    remaining = before.header.plan.get("cases", 0) - len(before.outcomes)
    workers = _worker_arguments(options, many=remaining >= _MANY)
    session = [*_session_arguments(options, directory), "--resume", str(directory)]
    listener = progress.progress_listener(progress.open_terminal())
    return _run_session(options, directory, [*session, *workers, *arguments], listener)


def plan_check(options: argparse.Namespace) -> tuple[profile.Profile, list[PlannedCase]]:
    """The profile that `--check` looks at, and the cases that a run with these options takes."""
    loaded = profile.load(options.target or SIMULATED)
    arguments = [*target_arguments(options), *selection_arguments(options)]
    planned = read_plan([*arguments, *options.pytest_arguments])
    return loaded, [case for case in planned if case.here and not case.because]


def target_arguments(options: argparse.Namespace) -> list[str]:
    """pytest's arguments for the target."""
    return [] if options.target is None else ["--target", options.target]


def selection_arguments(options: argparse.Namespace) -> list[str]:
    """pytest's arguments for the part of the plan."""
    level = ["--level", options.level] if options.level else []
    suites = (word for suite in options.suite for word in ("--suite", suite))
    cases = (word for case in options.case for word in ("--case", case))
    repeat = ["--repeat", str(options.repeat)] if options.repeat else []
    shard = ["--shard", options.shard] if options.shard else []
    return [*suites, *cases, *level, *repeat, *shard]


def _check_draft(options: argparse.Namespace) -> None:
    """Check, before the run, that the draft can be written after it."""
    file: Path | None = options.draft_deviations
    if file is None:
        return
    try:
        if file.exists():
            raise UsageError(f"{file}: exists already, and may have reasons that you wrote")
        run_directory.check_writable(file.absolute().parent)
    except OSError as error:  # a name that is too long
        raise UsageError(f"{file}: cannot write: {error.strerror}") from error


def _run_session(
    options: argparse.Namespace,
    directory: Path,
    arguments: Sequence[str],
    listener: ProgressListener,
) -> int:
    """Run pytest and report the result; an error before the first case is raised."""
    if {"--collect-only", "--co"} & {*options.pytest_arguments}:
        raise UsageError("--collect-only runs no case: `conform plan` lists what a run would take")
    _provide_database(options, arguments, listener.console)
    listener.prepare("reading the plan")
    try:
        error = run_pytest(arguments, listener)
    finally:
        listener.close()
    if not listener.has_begun:
        raise error or HarnessError("stopped before the first case")
    if isinstance(error, Interrupted):  # the record names the interruption
        error = None
    return _report_result(listener.console, directory, error, options.draft_deviations)


def _provide_database(
    options: argparse.Namespace, arguments: Sequence[str], console: Console
) -> None:
    """Fetch MariaDB, visibly, if the run needs it, so that no case has to wait for it."""
    suites = {after for word, after in pairwise(arguments) if word == "--suite"}
    if suites and REPLICATION not in suites:
        return
    from fixtures.database import Installation  # SQLAlchemy takes long to load

    with suppress(HarnessError):  # the session and its cases report what is wrong
        loaded = profile.load(options.target or SIMULATED)
        if loaded.kind == SIMULATED and loaded.capabilities.get(REPLICATION):
            Installation.find(
                loaded.database.server,
                lambda text: console.print(Text(text, "dim"), soft_wrap=True),
            )


def _session_arguments(options: argparse.Namespace, directory: Path) -> list[str]:
    seed = [] if options.seed is None else ["--seed", str(options.seed)]
    destructive = ["--allow-destructive"] if options.allow_destructive else []
    return [
        "--conform-out",
        str(directory),
        *target_arguments(options),
        *destructive,
        *seed,
    ]


def _worker_arguments(options: argparse.Namespace, *, many: bool) -> list[str]:
    """pytest's arguments for the number of processes, each with a simulated deployment.

    The default is 2 for many cases against a built-in target. Few cases are done before a second
    process has started, and the account of a live target is one worker's.
    """
    number = options.workers
    if number is None:
        number = min(2, os.cpu_count() or 1) if many and options.target in _BUILT_IN else 1
    elif number > 1 and options.target not in _BUILT_IN:
        raise UsageError(f"-n {number}: only the built-in targets can have several processes")
    return ["-p", "xdist.plugin", "-n", str(number)] if number > 1 else []


def _report_result(
    console: Console, directory: Path, error: HarnessError | None, draft_file: Path | None
) -> int:
    """Print the result; the reports that the session could not render are rendered here."""
    run = load_run(directory)
    if run.footer is None or not (directory / PAGE).exists():
        render(directory)
        run_directory.publish(directory)
    print_run(console, run, directory)
    _report_to_github(console, run, directory)
    if draft_file is not None:
        today = datetime.now(UTC).date()
        run_directory.write_atomically(draft_file, draft_deviations(run, today).encode())
        console.print(Text(f"{draft_file}: a draft of a list of known deviations"), soft_wrap=True)
    if error:
        raise error
    return exit_status(assess_run(run))


def _report_to_github(console: Console, run: Run, directory: Path) -> None:
    """In a job of GitHub Actions: annotations, and the summary on the page of the job."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return
    for line in github_annotations(run):
        console.print(Text(line), soft_wrap=True)
    if page := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(page).open("ab") as file:
                file.write((directory / "summary.md").read_bytes())
        except OSError as error:
            raise UsageError(f"{page}: cannot write the summary: {error.strerror}") from error
