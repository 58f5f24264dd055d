"""The bench of the reports: `conform show`, `report` and `compare` of long records, and their page
in a chromium.

The records are made, not run: every twentieth case fails, of many causes, rows and clients.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fixtures.model import HarnessError, Header, Outcome, Run, Status
from reports.record.claim import make_footer, plan_digest
from reports.record.run_file import FILE, write_run
from reports.render.renderers import PAGE
from tools.bench.measurement import BenchOptions, Measurement
from tools.browser.chromium import NoBrowser, open_browser
from tools.browser.page_times import measure_page

SIZES = (10_000, 100_000)  # outcomes
LIMITS = {"show": 1.0, "report": 8.0, "compare": 6.0}  # seconds of CPU, of the longest record
MEMORY_LIMIT = 500.0  # MiB, of the longest record
# Of the page, by outcomes: milliseconds until it is open, and until it is filtered.
PAGE_LIMITS = {10_000: (1_000.0, 100.0), 100_000: (3_000.0, 150.0)}
PAGE_SIZE_LIMIT = 15.0  # MB
_CLIENTS = ("boto", "boto3", "soap", "command", "raw")
_ROWS, _KINDS, _CAUSES = 38, 30, 26
_TIME = "2026-01-01T00:00:00+00:00"


def measure(options: BenchOptions) -> Iterator[Measurement]:
    """Seconds of CPU and MiB of memory of each command, for each size."""
    del options
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
            write_run(make_run(size), Path(folder) / FILE)
            write_run(make_run(size), Path(other) / FILE)
            for command, limit in LIMITS.items():
                runs = (folder, other) if command == "compare" else (folder,)
                seconds, memory = _measure_command(command, *runs)
                longest = size == SIZES[-1]
                what = f"conform {command}, {size:,} outcomes"
                yield Measurement(what, seconds, limit=limit if longest else None, unit="s")
                most = MEMORY_LIMIT if longest else None
                yield Measurement(f"{what}, memory", memory, limit=most, unit="MiB")
            yield from measure_page_file(Path(folder) / PAGE, size)


def measure_page_file(path: Path, size: int) -> Iterator[Measurement]:
    """The page of a record of this number of outcomes, in a chromium if there is one."""
    what = f"report.html, {size:,} outcomes"
    yield Measurement(f"{what}, size", path.stat().st_size / 1e6, limit=PAGE_SIZE_LIMIT, unit="MB")
    try:
        with open_browser() as browser:
            times = measure_page(browser, path)
    except NoBrowser as error:
        print(f"bench: {what} is not opened: {error}", file=sys.stderr)
        return
    open_limit, filter_limit = PAGE_LIMITS[size]
    yield Measurement(f"{what}, open", times.open_ms, limit=open_limit)
    yield Measurement(f"{what}, filter", times.filter_ms, limit=filter_limit)


def make_run(size: int) -> Run:
    """A finished run of this number of outcomes."""
    outcomes = tuple(map(_outcome, range(size)))
    ids = [outcome.case for outcome in outcomes]
    plan = {"digest": plan_digest(ids), "cases": size, "full": True, "narrowed": ""}
    header = Header("made", {"version": "0"}, {"name": "made"}, plan, seed=0, started=_TIME)
    return Run(header, outcomes, make_footer(header, outcomes, _TIME))


def _outcome(number: int) -> Outcome:
    row, client = f"Row{number % _ROWS}", _CLIENTS[number % len(_CLIENTS)]
    status = Status.FAILED if number % 20 == 0 else Status.PASSED
    cause = chr(ord("a") + number % _CAUSES)
    reply = f"<Response><requestId>{number}</requestId><return>true</return></Response>"
    call = {"command": "attachVolume", "params": {"id": f"v{number}"}, "status": 200}
    exchange = {
        "method": "POST",
        "url": "http://127.0.0.1:7080/awsapi",
        "request": f"Action={row}&VolumeId=v{number}&Version=2010-11-15",
        "status": 200,
        "response": reply,
    }
    return Outcome(
        case=f"made/{row}/kind-{number % _KINDS}/{number}[{client}]",
        suite="made",
        table=0,
        row=row,
        driver=client,
        level="must" if number % 10 == 0 else "should",
        status=status,
        seconds=0.01,
        requirement=f"{row} is carried out, as the documentation says.",
        source="the bench",
        because=f"reply: Field-{cause} is 'x{number}', expected 'y'"
        if status is Status.FAILED
        else "",
        expected="reply: answered\nCloudStack: attachVolume(id=v) once",
        observed="reply: answered\nCloudStack: attachVolume(id=v) → 200",
        calls=(call,),
        exchange=(exchange,),
        repeat="conform run --case …",
    )


def _measure_command(command: str, *folders: str) -> tuple[float, float]:
    """The seconds of CPU and the MiB of memory of a command on run directories."""
    words = [sys.executable, "-m", "tools.conform", command, *folders]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, 3):
        raise HarnessError(f"conform {command} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
