"""Runs against an account on which hundreds of instances have come and gone: the second run ends as
the first, as quickly, and nothing grows."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from fixtures.cloud.cloudstack import CloudStackClient
from fixtures.model import Status
from reports.record.run_file import load_run
from tests.support.served_deployments import Serve, ServedDeployment

TERMINATED = 600  # instances: more than CloudStack's pages hold entries
SUITES = ("instances", "volumes", "snapshots")
ATTEMPTS = 3  # runs of which one must be quick enough: the machine may be busy during others


def _terminate_instances(cloud: CloudStackClient, number: int) -> None:
    """Create instances with their root volumes, and destroy them."""
    parameters = {
        "zoneid": cloud.list("listZones", "zone")[0]["id"],
        "serviceofferingid": cloud.list("listServiceOfferings", "serviceoffering")[0]["id"],
        "templateid": cloud.list("listTemplates", "template", templatefilter="executable")[0]["id"],
    }
    for _ in range(number):
        instance = cloud.call("deployVirtualMachine", **parameters, startvm=False)["id"]
        cloud.call("destroyVirtualMachine", id=instance)


def _run(served: ServedDeployment, out: Path) -> tuple[Mapping[str, Status], float]:
    """The statuses of a run's cases, and its seconds."""
    suites = [word for suite in SUITES for word in ("--suite", suite)]
    started = time.monotonic()
    words = ["--target", str(served.profile), "--out", str(out), *suites, "--", "-k", "boto3"]
    done = served.conform("run", *words)
    seconds = time.monotonic() - started
    assert done.returncode == 3, done.stderr  # narrowed
    return {outcome.case: outcome.status for outcome in load_run(out / "latest").outcomes}, seconds


def test_two_runs_on_an_account_with_history(serve: Serve, tmp_path: Path) -> None:
    """Both pass alike, within the same time, and leave the account as they found it."""
    served = serve("--observer", "proxy")
    _terminate_instances(served.cloud, TERMINATED)
    before = served.resource_ids()
    statuses, seconds = _run(served, tmp_path / "first")
    assert set(statuses.values()) == {Status.PASSED}
    for number in range(ATTEMPTS):
        again, later_seconds = _run(served, tmp_path / f"again-{number}")
        assert again == statuses
        if later_seconds <= 1.1 * seconds:
            break
    else:
        pytest.fail(f"a run takes {later_seconds:.1f} s after one of {seconds:.1f} s")
    assert served.resource_ids() == before
