"""Rules of security groups: their ports and address ranges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fixtures.model import Requirement
from suites.contract.dsl import passes, rejects
from suites.values.catalogue import NO_NAMES_OF_IT, NO_PROTOCOLS, PROTOCOLS
from suites.values.numbers import NO_NUMBER_CODES
from suites.values.value_suite import CLIENTS, SDK, ValueSuite


def _rule(from_port: int, to_port: int, cidr: str, protocol: str = "tcp") -> dict[str, Any]:
    permission = {"IpProtocol": protocol, "FromPort": from_port, "ToPort": to_port}
    return {"IpPermissions": [{**permission, "IpRanges": [{"CidrIp": cidr}]}]}


RULE, REVOKE = "AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"
NETWORK = "192.0.2.0/24"
NO_SOURCE = NO_NUMBER_CODES | {
    *("InvalidGroup.NotFound", "InvalidUserID.Malformed", "AuthFailure", "UnauthorizedOperation"),
}


def _ports() -> Iterator[Requirement]:
    for name, first, last in (
        ("0", 0, 0),
        ("65535", 65535, 65535),
        ("all", 0, 65535),
        ("1-to-65534", 1, 65534),
    ):
        yield passes(
            RULE,
            f"ports-{name}",
            f"A rule for the ports {first} to {last} opens exactly these.",
            arguments=_rule(first, last, NETWORK),
            parameters={"startport": first, "endport": last},
        )
    for name, first, last in (("minus-1", -1, 80), ("65536", 80, 65536), ("minus-2", -2, -2)):
        yield rejects(
            RULE,
            f"ports-{name}",
            f"A rule for the ports {first} to {last} is refused.",
            NO_NUMBER_CODES,
            arguments=_rule(first, last, NETWORK),
        )
    yield passes(
        RULE,
        "icmp-all",
        "A rule for every type and code of ICMP opens exactly these.",
        arguments=_rule(-1, -1, NETWORK, "icmp"),
        parameters={
            "protocol": ["icmp", "ICMP", "1"],
            "startport": None,
            "endport": None,
            "icmptype": -1,
            "icmpcode": -1,
        },
    )


def _ranges() -> Iterator[Requirement]:
    for name, cidr, accepted in (
        ("one-address", "192.0.2.7/32", ["192.0.2.7/32"]),
        ("everyone", "0.0.0.0/0", ["0.0.0.0/0"]),
        ("half", "128.0.0.0/1", ["128.0.0.0/1"]),
        ("host-bits", "192.0.2.7/24", ["192.0.2.7/24", "192.0.2.0/24"]),
        ("no-length", "192.0.2.7", ["192.0.2.7/32", "192.0.2.7"]),
        ("leading-zeros", "192.000.002.000/24", ["192.000.002.000/24", NETWORK]),
        ("blank-before", " 192.0.2.0/24", [NETWORK]),
    ):
        yield passes(
            RULE,
            f"range-{name}",
            f"A rule for the range {cidr.strip()} opens no other addresses ({name}).",
            drivers=CLIENTS if accepted == [cidr] else SDK,
            arguments=_rule(22, 22, cidr),
            parameters={"startport": 22, "endport": 22, "cidrlist": accepted},
            or_refused=accepted != [cidr],
        )
    for name, cidr in (
        ("33-bits", "192.0.2.0/33"),
        ("no-byte", "192.0.2.256/32"),
        ("three-bytes", "192.0.2/24"),
        ("no-number", "192.0.2.0/x"),
        ("minus", "192.0.2.0/-1"),
        ("empty", ""),
    ):
        yield rejects(
            RULE,
            f"range-{name}",
            f"A rule for a range that is none is refused ({name}).",
            NO_NUMBER_CODES,
            drivers=SDK,
            arguments=_rule(22, 22, cidr),
        )


def _protocols() -> Iterator[Requirement]:
    for name, (text, accepted) in PROTOCOLS.items():
        yield passes(
            RULE,
            f"IpProtocol-{name}",
            f"A rule for the protocol {text} opens exactly that.",
            drivers=SDK,
            arguments=_rule(22, 22, NETWORK, text),
            parameters={"protocol": accepted, "startport": 22, "endport": 22},
        )
    for name, text in NO_PROTOCOLS.items():
        yield rejects(
            RULE,
            f"IpProtocol-{name}",
            f"A rule for a protocol that is none is refused ({name}).",
            NO_NUMBER_CODES,
            drivers=SDK,
            arguments=_rule(22, 22, NETWORK, text),
        )


def _sources() -> Iterator[Requirement]:
    for name, text in NO_NAMES_OF_IT.items():
        source = {"UserId": text.replace("{}", "{me.account}"), "GroupName": "{group.name}"}
        permission = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
        yield rejects(
            RULE,
            f"UserId-{name}",
            f"A rule for a group of an account that is none is refused ({name}).",
            NO_SOURCE,
            drivers=SDK,
            arguments={"IpPermissions": [{**permission, "UserIdGroupPairs": [source]}]},
        )


def _twice() -> Iterator[Requirement]:
    once = _rule(22, 22, NETWORK)["IpPermissions"][0]
    twice = {**once, "IpRanges": [*once["IpRanges"], *once["IpRanges"]]}
    for name, permissions in (("range", [twice]), ("permission", [once, once])):
        yield passes(
            RULE,
            f"{name}-twice",
            f"A {name} that is named twice opens one rule, or is refused.",
            drivers=SDK,
            arguments={"IpPermissions": permissions},
            parameters={
                "startport": 22,
                "endport": 22,
                "cidrlist": [NETWORK, f"{NETWORK},{NETWORK}"],
            },
            state={"group.rules": f"tcp 22-22 {NETWORK}"},
            or_refused=True,
        )


def _revoked() -> Iterator[Requirement]:
    """A rule for all ports and addresses, which any other one is a part of."""
    yield passes(
        REVOKE,
        "rule-all",
        "A rule for all ports and addresses is revoked by the same.",
        drivers=CLIENTS,
        needs={"group": "group:open"},
        arguments=_rule(0, 65535, "0.0.0.0/0"),
        state={"group.rules": {"absent": True}},
    )
    for name, first, last, cidr, protocol in (
        ("other-last-port", 0, 65534, "0.0.0.0/0", "tcp"),
        ("other-first-port", 1, 65535, "0.0.0.0/0", "tcp"),
        ("part-of-the-range", 0, 65535, "0.0.0.0/1", "tcp"),
        ("one-address", 0, 65535, "192.0.2.7/32", "tcp"),
        ("other-protocol", 0, 65535, "0.0.0.0/0", "udp"),
    ):
        yield passes(
            REVOKE,
            f"rule-{name}",
            f"A rule is not revoked by one that only resembles it ({name}).",
            drivers=SDK,
            needs={"group": "group:open"},
            arguments=_rule(first, last, cidr, protocol),
            call_optional=True,
            fields={"Return": True},
            state={"group.rules": "tcp 0-65535 0.0.0.0/0"},
            or_refused=True,
        )


class TestRules(ValueSuite):
    """Ports and address ranges."""

    requirements = (
        *(*_ports(), *_ranges(), *_protocols(), *_sources()),
        *(*_twice(), *_revoked()),
    )
