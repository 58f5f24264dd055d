"""Runs against an account on which hundreds of instances have come and gone: the second run ends as
the first, with as many calls and as quickly, and nothing grows."""

from __future__ import annotations

import re
import resource
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from fixtures.cloud.cloudstack import CloudStackClient
from fixtures.model import Status
from reports.record.run_file import load_run
from tests.support.served_deployments import Serve, ServedDeployment

TERMINATED = 600  # instances: more than CloudStack's pages hold entries
SUITES = ("instances", "volumes", "snapshots")
ATTEMPTS = 3  # runs of which one must be quick enough: the machine may be busy during others
MOST_TIMES = 1.1  # the CPU time of the first run
POLL = "queryasyncjobresult"  # as often as jobs take time
_ANSWER = re.compile(r'\{ ?"(\w+)response"')  # of a line of the API log


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


@dataclass(frozen=True, slots=True)
class _Run:
    """A run's verdicts, the CPU seconds that it took, and the CloudStack calls by command."""

    statuses: Mapping[str, Status]
    seconds: float
    calls: Counter[str]


def _cpu_seconds() -> float:
    """Of all processes that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _run(served: ServedDeployment, out: Path, api_log: Path) -> _Run:
    suites = [word for suite in SUITES for word in ("--suite", suite)]
    started, logged = _cpu_seconds(), api_log.stat().st_size
    words = ["--target", str(served.profile), "--out", str(out), *suites, "--", "-k", "boto3"]
    done = served.conform("run", *words)
    seconds = _cpu_seconds() - started
    assert done.returncode == 0, done.stderr
    with api_log.open(encoding="utf-8") as log:
        log.seek(logged)
        calls = Counter(_ANSWER.findall(log.read()))
    statuses = {outcome.case: outcome.status for outcome in load_run(out / "latest").outcomes}
    return _Run(statuses, seconds, calls)


def test_two_runs_on_an_account_with_history(serve: Serve, tmp_path: Path) -> None:
    """Both pass alike, with the same CloudStack calls and as much work, and leave the account as
    they found it."""
    api_log = tmp_path / "api.log"
    served = serve("--observer", "proxy", "--api-log", str(api_log))
    _terminate_instances(served.cloud, TERMINATED)
    before = served.resource_ids()
    first = _run(served, tmp_path / "first", api_log)
    assert set(first.statuses.values()) == {Status.PASSED}
    assert first.calls["listvolumes"] > 0
    for number in range(ATTEMPTS):
        again = _run(served, tmp_path / f"again-{number}", api_log)
        assert again.statuses == first.statuses
        assert {**again.calls, POLL: 0} == {**first.calls, POLL: 0}
        assert again.calls[POLL] <= MOST_TIMES * first.calls[POLL]
        if again.seconds <= MOST_TIMES * first.seconds:
            break
    else:
        pytest.fail(f"a run takes {again.seconds:.1f} s of CPU after one of {first.seconds:.1f} s")
    assert served.resource_ids() == before
