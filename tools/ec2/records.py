"""The records that the commands print: one table a record, columns as of API 2010-11-15."""

from __future__ import annotations

from tools.ec2.printing import (
    Record,
    const,
    either,
    joined,
    moment,
    monitored,
    text_at,
    user_data,
    visibility,
)

# --- tags and block devices -------------------------------------------------------------------


def tags(kind: str, id_path: str) -> Record:
    """The tags below a resource."""
    owner = f"../../{id_path}"
    columns = (
        ("ResourceType", const(kind)),
        ("ResourceID", owner),
        ("Key", "key"),
        ("Value", "value"),
    )
    return Record("TAG", "tagSet/item", columns)


BLOCKDEVICE = Record(
    "BLOCKDEVICE",
    "blockDeviceMapping/item",
    (
        ("DeviceName", "deviceName"),
        ("VolumeID", "ebs/volumeId"),
        ("AttachTime", "ebs/attachTime"),
        ("DeleteOnTermination", "ebs/deleteOnTermination"),
    ),
)
BLOCKDEVICEMAPPING = Record(
    "BLOCKDEVICEMAPPING",
    "blockDeviceMapping/item",
    (
        ("DeviceName", "deviceName"),
        ("VirtualName", "virtualName"),
        ("SnapshotID", "ebs/snapshotId"),
        ("VolumeSize", "ebs/volumeSize"),
        ("DeleteOnTermination", "ebs/deleteOnTermination"),
    ),
)

# --- instances --------------------------------------------------------------------------------

INSTANCE = Record(
    "INSTANCE",
    "instancesSet/item",
    (
        ("InstanceID", "instanceId"),
        ("ImageID", "imageId"),
        ("PublicDNS", "dnsName"),
        ("PrivateDNS", "privateDnsName"),
        ("State", "instanceState/name"),
        ("KeyName", "keyName"),
        ("LaunchIndex", "amiLaunchIndex"),
        ("ProductCodes", joined("productCodes/item/productCode", ",")),
        ("InstanceType", "instanceType"),
        ("LaunchTime", moment("launchTime")),
        ("AvailabilityZone", "placement/availabilityZone"),
        ("KernelID", "kernelId"),
        ("RamdiskID", "ramdiskId"),
        ("Platform", "platform"),
        ("Monitoring", monitored),
        ("PublicIP", "ipAddress"),
        ("PrivateIP", "privateIpAddress"),
        ("VpcID", "vpcId"),
        ("SubnetID", "subnetId"),
        ("RootDeviceType", "rootDeviceType"),
        ("Lifecycle", "instanceLifecycle"),
        ("SpotRequestID", "spotInstanceRequestId"),
        ("LicensePool", "license/pool"),
        ("PlacementGroup", "placement/groupName"),
        ("VirtualizationType", "virtualizationType"),
        ("Hypervisor", "hypervisor"),
        ("ClientToken", "clientToken"),
    ),
    inside=(BLOCKDEVICE, tags("instance", "instanceId")),
)
_RESERVATION = (
    ("ReservationID", "reservationId"),
    ("OwnerID", "ownerId"),
    ("Groups", joined("groupSet/item/groupId", ", ")),
    ("RequesterID", "requesterId"),
)
RESERVATION = Record("RESERVATION", ".", _RESERVATION, (INSTANCE,), short=3)
RESERVATIONS = Record("RESERVATION", "reservationSet/item", _RESERVATION, (INSTANCE,), short=3)
STATE_CHANGE = Record(
    "INSTANCE",
    "instancesSet/item",
    (
        ("InstanceID", "instanceId"),
        ("PreviousState", "previousState/name"),
        ("CurrentState", "currentState/name"),
    ),
)
INSTANCE_ATTRIBUTES = (
    *(
        Record(name, name, (("InstanceID", "../instanceId"), ("Value", "value")))
        for name in (
            "instanceType",
            "kernel",
            "ramdisk",
            "disableApiTermination",
            "instanceInitiatedShutdownBehavior",
            "rootDeviceName",
        )
    ),
    Record("userData", "userData", (("InstanceID", "../instanceId"),), body=user_data),
    BLOCKDEVICE,
)

# --- images -----------------------------------------------------------------------------------

IMAGES = Record(
    "IMAGE",
    "imagesSet/item",
    (
        ("ImageID", "imageId"),
        ("Location", "imageLocation"),
        ("Owner", either("imageOwnerAlias", "imageOwnerId")),
        ("State", "imageState"),
        ("Visibility", visibility),
        ("ProductCodes", joined("productCodes/item/productCode", ",")),
        ("Architecture", "architecture"),
        ("ImageType", "imageType"),
        ("KernelID", "kernelId"),
        ("RamdiskID", "ramdiskId"),
        ("Platform", "platform"),
        ("RootDeviceType", "rootDeviceType"),
        ("VirtualizationType", "virtualizationType"),
        ("Hypervisor", "hypervisor"),
    ),
    inside=(BLOCKDEVICEMAPPING, tags("image", "imageId")),
)
IMAGE = Record("IMAGE", ".", (("ImageID", "imageId"),))
_OF_IMAGE = ("ImageID", "../imageId")
_LISTED = ("ImageID", "../../imageId")
IMAGE_ATTRIBUTES = (
    *(
        Record("launchPermission", f"launchPermission/item[{kind}]", columns)
        for kind, columns in (
            (kind, (_LISTED, ("Kind", const(kind)), ("Entity", kind)))
            for kind in ("group", "userId")
        )
    ),
    Record(
        "productCodes",
        "productCodes/item",
        (_LISTED, ("Kind", const("productCode")), ("Code", "productCode")),
    ),
    *(
        Record(name, name, (_OF_IMAGE, ("Kind", const("")), ("Value", "value")))
        for name in ("kernel", "ramdisk", "description")
    ),
    Record(
        "blockDeviceMapping",
        "blockDeviceMapping/item",
        (
            _LISTED,
            ("Kind", const("blockDeviceMap")),
            (
                "Mapping",
                lambda node: ": ".join(
                    [
                        text_at(node, "deviceName"),
                        text_at(node, "virtualName") or text_at(node, "ebs/snapshotId"),
                    ]
                ),
            ),
        ),
    ),
)
_CHANGED = ("ImageID", "../../../imageId")
IMAGE_CHANGES = (
    *(
        Record(
            "launchPermission",
            f"launchPermission/{operation}/item[{kind}]",
            (
                _CHANGED,
                ("Operation", const(operation.upper())),
                ("Kind", const(kind)),
                ("Entity", kind),
            ),
        )
        for operation in ("add", "remove")
        for kind in ("group", "userId")
    ),
    Record(
        "productCodes",
        "productCodes/item",
        (
            _LISTED,
            ("Operation", const("")),
            ("Kind", const("productCode")),
            ("Code", "productCode"),
        ),
    ),
    Record("description", "description", (_OF_IMAGE, ("Kind", const("")), ("Value", "value"))),
)
IMAGE_RESET = Record(
    "launchPermission", "launchPermission", (_OF_IMAGE, ("Operation", const("RESET")))
)

