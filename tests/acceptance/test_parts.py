"""Runs of the real suites in parts: shards, killed and resumed runs, failures run again."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.model import Run, Status
from reports.record.canonical import canonical_digest
from reports.record.claim import make_footer
from reports.record.merge import merge_shards
from reports.record.run_file import FILE, load_run
from reports.render.renderers import render
from tests.support.conform_processes import (
    await_record,
    conform_command,
    environment,
    run_conform,
    run_pytest,
)
from tests.support.made_runs import FINISHED, keep

PLAN = ("--suite", "zones", "--", "-k", "boto or raw")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """An uninterrupted run of a small plan."""
    where = tmp_path_factory.mktemp("whole")
    assert run_conform(where, "run", "--out", "out", *PLAN).returncode == 0
    return load_run((where / "out" / "latest").resolve())


def test_shards_merge_to_the_whole_run(tmp_path: Path, whole: Run) -> None:
    """If jobs run a shard each, one with `conform`, another with pytest, `conform merge` makes the
    record of the whole run of them."""
    done = run_conform(tmp_path, "run", "--out", "out", "--shard", "1/2", *PLAN)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\nholds: shard 1/2; " in done.stdout  # the plan was narrowed before it was split
    shards = [(tmp_path / "out" / "latest").resolve(), tmp_path / "second"]
    shards[1].mkdir()
    words = [word for word in PLAN if word != "--"]
    done = run_pytest("suites", "--shard", "2/2", "--conform-out", str(shards[1]), *words)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "\nholds: shard 2/2; " in done.stdout
    digests = {load_run(shard).header.plan["whole"]["digest"] for shard in shards}
    assert digests == {whole.header.plan["digest"]}
    merged = merge_shards(shards, tmp_path / "merged", render)
    assert canonical_digest(merged) == canonical_digest(whole)


def test_a_shard_of_everything_is_a_green_job(tmp_path: Path) -> None:
    """If a shard of the whole plan holds, its job exits with 0, and its record claims nothing;
    `conform plan` prints the same digests."""
    done = run_conform(tmp_path, "certify", "--out", "out", "--shard", "7/400")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    first, *_, claim, _levels, _counts, _page = done.stdout.splitlines()
    assert "target simulated, shard 7/400 of plan " in first
    assert claim.startswith("holds: shard 7/400 of plan ")
    planned = run_conform(tmp_path, "plan", "--shard", "7/400").stdout.splitlines()
    plan = load_run((tmp_path / "out" / "latest").resolve()).header.plan
    assert planned[-2].endswith(f"digest {plan['digest']}")
    assert planned[-1].endswith(f"digest {plan['whole']['digest']}")


@pytest.mark.parametrize(("workers", "lines"), [("1", 10), ("2", 2)])
def test_a_killed_run_is_completed(tmp_path: Path, whole: Run, workers: str, lines: int) -> None:
    """If a run is ended by `kill -9`, `conform run --resume DIR` runs the cases that were not run,
    with one process or several, and the record is that of an uninterrupted run."""
    with subprocess.Popen(
        conform_command("run", "--out", "out", "-n", workers, *PLAN),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as running:
        await_record(running, tmp_path / "out", lines)
        os.killpg(running.pid, signal.SIGKILL)
    (directory,) = (tmp_path / "out").glob("2*")
    kept = load_run(directory).outcomes
    assert lines - 1 <= len(kept) < len(whole.outcomes)
    done = run_conform(tmp_path, "run", "--resume", str(directory), "-n", workers)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert f"{len(kept)} done before" in done.stdout
    resumed = load_run((tmp_path / "out" / "latest").resolve())
    assert resumed.outcomes[: len(kept)] == kept
    assert canonical_digest(resumed) == canonical_digest(whole)


def test_a_run_that_lost_a_process_is_completed(tmp_path: Path, whole: Run) -> None:
    """If one of the processes of a run is killed, the run is incomplete and names the case that was
    lost; resumed, it runs that case, and the record is that of an uninterrupted run."""
    with subprocess.Popen(
        conform_command("run", "--out", "out", "-n", "2", *PLAN),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        await_record(running, tmp_path / "out", 3)
        os.kill(_children(running.pid)[-1], signal.SIGKILL)
        output, _ = running.communicate(timeout=60)
    assert running.returncode == 3, output
    assert "a process of the run was lost while it ran zones/" in output
    cut = load_run((tmp_path / "out" / "latest").resolve())
    assert len(cut.outcomes) < len(whole.outcomes)
    done = run_conform(tmp_path, "run", "--resume", "out/latest", "-n", "2")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    resumed = load_run((tmp_path / "out" / "latest").resolve())
    assert canonical_digest(resumed) == canonical_digest(whole)


def _children(process: int) -> list[int]:
    """The processes that a process has started, the latest last."""
    text = Path(f"/proc/{process}/task/{process}/children").read_text()
    return sorted(map(int, text.split()))


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
    """A run of another plan is not resumed, and nothing is changed or left behind."""
    directory = keep(replace(whole, outcomes=whole.outcomes[:9], footer=None), tmp_path / "run")
    before = (directory / FILE).read_bytes()
    done = run_conform(tmp_path, "run", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1
    assert (directory / FILE).read_bytes() == before
    assert [path.name for path in directory.iterdir()] == [FILE]


def test_only_failures_are_run_again(tmp_path: Path, whole: Run) -> None:
    """If I run again what failed, exactly that is run, its number is printed, and nothing is
    claimed of the whole."""
    failures = [replace(each, status=Status.FAILED) for each in whole.outcomes[3:5]]
    outcomes = (*whole.outcomes[:3], *failures, *whole.outcomes[5:])
    failed = Run(whole.header, outcomes, make_footer(whole.header, outcomes, FINISHED))
    keep(failed, tmp_path / "failed")
    done = run_conform(tmp_path, "run", "--out", "out", "--rerun-failed", "failed")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"2 cases, target simulated, what failed in run {whole.header.run}" in done.stdout
    rerun = load_run((tmp_path / "out" / "latest").resolve())
    assert {each.case for each in rerun.outcomes} == {each.case for each in failures}
    assert rerun.header.plan["narrowed"].endswith(f"only what failed in run {whole.header.run}")
