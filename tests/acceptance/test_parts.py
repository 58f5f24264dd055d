"""Runs of the real suites in parts: shards, killed and resumed runs, failures run again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.model import Run, Status
from reports.record.canonical import canonical_digest
from reports.record.claim import make_footer
from reports.record.merge import merge_shards
from reports.record.run_file import FILE, load_run
from reports.render.renderers import render
from tests.support.made_runs import FINISHED, keep

PROJECT = Path(__file__).parents[2]
CONFORM = (sys.executable, "-m", "tools.conform")
ENVIRONMENT = os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONUTF8": "1", "COLUMNS": "200"}
PLAN = ("--suite", "zones", "--", "-k", "boto or raw")


def _conform(where: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command called from a directory that is not the checkout."""
    return subprocess.run(
        [*CONFORM, *words],
        cwd=where,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """An uninterrupted run of a small plan."""
    where = tmp_path_factory.mktemp("whole")
    assert _conform(where, "run", "--out", "out", *PLAN).returncode == 3
    return load_run((where / "out" / "latest").resolve())


def test_shards_merge_to_the_whole_run(tmp_path: Path, whole: Run) -> None:
    """If jobs run a shard each, one with `conform`, another with pytest, `conform merge` makes the
    record of the whole run of them."""
    done = _conform(tmp_path, "run", "--out", "out", "--shard", "1/2", *PLAN)
    assert (done.returncode, done.stderr) == (3, "")  # the plan was narrowed before it was split
    shards = [(tmp_path / "out" / "latest").resolve(), tmp_path / "second"]
    shards[1].mkdir()
    shard = ["--shard", "2/2", "--conform-out", str(shards[1])]
    command = [sys.executable, "-m", "pytest", "suites", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *shard, *(word for word in PLAN if word != "--")],
        cwd=PROJECT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (3, ""), done.stdout
    digests = {load_run(shard).header.plan["whole"]["digest"] for shard in shards}
    assert digests == {whole.header.plan["digest"]}
    merged = merge_shards(shards, tmp_path / "merged", render)
    assert canonical_digest(merged) == canonical_digest(whole)


def test_a_shard_of_everything_is_a_green_job(tmp_path: Path) -> None:
    """If a shard of the whole plan holds, its job exits with 0, and its record claims nothing;
    `conform plan` tells the same digests."""
    done = _conform(tmp_path, "certify", "--out", "out", "--shard", "7/400")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    first, *_, claim, _page = done.stdout.splitlines()
    assert "target simulated, shard 7/400 of plan " in first
    assert claim.startswith("incomplete: shard 7/400 of plan ")
    planned = _conform(tmp_path, "plan", "--shard", "7/400").stdout.splitlines()
    plan = load_run((tmp_path / "out" / "latest").resolve()).header.plan
    assert planned[-2].endswith(f"digest {plan['digest']}")
    assert planned[-1].endswith(f"digest {plan['whole']['digest']}")


@pytest.mark.parametrize(("workers", "lines"), [("1", 10), ("2", 2)])
def test_a_killed_run_is_completed(tmp_path: Path, whole: Run, workers: str, lines: int) -> None:
    """If the machine takes a run away with `kill -9`, `conform run --resume DIR` runs what was not
    done, with one process or several, and the record is that of an undisturbed run."""
    command = [*CONFORM, "run", "--out", "out", "-n", workers, *PLAN]
    with subprocess.Popen(
        command, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.DEVNULL, start_new_session=True
    ) as running:
        deadline = time.monotonic() + 30
        while not any(p.read_bytes().count(b"\n") >= lines for p in tmp_path.glob(f"out/*/{FILE}")):
            assert running.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.005)  # another process writes the file; nothing tells us when
        os.killpg(running.pid, signal.SIGKILL)
    (directory,) = (tmp_path / "out").glob("2*")
    kept = load_run(directory).outcomes
    assert lines - 1 <= len(kept) < len(whole.outcomes)
    done = _conform(tmp_path, "run", "--resume", str(directory), "-n", workers)
    assert (done.returncode, done.stderr) == (3, ""), done.stdout
    assert f"{len(kept)} done before" in done.stdout
    made = load_run((tmp_path / "out" / "latest").resolve())
    assert made.outcomes[: len(kept)] == kept
    assert canonical_digest(made) == canonical_digest(whole)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--resume", "run", "--seed", "8"], "cannot be resumed, another seed: 0 there, 8 here"),
        (["--rerun-failed", "run"], "no case failed, there is nothing to run again"),
        (["--resume", "run", "--out", "elsewhere"], "a resumed run stays where it is"),
        (["--resume", "."], "nothing was recorded there, start the run again"),
    ],
)
def test_what_cannot_be_resumed_is_one_line(
    tmp_path: Path, whole: Run, words: list[str], complaint: str
) -> None:
    """A run of something else is not resumed, and nothing is changed or left behind."""
    directory = keep(replace(whole, outcomes=whole.outcomes[:9], footer=None), tmp_path / "run")
    before = (directory / FILE).read_bytes()
    done = _conform(tmp_path, "run", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1
    assert (directory / FILE).read_bytes() == before
    assert [path.name for path in directory.iterdir()] == [FILE]


def test_only_failures_are_run_again(tmp_path: Path, whole: Run) -> None:
    """If I run again what failed, exactly that is run, its number is printed, and nothing is
    claimed of the whole."""
    bad = [replace(one, status=Status.FAILED) for one in whole.outcomes[3:5]]
    outcomes = (*whole.outcomes[:3], *bad, *whole.outcomes[5:])
    failed = Run(whole.header, outcomes, make_footer(whole.header, outcomes, FINISHED))
    keep(failed, tmp_path / "failed")
    done = _conform(tmp_path, "run", "--out", "out", "--rerun-failed", "failed")
    assert (done.returncode, done.stderr) == (3, "")
    assert f"2 cases, target simulated, what failed in run {whole.header.run}" in done.stdout
    made = load_run((tmp_path / "out" / "latest").resolve())
    assert {one.case for one in made.outcomes} == {one.case for one in bad}
    assert made.header.plan["narrowed"].endswith(f"only what failed in run {whole.header.run}")
