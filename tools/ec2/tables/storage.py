"""Volumes and snapshots."""

from tools.ec2 import records
from tools.ec2.command_spec import (
    Choice,
    Command,
    flag,
    mine_and_shared,
    option,
    optional,
    positional,
)
from tools.ec2.encoders import filters, members, switch, text

FILTER = option(
    "F/filter",
    "NAME=VALUE",
    "list only what has this value; names are joined by and, values of one name by or",
    filters,
    repeats=True,
)
INSTANCE = option("i/instance", "INSTANCE", "the instance", text("instanceId"))
DEVICE = option("d/device", "DEVICE", "the device, /dev/sdh", text("device"))


STORAGE = (
    Command(
        "ec2-attach-volume",
        "AttachVolume",
        "Attach a volume to an instance, as a device.",
        (
            positional("VOLUME", text("volumeId"), "the volume"),
            option("i/instance", "INSTANCE", "the instance", text("instanceId"), required=True),
            option("d/device", "DEVICE", "the device, /dev/sdh", text("device"), required=True),
        ),
        prints=(records.ATTACHMENT,),
        aliases=("ec2attvol",),
    ),
    Command(
        "ec2-create-volume",
        "CreateVolume",
        "Make a volume of a size, or from a snapshot.",
        (
            option("s/size", "SIZE", "size in GiB", text("size")),
            option("snapshot", "SNAPSHOT", "make it from this one", text("snapshotId")),
            option(
                "z/availability-zone",
                "ZONE",
                "the zone to make it in",
                text("availabilityZone"),
                required=True,
            ),
        ),
        prints=(records.VOLUME,),
        aliases=("ec2addvol",),
        choices=(Choice(("size", "snapshot"), least=1, most=2),),
    ),
    Command(
        "ec2-delete-volume",
        "DeleteVolume",
        "Delete a volume that is not attached.",
        (positional("VOLUME", text("volumeId"), "the volume"),),
        echoes=(records.VOLUME_GONE,),
        aliases=("ec2delvol",),
    ),
    Command(
        "ec2-describe-volumes",
        "DescribeVolumes",
        "List volumes: those named, or all of yours.",
        (
            optional("VOLUME", members("volumeSet", "volumeId", always=True), "a volume"),
            FILTER,
        ),
        prints=(records.VOLUMES,),
        aliases=("ec2-describe-volume", "ec2dvol"),
    ),
    Command(
        "ec2-detach-volume",
        "DetachVolume",
        "Detach a volume from its instance.",
        (
            positional("VOLUME", text("volumeId"), "the volume"),
            INSTANCE,
            DEVICE,
            flag("f/force", "even if the instance holds on to it", switch("force")),
        ),
        prints=(records.ATTACHMENT,),
        aliases=("ec2detvol",),
    ),
    Command(
        "ec2-create-snapshot",
        "CreateSnapshot",
        "Make a snapshot of a volume.",
        (
            positional("VOLUME", text("volumeId"), "the volume"),
            option("d/description", "DESCRIPTION", "what it is for", text("description")),
        ),
        prints=(records.SNAPSHOT,),
        aliases=("ec2addsnap",),
    ),
    Command(
        "ec2-delete-snapshot",
        "DeleteSnapshot",
        "Delete a snapshot.",
        (positional("SNAPSHOT", text("snapshotId"), "the snapshot"),),
        echoes=(records.SNAPSHOT_GONE,),
        aliases=("ec2delsnap",),
    ),
    Command(
        "ec2-describe-snapshots",
        "DescribeSnapshots",
        "List snapshots: those named, or yours and those shared with you.",
        (
            optional("SNAPSHOT", members("snapshotSet", "snapshotId", always=True), "a snapshot"),
            option(
                "o/owner",
                "OWNER",
                "of this owner: an account, or self",
                members("ownersSet", "owner"),
                repeats=True,
            ),
            option(
                "r/restorable-by",
                "USER",
                "that this account, self or all may use",
                members("restorableBySet", "user"),
                repeats=True,
            ),
            flag("a/all", "all that you may use"),
            FILTER,
        ),
        prints=(records.SNAPSHOTS,),
        aliases=("ec2dsnap",),
        asks=mine_and_shared("SNAPSHOT", "restorable-by"),
    ),
)
