"""Instances, their attributes and passwords."""

from tools.ec2 import records
from tools.ec2.command_spec import Choice, Command, flag, no_elements, option, optional, positional
from tools.ec2.encoders import (
    block_devices,
    empty_element,
    instance_count,
    items,
    text,
    true_if_given,
    user_data,
    user_data_file,
    with_default,
)
from tools.ec2.tables.storage import FILTER

INSTANCE_IDS = positional(
    "INSTANCE", items("instancesSet", "instanceId"), "an instance", repeatable=True
)

INSTANCES = (
    Command(
        "ec2-describe-instances",
        "DescribeInstances",
        "List instances: those named, or all of yours.",
        (
            optional("INSTANCE", items("instancesSet", "instanceId", always=True), "an instance"),
            FILTER,
        ),
        response_records=(records.RESERVATIONS,),
        aliases=("ec2din",),
    ),
    Command(
        "ec2-run-instances",
        "RunInstances",
        "Launch instances of an image.",
        (
            positional("AMI", text("imageId"), "the image"),
            option("instance-count", "MIN[-MAX]", "how many (1)", instance_count, short="n"),
            option("key", "KEYPAIR", "the key pair to log in with", text("keyName"), short="k"),
            option(
                "group",
                "GROUP",
                "a security group (default)",
                items("groupSet", "groupId", always=True),
                repeatable=True,
                short="g",
            ),
            option("user-data", "DATA", "user data for the instance", user_data, short="d"),
            option(
                "user-data-file", "FILE", "a file with user data for it", user_data_file, short="f"
            ),
            option("addressing", "TYPE", "public or direct", text("addressingType")),
            option(
                "instance-type",
                "TYPE",
                "its size (m1.small)",
                with_default("m1.small", text("instanceType")),
                short="t",
            ),
            option(
                "availability-zone",
                "ZONE",
                "the zone",
                text("placement", "availabilityZone"),
                short="z",
            ),
            option(
                "placement-group", "NAME", "the placement group", text("placement", "groupName")
            ),
            option("kernel", "KERNEL", "another kernel", text("kernelId")),
            option("ramdisk", "RAMDISK", "another RAM disk", text("ramdiskId")),
            option(
                "block-device-mapping",
                "MAPPING",
                "DEVICE=none, DEVICE=ephemeralN, DEVICE=[SNAPSHOT]:[SIZE]:[true|false]",
                block_devices,
                repeatable=True,
                short="b",
            ),
            flag("monitor", "with monitoring", true_if_given("monitoring", "enabled"), short="m"),
            option("subnet", "SUBNET", "the subnet", text("subnetId"), short="s"),
            flag(
                "disable-api-termination",
                "cannot be terminated by command",
                true_if_given("disableApiTermination"),
            ),
            option(
                "instance-initiated-shutdown-behavior",
                "BEHAVIOR",
                "stop or terminate",
                text("instanceInitiatedShutdownBehavior"),
            ),
            option("license-pool", "NAME", "the pool of licenses", text("license", "pool")),
            option("private-ip-address", "IP", "its address", text("privateIpAddress")),
            option(
                "client-token",
                "TOKEN",
                "a repeated request with it launches nothing",
                text("clientToken"),
            ),
        ),
        response_records=(records.RESERVATION,),
        aliases=("ec2run",),
        choices=(Choice(("user-data", "user-data-file")),),
    ),
    Command(
        "ec2-reboot-instances",
        "RebootInstances",
        "Reboot instances.",
        (INSTANCE_IDS,),
        aliases=("ec2reboot",),
    ),
    Command(
        "ec2-start-instances",
        "StartInstances",
        "Start instances that are stopped.",
        (INSTANCE_IDS,),
        response_records=(records.STATE_CHANGE,),
        aliases=("ec2start",),
    ),
    Command(
        "ec2-stop-instances",
        "StopInstances",
        "Stop instances.",
        (
            INSTANCE_IDS,
            flag("force", "without letting them shut down", true_if_given("force"), short="f"),
        ),
        response_records=(records.STATE_CHANGE,),
        aliases=("ec2stop",),
    ),
    Command(
        "ec2-terminate-instances",
        "TerminateInstances",
        "Terminate instances for good.",
        (INSTANCE_IDS,),
        response_records=(records.STATE_CHANGE,),
        aliases=("ec2kill",),
    ),
    Command(
        "ec2-describe-instance-attribute",
        "DescribeInstanceAttribute",
        "Print one attribute of an instance.",
        (
            positional("INSTANCE", text("instanceId"), "the instance"),
            flag("instance-type", "its size", empty_element("instanceType"), short="t"),
            flag("kernel", "its kernel", empty_element("kernel")),
            flag("ramdisk", "its RAM disk", empty_element("ramdisk")),
            flag("user-data", "its user data", empty_element("userData")),
            flag(
                "disable-api-termination",
                "whether no command terminates it",
                empty_element("disableApiTermination"),
            ),
            flag(
                "instance-initiated-shutdown-behavior",
                "stop or terminate",
                empty_element("instanceInitiatedShutdownBehavior"),
            ),
            flag("root-device-name", "its root device", empty_element("rootDeviceName")),
            flag(
                "block-device-mapping",
                "its volumes",
                empty_element("blockDeviceMapping"),
                short="b",
            ),
        ),
        response_records=records.INSTANCE_ATTRIBUTES,
        aliases=("ec2dinatt", "ec2diatt"),
        choices=(
            Choice(
                (
                    "instance-type",
                    "kernel",
                    "ramdisk",
                    "user-data",
                    "disable-api-termination",
                    "instance-initiated-shutdown-behavior",
                    "root-device-name",
                    "block-device-mapping",
                ),
                least=1,
            ),
        ),
    ),
    Command(
        "ec2-get-password",
        "GetPasswordData",
        "Print an instance's password, decrypted with the private key that it was launched with.",
        (
            positional("INSTANCE", text("instanceId"), "the instance"),
            option(
                "priv-launch-key",
                "KEYFILE",
                "the private key file",
                no_elements,
                required=True,
                short="k",
            ),
        ),
        aliases=("ec2gpass",),
    ),
)
