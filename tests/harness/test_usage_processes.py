"""Usage servers as processes: `conform serve --usage N`, and what they do when they are killed,
stopped and continued."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests

from fixtures.cloud.cloudstack import CloudStackClient
from fixtures.simulator.errors import ConfigurationError
from fixtures.simulator.usage_server.started_process import UsageProcess, UsageProcessOptions
from tests.support.conform_processes import conform_command, environment, run_conform

DAY = 86400.0
LIMIT = 30.0  # seconds


@contextlib.contextmanager
def _served(folder: Path, number: int) -> Iterator[dict[str, Any]]:
    process = subprocess.Popen(
        conform_command("serve", "--db", f"sqlite:///{folder}/cloud.db", "--usage", str(number)),
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline()) | {"pid": process.pid}
    finally:
        process.terminate()
        process.communicate(timeout=LIMIT)


def _admin(served: dict[str, Any]) -> CloudStackClient:
    user = next(user for user in served["users"] if user["name"] == "admin")
    return CloudStackClient(served["cloudstack"], user["access_key"], user["secret_key"])


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8")
    return [int(word) for word in listed.split()]


def test_served_usage_is_billed_and_ends_with_its_management_server(tmp_path: Path) -> None:
    """`conform serve --usage 2`: a day later there are records of what I used, each once; when the
    deployment is killed, its usage servers end."""
    with _served(tmp_path, 2) as served, contextlib.closing(_admin(served)) as admin:
        zone = admin.list("listZones", "zone")[0]["id"]
        offering = next(
            each["id"]
            for each in admin.list("listDiskOfferings", "diskoffering")
            if not each["iscustomized"]
        )
        volume = admin.job("createVolume", zoneid=zone, diskofferingid=offering, name="v")["volume"]
        requests.post(
            urljoin(served["integration"], "/orders"), json={"advance": 2 * DAY}, timeout=LIMIT
        )
        today = datetime.now(UTC).date()
        days = {"startdate": today.isoformat(), "enddate": (today + timedelta(2)).isoformat()}
        deadline = time.monotonic() + LIMIT
        records: list[dict[str, Any]] = []
        while not records and time.monotonic() < deadline:
            records = admin.list("listUsageRecords", "usagerecord", **days)
            time.sleep(0.1)  # the usage servers announce nothing
        assert {record["usageid"] for record in records} == {volume["id"]}
        assert len({record["startdate"] for record in records}) == len(records)
        children = _children(served["pid"])
        assert len(children) >= 2
        os.kill(served["pid"], signal.SIGKILL)
        deadline = time.monotonic() + LIMIT
        while any(map(_runs, children)) and time.monotonic() < deadline:
            time.sleep(0.1)  # they are not our children, so that nothing tells of their end
        assert not any(map(_runs, children))


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_no_usage_server_starts_without_its_management_server(tmp_path: Path) -> None:
    """A usage server whose management server does not answer refuses to start and says why."""
    options = UsageProcessOptions(f"sqlite:///{tmp_path}/no.db", None, "http://127.0.0.1:1/client")
    process = UsageProcess(options)
    with pytest.raises(ConfigurationError, match="no management server at http://127"):
        process.await_start()
    process.stop()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--usage", "2"], "--usage: other processes need a database, too"),
        (["--usage", "-1", "--db", "sqlite:///x.db"], "--usage -1: a number of usage servers"),
    ],
)
def test_wrong_usage_is_named(tmp_path: Path, words: list[str], complaint: str) -> None:
    """Usage servers without a database that they can share, or a wrong number of them: one line."""
    done = run_conform(tmp_path, "serve", *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert complaint in done.stderr
    assert not list(tmp_path.iterdir())