# --- addresses, zones, keys, groups -----------------------------------------------------------

_ADDRESS = (("PublicIP", "publicIp"), ("InstanceID", "instanceId"))
ADDRESS = Record("ADDRESS", ".", _ADDRESS, short=1)
ADDRESSES = Record("ADDRESS", "addressesSet/item", _ADDRESS, short=1)
ZONES = Record(
    "AVAILABILITYZONE",
    "availabilityZoneInfo/item",
    (
        ("ZoneName", "zoneName"),
        ("State", "zoneState"),
        ("Region", "regionName"),
        ("Messages", joined("messageSet/item/message", ", ")),
    ),
    short=3,
)
_KEYPAIR = (("KeyName", "keyName"), ("Fingerprint", "keyFingerprint"))
KEYPAIRS = Record("KEYPAIR", "keySet/item", _KEYPAIR)
IMPORTED = Record("KEYPAIR", ".", _KEYPAIR)
CREATED = Record("KEYPAIR", ".", _KEYPAIR, body=lambda node: text_at(node, "keyMaterial"))
KEYPAIR = Record("KEYPAIR", ".", (("KeyName", "keyName"),))

_RULE = (
    ("OwnerID", "../../../../ownerId"),
    ("GroupName", "../../../../groupName"),
    ("Allows", const("ALLOWS")),
    ("Protocol", "../../ipProtocol"),
    ("FromPort", "../../fromPort"),
    ("ToPort", "../../toPort"),
    ("From", const("FROM")),
)
PERMISSIONS = Record(
    "",
    "ipPermissions/item",
    inside=(
        Record(
            "PERMISSION",
            "ipRanges/item",
            (*_RULE, ("Kind", const("CIDR")), ("Source", "cidrIp")),
        ),
        Record(
            "PERMISSION",
            "groups/item",
            (
                *_RULE,
                ("Kind", const("USER")),
                ("Source", "userId"),
                ("NameWord", const("GRPNAME")),
                ("SourceGroup", "groupName"),
            ),
        ),
    ),
)
GROUPS = Record(
    "GROUP",
    "securityGroupInfo/item",
    (("OwnerID", "ownerId"), ("GroupName", "groupName"), ("Description", "groupDescription")),
    inside=(PERMISSIONS,),
)
NEW_GROUP = Record("GROUP", ".", (("GroupName", "groupName"), ("Description", "groupDescription")))
RULES = Record(
    "GROUP",
    ".",
    (("OwnerID", "ownerId"), ("GroupName", "groupName"), ("Description", const(""))),
    inside=(PERMISSIONS,),
)
GROUP = Record("GROUP", ".", (("GroupName", "groupName"),))

# --- volumes and snapshots --------------------------------------------------------------------

_ATTACHMENT = (
    ("VolumeID", "volumeId"),
    ("InstanceID", "instanceId"),
    ("Device", "device"),
    ("State", "status"),
    ("AttachTime", moment("attachTime")),
)
_VOLUME = (
    ("VolumeID", "volumeId"),
    ("Size", "size"),
    ("SnapshotID", "snapshotId"),
    ("AvailabilityZone", "availabilityZone"),
    ("State", "status"),
    ("CreateTime", moment("createTime")),
)
ATTACHMENT = Record("ATTACHMENT", ".", _ATTACHMENT)
VOLUME = Record("VOLUME", ".", _VOLUME)
VOLUMES = Record(
    "VOLUME",
    "volumeSet/item",
    _VOLUME,
    inside=(Record("ATTACHMENT", "attachmentSet/item", _ATTACHMENT), tags("volume", "volumeId")),
)
VOLUME_GONE = Record("VOLUME", ".", (("VolumeID", "volumeId"),))
_SNAPSHOT = (
    ("SnapshotID", "snapshotId"),
    ("VolumeID", "volumeId"),
    ("State", "status"),
    ("StartTime", moment("startTime")),
    ("Progress", "progress"),
    ("OwnerID", "ownerId"),
    ("VolumeSize", "volumeSize"),
    ("Description", "description"),
)
SNAPSHOT = Record("SNAPSHOT", ".", _SNAPSHOT)
SNAPSHOTS = Record(
    "SNAPSHOT", "snapshotSet/item", _SNAPSHOT, inside=(tags("snapshot", "snapshotId"),)
)
SNAPSHOT_GONE = Record("SNAPSHOT", ".", (("SnapshotID", "snapshotId"),))
