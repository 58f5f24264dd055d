"""Runs whose report's page is looked at in a browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fixtures.model import Outcome, Run, Status
from tests.support.made_runs import made_run, outcome

SENT = 1_796_000_000.0  # when the requests of these runs were sent, seconds since 1970
CLIENTS = ("boto", "boto3", "soap")
ANSWER = (
    '<?xml version="1.0"?><AttachVolumeResponse><requestId>r-1</requestId>'
    "<status>attached</status></AttachVolumeResponse>"
)
HOLE = "volumes/AttachVolume/authentication/changed-body[soap]"
WRONG = "volumes/AttachVolume/documented-call/once[boto3]"


def _exchange(**changes: Any) -> Mapping[str, Any]:
    return {
        "method": "POST",
        "url": "http://127.0.0.1:7080/awsapi",
        "request": "Action=AttachVolume&VolumeId=v1&Device=%2Fdev%2Fsdb",
        "status": 200,
        "response": ANSWER,
        "at": SENT,
        "seconds": 0.012,
        **changes,
    }


def _wrong(driver: str, kind: str = "documented-call/once", **changes: Any) -> Outcome:
    """AttachVolume calls attachVolume with another instance, and hides that it failed."""
    calls = (
        {"command": "listVolumes", "params": {"id": "v1"}, "status": 200, "at": SENT + 0.003},
        {
            "command": "attachVolume",
            "params": {"id": "v1", "virtualmachineid": "bad"},
            "status": 431,
            "at": SENT + 0.006,
        },
    )
    return outcome(
        Status.FAILED,
        kind=kind,
        driver=driver,
        because="attachVolume: virtualmachineid is 'bad', expected 'i1'",
        expected="CloudStack: attachVolume(id='v1', virtualmachineid='i1') once",
        observed="CloudStack: attachVolume(id=v1, virtualmachineid=bad) → 431",
        calls=calls,
        exchange=(_exchange(),),
        **changes,
    )


def run_with_findings(passing: int = 40) -> Run:
    """A security hole, a wrong argument with each client, cases that were not judged, not claimed
    or listed, and of each client a number of cases that passed."""
    cases = [_wrong(driver) for driver in CLIENTS]
    cases += [_wrong("boto3", f"answers/{number}", level="should") for number in range(4)]
    cases.append(
        outcome(
            Status.FAILED,
            case=HOLE,
            driver="soap",
            security=True,
            because="reply: answered as if all were well, expected a refusal",
            requirement="A message whose Body was changed after it was signed is refused.",
            exchange=(_exchange(),),
        )
    )
    statuses = (Status.INCONCLUSIVE, Status.NOT_CLAIMED, Status.KNOWN_DEVIATION, Status.ERROR)
    cases += [
        outcome(status, kind=f"{status}/case", driver="boto", level="should", because=f"{status} x")
        for status in statuses
    ]
    cases += [
        outcome(kind=f"reply/{number}", driver=driver, exchange=(_exchange(),))
        for number in range(passing)
        for driver in CLIENTS
    ]
    return made_run(cases)


RUN = run_with_findings()
