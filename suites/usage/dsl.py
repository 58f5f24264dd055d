"""What stories of usage are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.model import (
    ProcedureRequirement,
    ReadUsage,
    UsageRequest,
    UsageScenario,
    UsageStep,
    Wait,
)

SOURCE = (
    "CloudStack Administrator's Guide, Working with Usage, https://docs.cloudstack.apache.org/"
    "projects/cloudstack-administration/en/4.9/usage.html"
)
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
RANGE, ZONE = "usage.stats.job.aggregation.range", "usage.aggregation.timezone"
EXECUTION, SANITY = "usage.stats.job.exec.time", "usage.sanity.check.interval"
FIRST, SECOND, THIRD, FOURTH = "2026-03-10", "2026-03-11", "2026-03-12", "2026-03-13"
Steps = tuple[UsageStep, ...]


def request(action: str, name: str = "", **arguments: Any) -> UsageRequest:
    """A request of `me`."""
    return UsageRequest(action, arguments, name)


RUN = request(
    "RunInstances",
    "instance",
    ImageId="{image.id}",
    InstanceType="m1.small",
    MinCount=1,
    MaxCount=1,
)
ID = ["{instance.id}"]
START = request("StartInstances", InstanceIds=ID)
STOP = request("StopInstances", InstanceIds=ID)
TERMINATE = request("TerminateInstances", InstanceIds=ID)
ALLOCATE = request("AllocateAddress", "address")
RELEASE = request("ReleaseAddress", PublicIp="{address.id}")
CREATE = request("CreateVolume", "volume", AvailabilityZone="{zone.name}", Size=3)
DELETE = request("DeleteVolume", VolumeId="{volume.id}")
SNAPSHOT = request("CreateSnapshot", "snapshot", VolumeId="{root.id}")
DELETE_SNAPSHOT = request("DeleteSnapshot", SnapshotId="{snapshot.id}")
REGISTER = request(
    "RegisterImage",
    "registered",
    Name="usage",
    Description="usage",
    ImageLocation="{world.url}",
    Architecture="{world.architecture}",
)
DEREGISTER = request("DeregisterImage", ImageId="{registered.id}")
IMAGE = request("CreateImage", "made", InstanceId="{instance.id}", Name="usage-made")
DELETE_IMAGE = request("DeregisterImage", ImageId="{made.id}")

USED = (RUN, Wait(HOUR), CREATE)  # on the first day, from 8:00


def midnight(day: str) -> str:
    """The first moment of a day in GMT."""
    return f"{day}T00:00:00+00:00"


def days_read(last: str, billed: str = "") -> ReadUsage:
    """The days from the first, of which those before the last must be billed."""
    return ReadUsage(FIRST, last, midnight(billed or last))


def usage_case(kind: str, name: str, text: str, scenario: UsageScenario) -> ProcedureRequirement:
    """The requirement that a story's records are right."""
    return ProcedureRequirement(
        row="listUsageRecords",
        kind=kind,
        name=name,
        text=text,
        procedure=scenario,
        drivers=("boto3",) if kind in ("bill", "owners") else ("raw",),
        capabilities=frozenset({"usage"}),
        source=SOURCE,
    )


def stories(kind: str, table: Mapping[str, tuple[str, Steps]]) -> Iterator[ProcedureRequirement]:
    """The requirements of a table: name → text and steps."""
    return (
        usage_case(kind, name, text, UsageScenario(steps)) for name, (text, steps) in table.items()
    )
