"""The records that the commands print, with their columns, as of API 2010-11-15."""

from __future__ import annotations

from tools.ec2.printing import (
    Record,
    constant,
    first_of,
    group_names,
    join_texts,
    monitoring_state,
    text_at,
    user_data,
    utc_time,
    visibility,
)

# --- tags and block devices -------------------------------------------------------------------


def tags(kind: str, id_path: str) -> Record:
    """The tags below a resource."""
    owner = f"../../{id_path}"
    columns = (
        ("ResourceType", constant(kind)),
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
        ("ProductCodes", join_texts("productCodes/item/productCode", ",")),
        ("InstanceType", "instanceType"),
        ("LaunchTime", utc_time("launchTime")),
        ("AvailabilityZone", "placement/availabilityZone"),
        ("KernelID", "kernelId"),
        ("RamdiskID", "ramdiskId"),
        ("Platform", "platform"),
        ("Monitoring", monitoring_state),
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
    nested=(BLOCKDEVICE, tags("instance", "instanceId")),
)
_RESERVATION = (
    ("ReservationID", "reservationId"),
    ("OwnerID", "ownerId"),
    ("Groups", group_names),
    ("RequesterID", "requesterId"),
)
RESERVATION = Record("RESERVATION", ".", _RESERVATION, (INSTANCE,), min_columns=3)
RESERVATIONS = Record(
    "RESERVATION", "reservationSet/item", _RESERVATION, (INSTANCE,), min_columns=3
)
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
        ("Owner", first_of("imageOwnerAlias", "imageOwnerId")),
        ("State", "imageState"),
        ("Visibility", visibility),
        ("ProductCodes", join_texts("productCodes/item/productCode", ",")),
        ("Architecture", "architecture"),
        ("ImageType", "imageType"),
        ("KernelID", "kernelId"),
        ("RamdiskID", "ramdiskId"),
        ("Platform", "platform"),
        ("RootDeviceType", "rootDeviceType"),
        ("VirtualizationType", "virtualizationType"),
        ("Hypervisor", "hypervisor"),
    ),
    nested=(BLOCKDEVICEMAPPING, tags("image", "imageId")),
)
IMAGE = Record("IMAGE", ".", (("ImageID", "imageId"),))
_ATTRIBUTE_IMAGE = ("ImageID", "../imageId")
_ITEM_IMAGE = ("ImageID", "../../imageId")
IMAGE_ATTRIBUTES = (
    *(
        Record("launchPermission", f"launchPermission/item[{kind}]", columns)
        for kind, columns in (
            (kind, (_ITEM_IMAGE, ("Kind", constant(kind)), ("Entity", kind)))
            for kind in ("group", "userId")
        )
    ),
    Record(
        "productCodes",
        "productCodes/item",
        (_ITEM_IMAGE, ("Kind", constant("productCode")), ("Code", "productCode")),
    ),
    *(
        Record(name, name, (_ATTRIBUTE_IMAGE, ("Kind", constant("")), ("Value", "value")))
        for name in ("kernel", "ramdisk", "description")
    ),
    Record(
        "blockDeviceMapping",
        "blockDeviceMapping/item",
        (
            _ITEM_IMAGE,
            ("Kind", constant("blockDeviceMap")),
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
_CHANGE_IMAGE = ("ImageID", "../../../imageId")
IMAGE_CHANGES = (
    *(
        Record(
            "launchPermission",
            f"launchPermission/{operation}/item[{kind}]",
            (
                _CHANGE_IMAGE,
                ("Operation", constant(operation.upper())),
                ("Kind", constant(kind)),
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
            _ITEM_IMAGE,
            ("Operation", constant("")),
            ("Kind", constant("productCode")),
            ("Code", "productCode"),
        ),
    ),
    Record(
        "description", "description", (_ATTRIBUTE_IMAGE, ("Kind", constant("")), ("Value", "value"))
    ),
)
IMAGE_RESET = Record(
    "launchPermission", "launchPermission", (_ATTRIBUTE_IMAGE, ("Operation", constant("RESET")))
)

# --- addresses, zones, keys, groups -----------------------------------------------------------

_ADDRESS = (("PublicIP", "publicIp"), ("InstanceID", "instanceId"))
ADDRESS = Record("ADDRESS", ".", _ADDRESS, min_columns=1)
ADDRESSES = Record("ADDRESS", "addressesSet/item", _ADDRESS, min_columns=1)
ZONES = Record(
    "AVAILABILITYZONE",
    "availabilityZoneInfo/item",
    (
        ("ZoneName", "zoneName"),
        ("State", "zoneState"),
        ("Region", "regionName"),
        ("Messages", join_texts("messageSet/item/message", ", ")),
    ),
    min_columns=3,
)
_KEYPAIR = (("KeyName", "keyName"), ("Fingerprint", "keyFingerprint"))
KEYPAIRS = Record("KEYPAIR", "keySet/item", _KEYPAIR)
IMPORTED_KEYPAIR = Record("KEYPAIR", ".", _KEYPAIR)
CREATED_KEYPAIR = Record("KEYPAIR", ".", _KEYPAIR, body=lambda node: text_at(node, "keyMaterial"))
DELETED_KEYPAIR = Record("KEYPAIR", ".", (("KeyName", "keyName"),))

_RULE = (
    ("OwnerID", "../../../../ownerId"),
    ("GroupName", "../../../../groupName"),
    ("Allows", constant("ALLOWS")),
    ("Protocol", "../../ipProtocol"),
    ("FromPort", "../../fromPort"),
    ("ToPort", "../../toPort"),
    ("From", constant("FROM")),
)
PERMISSIONS = Record(
    "",
    "ipPermissions/item",
    nested=(
        Record(
            "PERMISSION",
            "ipRanges/item",
            (*_RULE, ("Kind", constant("CIDR")), ("Source", "cidrIp")),
        ),
        Record(
            "PERMISSION",
            "groups/item",
            (
                *_RULE,
                ("Kind", constant("USER")),
                ("Source", "userId"),
                ("NameWord", constant("GRPNAME")),
                ("SourceGroup", "groupName"),
            ),
        ),
    ),
)
GROUPS = Record(
    "GROUP",
    "securityGroupInfo/item",
    (("OwnerID", "ownerId"), ("GroupName", "groupName"), ("Description", "groupDescription")),
    nested=(PERMISSIONS,),
)
NEW_GROUP = Record("GROUP", ".", (("GroupName", "groupName"), ("Description", "groupDescription")))
RULES = Record(
    "GROUP",
    ".",
    (("OwnerID", "ownerId"), ("GroupName", "groupName"), ("Description", constant(""))),
    nested=(PERMISSIONS,),
)
DELETED_GROUP = Record("GROUP", ".", (("GroupName", "groupName"),))

# --- volumes and snapshots --------------------------------------------------------------------

_ATTACHMENT = (
    ("VolumeID", "volumeId"),
    ("InstanceID", "instanceId"),
    ("Device", "device"),
    ("State", "status"),
    ("AttachTime", utc_time("attachTime")),
)
_VOLUME = (
    ("VolumeID", "volumeId"),
    ("Size", "size"),
    ("SnapshotID", "snapshotId"),
    ("AvailabilityZone", "availabilityZone"),
    ("State", "status"),
    ("CreateTime", utc_time("createTime")),
)
ATTACHMENT = Record("ATTACHMENT", ".", _ATTACHMENT)
VOLUME = Record("VOLUME", ".", _VOLUME)
VOLUMES = Record(
    "VOLUME",
    "volumeSet/item",
    _VOLUME,
    nested=(Record("ATTACHMENT", "attachmentSet/item", _ATTACHMENT), tags("volume", "volumeId")),
)
DELETED_VOLUME = Record("VOLUME", ".", (("VolumeID", "volumeId"),))
_SNAPSHOT = (
    ("SnapshotID", "snapshotId"),
    ("VolumeID", "volumeId"),
    ("State", "status"),
    ("StartTime", utc_time("startTime")),
    ("Progress", "progress"),
    ("OwnerID", "ownerId"),
    ("VolumeSize", "volumeSize"),
    ("Description", "description"),
)
SNAPSHOT = Record("SNAPSHOT", ".", _SNAPSHOT)
SNAPSHOTS = Record(
    "SNAPSHOT", "snapshotSet/item", _SNAPSHOT, nested=(tags("snapshot", "snapshotId"),)
)
DELETED_SNAPSHOT = Record("SNAPSHOT", ".", (("SnapshotID", "snapshotId"),))
