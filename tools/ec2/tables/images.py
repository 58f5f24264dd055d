"""Images and their attributes."""

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
from tools.ec2.encoders import (
    block_devices,
    empty_element,
    items,
    launch_permissions,
    root_snapshot,
    text,
    true_if_given,
)
from tools.ec2.tables.storage import FILTER

IMAGE = positional("AMI", text("imageId"), "the image")


IMAGES = (
    Command(
        "ec2-create-image",
        "CreateImage",
        "Make an image of an instance.",
        (
            positional("INSTANCE", text("instanceId"), "the instance"),
            option("name", "NAME", "the image's name", text("name"), required=True, short="n"),
            option("description", "DESCRIPTION", "what it is for", text("description"), short="d"),
            flag("no-reboot", "do not stop the instance for it", true_if_given("noReboot")),
        ),
        response_records=(records.IMAGE,),
        aliases=("ec2cim",),
    ),
    Command(
        "ec2-deregister",
        "DeregisterImage",
        "Deregister an image.",
        (IMAGE,),
        request_records=(records.IMAGE,),
        aliases=("ec2dereg",),
    ),
    Command(
        "ec2-describe-images",
        "DescribeImages",
        "List images: those named, or yours and those that you are permitted to launch.",
        (
            option(
                "executable-by",
                "USER",
                "that this account, self or all may launch",
                items("executableBySet", "user"),
                repeatable=True,
                short="x",
            ),
            optional("AMI", items("imagesSet", "imageId", always=True), "an image"),
            option(
                "owner",
                "OWNER",
                "of this owner: an account, or self",
                items("ownersSet", "owner"),
                repeatable=True,
                short="o",
            ),
            flag("all", "all that you may launch, public ones too", short="a"),
            FILTER,
        ),
        response_records=(records.IMAGES,),
        aliases=("ec2dim",),
        expand=own_and_shared("AMI", "executable-by"),
    ),
    Command(
        "ec2-register",
        "RegisterImage",
        "Register an image from its location, or from a snapshot of a root device.",
        (
            optional("MANIFEST", text("imageLocation"), "where the image is", repeatable=False),
            option("name", "NAME", "the image's name", text("name"), required=True, short="n"),
            option("description", "DESCRIPTION", "what it is for", text("description"), short="d"),
            option("architecture", "ARCHITECTURE", "i386, x86_64", text("architecture"), short="a"),
            option("kernel", "KERNEL", "its kernel", text("kernelId")),
            option("ramdisk", "RAMDISK", "its RAM disk", text("ramdiskId")),
            option("root-device-name", "DEVICE", "its root device", text("rootDeviceName")),
            option(
                "snapshot", "SNAPSHOT", "make the root device from it", root_snapshot, short="s"
            ),
            option(
                "block-device-mapping",
                "MAPPING",
                "DEVICE=none, DEVICE=ephemeralN, DEVICE=[SNAPSHOT]:[SIZE]:[true|false]",
                block_devices,
                repeatable=True,
                short="b",
            ),
        ),
        response_records=(records.IMAGE,),
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
        "Print one attribute of an image.",
        (
            IMAGE,
            flag(
                "launch-permission",
                "who may launch it",
                empty_element("launchPermission"),
                short="l",
            ),
            flag("product-codes", "its product codes", empty_element("productCodes"), short="p"),
            flag("kernel", "its kernel", empty_element("kernel")),
            flag("ramdisk", "its RAM disk", empty_element("ramdisk")),
            flag(
                "block-device-mapping",
                "its devices",
                empty_element("blockDeviceMapping"),
                short="B",
            ),
            flag("description", "what it is for", empty_element("description")),
        ),
        response_records=records.IMAGE_ATTRIBUTES,
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
            flag("launch-permission", "change who may launch it, with -a or -r", short="l"),
            option(
                "add",
                "ENTITY",
                "permit it: an account, or all",
                launch_permissions("add"),
                repeatable=True,
                short="a",
            ),
            option(
                "remove",
                "ENTITY",
                "permit it no longer: an account, or all",
                launch_permissions("remove"),
                repeatable=True,
                short="r",
            ),
            option(
                "product-code",
                "CODE",
                "its product codes",
                items("productCodes", "productCode"),
                repeatable=True,
                short="p",
            ),
            option("description", "TEXT", "what it is for", text("description", "value")),
        ),
        request_records=records.IMAGE_CHANGES,
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
        "Let only its owner launch an image.",
        (
            IMAGE,
            flag(
                "launch-permission",
                "who may launch it",
                empty_element("launchPermission"),
                short="l",
            ),
        ),
        request_records=(records.IMAGE_RESET,),
        aliases=("ec2rimatt", "ec2ratt"),
        choices=(Choice(("launch-permission",), least=1),),
    ),
)
