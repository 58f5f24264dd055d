"""The simulated usage server: what it makes of events, when it runs, and who owns its job."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from fixtures.simulator.clock import FixedClock
from fixtures.simulator.errors import ConfigurationError
from fixtures.simulator.management.management_server import Management
from fixtures.simulator.usage_server import schedule
from fixtures.simulator.usage_server.databases import UsageDatabases
from fixtures.simulator.usage_server.jobs import Owner
from fixtures.simulator.usage_server.server import UsageServer
from fixtures.simulator.usage_server.settings import parse_settings

DEFAULTS = {
    "enable.usage.server": "true",
    "usage.stats.job.aggregation.range": "1440",
    "usage.stats.job.exec.time": "00:15",
    "usage.aggregation.timezone": "GMT",
}
HOUR = 3600.0


@contextmanager
def _cloud(start: str = "2026-03-10T08:00:00+00:00") -> Iterator[tuple[Management, FixedClock]]:
    clock = FixedClock(datetime.fromisoformat(start).timestamp())
    management = Management(clock=clock)
    try:
        yield management, clock
    finally:
        management.close()


def _server(management: Management, pid: int = 1) -> UsageServer:
    databases = UsageDatabases(management.processor.writing, management.processor.writing)
    server = UsageServer(databases, Owner("here", pid), management.clock.seconds)
    server.start()
    return server


def _records(management: Management, first: str, last: str) -> list[dict[str, Any]]:
    sent = {"startdate": first, "enddate": last}
    answer = management.execute("listUsageRecords", sent, "admin")
    return list(answer.get("usagerecord", []))


def _volume(management: Management) -> str:
    world = management.world
    sent = {
        "zoneid": world.zone_id,
        "diskofferingid": world.disk_offering_id,
        "name": "disk",
        "size": "1",
    }
    return str(management.execute("createVolume", sent, "alice")["id"])


def test_a_volume_is_billed_from_its_creation_to_its_deletion() -> None:
    """The hours of each day, which end at the second of the deletion."""
    with _cloud() as (management, clock):
        server = _server(management)
        volume = _volume(management)
        clock.advance(24 * HOUR)
        server.tick()
        clock.advance(3 * HOUR)
        management.execute("deleteVolume", {"id": volume}, "alice")
        clock.advance(24 * HOUR)
        server.tick()
        found = _records(management, "2026-03-10", "2026-03-12")
        assert [(row["usageid"], row["rawusage"]) for row in found] == [
            (volume, "11"),
            (volume, "16"),
        ]


@pytest.mark.parametrize(
    ("minutes", "zone", "moment", "expected"),
    [
        ("1440", "GMT", "2026-03-10T08:00+00:00", ("2026-03-10T00:00", "2026-03-11T00:00")),
        ("60", "GMT", "2026-12-31T23:59+00:00", ("2026-12-31T23:00", "2027-01-01T00:00")),
        # The day on which clocks are put forward has 23 hours.
        (
            "1440",
            "Europe/Berlin",
            "2026-03-29T12:00+00:00",
            ("2026-03-28T23:00", "2026-03-29T22:00"),
        ),
    ],
)
def test_slices(minutes: str, zone: str, moment: str, expected: tuple[str, str]) -> None:
    """Slices begin at midnight of the zone of the settings."""
    range_name, zone_name = "usage.stats.job.aggregation.range", "usage.aggregation.timezone"
    settings = parse_settings(DEFAULTS | {range_name: minutes, zone_name: zone})
    millis = round(datetime.fromisoformat(moment).timestamp() * 1000)
    bounds = schedule.slice_bounds(settings, millis)
    texts = tuple(
        datetime.fromtimestamp(each / 1000, UTC).strftime("%Y-%m-%dT%H:%M") for each in bounds
    )
    assert texts == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("usage.stats.job.aggregation.range", "a day"),
        ("usage.stats.job.exec.time", "25:00"),
        ("usage.aggregation.timezone", "Nowhere/At_All"),
        ("usage.execution.timezone", "Nowhere"),
    ],
)
def test_unusable_settings_are_refused(name: str, value: str) -> None:
    """A server with a setting that it cannot use does not start, and says which."""
    with pytest.raises(ConfigurationError, match=name):
        parse_settings(DEFAULTS | {name: value})


def test_no_server_starts_where_usage_is_switched_off() -> None:
    """With enable.usage.server=false a server does not start."""
    with _cloud() as (management, _):
        sent = {"name": "enable.usage.server", "value": "false"}
        management.execute("updateConfiguration", sent, "admin")
        with pytest.raises(ConfigurationError, match=r"enable\.usage\.server"):
            _server(management)
