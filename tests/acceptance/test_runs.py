"""Runs of the real suites: narrowed, interrupted, and of live targets."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from fixtures.model import Claim, Run
from reports.record.claim import assess_run
from reports.record.run_file import load_run
from tests.support.conform_processes import (
    PROJECT,
    await_record,
    conform_command,
    environment,
    run_conform,
    run_pytest,
)
from tests.support.served_deployments import Serve

SERVED = ("--target", "served.toml")


def _run(where: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A run of the real suites, called from a directory that is not the checkout."""
    return run_conform(where, "run", "--out", "out", *words)


def _latest(where: Path) -> Run:
    return load_run(where / "out" / "latest")


def _begin(where: Path) -> subprocess.Popen[str]:
    """A certification that has judged its first case."""
    running = subprocess.Popen(
        conform_command("certify", "--out", "out"),
        cwd=where,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    await_record(running, where / "out", 2)
    return running


@pytest.fixture
def wrong_stop(serve: Serve) -> Path:
    """The directory with the profile of a served deployment that stops another instance than the
    requested one."""
    return serve("--mutant", "wrong-argument-StopInstances").folder


def test_a_part_is_never_the_whole(tmp_path: Path) -> None:
    """If I run a part and every case passes, the part holds, exit 0, and nothing conforms."""
    suites = ["--suite", "snapshots", "--suite", "zones"]
    done = _run(tmp_path, *suites, "--", "-k", "documented")
    assert (done.returncode, done.stderr) == (0, "")
    run = _latest(tmp_path)
    cases = len(run.outcomes)
    part = "suites snapshots, zones; -k documented"
    assert f"\nholds: {part}, {cases} of {cases} claimed\n" in done.stdout
    assert "conformant" not in done.stdout
    assert {outcome.suite for outcome in run.outcomes} == {"snapshots", "zones"}
    assert {outcome.status for outcome in run.outcomes} == {"passed"}
    assert assess_run(run).claim is Claim.INCOMPLETE


def test_cases_without_an_observer_are_inconclusive(wrong_stop: Path) -> None:
    """Without an observer of CloudStack calls, the cases are inconclusive, also of a
    target that lies, and the run exits with 3 and says why."""
    done = _run(wrong_stop, *SERVED, "--", "-k", "StopInstances and documented")
    assert (done.returncode, done.stderr) == (3, "")
    assert "could not be judged" in done.stdout
    assert "the CloudStack calls were not observed" in done.stdout
    statuses = {str(outcome.status) for outcome in _latest(wrong_stop).outcomes}
    assert statuses == {"inconclusive"}


def test_existing_resources_are_not_reported_as_missing_without_an_observer(
    wrong_stop: Path,
) -> None:
    """A security group that exists is not reported as missing for want of an observer."""
    done = _run(wrong_stop, *SERVED, "--", "-k", "CreateSecurityGroup and documented")
    assert done.returncode == 3, done.stdout


def test_every_case_can_be_judged_again(wrong_stop: Path) -> None:
    """Asked again what a run's checkers were asked, today's say the same without the target, of a
    bridge that lies as well; what depends on a secret is named."""
    suites = ("registration", "passwords", "reply_form", "accounts", "examples")
    kinds = "not accounts or Describe"
    words = [word for name in suites for word in ("--suite", name)]
    assert _run(wrong_stop, *words, "--", "-k", kinds).returncode == 0
    again = run_conform(wrong_stop, "rejudge", "out/latest")
    outcomes = _latest(wrong_stop).outcomes
    hidden = again.stdout.count("it depends on a secret")
    assert again.returncode == 0
    assert f"\n{len(outcomes) - hidden} cases judged again, none otherwise\n" in again.stdout
    assert hidden < 10
    lying = _run(wrong_stop, *SERVED, "--", "-k", "StopInstances and documented")
    again = run_conform(wrong_stop, "rejudge", "out/latest")
    assert (again.returncode, again.stderr) == (lying.returncode, "")
    assert " cases judged again, none otherwise\n" in again.stdout


def test_interruption_leaves_a_valid_record(tmp_path: Path) -> None:
    """If I press Ctrl-C, the cases that were judged stay on record, `latest` is that run, and it
    exits with 3; I can render it again."""
    running = _begin(tmp_path)
    running.send_signal(signal.SIGINT)
    output, complaint = running.communicate(timeout=30)
    assert (running.returncode, complaint) == (3, "")
    assert "incomplete: stopped before its end: by the user" in output
    run = _latest(tmp_path)
    assert run.footer is not None
    assert run.outcomes
    again = run_conform(PROJECT, "report", str(tmp_path / "out" / "latest"))
    assert (again.returncode, again.stderr) == (0, "")


def test_tests_of_the_harness_are_no_run(tmp_path: Path) -> None:
    """If I test the harness itself, with several processes, the exit status is pytest's own, and no
    run is recorded."""
    done = run_pytest(
        "tests/unit/test_mapping.py", "-n", "1", "--conform-out", str(tmp_path / "run")
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert not (tmp_path / "run").exists()


def test_allures_option_gives_the_records_results(tmp_path: Path) -> None:
    """If I run a suite with pytest and allure-pytest's option, its directory has the results that
    the run's own has, and no others."""
    run = tmp_path / "run"
    run.mkdir()
    words = ("--conform-out", str(run), "--alluredir", str(tmp_path / "allure"))
    done = run_pytest("suites/zones.py", "-k", "DescribeRegions or documented", *words)
    assert done.returncode == 0, done.stdout
    ours, theirs = run / "allure-results", tmp_path / "allure"
    files = {path.name: path.read_bytes() for path in ours.iterdir()}
    assert files == {path.name: path.read_bytes() for path in theirs.iterdir()}
    assert sum(name.endswith("-result.json") for name in files) == len(load_run(run).outcomes)
