"""Addresses, zones, key pairs and security groups."""

from tools.ec2 import records
from tools.ec2.command_spec import Choice, Command, nothing, option, optional, positional
from tools.ec2.encoders import fixed, members, permissions, public_key, text
from tools.ec2.tables.storage import FILTER

ADDRESS = positional("IP", text("publicIp"), "the address")
KEY = positional("KEY", text("keyName"), "the key pair's name")
GROUP = positional("GROUP", text("groupName"), "the security group's name")

RULE = (
    positional("GROUP", fixed("userId", "", text("groupName")), "the security group's name"),
    option("P/protocol", "PROTOCOL", "tcp, udp or icmp (tcp; icmp with -t)", nothing),
    option("p/port-range", "PORTS", "a port, or MIN-MAX", nothing),
    option("t/icmp-type-code", "TYPE:CODE", "type and code of ICMP, -1 is any", nothing),
    option("u/source-group-user", "USER", "owner of a source group (you)", nothing, repeats=True),
    option("o/source-group", "GROUP", "let members of it in", nothing, repeats=True),
    option("s/source-subnet", "CIDR", "let it in (0.0.0.0/0)", nothing, repeats=True),
)
PORTS = (Choice(("port-range", "icmp-type-code"), least=1),)

NETWORK = (
    Command(
        "ec2-allocate-address",
        "AllocateAddress",
        "Acquire a public address.",
        (),
        prints=(records.ADDRESS,),
        aliases=("ec2allocaddr",),
    ),
    Command(
        "ec2-associate-address",
        "AssociateAddress",
        "Point a public address at an instance.",
        (
            ADDRESS,
            option("i/instance", "INSTANCE", "the instance", text("instanceId"), required=True),
        ),
        echoes=(records.ADDRESS,),
        aliases=("ec2assocaddr",),
    ),
    Command(
        "ec2-describe-addresses",
        "DescribeAddresses",
        "List public addresses: those named, or all of yours.",
        (optional("IP", members("publicIpsSet", "publicIp", always=True), "an address"), FILTER),
        prints=(records.ADDRESSES,),
        aliases=("ec2daddr",),
    ),
    Command(
        "ec2-disassociate-address",
        "DisassociateAddress",
        "Point a public address at nothing.",
        (ADDRESS,),
        echoes=(records.ADDRESS,),
        aliases=("ec2-diassociate-address", "ec2disaddr"),
    ),
    Command(
        "ec2-release-address",
        "ReleaseAddress",
        "Give a public address back.",
        (ADDRESS,),
        echoes=(records.ADDRESS,),
        aliases=("ec2reladdr",),
    ),
    Command(
        "ec2-describe-availability-zones",
        "DescribeAvailabilityZones",
        "List availability zones: those named, or all.",
        (
            optional("ZONE", members("availabilityZoneSet", "zoneName", always=True), "a zone"),
            FILTER,
        ),
        prints=(records.ZONES,),
        aliases=("ec2daz",),
    ),
    Command(
        "ec2-add-keypair",
        "CreateKeyPair",
        "Make a key pair and print its private half, which is shown this once.",
        (KEY,),
        prints=(records.CREATED,),
        aliases=("ec2-create-keypair", "ec2addkey"),
    ),
    Command(
        "ec2-delete-keypair",
        "DeleteKeyPair",
        "Delete a key pair.",
        (KEY,),
        echoes=(records.KEYPAIR,),
        aliases=("ec2delkey",),
    ),
    Command(
        "ec2-describe-keypairs",
        "DescribeKeyPairs",
        "List key pairs: those named, or all of yours.",
        (optional("KEY", members("keySet", "keyName", always=True), "a key pair's name"), FILTER),
        prints=(records.KEYPAIRS,),
        aliases=("ec2dkey",),
    ),
    Command(
        "ec2-import-keypair",
        "ImportKeyPair",
        "Register the public half of a key pair that you made.",
        (
            KEY,
            option("f/public-key-file", "FILE", "the public key", public_key, required=True),
        ),
        prints=(records.IMPORTED,),
        aliases=("ec2ikey",),
    ),
    Command(
        "ec2-add-group",
        "CreateSecurityGroup",
        "Make a security group.",
        (
            GROUP,
            option(
                "d/description",
                "DESCRIPTION",
                "what it is for",
                text("groupDescription"),
                required=True,
            ),
        ),
        echoes=(records.NEW_GROUP,),
        aliases=("ec2-create-group", "ec2addgrp"),
    ),
    Command(
        "ec2-delete-group",
        "DeleteSecurityGroup",
        "Delete a security group that nobody uses.",
        (GROUP,),
        echoes=(records.GROUP,),
        aliases=("ec2delgrp",),
    ),
    Command(
        "ec2-describe-group",
        "DescribeSecurityGroups",
        "List security groups and whom they let in: those named, or all of yours.",
        (
            optional("GROUP", members("securityGroupSet", "groupName", always=True), "a group"),
            FILTER,
        ),
        prints=(records.GROUPS,),
        aliases=("ec2dgrp",),
    ),
    Command(
        "ec2-authorize",
        "AuthorizeSecurityGroupIngress",
        "Let somebody in to a security group.",
        RULE,
        echoes=(records.RULES,),
        aliases=("ec2auth",),
        choices=PORTS,
        combines=permissions,
    ),
    Command(
        "ec2-revoke",
        "RevokeSecurityGroupIngress",
        "Let somebody in to a security group no longer.",
        RULE,
        echoes=(records.RULES,),
        aliases=("ec2revoke",),
        choices=PORTS,
        combines=permissions,
    ),
)
