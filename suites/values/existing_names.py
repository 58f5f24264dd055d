"""Names of key pairs and groups that exist: a request that names one concerns exactly that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fixtures.model import Requirement
from suites.contract.dsl import passes
from suites.values.catalogue import BEYOND_ASCII, TEXTS
from suites.values.value_suite import CLIENTS, SDK, ValueSuite

ENDS = {"trailing-blank": "a ", "90-characters": "n" * 90}
# No digits and words, which are none behind the run's prefix; CloudStack of that time has no emoji.
NAMES = {
    name: text
    for name, text in {**TEXTS, **BEYOND_ASCII, **ENDS}.items()
    if name not in ("digits", "word", "emoji")
}
ENCODED = frozenset({"plus", "percent-encoded", "markup", "accent"})  # by the clients' own rules
FEW = ENCODED | {"blanks", "comma", "slashes", "trailing-blank", "upper-case", "90-characters"}


@dataclass(frozen=True, slots=True)
class NamingParameter:
    """A parameter that names a key pair or a group: the recipe of that, its role in the row, and
    what the request, the documented call and the reply are besides the row's. `names`: the odd
    names that it is tried with; `by_clients`: those that every client sends."""

    action: str
    label: str
    recipe: str
    role: str
    overlay: Mapping[str, Any] = field(default_factory=dict)
    names: frozenset[str] = frozenset(NAMES)
    by_clients: frozenset[str] = ENCODED


SOURCE = {
    "IpProtocol": "tcp",
    "FromPort": 22,
    "ToPort": 22,
    "UserIdGroupPairs": [{"UserId": "{me.account}", "GroupName": "{source.name}"}],
}
ONE, NONE = frozenset({"plus"}), frozenset[str]()
PARAMETERS = (
    NamingParameter(
        "DescribeKeyPairs",
        "KeyName",
        "keypair",
        "keypair",
        {"fields": {"KeyPairs[].KeyName": {"set": ["{keypair.name}"]}}},
    ),
    NamingParameter("DeleteKeyPair", "KeyName", "keypair", "keypair"),
    NamingParameter(
        "RunInstances",
        "KeyName",
        "keypair",
        "keypair",
        {
            "arguments": {"KeyName": "{keypair.name}"},
            "parameters": {"keypair": "{keypair.name}"},
            "fields": {"Instances[0].KeyName": "{keypair.name}"},
        },
        FEW,
        ONE,
    ),
    NamingParameter(
        "DescribeSecurityGroups",
        "GroupName",
        "group",
        "group",
        {
            "fields": {
                "SecurityGroups[].GroupName": {"set": ["{group.name}"]},
                "SecurityGroups[0].Description": "{group.description}",
            }
        },
    ),
    NamingParameter("DeleteSecurityGroup", "GroupName", "group", "group"),
    NamingParameter(
        "AuthorizeSecurityGroupIngress",
        "GroupName",
        "group",
        "group",
        names=FEW,
        by_clients=ONE,
    ),
    NamingParameter(
        "RevokeSecurityGroupIngress",
        "GroupName",
        "group:rule",
        "group",
        names=FEW,
        by_clients=ONE,
    ),
    NamingParameter(
        "AuthorizeSecurityGroupIngress",
        "source-group",
        "group",
        "source",
        {
            "security": True,
            "arguments": {"IpPermissions": [SOURCE]},
            "parameters": {
                "endport": 22,
                "cidrlist": None,
                "usersecuritygrouplist[0].account": "{me.account}",
                "usersecuritygrouplist[0].group": "{source.name}",
            },
        },
        FEW,
        NONE,
    ),
    NamingParameter(
        "RunInstances",
        "SecurityGroup",
        "group",
        "group",
        {
            "arguments": {"SecurityGroups": ["{group.name}"]},
            "either": (
                {"securitygroupnames": "{group.name}"},
                {"securitygroupids": "{group.id}"},
            ),
        },
        FEW,
        ONE,
    ),
)


def _names() -> Iterator[Requirement]:
    for parameter in PARAMETERS:
        for name, text in NAMES.items():
            if name in parameter.names:
                yield passes(
                    parameter.action,
                    f"{parameter.label}-{name}",
                    f"{parameter.action} finds the {parameter.role} by its name ({name}).",
                    drivers=CLIENTS if name in parameter.by_clients else SDK,
                    needs={parameter.role: f"{parameter.recipe}={text}"},
                    own_resources=True,  # else lists grow with every name
                    or_refused=name not in TEXTS,
                    **parameter.overlay,
                )


class TestExistingNames(ValueSuite):
    """Names of key pairs and groups that exist."""

    requirements = tuple(_names())
