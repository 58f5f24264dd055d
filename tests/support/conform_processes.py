"""`conform` and pytest as processes of their own, which find the project from any directory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from reports.record.run_file import FILE

PROJECT = Path(__file__).parents[2]


def conform_command(*arguments: str) -> list[str]:
    """The command line of `conform` with these arguments."""
    return [sys.executable, "-m", "tools.conform", *arguments]


def environment(**changes: str) -> dict[str, str]:
    """The environment of such a process, with these changes."""
    settings = {"PYTHONPATH": str(PROJECT), "PYTHONUTF8": "1", "COLUMNS": "200"}
    return {**os.environ, **settings, **changes}


def run_process(
    command: list[str], folder: Path = PROJECT, **changes: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in a directory to its end, with these changes of the environment."""
    return subprocess.run(
        command,
        cwd=folder,
        env=environment(**changes),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def run_conform(folder: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run `conform` with these arguments in a directory that is not the checkout."""
    return run_process(conform_command(*arguments), folder, **changes)


def run_pytest(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest with these arguments in the checkout."""
    return run_process([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments])


def await_record(running: subprocess.Popen[str], out: Path, lines: int) -> None:
    """Wait until the record of a run below `out` has so many lines."""
    deadline = time.monotonic() + 30
    while not any(path.read_bytes().count(b"\n") >= lines for path in out.glob(f"*/{FILE}")):
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < deadline, "the run did not begin"
        time.sleep(0.005)  # another process writes the file, without any notification
