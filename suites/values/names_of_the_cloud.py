"""Names of what the cloud has: zones, types of instances, addresses, accounts, attributes. A text
that only contains one names nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fixtures.model import Requirement
from suites.contract.dsl import FOREIGN_CODES, answers, passes, rejects
from suites.contract.filters import NO_NAMES
from suites.values.catalogue import ALL_TEXTS, NO_ADDRESSES, NO_NAMES_OF_IT
from suites.values.value_suite import BAD_VALUE, SDK, ValueSuite

NO_ZONE = BAD_VALUE | {"InvalidZone.NotFound"}
NO_ADDRESS = BAD_VALUE | FOREIGN_CODES | {"InvalidAddress.NotFound", "InvalidAddress.Malformed"}
NO_ACCOUNT = BAD_VALUE | {"InvalidAMIAttributeItemValue", "InvalidUserID.Malformed"}
NO_ATTRIBUTE = BAD_VALUE | {"InvalidRequest"}
TWO_ACCOUNTS = frozenset({"second_account"})


ENCODED = ("accent", "fullwidth")  # by clients' own rules


@dataclass(frozen=True, slots=True)
class CloudName:
    """A parameter that names what the cloud has: `name`, as the scenario refers to it, how the
    arguments have it, the codes of a refusal, and the texts that are no name."""

    action: str
    parameter: str
    name: str
    codes: frozenset[str]
    texts: Mapping[str, str] = field(default_factory=lambda: NO_NAMES_OF_IT)
    in_list: bool = False
    within: tuple[str, ...] = ()  # structures around the argument
    capabilities: frozenset[str] = frozenset()

    def arguments(self, text: str) -> dict[str, Any]:
        """The arguments with the text as the name."""
        value: Any = [text] if self.in_list else text
        arguments = {self.parameter: value}
        for name in reversed(self.within):
            arguments = {name: [arguments] if name == "Add" else arguments}
        return arguments


ADDRESS = "{address.ipaddress}"
CLOUD_NAMES = (
    CloudName("DescribeAvailabilityZones", "ZoneNames", "{zone.name}", NO_ZONE, in_list=True),
    CloudName("CreateVolume", "AvailabilityZone", "{zone.name}", NO_ZONE),
    CloudName("RunInstances", "AvailabilityZone", "{zone.name}", NO_ZONE, within=("Placement",)),
    CloudName("RunInstances", "InstanceType", "{offering.name}", BAD_VALUE),
    CloudName("DescribeAddresses", "PublicIps", ADDRESS, NO_ADDRESS, NO_ADDRESSES, in_list=True),
    CloudName("AssociateAddress", "PublicIp", ADDRESS, NO_ADDRESS, NO_ADDRESSES),
    CloudName("DisassociateAddress", "PublicIp", ADDRESS, NO_ADDRESS, NO_ADDRESSES),
    CloudName("ReleaseAddress", "PublicIp", ADDRESS, NO_ADDRESS, NO_ADDRESSES),
    CloudName(
        "ModifyImageAttribute",
        "UserId",
        "{other.account}",
        NO_ACCOUNT,
        within=("LaunchPermission", "Add"),
        capabilities=TWO_ACCOUNTS,
    ),
    CloudName(
        "ModifyImageAttribute", "Group", "all", NO_ACCOUNT, within=("LaunchPermission", "Add")
    ),
    CloudName("DescribeImageAttribute", "Attribute", "launchPermission", NO_ATTRIBUTE),
    CloudName("ResetImageAttribute", "Attribute", "launchPermission", NO_ATTRIBUTE),
    CloudName("DescribeInstanceAttribute", "Attribute", "instanceType", NO_ATTRIBUTE),
    CloudName(
        "RegisterImage",
        "Architecture",
        "{world.architecture}",
        NO_ZONE | {"InvalidManifest"},
        {name: NO_NAMES_OF_IT[name] for name in ("prefix", "null", "percent", "star")},
    ),
)
_OWN_IMAGE = "length(Images[?ImageId=='{image.id}'] || `[]`)"
_OWN_SNAPSHOT = "length(Snapshots[?SnapshotId=='{snapshot.id}'] || `[]`)"
# Lists: the argument with accounts, and how often what is ours is listed.
OWNERS = (
    ("DescribeImages", "Owners", _OWN_IMAGE),
    ("DescribeImages", "ExecutableUsers", _OWN_IMAGE),
    ("DescribeSnapshots", "OwnerIds", _OWN_SNAPSHOT),
    ("DescribeSnapshots", "RestorableByUserIds", _OWN_SNAPSHOT),
)
LOCATIONS = ("plus", "percent-encoded", "ampersand", "upper-case", "comma", "tilde", "chinese")


def _names() -> Iterator[Requirement]:
    for each in CLOUD_NAMES:
        for name, text in each.texts.items():
            yield rejects(
                each.action,
                f"{each.parameter}-{name}",
                f"{each.action} refuses a text that is not one in {each.parameter} ({name}).",
                each.codes,
                drivers=("boto", "boto3", "soap") if name in ENCODED else SDK,
                arguments=each.arguments(text.replace("{}", each.name)),
                capabilities=each.capabilities,
            )


def _owners() -> Iterator[Requirement]:
    for action, argument, own_count in OWNERS:
        for name, text in NO_NAMES_OF_IT.items():
            yield answers(
                action,
                f"{argument}-{name}",
                f"What the account owns is not listed by another text ({name}).",
                drivers=SDK,
                arguments={**NO_NAMES, argument: [text.replace("{}", "{me.account}")]},
                call_optional=True,  # without a look, no such owner has anything
                fields={own_count: 0},
                listed={own_count: 1},
                listed_by=NO_NAMES,
                or_refused=True,
            )


def _locations() -> Iterator[Requirement]:
    for name in LOCATIONS:
        location = f"{{world.url}}?a={ALL_TEXTS[name]}"
        yield passes(
            "RegisterImage",
            f"ImageLocation-{name}",
            f"An image's location reaches CloudStack whole, or is refused ({name}).",
            drivers=SDK,
            arguments={"ImageLocation": location},
            parameters={"url": location},
            or_refused=True,
        )


class TestNamesOfTheCloud(ValueSuite):
    """Names of what the cloud has."""

    requirements = (*_names(), *_owners(), *_locations())
