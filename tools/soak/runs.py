"""Runs of the same suites in other circumstances, which must all come to the same record."""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from fixtures.model import UsageError
from reports.record.canonical import canonical_digest
from reports.record.run_file import FILE, load_run

_MOST_WORKERS = 8
_BUSY = "while True: pass"
_HARD_LIMIT = 3600.0  # seconds after which a run hangs
_SETTLED = 5.0  # seconds in which the processes of a run end after it


class RunResult(msgspec.Struct, frozen=True):
    """What came of one run; `digest` is of its canonical record, `left` what it left behind."""

    number: int
    suites: tuple[str, ...]
    workers: int
    load: int  # processes that were busy beside it
    seconds: float
    status: int
    digest: str
    left: tuple[str, ...]
    largest: int = 0  # KiB of memory of the largest process so far


def soak_runs(suites: Sequence[str], seed: int, done: int, out: Path) -> Iterator[RunResult]:
    """One run after the other, from number `done` on: the circumstances of a number are those of
    its seed."""
    number = done
    while True:
        yield _one_run(suites, random.Random(f"{seed}/{number}"), number, out)
        number += 1


def flakes(results: Sequence[RunResult]) -> list[RunResult]:
    """The runs that did not come to the record of most runs of the same suites."""
    digests: dict[tuple[str, ...], list[str]] = {}
    for result in results:
        digests.setdefault(tuple(sorted(result.suites)), []).append(result.digest)
    usual = {suites: max(set(found), key=found.count) for suites, found in digests.items()}
    return [result for result in results if result.digest != usual[tuple(sorted(result.suites))]]


def _one_run(suites: Sequence[str], rng: random.Random, number: int, out: Path) -> RunResult:
    workers, load = rng.randint(1, _MOST_WORKERS), rng.choice((0, 0, 2, 4))
    order = rng.sample(suites, len(suites))
    arguments = [argument for suite in order for argument in ("--suite", suite)]
    with TemporaryDirectory(prefix="soak") as temporary, _busy_processes(load):
        directory = out / f"run-{number:04}"
        command = ("-m", "tools.conform", "run", "-n", str(workers), "--seed", str(number))
        began = time.monotonic()
        with subprocess.Popen(
            (sys.executable, *command, "--out", str(directory), *arguments),
            env={**os.environ, "TMPDIR": temporary},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            status = process.wait(_HARD_LIMIT)
        seconds = time.monotonic() - began
        left = (*_processes_of(process.pid), *_files_below(Path(temporary)))
    return RunResult(
        number=number,
        suites=tuple(order),
        workers=workers,
        load=load,
        seconds=seconds,
        status=status,
        digest=_digest(directory),
        left=left,
        largest=resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,
    )


def _digest(directory: Path) -> str:
    """The digest of the only record below a directory, whatever its seed, or why there is none."""
    try:
        run = load_run(next(directory.glob(f"2*/{FILE}")))
        return canonical_digest(replace(run, header=replace(run.header, seed=0)))
    except (UsageError, StopIteration) as missing:
        return f"no record: {missing}"


def _files_below(directory: Path) -> list[str]:
    """The files and sockets that are left; pytest keeps empty directories of its last runs."""
    found = (path for path in directory.rglob("*") if not path.is_dir() and not path.is_symlink())
    return sorted(str(path.relative_to(directory)) for path in found)


def _processes_of(session: int) -> list[str]:
    """The processes of a session that do not end within a few seconds."""
    deadline = time.monotonic() + _SETTLED
    while True:
        found = [process for process in _sessions() if process[1] == session]
        if not found or time.monotonic() > deadline:
            return [f"process {number}" for number, _ in found]
        time.sleep(0.05)  # ends of processes that are not our children have no event


def _sessions() -> Iterator[tuple[int, int]]:
    """The processes that have not ended, each with its session."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, _, _, session = (
                    (entry / "stat").read_text().rpartition(")")[2].split(maxsplit=4)[:4]
                )
            except OSError:
                continue
            if state != "Z":
                yield int(entry.name), int(session)


@contextmanager
def _busy_processes(count: int) -> Iterator[None]:
    with ExitStack() as stack:
        for _ in range(count):
            process = stack.enter_context(subprocess.Popen((sys.executable, "-c", _BUSY)))
            stack.callback(process.kill)
        yield
