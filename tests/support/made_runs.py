"""Small records for the tests of the reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fixtures.model import Claim, Footer, Header, Outcome, Run, Status
from reports.record.claim import make_footer, plan_digest
from reports.record.run_file import FILE, write_run

STARTED = "2026-11-21T22:15:00+00:00"
FINISHED = "2026-11-21T22:15:09+00:00"
HOSTILE = (
    "\x1b[31m<script>alert('x')</script>\x00\u202e]]> ``` | & \ud800 \ufffe {{ 7 * 7 }} ${7 * 7} "
    "<img src=x onerror=globalThis.hacked=1></script><script>globalThis.hacked=1</script>"
)

ROWS = (
    {
        "table": 10,
        "suite": "snapshots",
        "title": "Snapshots",
        "row": "CreateSnapshot",
        "ec2_command": "ec2-create-snapshot",
        "soap_call": "CreateSnapshot",
        "cloudstack_call": "createSnapshot",
    },
    {
        "table": 11,
        "suite": "volumes",
        "title": "Volumes",
        "row": "AttachVolume",
        "ec2_command": "ec2-attach-volume",
        "soap_call": "AttachVolume",
        "cloudstack_call": "attachVolume",
    },
)


def outcome(
    status: Status = Status.PASSED,
    kind: str = "documented-call",
    driver: str = "boto3",
    **changes: Any,
) -> Outcome:
    """An outcome of a case of AttachVolume."""
    bad = status is not Status.PASSED
    default = Outcome(
        case=f"volumes/AttachVolume/{kind}[{driver}]",
        suite="volumes",
        table=11,
        row="AttachVolume",
        driver=driver,
        level="must",
        status=status,
        seconds=0.012,
        requirement="AttachVolume is carried out by attachVolume",
        source="table 11",
        because="attachVolume: missing" if bad else "",
        expected="answered; attachVolume(id=v1, virtualmachineid=i1) once",
        observed="answered; no state-changing call" if bad else "as expected",
        calls=({"command": "listVolumes", "params": {"id": "v1"}, "status": 200},),
        exchange=(
            {
                "method": "POST",
                "url": "http://127.0.0.1:7080/awsapi",
                "request": "Action=AttachVolume&VolumeId=v1",
                "status": 200,
                "response": "<AttachVolumeResponse/>",
            },
        ),
        repeat="conform run --target simulated -- -k AttachVolume",
    )
    return replace(default, **changes)


def header(outcomes: Iterable[Outcome] = (), **plan: Any) -> Header:
    """The header of a run whose plan is exactly these cases."""
    ids = [item.case for item in outcomes]
    whole = {"digest": plan_digest(ids), "cases": len(ids), "full": True, "rows": list(ROWS)}
    return Header(
        run="20261121T221500Z-ab12cd",
        harness={"version": "0.1.0", "commit": "0123456789abcdef"},
        target={"name": "staging", "kind": "live", "ec2": "http://127.0.0.1:7080/awsapi"},
        plan=whole | plan,
        seed=7,
        started=STARTED,
    )


def made_run(outcomes: Sequence[Outcome], interrupted: str = "", **plan: Any) -> Run:
    """A finished run with the footer of its outcomes."""
    head = header(outcomes, **plan)
    return Run(head, tuple(outcomes), make_footer(head, outcomes, FINISHED, interrupted))


def keep(run: Run, directory: Path) -> Path:
    """Write a run as a record and return its directory."""
    directory.mkdir(parents=True, exist_ok=True)
    write_run(run, directory / FILE)
    return directory


def every_status() -> tuple[Outcome, ...]:
    """One case in each status, spread over two drivers."""
    return tuple(
        outcome(status, kind=f"case-{number}", driver=("boto", "boto3")[number % 2])
        for number, status in enumerate(Status)
    )


def lying_footer() -> Footer:
    """A footer that claims more than the outcomes of `every_status`."""
    return Footer(FINISHED, {"passed": 1}, Claim.CONFORMANT)


def hostile_run() -> Run:
    """A run whose target put markup and control characters into every text."""
    bad = outcome(
        Status.FAILED,
        case=f"volumes/AttachVolume/{HOSTILE}[boto3]".replace("\ud800", ""),
        requirement=HOSTILE,
        because=f"{HOSTILE}\n{HOSTILE}",
        expected=HOSTILE,
        observed=HOSTILE,
        repeat=HOSTILE,
        calls=({"command": HOSTILE, "params": {HOSTILE: HOSTILE}, "status": 431},),
        exchange=(
            {"method": "GET", "url": HOSTILE, "request": "", "status": None, "response": HOSTILE},
        ),
    )
    claimless = outcome(Status.NOT_CLAIMED, because=HOSTILE)
    return made_run([bad, claimless], narrowed=HOSTILE)
