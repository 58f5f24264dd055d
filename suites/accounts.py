"""Accounts: a user of an account sees what its other users made, and can neither see, name nor
change the resources of another account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fixtures.model import Access, AccessScenario, Case, Lookup, ProcedureRequirement, Row
from fixtures.model.documentation import USER_SETUP
from suites.contract.suite import Check, Suite

SOURCE = f"{USER_SETUP.cite()}; CloudStack administration guide, accounts and domains"
CLIENTS = ("boto", "boto3", "soap", "command", "raw")
FEWER_CLIENTS = ("boto3", "soap")
# Who the resources do not belong to → capability.
STRANGERS = {"other": "second_account", "subdomain_user": "subdomain_user"}
UNKNOWN_ADDRESS = "192.0.2.77"


@dataclass(frozen=True, slots=True)
class OwnedKind:
    """Resources of a kind: how one is made and listed, and which texts name it and none."""

    recipe: str
    lookup: Lookup
    argument: str  # of the lookup's action
    identifier: str = "{mine.id}"
    unknown: str = "{unique.id}"
    capabilities: frozenset[str] = frozenset()


KINDS: Mapping[str, OwnedKind] = {
    "instance": OwnedKind(
        "instance:running",
        Lookup("DescribeInstances", "Reservations[].Instances[].InstanceId"),
        "InstanceIds",
    ),
    "volume": OwnedKind("volume", Lookup("DescribeVolumes", "Volumes[].VolumeId"), "VolumeIds"),
    "snapshot": OwnedKind(
        "snapshot", Lookup("DescribeSnapshots", "Snapshots[].SnapshotId"), "SnapshotIds"
    ),
    "image": OwnedKind("image:own", Lookup("DescribeImages", "Images[].ImageId"), "ImageIds"),
    "address": OwnedKind(
        "address",
        Lookup("DescribeAddresses", "Addresses[].PublicIp"),
        "PublicIps",
        "{mine.ipaddress}",
        UNKNOWN_ADDRESS,
        frozenset({"elastic_ip"}),
    ),
    "group": OwnedKind(
        "group:rule",
        Lookup("DescribeSecurityGroups", "SecurityGroups[].GroupName"),
        "GroupNames",
        "{mine.name}",
        "{unique.name}",
    ),
    "keypair": OwnedKind(
        "keypair",
        Lookup("DescribeKeyPairs", "KeyPairs[].KeyName"),
        "KeyNames",
        "{mine.name}",
        "{unique.name}",
    ),
}
_SSH = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
_RULE = {"IpPermissions": [{**_SSH, "IpRanges": [{"CidrIp": "192.0.2.0/24"}]}]}
_INSTANCE = {
    "InstanceType": "{offering.name}",
    "ImageId": "{image.id}",
    "MinCount": 1,
    "MaxCount": 1,
}
# Action, kind, arguments: `{it}` stands for the resource.
NAMING: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    *((action, "instance", {"InstanceIds": ["{it}"]}) for action in (
        "DescribeInstances", "RebootInstances", "StartInstances", "StopInstances",
        "TerminateInstances",
    )),
    ("DescribeInstanceAttribute", "instance", {"InstanceId": "{it}", "Attribute": "instanceType"}),
    ("GetPasswordData", "instance", {"InstanceId": "{it}"}),
    ("CreateImage", "instance", {"InstanceId": "{it}", "Name": "{unique.name}"}),
    ("AttachVolume", "volume", {
        "VolumeId": "{it}", "InstanceId": "{other-instance.id}", "Device": "/dev/sdf",
    }),
    ("DetachVolume", "volume", {"VolumeId": "{it}"}),
    ("DeleteVolume", "volume", {"VolumeId": "{it}"}),
    ("CreateSnapshot", "volume", {"VolumeId": "{it}"}),
    ("DescribeVolumes", "volume", {"VolumeIds": ["{it}"]}),
    ("CreateVolume", "snapshot", {"SnapshotId": "{it}", "AvailabilityZone": "{zone.name}"}),
    ("DeleteSnapshot", "snapshot", {"SnapshotId": "{it}"}),
    ("DescribeSnapshots", "snapshot", {"SnapshotIds": ["{it}"]}),
    ("DeregisterImage", "image", {"ImageId": "{it}"}),
    ("DescribeImages", "image", {"ImageIds": ["{it}"]}),
    ("DescribeImageAttribute", "image", {"ImageId": "{it}", "Attribute": "launchPermission"}),
    ("ModifyImageAttribute", "image", {
        "ImageId": "{it}", "LaunchPermission": {"Add": [{"Group": "all"}]},
    }),
    ("ResetImageAttribute", "image", {"ImageId": "{it}", "Attribute": "launchPermission"}),
    ("RunInstances", "image", {**_INSTANCE, "ImageId": "{it}"}),
    ("DisassociateAddress", "address", {"PublicIp": "{it}"}),
    ("ReleaseAddress", "address", {"PublicIp": "{it}"}),
    ("DescribeAddresses", "address", {"PublicIps": ["{it}"]}),
    ("AuthorizeSecurityGroupIngress", "group", {"GroupName": "{it}", **_RULE}),
    ("RevokeSecurityGroupIngress", "group", {"GroupName": "{it}", **_RULE}),
    ("DeleteSecurityGroup", "group", {"GroupName": "{it}"}),
    ("DescribeSecurityGroups", "group", {"GroupNames": ["{it}"]}),
    ("RunInstances", "group", {**_INSTANCE, "SecurityGroups": ["{it}"]}),
    ("DeleteKeyPair", "keypair", {"KeyName": "{it}"}),
    ("DescribeKeyPairs", "keypair", {"KeyNames": ["{it}"]}),
    ("RunInstances", "keypair", {**_INSTANCE, "KeyName": "{it}"}),
)  # fmt: skip


class TestAccounts(Suite):
    """Who sees and changes what."""

    suite = "accounts"

    def test_teammate(self, case: Case, check: Check) -> None:
        """Two users of one account see the same resources."""
        check(case)

    def test_hidden(self, case: Case, check: Check) -> None:
        """A list contains the resources of the caller's account, and no others."""
        check(case)

    def test_unknown(self, case: Case, check: Check) -> None:
        """A resource of another account is answered as one that does not exist."""
        check(case)

    def test_disabled(self, case: Case, check: Check) -> None:
        """A user who is disabled cannot do anything."""
        check(case)

    @classmethod
    def demands(cls, kind: str, rows: Sequence[Row]) -> Iterator[ProcedureRequirement]:
        """The cases of one kind."""
        match kind:
            case "teammate":
                for name, owned in KINDS.items():
                    text = f"A second user of the account sees its {name}s."
                    yield _listing(kind, owned, text, "teammate", Access.LISTED)
            case "hidden":
                for caller in (*STRANGERS, "administrator"):
                    for name, owned in KINDS.items():
                        yield _listing(
                            kind,
                            owned,
                            f"A list of {name}s leaves out another account's, for {caller}.",
                            caller,
                            Access.HIDDEN,
                        )
            case "unknown":
                creates = {row.action: row.scenario.creates for row in rows}
                for caller in STRANGERS:
                    for action, name, arguments in NAMING:
                        scenario = _naming(caller, action, name, arguments)
                        yield _unknown(kind, name, replace(scenario, creates=creates[action]))
            case "disabled":
                for row in rows:
                    yield _disabled(kind, row)


