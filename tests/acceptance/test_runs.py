"""Runs of the real suites: narrowed, interrupted, and of live targets."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.model import Claim, Run
from reports.record.claim import assess_run
from reports.record.run_file import FILE, load_run

PROJECT = Path(__file__).parents[2]
CONFORM = (sys.executable, "-m", "tools.conform")
ENVIRONMENT = os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONUTF8": "1", "COLUMNS": "200"}


def _run(where: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A run of the real suites, called from a directory that is not the checkout."""
    return subprocess.run(
        [*CONFORM, "run", "--out", "out", *words],
        cwd=where,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _latest(where: Path) -> Run:
    return load_run(where / "out" / "latest")


def _begin(where: Path) -> subprocess.Popen[str]:
    """A certification that has judged its first case."""
    running = subprocess.Popen(
        [*CONFORM, "certify", "--out", "out"],
        cwd=where,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while not any(p.read_bytes().count(b"\n") > 1 for p in where.glob(f"out/*/{FILE}")):
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)  # another process writes the file; nothing tells us when
    return running


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Path]:
    """The profile of a served deployment that stops instances wrongly."""
    process = subprocess.Popen(
        [
            *CONFORM,
            "serve",
            "--mutant",
            "wrong-argument-StopInstances",
            "--write-profile",
            "p.toml",
        ],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["profile"]
    yield tmp_path
    process.terminate()
    process.communicate(timeout=20)


def test_a_part_is_never_the_whole(tmp_path: Path) -> None:
    """If I run one suite, every case may pass and still nothing is claimed: exit 3."""
    wanted = ["--suite", "snapshots", "--suite", "zones"]
    done = _run(tmp_path, *wanted, "--", "-k", "documented")
    assert (done.returncode, done.stderr) == (3, "")
    made = _latest(tmp_path)
    assert {outcome.suite for outcome in made.outcomes} == {"snapshots", "zones"}
    assert {outcome.status for outcome in made.outcomes} == {"passed"}
    assert assess_run(made).claim is Claim.INCOMPLETE


def test_an_unseen_side_is_not_a_pass(served: Path) -> None:
    """Without an observer of CloudStack calls, the cases are inconclusive, also of a
    target that lies, and the run exits with 3 and says why."""
    done = _run(served, "--target", "p.toml", "--", "-k", "StopInstances and documented")
    assert (done.returncode, done.stderr) == (3, "")
    assert "could not be judged" in done.stdout
    assert "the CloudStack calls were not observed" in done.stdout
    statuses = {str(outcome.status) for outcome in _latest(served).outcomes}
    assert statuses == {"inconclusive"}


def test_what_is_true_is_not_called_false_for_want_of_an_observer(served: Path) -> None:
    """A security group that exists is not reported as missing for want of an observer."""
    done = _run(served, "--target", "p.toml", "--", "-k", "CreateSecurityGroup and documented")
    assert done.returncode == 3, done.stdout


def test_interruption_leaves_a_valid_record(tmp_path: Path) -> None:
    """If I press Ctrl-C, what was judged stays on record, `latest` is it, and the run exits with
    3; I can render it again."""
    running = _begin(tmp_path)
    running.send_signal(signal.SIGINT)
    output, complaint = running.communicate(timeout=30)
    assert (running.returncode, complaint) == (3, "")
    assert "incomplete: stopped before its end: by the user" in output
    made = _latest(tmp_path)
    assert made.footer is not None
    assert made.outcomes
    again = subprocess.run(
        [*CONFORM, "report", str(tmp_path / "out" / "latest")],
        cwd=PROJECT,
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert (again.returncode, again.stderr) == (0, b"")


def test_tests_of_the_harness_are_no_run(tmp_path: Path) -> None:
    """If I test the harness itself, with several processes, the exit status is pytest's own, and no
    run is recorded."""
    given = ["-n", "1", "-p", "no:cacheprovider", "--conform-out", str(tmp_path / "run")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/unit/test_mapping.py", *given],
        cwd=PROJECT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert not (tmp_path / "run").exists()
