"""Instances, their attributes and passwords."""

from tools.ec2 import records
from tools.ec2.command_spec import Choice, Command, flag, nothing, option, optional, positional
from tools.ec2.encoders import (
    count,
    defaulted,
    devices,
    empty,
    members,
    switch,
    text,
    user_data,
    user_data_file,
)
from tools.ec2.tables.storage import FILTER

NAMED = positional("INSTANCE", members("instancesSet", "instanceId"), "an instance", repeats=True)

INSTANCES = (
    Command(
        "ec2-describe-instances",
        "DescribeInstances",
        "List instances: those named, or all of yours.",
        (
            optional("INSTANCE", members("instancesSet", "instanceId", always=True), "an instance"),
            FILTER,
        ),
        prints=(records.RESERVATIONS,),
        aliases=("ec2din",),
    ),
    Command(
        "ec2-run-instances",
        "RunInstances",
        "Launch instances of an image.",
        (
            positional("AMI", text("imageId"), "the image"),
            option("n/instance-count", "MIN[-MAX]", "how many (1)", count),
            option("k/key", "KEYPAIR", "the key pair to log in with", text("keyName")),
            option(
                "g/group",
                "GROUP",
                "a security group (default)",
                members("groupSet", "groupId", always=True),
                repeats=True,
            ),
            option("d/user-data", "DATA", "what the instance is told", user_data),
            option("f/user-data-file", "FILE", "a file that it is told", user_data_file),
            option("addressing", "TYPE", "public or direct", text("addressingType")),
            option(
                "t/instance-type",
                "TYPE",
                "its size (m1.small)",
                defaulted("m1.small", text("instanceType")),
            ),
            option("z/availability-zone", "ZONE", "the zone", text("placement/availabilityZone")),
            option("placement-group", "NAME", "the placement group", text("placement/groupName")),
            option("kernel", "KERNEL", "another kernel", text("kernelId")),
            option("ramdisk", "RAMDISK", "another RAM disk", text("ramdiskId")),
            option(
                "b/block-device-mapping",
                "MAPPING",
                "DEVICE=none, DEVICE=ephemeralN, DEVICE=[SNAPSHOT]:[SIZE]:[true|false]",
                devices,
                repeats=True,
            ),
            flag("m/monitor", "with monitoring", switch("monitoring/enabled")),
            option("s/subnet", "SUBNET", "the subnet", text("subnetId")),
            flag(
                "disable-api-termination",
                "cannot be terminated by command",
                switch("disableApiTermination"),
            ),
            option(
                "instance-initiated-shutdown-behavior",
                "BEHAVIOR",
                "stop or terminate",
                text("instanceInitiatedShutdownBehavior"),
            ),
            option("license-pool", "NAME", "the pool of licenses", text("license/pool")),
            option("private-ip-address", "IP", "its address", text("privateIpAddress")),
            option("client-token", "TOKEN", "asked again, not done again", text("clientToken")),
        ),
        prints=(records.RESERVATION,),
        aliases=("ec2run",),
        choices=(Choice(("user-data", "user-data-file")),),
    ),
    Command(
        "ec2-reboot-instances",
        "RebootInstances",
        "Reboot instances.",
        (NAMED,),
        aliases=("ec2reboot",),
    ),
    Command(
        "ec2-start-instances",
        "StartInstances",
        "Start instances that are stopped.",
        (NAMED,),
        prints=(records.STATE_CHANGE,),
        aliases=("ec2start",),
    ),
    Command(
        "ec2-stop-instances",
        "StopInstances",
        "Stop instances.",
        (NAMED, flag("f/force", "without letting them shut down", switch("force"))),
        prints=(records.STATE_CHANGE,),
        aliases=("ec2stop",),
    ),
    Command(
        "ec2-terminate-instances",
        "TerminateInstances",
        "Terminate instances for good.",
        (NAMED,),
        prints=(records.STATE_CHANGE,),
        aliases=("ec2kill",),
    ),
    Command(
        "ec2-describe-instance-attribute",
        "DescribeInstanceAttribute",
        "Tell one attribute of an instance.",
        (
            positional("INSTANCE", text("instanceId"), "the instance"),
            flag("t/instance-type", "its size", empty("instanceType")),
            flag("kernel", "its kernel", empty("kernel")),
            flag("ramdisk", "its RAM disk", empty("ramdisk")),
            flag("user-data", "what it was told", empty("userData")),
            flag(
                "disable-api-termination",
                "whether no command terminates it",
                empty("disableApiTermination"),
            ),
            flag(
                "instance-initiated-shutdown-behavior",
                "stop or terminate",
                empty("instanceInitiatedShutdownBehavior"),
            ),
            flag("root-device-name", "its root device", empty("rootDeviceName")),
            flag("b/block-device-mapping", "its volumes", empty("blockDeviceMapping")),
        ),
        prints=records.INSTANCE_ATTRIBUTES,
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
            option("k/priv-launch-key", "KEYFILE", "the private key file", nothing, required=True),
        ),
        aliases=("ec2gpass",),
    ),
)
