"""Table 9: security groups."""

from typing import Any

from suites.contract.dsl import DescribeAction, answers, passes, rejects, requires
from suites.contract.table_suite import TableSuite

GROUP = {"group": "group"}
RULE = {"group": "group:rule"}
ICMP = {"group": "group:icmp"}
DESCRIBE = DescribeAction("DescribeSecurityGroups", "SecurityGroups", "GroupName", "{group.name}")
NOT_FOUND = {"InvalidGroup.NotFound"}
BAD_RULE = {"InvalidPermission.Malformed", "InvalidParameterValue"}
NO_NAME = {"InvalidParameterCombination"}


def _permission(protocol: str, low: int, high: int, *cidrs: str) -> dict[str, Any]:
    ranges = [{"CidrIp": cidr} for cidr in cidrs]
    return {"IpProtocol": protocol, "FromPort": low, "ToPort": high, "IpRanges": ranges}


def _bad(name: str, text: str, permission: dict[str, Any], **overlay: Any) -> Any:
    return rejects(
        "AuthorizeSecurityGroupIngress",
        name,
        text,
        BAD_RULE,
        arguments={"IpPermissions": [permission]},
        **overlay,
    )


EXISTING = _permission("tcp", 80, 8080, "198.51.100.0/24")
NEW = _permission("tcp", 443, 443, "203.0.113.0/24")


