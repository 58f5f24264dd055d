"""Runs against a deployment of another process: they leave nothing behind, or report it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from reports.record.run_file import load_run
from tests.support.conform_processes import conform_command, environment, run_process
from tests.support.freezing_relay import Freezer
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
    """After Ctrl-C and SIGTERM in the middle of a case all resources are removed, and the run is
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
    """Wait until a ledger has this number of created resources."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for ledger in out.glob("*/ledger.jsonl"):
            if ledger.read_bytes().count(b'"line":"made"') >= number:
                return
        time.sleep(0.005)  # another process writes the file, without any notification
    pytest.fail("the run did not begin")


def test_leftovers_fail_the_run(served: ServedDeployment, tmp_path: Path) -> None:
    """A resource that could not be removed is named and makes the run incomplete; a later sweep
    removes it."""
    before = served.resource_ids()
    words = _words(served, tmp_path, "groups", "DescribeSecurityGroups and documented and boto3")
    done = run_process([sys.executable, "-c", REFUSING, *words])
    assert done.returncode == 3, done.stderr
    (left,) = {*served.resource_ids()} - {*before}
    footer = load_run(tmp_path / "latest").footer
    assert footer is not None
    leftovers = "something was left behind, see `conform sweep`: "
    assert footer.interrupted == f"{leftovers}group {left}: deleteSecurityGroup: 530: not today"
    swept = served.conform("sweep", "--target", str(served.profile), str(tmp_path))
    assert (swept.returncode, swept.stdout.count("removed")) == (0, 1)
    assert served.resource_ids() == before


IMPATIENT = """
import sys
import tools.conform.pytest_session
from tools.conform.main import main

tools.conform.pytest_session.TEARDOWN_SECONDS = 1.0
tools.conform.pytest_session.NEXT_SECONDS = 0.5
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    "signals", [[signal.SIGTERM], [signal.SIGINT, signal.SIGTERM]], ids=["once", "twice"]
)
def test_a_target_that_hangs_does_not_keep_an_interrupted_run(
    served: ServedDeployment, tmp_path: Path, signals: list[signal.Signals]
) -> None:
    """If the target stops answering, and the resources can be removed through it alone, the run
    ends soon after a signal, with its outcomes, a footer and the reason."""
    profile = served.profile_without("cloudstack", "observer")
    with Freezer(urlsplit(served.announcement["ec2"]).port or 0) as freezer:
        text = profile.read_text("utf-8").replace(
            served.announcement["ec2"], f"http://127.0.0.1:{freezer.port}/awsapi"
        )
        profile.write_text(f"{text}\n[timeouts]\nrequest = 120\n", "utf-8")
        words = ["run", "--target", str(profile), "--suite", "volumes", "--out", str(tmp_path)]
        script = IMPATIENT if len(signals) == 1 else IMPATIENT.replace("= 1.0", "= 60.0")
        with subprocess.Popen(
            [sys.executable, "-c", script, *words],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            _await_creates(tmp_path, 3)
            freezer.freeze()
            for number in signals:
                process.send_signal(number)
                time.sleep(2.5)  # a signal that follows sooner is taken for the same one
            output, complaint = process.communicate(timeout=20)
    assert (process.returncode, complaint) == (3, "")
    run = load_run(tmp_path / "latest")
    assert run.footer is not None
    assert run.footer.interrupted.startswith("by the user; ")
    assert "see `conform sweep`" in run.footer.interrupted
    assert run.outcomes
    assert "stopped before its end: by the user" in output
