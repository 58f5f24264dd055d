"""Addresses, zones, key pairs and security groups."""

from tools.ec2 import records
from tools.ec2.command_spec import Choice, Command, no_elements, option, optional, positional
from tools.ec2.encoders import after_constant, ip_permissions, items, public_key, text
from tools.ec2.tables.storage import FILTER

ADDRESS = positional("IP", text("publicIp"), "the address")
KEY = positional("KEY", text("keyName"), "the key pair's name")
GROUP = positional("GROUP", text("groupName"), "the security group's name")

RULE = (
    positional(
        "GROUP", after_constant("userId", "", text("groupName")), "the security group's name"
    ),
    option("protocol", "PROTOCOL", "tcp, udp or icmp (tcp; icmp with -t)", no_elements, short="P"),
    option("port-range", "PORTS", "a port, or MIN-MAX", no_elements, short="p"),
    option(
        "icmp-type-code", "TYPE:CODE", "type and code of ICMP, -1 is any", no_elements, short="t"
    ),
    option(
        "source-group-user",
        "USER",
        "owner of a source group (you)",
        no_elements,
        repeatable=True,
        short="u",
    ),
    option(
        "source-group",
        "GROUP",
        "allow connections from its members",
        no_elements,
        repeatable=True,
        short="o",
    ),
    option(
        "source-subnet",
        "CIDR",
        "allow connections from it (0.0.0.0/0)",
        no_elements,
        repeatable=True,
        short="s",
    ),
)
PORTS = (Choice(("port-range", "icmp-type-code"), least=1),)

NETWORK = (
    Command(
        "ec2-allocate-address",
        "AllocateAddress",
        "Acquire a public address.",
        (),
        response_records=(records.ADDRESS,),
        aliases=("ec2allocaddr",),
    ),
    Command(
        "ec2-associate-address",
        "AssociateAddress",
        "Associate a public address with an instance.",
        (
            ADDRESS,
            option(
                "instance", "INSTANCE", "the instance", text("instanceId"), required=True, short="i"
            ),
        ),
        request_records=(records.ADDRESS,),
        aliases=("ec2assocaddr",),
    ),
    Command(
        "ec2-describe-addresses",
        "DescribeAddresses",
        "List public addresses: those named, or all of yours.",
        (optional("IP", items("publicIpsSet", "publicIp", always=True), "an address"), FILTER),
        response_records=(records.ADDRESSES,),
        aliases=("ec2daddr",),
    ),
    Command(
        "ec2-disassociate-address",
        "DisassociateAddress",
        "Take a public address off its instance.",
        (ADDRESS,),
        request_records=(records.ADDRESS,),
        aliases=("ec2-diassociate-address", "ec2disaddr"),
    ),
    Command(
        "ec2-release-address",
        "ReleaseAddress",
        "Release a public address.",
        (ADDRESS,),
        request_records=(records.ADDRESS,),
        aliases=("ec2reladdr",),
    ),
    Command(
        "ec2-describe-availability-zones",
        "DescribeAvailabilityZones",
        "List availability zones: those named, or all.",
        (
            optional("ZONE", items("availabilityZoneSet", "zoneName", always=True), "a zone"),
            FILTER,
        ),
        response_records=(records.ZONES,),
        aliases=("ec2daz",),
    ),
    Command(
        "ec2-add-keypair",
        "CreateKeyPair",
        "Make a key pair and print its private half, which is shown this once.",
        (KEY,),
        response_records=(records.CREATED_KEYPAIR,),
        aliases=("ec2-create-keypair", "ec2addkey"),
    ),
    Command(
        "ec2-delete-keypair",
        "DeleteKeyPair",
        "Delete a key pair.",
        (KEY,),
        request_records=(records.DELETED_KEYPAIR,),
        aliases=("ec2delkey",),
    ),
    Command(
        "ec2-describe-keypairs",
        "DescribeKeyPairs",
        "List key pairs: those named, or all of yours.",
        (optional("KEY", items("keySet", "keyName", always=True), "a key pair's name"), FILTER),
        response_records=(records.KEYPAIRS,),
        aliases=("ec2dkey",),
    ),
    Command(
        "ec2-import-keypair",
        "ImportKeyPair",
        "Register the public half of a key pair that you made.",
        (
            KEY,
            option(
                "public-key-file", "FILE", "the public key", public_key, required=True, short="f"
            ),
        ),
        response_records=(records.IMPORTED_KEYPAIR,),
        aliases=("ec2ikey",),
    ),
    Command(
        "ec2-add-group",
        "CreateSecurityGroup",
        "Make a security group.",
        (
            GROUP,
            option(
                "description",
                "DESCRIPTION",
                "what it is for",
                text("groupDescription"),
                required=True,
                short="d",
            ),
        ),
        request_records=(records.NEW_GROUP,),
        aliases=("ec2-create-group", "ec2addgrp"),
    ),
    Command(
        "ec2-delete-group",
        "DeleteSecurityGroup",
        "Delete a security group that is not in use.",
        (GROUP,),
        request_records=(records.DELETED_GROUP,),
        aliases=("ec2delgrp",),
    ),
    Command(
        "ec2-describe-group",
        "DescribeSecurityGroups",
        "List security groups and their rules: those named, or all of yours.",
        (
            optional("GROUP", items("securityGroupSet", "groupName", always=True), "a group"),
            FILTER,
        ),
        response_records=(records.GROUPS,),
        aliases=("ec2dgrp",),
    ),
    Command(
        "ec2-authorize",
        "AuthorizeSecurityGroupIngress",
        "Add a rule to a security group.",
        RULE,
        request_records=(records.RULES,),
        aliases=("ec2auth",),
        choices=PORTS,
        encode_together=ip_permissions,
    ),
    Command(
        "ec2-revoke",
        "RevokeSecurityGroupIngress",
        "Remove a rule from a security group.",
        RULE,
        request_records=(records.RULES,),
        aliases=("ec2revoke",),
        choices=PORTS,
        encode_together=ip_permissions,
    ),
)