class TestGroups(TableSuite):
    """Authorize, create, delete, describe and revoke."""

    suite = "groups"
    replies = (
        DESCRIBE.lists_all({}),
        DESCRIBE.hides_foreign("group", "GroupName", "SecurityGroups", "{foreign.name}"),
        answers(
            "DescribeSecurityGroups",
            "icmp",
            "A rule for ICMP is shown with its type and code as ports.",
            needs=ICMP,
            fields={
                "SecurityGroups[0].IpPermissions[].IpProtocol": {"set": ["icmp"]},
                "SecurityGroups[0].IpPermissions[].FromPort": {"set": [8]},
                "SecurityGroups[0].IpPermissions[].ToPort": {"set": [0]},
            },
        ),
        answers(
            "DescribeSecurityGroups",
            "default",
            "Every account has a group named default.",
            arguments={"GroupNames": ["{default-group.name}"]},
            harmless={"securitygroupname": "default", "id": "{default-group.id}"},
            fields={"SecurityGroups[].GroupName": {"set": ["default"]}},
        ),
    )
    parameters = (
        passes(
            "AuthorizeSecurityGroupIngress",
            "udp",
            "A permission for UDP becomes a rule for UDP.",
            arguments={"IpPermissions": [_permission("udp", 53, 53, "192.0.2.0/24")]},
            parameters={"protocol": ["udp", "17"], "startport": 53, "endport": 53},
            state={"group.rules": "udp 53-53 192.0.2.0/24"},
        ),
        passes(
            "AuthorizeSecurityGroupIngress",
            "icmp",
            "The ports of a permission for ICMP are its type and code.",
            arguments={"IpPermissions": [_permission("icmp", 8, 0, "192.0.2.0/24")]},
            parameters={
                "protocol": ["icmp", "1"],
                "icmptype": 8,
                "icmpcode": 0,
                "startport": None,
                "endport": None,
            },
            harmless={"startport": {"any": True}, "endport": {"any": True}},
            state={"group.rules": "icmp 8-0 192.0.2.0/24"},
        ),
        passes(
            "AuthorizeSecurityGroupIngress",
            "two-ranges",
            "All address ranges of a permission are authorized.",
            arguments={
                "IpPermissions": [_permission("tcp", 22, 2222, "192.0.2.0/24", "198.51.100.7/32")]
            },
            parameters={"cidrlist": {"set": ["192.0.2.0/24", "198.51.100.7/32"]}},
        ),
        passes(
            "AuthorizeSecurityGroupIngress",
            "two-permissions",
            "Each permission of a request is authorized.",
            arguments={"IpPermissions": [_permission("tcp", 22, 22, "192.0.2.0/24"), NEW]},
            each=(
                {"startport": 22, "endport": 22},
                {"startport": 443, "endport": 443, "cidrlist": {"set": ["203.0.113.0/24"]}},
            ),
        ),
        passes(
            "AuthorizeSecurityGroupIngress",
            "source-group",
            "A security group can be the source of a rule.",
            security=True,
            needs={"group": "group", "source": "group:rule"},
            arguments={
                "IpPermissions": [
                    {
                        "IpProtocol": "tcp",
                        "FromPort": 22,
                        "ToPort": 22,
                        "UserIdGroupPairs": [
                            {"UserId": "{me.account}", "GroupName": "{source.name}"}
                        ],
                    }
                ]
            },
            parameters={
                "endport": 22,
                "cidrlist": None,
                "usersecuritygrouplist[0].account": "{me.account}",
                "usersecuritygrouplist[0].group": "{source.name}",
            },
        ),
        passes(
            "RevokeSecurityGroupIngress",
            "icmp",
            "A rule for ICMP is revoked by its type and code.",
            needs=ICMP,
            arguments={"IpPermissions": [_permission("icmp", 8, 0, "198.51.100.0/24")]},
            state={"group.rules": {"absent": True}},
        ),
        passes(
            "CreateSecurityGroup",
            "description",
            "The description reaches CloudStack.",
            arguments={"Description": "another description"},
            parameters={"description": "another description"},
        ),
    )
    filters = (
        *DESCRIBE.filters(
            RULE,
            {
                "description": "{group.description}",
                "group-name": "{group.name}",
                "ip-permission.cidr": ("198.51.100.0/24", "192.0.2.0/24"),
                "ip-permission.from-port": ("80", "81"),
                "ip-permission.protocol": ("tcp", "udp"),
                "ip-permission.to-port": ("8080", "80"),
            },
        ),
        *DESCRIBE.filters(
            RULE,
            {"ip-permission.group-name": None, "ip-permission.user-id": None, "owner-id": None},
        ),
        *DESCRIBE.filter_syntax(RULE, "group-name", "{group.name}"),
    )
    rejections = (
        *(
            rejects(
                action,
                "unknown-group",
                f"{action} on a group that does not exist is refused.",
                NOT_FOUND,
                arguments={"GroupName": "{unique.name}"},
            )
            for action in (
                "AuthorizeSecurityGroupIngress",
                "DeleteSecurityGroup",
                "RevokeSecurityGroupIngress",
            )
        ),
        *(
            rejects(
                action,
                "foreign-group",
                f"{action} on another account's group is refused.",
                NOT_FOUND,
                needs={"foreign": "group:rule@other"},
                arguments={"GroupName": "{foreign.name}"},
                capabilities=frozenset({"second_account"}),
                security=True,
            )
            for action in (
                "AuthorizeSecurityGroupIngress",
                "DeleteSecurityGroup",
                "RevokeSecurityGroupIngress",
            )
        ),
        rejects(
            "DescribeSecurityGroups",
            "unknown-group",
            "A group that does not exist is refused.",
            NOT_FOUND,
            arguments={"GroupNames": ["{unique.name}"]},
        ),
        rejects(
            "AuthorizeSecurityGroupIngress",
            "duplicate",
            "Authorizing a rule that exists already is refused.",
            {"InvalidPermission.Duplicate"},
            needs=RULE,
            arguments={"IpPermissions": [EXISTING]},
        ),
        _bad(
            "bad-range",
            "A malformed address range is refused.",
            _permission("tcp", 22, 22, "not-a-range"),
        ),
        _bad(
            "reversed-ports",
            "A first port above the last is refused.",
            _permission("tcp", 23, 22, "192.0.2.0/24"),
        ),
        _bad(
            "port-too-high",
            "A port above 65535 is refused.",
            _permission("tcp", 22, 65536, "192.0.2.0/24"),
        ),
        _bad(
            "unknown-protocol",
            "An unknown protocol is refused.",
            _permission("carrier-pigeon", 22, 22, "192.0.2.0/24"),
        ),
        rejects(
            "CreateSecurityGroup",
            "duplicate",
            "A name that another group of the account has is refused.",
            {"InvalidGroup.Duplicate"},
            needs=GROUP,
            arguments={"GroupName": "{group.name}"},
        ),
        rejects(
            "CreateSecurityGroup",
            "reserved",
            "A group named default cannot be created.",
            {"InvalidGroup.Reserved", "InvalidGroup.Duplicate"},
            arguments={"GroupName": "default"},
        ),
        rejects(
            "DeleteSecurityGroup",
            "reserved",
            "The group default cannot be deleted.",
            {"InvalidGroup.Reserved", "CannotDelete"},
            arguments={"GroupName": "default"},
        ),
        rejects(
            "DeleteSecurityGroup",
            "in-use",
            "A group with an instance in it cannot be deleted.",
            {"InvalidGroup.InUse", "DependencyViolation"},
            needs={"instance": "instance:grouped"},
            arguments={"GroupName": "{instance.groupname}"},
        ),
        *requires("AuthorizeSecurityGroupIngress", "GroupName", "IpPermissions", codes=NO_NAME),
        *requires("CreateSecurityGroup", "GroupName", "Description"),
        *requires("DeleteSecurityGroup", "GroupName", codes=NO_NAME),
        *requires("RevokeSecurityGroupIngress", "GroupName", "IpPermissions", codes=NO_NAME),
    )