def _listing(
    kind: str, owned: OwnedKind, text: str, caller: str, access: Access
) -> ProcedureRequirement:
    scenario = AccessScenario(
        caller, access, owned.lookup.action, owned.lookup, owned.identifier, {"mine": owned.recipe}
    )
    return _requirement(kind, caller, text, scenario, owned.capabilities)


def _naming(caller: str, action: str, name: str, arguments: Mapping[str, Any]) -> AccessScenario:
    """The request with a resource of that kind, and with none."""
    owned = KINDS[name]
    needs = {"mine": owned.recipe}
    if "{other-instance.id}" in arguments.values():
        needs["other-instance"] = "instance:running"
    return AccessScenario(
        caller,
        Access.UNKNOWN,
        action,
        owned.lookup,
        owned.identifier,
        needs,
        _filled(arguments, owned.identifier),
        _filled(arguments, owned.unknown),
    )


def _unknown(kind: str, name: str, scenario: AccessScenario) -> ProcedureRequirement:
    text = f"{scenario.action} with another account's {name} is answered as with none."
    capabilities = KINDS[name].capabilities
    return _requirement(kind, f"{name}-{scenario.caller}", text, scenario, capabilities)


def _filled(value: Any, identifier: str) -> Any:
    """The arguments with `{it}` replaced."""
    if isinstance(value, Mapping):
        return {key: _filled(each, identifier) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, identifier) for each in value]
    return identifier if value == "{it}" else value


def _disabled(kind: str, row: Row) -> ProcedureRequirement:
    """The row's own request, sent by the disabled user; a key pair shows that `me` is served."""
    owned = KINDS["keypair"]
    scenario = AccessScenario(
        "disabled_user",
        Access.REFUSED,
        row.action,
        owned.lookup,
        "{witness.name}",
        {**row.scenario.needs, "witness": owned.recipe},
        row.scenario.arguments,
        creates=row.scenario.creates,
    )
    text = f"{row.action} of a disabled user is refused, and changes nothing."
    return _requirement(kind, "", text, scenario, row.capabilities)


def _requirement(
    kind: str, name: str, text: str, scenario: AccessScenario, capabilities: frozenset[str]
) -> ProcedureRequirement:
    caller = scenario.caller
    clients = CLIENTS if caller in ("teammate", "other") else FEWER_CLIENTS
    return ProcedureRequirement(
        row=scenario.action,
        kind=kind,
        name=name,
        text=text,
        procedure=scenario,
        drivers=clients,
        capabilities=capabilities | {STRANGERS.get(caller, caller)},
        source=SOURCE,
        security=scenario.access is not Access.LISTED,
    )
