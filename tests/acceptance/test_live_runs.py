"""Runs against a deployment of another process: they leave nothing behind, or say what."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reports.record.run_file import load_run
from tests.support.conform_processes import conform_command, environment, run_process
from tests.support.served_deployments import ServedDeployment

REFUSING = """
import sys
import fixtures.resources.tracker
from fixtures.cloud.cloudstack import CloudStackError
from tools.conform.main import main

def refuse(resource):
    raise CloudStackError(resource.kind.remove_command, 530, "not today")

fixtures.resources.tracker.remove_resource = refuse
sys.exit(main(sys.argv[1:]))
"""


def _words(served: ServedDeployment, out: Path, suite: str, keyword: str) -> list[str]:
    about = ["--target", str(served.profile), "--suite", suite]
    return ["run", *about, "--out", str(out), "--", "-k", keyword]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_cleans_up(
    served: ServedDeployment, tmp_path: Path, number: signal.Signals
) -> None:
    """Ctrl-C and SIGTERM in the middle of a case: everything is taken down, the run is
    incomplete."""
    before = served.resource_ids()
    words = _words(served, tmp_path, "volumes", "AttachVolume and not command")
    with subprocess.Popen(
        conform_command(*words), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        _await_creates(tmp_path, 5)
        process.send_signal(number)
        process.communicate(timeout=60)
    assert process.returncode == 3
    assert served.resource_ids() == before


def _await_creates(out: Path, number: int) -> None:
    """Wait until a ledger knows of so many things that were made."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for ledger in out.glob("*/ledger.jsonl"):
            if ledger.read_bytes().count(b'"line":"made"') >= number:
                return
        time.sleep(0.005)  # another process writes the file; nothing tells us when
    pytest.fail("the run did not begin")


def test_leftovers_fail_the_run(served: ServedDeployment, tmp_path: Path) -> None:
    """What could not be taken away is named, the run is incomplete for it, and a sweep, on a better
    day, takes it away."""
    before = served.resource_ids()
    words = _words(served, tmp_path, "groups", "DescribeSecurityGroups and documented and boto3")
    done = run_process([sys.executable, "-c", REFUSING, *words])
    assert done.returncode == 3, done.stderr
    (left,) = {*served.resource_ids()} - {*before}
    footer = load_run(tmp_path / "latest").footer
    assert footer is not None
    says = "something was left behind, see `conform sweep`: "
    assert footer.interrupted == f"{says}group {left}: deleteSecurityGroup: 530: not today"
    swept = served.conform("sweep", "--target", str(served.profile), str(tmp_path))
    assert (swept.returncode, swept.stdout.count("removed")) == (0, 1)
    assert served.resource_ids() == before
