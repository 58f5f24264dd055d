"""Volumes and snapshots."""

from tools.ec2 import records
from tools.ec2.command_spec import (
    Choice,
    Command,
    flag,
    option,
    optional,
    own_and_shared,
    positional,
)
from tools.ec2.encoders import filters, items, text, true_if_given

FILTER = option(
    "filter",
    "NAME=VALUE",
    "list only what has this value; names are joined by and, values of one name by or",
    filters,
    repeatable=True,
    short="F",
)
INSTANCE = option("instance", "INSTANCE", "the instance", text("instanceId"), short="i")
DEVICE = option("device", "DEVICE", "the device, /dev/sdh", text("device"), short="d")


STORAGE = (
    Command(
        "ec2-attach-volume",
        "AttachVolume",
        "Attach a volume to an instance, as a device.",
        (
            positional("VOLUME", text("volumeId"), "the volume"),
            option(
                "instance", "INSTANCE", "the instance", text("instanceId"), required=True, short="i"
            ),
            option(
                "device", "DEVICE", "the device, /dev/sdh", text("device"), required=True, short="d"
            ),
        ),
        response_records=(records.ATTACHMENT,),
        aliases=("ec2attvol",),
    ),
    Command(
        "ec2-create-volume",
        "CreateVolume",
        "Make a volume of a size, or from a snapshot.",
        (
            option("size", "SIZE", "size in GiB", text("size"), short="s"),
            option("snapshot", "SNAPSHOT", "make it from this one", text("snapshotId")),
            option(
                "availability-zone",
                "ZONE",
                "the zone to make it in",
                text("availabilityZone"),
                required=True,
                short="z",
            ),
        ),
        response_records=(records.VOLUME,),
        aliases=("ec2addvol",),
        choices=(Choice(("size", "snapshot"), least=1, most=2),),
    ),
    Command(
        "ec2-delete-volume",
        "DeleteVolume",
        "Delete a volume that is not attached.",
        (positional("VOLUME", text("volumeId"), "the volume"),),
        request_records=(records.DELETED_VOLUME,),
        aliases=("ec2delvol",),
    ),
    Command(
        "ec2-describe-volumes",
        "DescribeVolumes",
        "List volumes: those named, or all of yours.",
        (
            optional("VOLUME", items("volumeSet", "volumeId", always=True), "a volume"),
            FILTER,
        ),
        response_records=(records.VOLUMES,),
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
            flag("force", "even if the instance holds on to it", true_if_given("force"), short="f"),
        ),
        response_records=(records.ATTACHMENT,),
        aliases=("ec2detvol",),
    ),
    Command(
        "ec2-create-snapshot",
        "CreateSnapshot",
        "Make a snapshot of a volume.",
        (
            positional("VOLUME", text("volumeId"), "the volume"),
            option("description", "DESCRIPTION", "what it is for", text("description"), short="d"),
        ),
        response_records=(records.SNAPSHOT,),
        aliases=("ec2addsnap",),
    ),
    Command(
        "ec2-delete-snapshot",
        "DeleteSnapshot",
        "Delete a snapshot.",
        (positional("SNAPSHOT", text("snapshotId"), "the snapshot"),),
        request_records=(records.DELETED_SNAPSHOT,),
        aliases=("ec2delsnap",),
    ),
    Command(
        "ec2-describe-snapshots",
        "DescribeSnapshots",
        "List snapshots: those named, or yours and those shared with you.",
        (
            optional("SNAPSHOT", items("snapshotSet", "snapshotId", always=True), "a snapshot"),
            option(
                "owner",
                "OWNER",
                "of this owner: an account, or self",
                items("ownersSet", "owner"),
                repeatable=True,
                short="o",
            ),
            option(
                "restorable-by",
                "USER",
                "that this account, self or all may use",
                items("restorableBySet", "user"),
                repeatable=True,
                short="r",
            ),
            flag("all", "all that you may use", short="a"),
            FILTER,
        ),
        response_records=(records.SNAPSHOTS,),
        aliases=("ec2dsnap",),
        expand=own_and_shared("SNAPSHOT", "restorable-by"),
    ),
)
