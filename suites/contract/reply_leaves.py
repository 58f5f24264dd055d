"""Requirements on the parts of replies that the mapping tables' rows do not compare: what a thing
does not have, whose it is, and what CloudStack lists of it.

The scene is a basic zone, in which nothing has a virtual private cloud, a network interface of its
own or an allocation id; and the things in it were created without kernels, product codes and so on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from fixtures.model import Requirement, Row
from suites.contract.dsl import NO_NAMES, answers

# An account as an owner: CloudStack's name or id of it, or its name with its domain.
ME = ["{me.account}", "{me.id}", "{me.domainid}:{me.account}"]
ABSENT = {"absent": True}
DEVICES = ["/dev/sda1", "/dev/sda", "/dev/xvda", "/dev/xvda1", "/dev/vda", "/dev/vda1"]
VIRTUALIZATIONS = {"optional": ["paravirtual", "hvm"]}
PERIOD = {"between": ["{run.start}", "{run.now}"]}


def _absent(prefix: str, *names: str) -> dict[str, Any]:
    return {f"{prefix}{name}": ABSENT for name in names}


def _instance(at: str) -> dict[str, Any]:
    """What is demanded of a new instance in either reply; `at`: where it is."""
    devices = f"{at}.BlockDeviceMappings"
    return {
        **_absent(
            f"{at}.",
            *("ProductCodes[0].ProductCodeId", "ProductCodes[0].ProductCodeType", "KernelId"),
            *("RamdiskId", "SubnetId", "VpcId", "InstanceLifecycle", "SpotInstanceRequestId"),
            *("Tags[0].Key", "Tags[0].Value", "SourceDestCheck"),
            *("IamInstanceProfile.Arn", "IamInstanceProfile.Id", "NetworkInterfaces[0]"),
            *("Placement.GroupName", "PublicIpAddress"),
        ),
        f"{at}.Platform": {"optional": ["windows"]},
        f"{at}.VirtualizationType": VIRTUALIZATIONS,
        f"{at}.Placement.Tenancy": {"optional": ["default"]},
        f"{at}.EbsOptimized": {"optional": [False]},
        f"{at}.RootDeviceName": {"optional": DEVICES},
        f"{devices}[0].DeviceName": {"optional": DEVICES},
        f"{devices}[0].Ebs.Status": {"optional": ["attaching", "attached"]},
        f"{devices}[0].Ebs.DeleteOnTermination": {"optional": [True]},
        f"{devices}[0].Ebs.AttachTime || '{{run.now}}'": PERIOD,
    }


def _without(action: str, text: str, fields: Mapping[str, Any], **overlay: Any) -> Requirement:
    return answers(action, "absent-parts", text, fields=fields, **overlay)


def _owner(action: str, field: str, **overlay: Any) -> Requirement:
    return answers(
        action,
        "owner",
        "The owner in the reply is the account in CloudStack that the resource belongs to.",
        fields={field: ME},
        **overlay,
    )


_FIRST = "Reservations[0].Instances[0]"
_OTHER_GROUP = "[?GroupName && GroupName!='{instance.groupname}'] | [0]"
_OTHER_GROUP_ID = "[?GroupId && GroupId!='{instance.groupid}'] | [0]"
_INSTANCES = (
    _without(
        "DescribeInstances",
        "Nothing is shown of what an instance was launched without, or a basic zone has not.",
        {
            **_instance(_FIRST),
            **_absent(f"{_FIRST}.StateReason.", "Code", "Message"),
            f"{_FIRST}.ClientToken": ABSENT,
            "Reservations[0].RequesterId": ABSENT,
        },
    ),
    answers(
        "DescribeInstances",
        "as-in-cloudstack",
        "An instance is shown with the volumes and security groups that CloudStack lists for it.",
        fields={
            f"{_FIRST}.BlockDeviceMappings[?Ebs.VolumeId"
            " && Ebs.VolumeId!='{instance.rootvolume}'] | [0]": ABSENT,
            f"{_FIRST}.SecurityGroups{_OTHER_GROUP}": ABSENT,
            f"{_FIRST}.SecurityGroups{_OTHER_GROUP_ID}": ABSENT,
            f"Reservations[0].Groups{_OTHER_GROUP}": ABSENT,
        },
    ),
    answers(
        "DescribeInstances",
        "public-address",
        "An instance is shown with the public address that is associated with it.",
        needs={"address": "address:associated"},
        arguments={"InstanceIds": ["{address.virtualmachineid}"]},
        harmless={"id": "{address.virtualmachineid}", "ids": "{address.virtualmachineid}"},
        capabilities=frozenset({"elastic_ip"}),
        fields={
            "Reservations[].Instances[].InstanceId": {"set": ["{address.virtualmachineid}"]},
            f"{_FIRST}.PublicIpAddress": "{address.ipaddress}",
        },
    ),
    _owner("DescribeInstances", "Reservations[0].OwnerId"),
    _without(
        "RunInstances",
        "Nothing is shown of what an instance is launched without, or a basic zone has not.",
        {
            **_instance("Instances[0]"),
            "Instances[0].StateReason.Code": {"optional": ["pending"]},
            "RequesterId": ABSENT,
        },
    ),
    answers(
        "RunInstances",
        "as-in-cloudstack",
        "A new instance is shown with the address, volume and group that CloudStack gives it.",
        fields={
            f"Groups{_OTHER_GROUP}".replace("instance.groupname", "default-group.name"): ABSENT,
            f"Instances[0].SecurityGroups{_OTHER_GROUP}".replace(
                "instance.groupname", "default-group.name"
            ): ABSENT,
            f"Instances[0].SecurityGroups{_OTHER_GROUP_ID}".replace(
                "instance.groupid", "default-group.id"
            ): ABSENT,
        },
        state={
            "new-instance.ipaddress": {"replied": "Instances[0].PrivateIpAddress"},
            "new-instance.rootvolume": {
                "replied": "Instances[0].BlockDeviceMappings[0].Ebs.VolumeId"
            },
        },
    ),
    answers(
        "RunInstances",
        "client-token",
        "If a token is returned, it is the one that the client sent.",
        arguments={"ClientToken": "{unique.name}"},
        fields={"Instances[0].ClientToken": {"optional": ["{unique.name}"]}},
    ),
    _owner("RunInstances", "OwnerId"),
    _without(
        "DescribeInstanceAttribute",
        "Of an instance's attributes, only the one that was asked for is returned.",
        {
            **_absent(
                "",
                *("KernelId.Value", "RamdiskId.Value", "UserData.Value", "RootDeviceName.Value"),
                *("DisableApiTermination.Value", "InstanceInitiatedShutdownBehavior.Value"),
                *("SourceDestCheck.Value", "EbsOptimized.Value", "ProductCodes[0]", "Groups[0]"),
                "BlockDeviceMappings[0]",
            ),
        },
    ),
)

_IMAGES = (
    _without(
        "DescribeImages",
        "Of what a template does not have, nothing is shown of its image.",
        {
            **_absent(
                "Images[0].",
                *("ProductCodes[0].ProductCodeId", "ProductCodes[0].ProductCodeType", "KernelId"),
                *("RamdiskId", "StateReason.Code", "StateReason.Message", "Tags[0].Key"),
                *("Tags[0].Value", "BlockDeviceMappings[0].VirtualName"),
                *("BlockDeviceMappings[0].Ebs.SnapshotId", "BlockDeviceMappings[0].Ebs.Iops"),
            ),
            "Images[0].BlockDeviceMappings[0].NoDevice": ABSENT,
            "Images[0].VirtualizationType": VIRTUALIZATIONS,
            "Images[0].RootDeviceName": {"optional": DEVICES},
            "Images[0].BlockDeviceMappings[0].DeviceName": {"optional": DEVICES},
            "Images[0].BlockDeviceMappings[0].Ebs.VolumeType": {"optional": ["standard"]},
            "Images[0].BlockDeviceMappings[?DeviceName] | [0].Ebs.DeleteOnTermination": {
                "optional": [True]
            },
            "Images[0].ImageOwnerAlias": {"optional": ["self", *ME]},
        },
    ),
    answers(
        "DescribeImages",
        "root-device",
        "The root volume of an image's instances is shown with the template's size, in GiB.",
        arguments={**NO_NAMES, "ImageIds": ["{launchable.id}"]},
        harmless={"id": "{launchable.id}"},
        fields={
            "Images[].ImageId": {"set": ["{launchable.id}"]},
            "Images[0].RootDeviceName": {"optional": DEVICES},
            "Images[0].BlockDeviceMappings[0].DeviceName": {"optional": DEVICES},
            "Images[0].BlockDeviceMappings[0].Ebs.VolumeSize": {
                "optional": ["{launchable.gigabytes}"]
            },
            "Images[0].BlockDeviceMappings[?DeviceName] | [0].Ebs.DeleteOnTermination": {
                "optional": [True]
            },
        },
    ),
    answers(
        "DescribeImages",
        "platform",
        "The platform of an image is windows, or it is not shown.",
        arguments=NO_NAMES,
        fields={"Images[?Platform && Platform!='windows'] | [0]": ABSENT},
    ),
    answers(
        "DescribeImages",
        "tags",
        "An image is shown with its tags.",
        needs={"image": "image:tagged"},
        fields={"Images[0].Tags[].[Key,Value][]": {"set": ["purpose", "conform"]}},
    ),
    _owner("DescribeImages", "Images[0].OwnerId"),
    _without(
        "DescribeImageAttribute",
        "Of an image's attributes, only the one that was asked for is returned.",
        {
            **_absent(
                "",
                *("ProductCodes[0]", "KernelId.Value", "RamdiskId.Value", "Description.Value"),
                "BlockDeviceMappings[0]",
            )
        },
    ),
)

_ADDRESSES = (
    _without(
        "AllocateAddress",
        "An address outside a virtual private cloud has no allocation id.",
        {"AllocationId": ABSENT, "Domain": {"optional": ["standard"]}},
    ),
    _without(
        "AssociateAddress",
        "An address outside a virtual private cloud has no association id.",
        {"AssociationId": ABSENT},
    ),
    _without(
        "DescribeAddresses",
        "An address outside a virtual private cloud has no ids of allocations and interfaces.",
        {
            **_absent(
                "Addresses[0].",
                *("AllocationId", "AssociationId", "NetworkInterfaceId"),
                *("NetworkInterfaceOwnerId", "PrivateIpAddress"),
            ),
            "Addresses[0].Domain": {"optional": ["standard"]},
        },
    ),
)

_KEY_PAIRS = (
    answers(
        "CreateKeyPair",
        "fingerprint",
        "The fingerprint is that of the private key, and the one that CloudStack lists.",
        fields={"KeyFingerprint": {"fingerprint-of": "KeyMaterial"}},
        state={"new-keypair.fingerprint": {"replied": "KeyFingerprint"}},
    ),
    answers(
        "ImportKeyPair",
        "fingerprint",
        "The fingerprint is that of the public key, and the one that CloudStack lists.",
        fields={"KeyFingerprint": ["{public-key.fingerprint}", "{public-key.derfingerprint}"]},
        state={"new-keypair.fingerprint": {"replied": "KeyFingerprint"}},
    ),
)

_GROUPS = (
    _without(
        "DescribeSecurityGroups",
        "A group in a basic zone has no virtual private cloud, and no egress rules.",
        _absent(
            "SecurityGroups[0].",
            *("VpcId", "IpPermissionsEgress[0]", "Tags[0].Key", "Tags[0].Value"),
            *("IpPermissions[0].UserIdGroupPairs[0]",),
        ),
    ),
    answers(
        "DescribeSecurityGroups",
        "as-in-cloudstack",
        "If a group is shown with an id, it is CloudStack's.",
        fields={"SecurityGroups[0].GroupId": {"optional": ["{group.id}"]}},
    ),
    answers(
        "CreateSecurityGroup",
        "as-in-cloudstack",
        "If a new group is shown with an id, it is CloudStack's.",
        fields={},
        state={"new-group.id": {"replied": "GroupId"}},
    ),
    _owner("DescribeSecurityGroups", "SecurityGroups[0].OwnerId"),
)

_SNAPSHOTS = (
    _owner("CreateSnapshot", "OwnerId"),
    _owner("DescribeSnapshots", "Snapshots[0].OwnerId"),
    answers(
        "CreateSnapshot",
        "as-in-cloudstack",
        "A description that was not asked for is CloudStack's name of the snapshot, if any.",
        fields={},
        state={"new-snapshot.name": {"replied": "Description"}},
    ),
    answers(
        "DescribeSnapshots",
        "as-in-cloudstack",
        "A snapshot without a description is shown with its name in CloudStack, if any.",
        fields={
            "Snapshots[0].Description": {"optional": ["{snapshot.name}"]},
            "Snapshots[0].OwnerAlias": {"optional": ["self", *ME]},
        },
    ),
)

_VOLUMES = (
    _without(
        "CreateVolume",
        "A volume that was created empty has no snapshot, and the standard type.",
        {"SnapshotId": ABSENT, "VolumeType": {"optional": ["standard"]}, "Iops": ABSENT},
    ),
    _without(
        "DescribeVolumes",
        "A volume that was created empty has no snapshot, and the standard type.",
        {
            "Volumes[0].SnapshotId": ABSENT,
            "Volumes[0].VolumeType": {"optional": ["standard"]},
            "Volumes[0].Iops": ABSENT,
            "Volumes[0].Tags[0].Key": ABSENT,
        },
    ),
    answers(
        "DescribeVolumes",
        "outlives-its-instance",
        "An attached data volume is not deleted with its instance, as in CloudStack.",
        needs={"volume": "volume:attached"},
        fields={"Volumes[0].Attachments[0].DeleteOnTermination": {"optional": [False]}},
    ),
)

_ZONES = (
    _without(
        "DescribeAvailabilityZones",
        "A zone that is available is shown without messages.",
        {"AvailabilityZones[0].Messages[0].Message": ABSENT},
    ),
)

_ALL = (
    *_ADDRESSES,
    *_GROUPS,
    *_IMAGES,
    *_INSTANCES,
    *_KEY_PAIRS,
    *_SNAPSHOTS,
    *_VOLUMES,
    *_ZONES,
)


def reply_leaves(row: Row) -> Iterator[Requirement]:
    """The requirements on the reply to a row's action. A list must have what the request names, or
    that something is absent from it would mean nothing."""
    for requirement in _ALL:
        if requirement.action == row.action:
            yield replace(requirement, fields={**row.described, **requirement.fields})
