"""Observers of live targets: a served deployment in one process, a run against it in another."""

from __future__ import annotations

import re
import subprocess
import threading
from dataclasses import dataclass

import pytest

from fixtures.model import Outcome, Status
from reports.record.run_file import load_run
from tests.support.served_deployments import Serve, ServedDeployment


def run(
    served: ServedDeployment, selection: str
) -> tuple[subprocess.CompletedProcess[str], dict[str, Outcome]]:
    """Runs the selected cases; returns the process and the outcomes by action."""
    options = ("--out", "out", "--target", str(served.profile))
    done = served.conform("run", *options, "--", "-k", selection)
    outcomes = load_run(served.folder / "out" / "latest").outcomes
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
def test_all_observers_lead_to_the_same_verdicts(serve: Serve, expected: ExpectedVerdicts) -> None:
    """With each observer a correct translation passes and a wrong one fails, with the reason; what
    an observer cannot see is inconclusive, not passed. Nothing is left behind."""
    served = serve(
        "--mutant", f"{expected.mutation}-StopInstances", "--observer", expected.observer
    )
    cases = "documented and boto3 and (StartInstances or StopInstances or DescribeVolumes)"
    _, by_action = run(served, cases)
    assert {action: outcome.status for action, outcome in by_action.items()} == {
        "StartInstances": expected.correct,
        "StopInstances": Status.FAILED,
        "DescribeVolumes": expected.correct,
    }
    assert expected.because in by_action["StopInstances"].because
    assert served.resource_ids() == []


def test_another_party_in_the_account_ends_the_run(serve: Serve) -> None:
    """If another party uses the run's account, the run is incomplete, and its error names the
    calls."""
    served = serve("--observer", "api-log")
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.1):
            served.cloud.call("createSecurityGroup", name="theirs", description="another party's")
            served.cloud.call("deleteSecurityGroup", name="theirs")

    other_party = threading.Thread(target=work)
    other_party.start()
    try:
        done, by_action = run(served, "DescribeVolumes and documented and boto3")
    finally:
        over.set()
        other_party.join()
    assert (done.returncode, by_action) == (3, {})
    assert re.search(r"no case can have caused (create|delete)SecurityGroup", done.stdout)
