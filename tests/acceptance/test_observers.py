"""Observers of live targets: a served deployment in one process, a run against it in another."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fixtures.cloud.cloudstack import CloudStackClient
from fixtures.model import Outcome, Status
from reports.record.run_file import load_run
from tests.acceptance.test_runs import CONFORM, ENVIRONMENT

Serve = Callable[..., dict[str, Any]]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Serves a deployment, writes the profile p.toml, and returns the server's announcement."""
    running: list[subprocess.Popen[str]] = []

    def start(*words: str) -> dict[str, Any]:
        process = subprocess.Popen(
            [*CONFORM, "serve", "--write-profile", "p.toml", *words],
            cwd=tmp_path,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        assert process.stdout is not None
        announcement: dict[str, Any] = json.loads(process.stdout.readline())
        return announcement

    yield start
    for process in running:
        process.terminate()
        process.communicate(timeout=20)


def run(
    folder: Path, selection: str
) -> tuple[subprocess.CompletedProcess[str], dict[str, Outcome]]:
    """Runs the selected cases; returns the process and the outcomes by action."""
    done = subprocess.run(
        [*CONFORM, "run", "--out", "out", "--target", "p.toml", "--", "-k", selection],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    outcomes = load_run(folder / "out" / "latest").outcomes
    return done, {outcome.row: outcome for outcome in outcomes}


@dataclass(frozen=True)
class ExpectedVerdicts:
    """The verdicts on a bridge with a mutation of StopInstances, with one kind of observer."""

    observer: str
    mutation: str
    correct: Status  # of cases without the mutation
    because: str


@pytest.mark.parametrize(
    "expected",
    [
        ExpectedVerdicts("proxy", "wrong-argument", Status.PASSED, "stopVirtualMachine: id is"),
        ExpectedVerdicts("api-log", "wrong-argument", Status.PASSED, "stopVirtualMachine: id is"),
        ExpectedVerdicts(
            "events", "wrong-command", Status.INCONCLUSIVE, "rebootVirtualMachine: unexpected"
        ),
    ],
    ids=lambda expected: str(expected.observer),
)
def test_all_observers_lead_to_the_same_verdicts(
    serve: Serve, tmp_path: Path, expected: ExpectedVerdicts
) -> None:
    """With each observer a correct translation passes and a wrong one fails, with the reason; what
    an observer cannot see is inconclusive, not passed. Nothing is left behind."""
    served = serve(
        "--mutant", f"{expected.mutation}-StopInstances", "--observer", expected.observer
    )
    cases = "documented and boto3 and (StartInstances or StopInstances or DescribeVolumes)"
    _, by_action = run(tmp_path, cases)
    assert {action: outcome.status for action, outcome in by_action.items()} == {
        "StartInstances": expected.correct,
        "StopInstances": Status.FAILED,
        "DescribeVolumes": expected.correct,
    }
    assert expected.because in by_action["StopInstances"].because
    user = served["users"][0]
    with closing(
        CloudStackClient(served["cloudstack"], user["access_key"], user["secret_key"])
    ) as cloud:
        left = cloud.list("listVirtualMachines", "virtualmachine")
        assert [machine for machine in left if machine["state"] != "Destroyed"] == []
        assert cloud.list("listVolumes", "volume", type="DATADISK") == []


def test_another_party_in_the_account_ends_the_run(serve: Serve, tmp_path: Path) -> None:
    """If another party uses the run's account, the run is incomplete, and its error names the
    calls."""
    served = serve("--observer", "api-log")
    user = served["users"][0]
    over = threading.Event()

    def work() -> None:
        with closing(
            CloudStackClient(served["cloudstack"], user["access_key"], user["secret_key"])
        ) as cloud:
            while not over.wait(0.1):
                cloud.call("createSecurityGroup", name="theirs", description="another party's")
                cloud.call("deleteSecurityGroup", name="theirs")

    other_party = threading.Thread(target=work)
    other_party.start()
    try:
        done, by_action = run(tmp_path, "DescribeVolumes and documented and boto3")
    finally:
        over.set()
        other_party.join()
    assert (done.returncode, by_action) == (3, {})
    assert re.search(r"no case can have caused (create|delete)SecurityGroup", done.stdout)
