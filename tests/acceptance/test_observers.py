"""What customers were promised of live targets that are watched: a served deployment in one
process, a run against it in another."""

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
    """Serves a deployment, writes the profile p.toml, and tells what it said."""
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
        told: dict[str, Any] = json.loads(process.stdout.readline())
        return told

    yield start
    for process in running:
        process.terminate()
        process.communicate(timeout=20)


def run(where: Path, wanted: str) -> tuple[subprocess.CompletedProcess[str], dict[str, Outcome]]:
    """A run of some cases, and what became of each action."""
    done = subprocess.run(
        [*CONFORM, "run", "--out", "out", "--target", "p.toml", "--", "-k", wanted],
        cwd=where,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    outcomes = load_run(where / "out" / "latest").outcomes
    return done, {outcome.row: outcome for outcome in outcomes}


@dataclass(frozen=True)
class Judged:
    """How a target that translates StopInstances wrongly is judged through an observer."""

    observer: str
    mutation: str
    right: Status
    says: str


@pytest.mark.parametrize(
    "judged",
    [
        Judged("proxy", "wrong-argument", Status.PASSED, "stopVirtualMachine: id is"),
        Judged("api-log", "wrong-argument", Status.PASSED, "stopVirtualMachine: id is"),
        Judged("events", "wrong-command", Status.INCONCLUSIVE, "rebootVirtualMachine: unexpected"),
    ],
    ids=lambda judged: str(judged.observer),
)
def test_observers_judge_alike(serve: Serve, tmp_path: Path, judged: Judged) -> None:
    """Through each observer a right translation is right and a wrong one is wrong, with the reason;
    what an observer cannot see is inconclusive, not passed. Nothing is left behind."""
    told = serve("--mutant", f"{judged.mutation}-StopInstances", "--observer", judged.observer)
    cases = "documented and boto3 and (StartInstances or StopInstances or DescribeVolumes)"
    _, by_action = run(tmp_path, cases)
    assert {action: outcome.status for action, outcome in by_action.items()} == {
        "StartInstances": judged.right,
        "StopInstances": Status.FAILED,
        "DescribeVolumes": judged.right,
    }
    assert judged.says in by_action["StopInstances"].because
    user = told["users"][0]
    with closing(
        CloudStackClient(told["cloudstack"], user["access_key"], user["secret_key"])
    ) as cloud:
        left = cloud.list("listVirtualMachines", "virtualmachine")
        assert [machine for machine in left if machine["state"] != "Destroyed"] == []
        assert cloud.list("listVolumes", "volume", type="DATADISK") == []


def test_stranger_ends_the_run(serve: Serve, tmp_path: Path) -> None:
    """If somebody else works in the account of the run, the run is incomplete and says which calls
    told it so."""
    told = serve("--observer", "api-log")
    user = told["users"][0]
    over = threading.Event()

    def work() -> None:
        with closing(
            CloudStackClient(told["cloudstack"], user["access_key"], user["secret_key"])
        ) as cloud:
            while not over.wait(0.1):
                cloud.call("createSecurityGroup", name="theirs", description="by a stranger")
                cloud.call("deleteSecurityGroup", name="theirs")

    stranger = threading.Thread(target=work)
    stranger.start()
    try:
        done, by_action = run(tmp_path, "DescribeVolumes and documented and boto3")
    finally:
        over.set()
        stranger.join()
    assert (done.returncode, by_action) == (3, {})
    assert re.search(r"no case can have caused (create|delete)SecurityGroup", done.stdout)
