"""Images and their attributes."""

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
from tools.ec2.encoders import devices, empty, entities, members, root_snapshot, switch, text
from tools.ec2.tables.storage import FILTER

IMAGE = positional("AMI", text("imageId"), "the image")


IMAGES = (
    Command(
        "ec2-create-image",
        "CreateImage",
        "Make an image of an instance.",
        (
            positional("INSTANCE", text("instanceId"), "the instance"),
            option("n/name", "NAME", "the image's name", text("name"), required=True),
            option("d/description", "DESCRIPTION", "what it is for", text("description")),
            flag("no-reboot", "do not stop the instance for it", switch("noReboot")),
        ),
        prints=(records.IMAGE,),
        aliases=("ec2cim",),
    ),
    Command(
        "ec2-deregister",
        "DeregisterImage",
        "Take an image away.",
        (IMAGE,),
        echoes=(records.IMAGE,),
        aliases=("ec2dereg",),
    ),
    Command(
        "ec2-describe-images",
        "DescribeImages",
        "List images: those named, or yours and those that you are permitted to launch.",
        (
            option(
                "x/executable-by",
                "USER",
                "that this account, self or all may launch",
                members("executableBySet", "user"),
                repeats=True,
            ),
            optional("AMI", members("imagesSet", "imageId", always=True), "an image"),
            option(
                "o/owner",
                "OWNER",
                "of this owner: an account, or self",
                members("ownersSet", "owner"),
                repeats=True,
            ),
            flag("a/all", "all that you may launch, public ones too"),
            FILTER,
        ),
        prints=(records.IMAGES,),
        aliases=("ec2dim",),
        asks=mine_and_shared("AMI", "executable-by"),
    ),
    Command(
        "ec2-register",
        "RegisterImage",
        "Register an image from its location, or from a snapshot of a root device.",
        (
            optional("MANIFEST", text("imageLocation"), "where the image is", repeats=False),
            option("n/name", "NAME", "the image's name", text("name"), required=True),
            option("d/description", "DESCRIPTION", "what it is for", text("description")),
            option("a/architecture", "ARCHITECTURE", "i386, x86_64", text("architecture")),
            option("kernel", "KERNEL", "its kernel", text("kernelId")),
            option("ramdisk", "RAMDISK", "its RAM disk", text("ramdiskId")),
            option("root-device-name", "DEVICE", "its root device", text("rootDeviceName")),
            option("s/snapshot", "SNAPSHOT", "make the root device from it", root_snapshot),
            option(
                "b/block-device-mapping",
                "MAPPING",
                "DEVICE=none, DEVICE=ephemeralN, DEVICE=[SNAPSHOT]:[SIZE]:[true|false]",
                devices,
                repeats=True,
            ),
        ),
        prints=(records.IMAGE,),
        aliases=("ec2reg",),
        choices=(
            Choice(("MANIFEST", "snapshot", "block-device-mapping"), least=1, most=2),
            Choice(("MANIFEST", "snapshot")),
            Choice(("MANIFEST", "block-device-mapping")),
        ),
    ),
    Command(
        "ec2-describe-image-attribute",
        "DescribeImageAttribute",
        "Tell one attribute of an image.",
        (
            IMAGE,
            flag("l/launch-permission", "who may launch it", empty("launchPermission")),
            flag("p/product-codes", "its product codes", empty("productCodes")),
            flag("kernel", "its kernel", empty("kernel")),
            flag("ramdisk", "its RAM disk", empty("ramdisk")),
            flag("B/block-device-mapping", "its devices", empty("blockDeviceMapping")),
            flag("description", "what it is for", empty("description")),
        ),
        prints=records.IMAGE_ATTRIBUTES,
        aliases=("ec2dimatt", "ec2datt"),
        choices=(
            Choice(
                (
                    "launch-permission",
                    "product-codes",
                    "kernel",
                    "ramdisk",
                    "block-device-mapping",
                    "description",
                ),
                least=1,
            ),
        ),
    ),
    Command(
        "ec2-modify-image-attribute",
        "ModifyImageAttribute",
        "Change who may launch an image, its product codes or its description.",
        (
            IMAGE,
            flag("l/launch-permission", "change who may launch it, with -a or -r"),
            option(
                "a/add", "ENTITY", "permit it: an account, or all", entities("add"), repeats=True
            ),
            option(
                "r/remove",
                "ENTITY",
                "permit it no longer: an account, or all",
                entities("remove"),
                repeats=True,
            ),
            option(
                "p/product-code",
                "CODE",
                "its product codes",
                members("productCodes", "productCode"),
                repeats=True,
            ),
            option("description", "TEXT", "what it is for", text("description/value")),
        ),
        echoes=records.IMAGE_CHANGES,
        aliases=("ec2mimatt", "ec2matt"),
        choices=(
            Choice(("add", "remove", "product-code", "description"), least=1),
            Choice(("launch-permission", "product-code")),
            Choice(("launch-permission", "description")),
        ),
    ),
    Command(
        "ec2-reset-image-attribute",
        "ResetImageAttribute",
        "Let nobody but its owner launch an image.",
        (
            IMAGE,
            flag("l/launch-permission", "who may launch it", empty("launchPermission")),
        ),
        echoes=(records.IMAGE_RESET,),
        aliases=("ec2rimatt", "ec2ratt"),
        choices=(Choice(("launch-permission",), least=1),),
    ),
)
