"""Lists: their indices, and what is named twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fixtures.model import Requirement
from suites.contract.dsl import NO_NAMES, passes
from suites.contract.filters import ANYTHING
from suites.values.value_suite import RAW, SDK, ValueSuite

INSTANCES = "Reservations[].Instances[].InstanceId"
# Names of indices → the indices of two members.
INDICES: Mapping[str, tuple[str, str]] = {
    "gaps": ("2", "7"),
    "10-before-2": ("10", "2"),
    "leading-zeros": ("01", "02"),
    "from-0": ("0", "1"),
}


@dataclass(frozen=True, slots=True)
class NamedList:
    """A list of names or ids: as the Query API and as the clients have it, two resources with what
    names them, and what is listed (JMESPath)."""

    action: str
    parameter: str
    argument: str
    first: tuple[str, str, str]  # name in `needs`, recipe, what names it
    second: tuple[str, str, str]
    listed: str


NAMED_LISTS = (
    NamedList(
        *("DescribeInstances", "InstanceId", "InstanceIds"),
        ("instance", "instance:running", "{instance.id}"),
        ("second", "instance:stopped", "{second.id}"),
        INSTANCES,
    ),
    NamedList(
        *("DescribeVolumes", "VolumeId", "VolumeIds"),
        ("volume", "volume", "{volume.id}"),
        ("second", "volume:attached", "{second.id}"),
        "Volumes[].VolumeId",
    ),
    NamedList(
        *("DescribeSnapshots", "SnapshotId", "SnapshotIds"),
        ("snapshot", "snapshot", "{snapshot.id}"),
        ("second", "snapshot:tagged", "{second.id}"),
        "Snapshots[].SnapshotId",
    ),
    NamedList(
        *("DescribeImages", "ImageId", "ImageIds"),
        ("image", "image:own", "{image.id}"),
        ("second", "image:tagged", "{second.id}"),
        "Images[].ImageId",
    ),
    NamedList(
        *("DescribeKeyPairs", "KeyName", "KeyNames"),
        ("keypair", "keypair", "{keypair.name}"),
        ("second", "keypair=second", "{second.name}"),
        "KeyPairs[].KeyName",
    ),
    NamedList(
        *("DescribeSecurityGroups", "GroupName", "GroupNames"),
        ("group", "group:rule", "{group.name}"),
        ("second", "group", "{second.name}"),
        "SecurityGroups[].GroupName",
    ),
    NamedList(
        *("DescribeAddresses", "PublicIp", "PublicIps"),
        ("address", "address", "{address.ipaddress}"),
        ("second", "address:associated", "{second.ipaddress}"),
        "Addresses[].PublicIp",
    ),
)
CHANGES = ("StopInstances", "StartInstances", "RebootInstances", "TerminateInstances")


def _described() -> Iterator[Requirement]:
    for each in NAMED_LISTS:
        (first, recipe, own), (second, other_recipe, other) = each.first, each.second
        for name, (index, next_index) in INDICES.items():
            yield passes(
                each.action,
                f"indices-{name}",
                f"A list with the indices {index} and {next_index} names two, or is refused.",
                drivers=RAW,
                needs={first: recipe, second: other_recipe},
                arguments=NO_NAMES,
                tampering={
                    "parameters": f"{each.parameter}.{index}={own}"
                    f"&{each.parameter}.{next_index}={other}"
                },
                harmless=ANYTHING,
                fields={each.listed: {"set": [own, other]}},
                or_refused=True,
            )
        yield passes(
            each.action,
            "index-0",
            "A list with the index 0 alone is not an empty one, by which all would be listed.",
            drivers=RAW,
            needs={first: recipe, second: other_recipe},
            arguments=NO_NAMES,
            tampering={"parameters": f"{each.parameter}.0={own}"},
            harmless=ANYTHING,
            fields={each.listed: {"set": [own]}},
            or_refused=True,
        )


def _described_twice() -> Iterator[Requirement]:
    for each in NAMED_LISTS:
        first, recipe, own = each.first
        yield passes(
            each.action,
            "id-twice",
            "What is named twice is described once.",
            drivers=() if each.action == "DescribeInstances" else SDK,
            needs={first: recipe},
            arguments={each.argument: [own, own]},
            fields={each.listed: [[own]]},
            or_refused=True,
        )


def _changed() -> Iterator[Requirement]:
    for action in CHANGES:
        yield passes(
            action,
            "id-twice",
            "What is done to an instance that is named twice is done once.",
            drivers=() if action == "StopInstances" else SDK,
            arguments={"InstanceIds": ["{instance.id}", "{instance.id}"]},
            or_refused=True,
        )
    yield passes(
        "RunInstances",
        "group-twice",
        "A group that is named twice is one group.",
        drivers=SDK,
        needs={"group": "group"},
        arguments={"SecurityGroups": ["{group.name}", "{group.name}"]},
        either=(
            {"securitygroupnames": ["{group.name}", "{group.name},{group.name}"]},
            {"securitygroupids": ["{group.id}", "{group.id},{group.id}"]},
        ),
        or_refused=True,
    )
    yield passes(
        "ModifyImageAttribute",
        "user-twice",
        "An account that is named twice is one account.",
        drivers=SDK,
        arguments={
            "LaunchPermission": {
                "Add": [{"UserId": "{other.account}"}, {"UserId": "{other.account}"}]
            }
        },
        parameters={"accounts": ["{other.account}", "{other.account},{other.account}"]},
        state={"image.permissions": "{other.account}"},
        or_refused=True,
    )


def _filters() -> Iterator[Requirement]:
    own_count = "length(Volumes[?VolumeId=='{volume.id}'] || `[]`)"
    for name, filter_, value in (
        ("0", "0", "0"),
        ("gaps", "3", "5"),
        ("leading-zeros", "01", "01"),
    ):
        yield Requirement(
            "DescribeVolumes",
            "filters",
            f"indices-{name}",
            "A filter with other indices filters, or is refused: not everything is listed.",
            drivers=RAW,
            arguments=NO_NAMES,
            tampering={
                "parameters": f"Filter.{filter_}.Name=volume-id"
                f"&Filter.{filter_}.Value.{value}=no-such-volume"
            },
            harmless=ANYTHING,
            fields={own_count: 0},
            listed={own_count: 1},
            listed_by=NO_NAMES,
            or_refused=True,
        )


class TestLists(ValueSuite):
    """Lists of names, ids and filters."""

    requirements = (*_described(), *_described_twice(), *_changed(), *_filters())
