"""Values of EC2's parameters, by their types: each is laid over every parameter of its type.

A value that Amazon allows must arrive at CloudStack whole, and come back. Of a value of which the
sources say nothing, it is demanded that it arrives whole or is refused: it must not be altered.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.model import Case, Requirement
from suites.contract.dsl import NO_NAMES, NOT_FOUND_CODES, answers, passes, rejects
from suites.contract.suite import Check, Suite
from suites.contract.value_catalogue import (
    BEYOND_ASCII,
    IDS,
    NO_NUMBERS,
    NUMBERS,
    ODD_IDS,
    TEXTS,
    UNSETTLED,
    USER_DATA,
)

# --- texts ------------------------------------------------------------------------------------

# Texts that a client's encoding, or a bridge's decoding, is likely to change.
ENCODED = ("plus", "percent-encoded", "ampersand", "markup", "tilde", "asterisk", "accent", "emoji")
# Action → the argument, and the parameter of the documented call that it becomes.
DESCRIPTIONS: Mapping[str, tuple[str, str]] = {
    "CreateImage": ("Description", "displaytext"),
    "RegisterImage": ("Description", "displaytext"),
    "CreateSecurityGroup": ("Description", "description"),
}
NAMES: Mapping[str, tuple[str, str]] = {
    "CreateKeyPair": ("KeyName", "name"),
    "ImportKeyPair": ("KeyName", "name"),
}  # not those of images: with the run's prefix they are longer than CloudStack allows
# What is odd about these is lost behind the prefix that the run's names have.
NOT_IN_NAMES = frozenset({"digits", "word", "leading-blank"})
SDK, CLIENTS = ("boto3",), ("boto", "boto3", "soap", "command")


def _texts() -> Iterator[Requirement]:
    allowed = {**TEXTS, **BEYOND_ASCII}
    for action, (argument, parameter) in DESCRIPTIONS.items():
        for name, text in {**allowed, **UNSETTLED}.items():
            yield passes(
                action,
                f"{argument}-{name}",
                f"{argument} reaches CloudStack whole, or is refused ({name}).",
                drivers=CLIENTS if name in ENCODED else SDK,
                arguments={argument: text},
                parameters={parameter: text},
                or_refused=name in UNSETTLED or name in BEYOND_ASCII,
            )
    for action, (argument, parameter) in NAMES.items():
        for name, text in {**allowed, **UNSETTLED}.items():
            if name in NOT_IN_NAMES:
                continue
            whole = f"{{unique.name}}{text}"
            yield passes(
                action,
                f"{argument}-{name}",
                f"{argument} reaches CloudStack whole, or is refused ({name}).",
                drivers=CLIENTS if name in ENCODED else SDK,
                arguments={argument: whole},
                parameters={parameter: whole},
                fields={"KeyName": whole},
                or_refused=True,
            )


def _texts_that_come_back() -> Iterator[Requirement]:
    for action, recipe, field in (
        ("DescribeSecurityGroups", "group:odd-text", "SecurityGroups[0].Description"),
        ("DescribeImages", "image:odd-text", "Images[0].Description"),
    ):
        kind = recipe.partition(":")[0]
        attribute = "description" if kind == "group" else "displaytext"
        yield answers(
            action,
            "odd-text",
            "A description with every odd character comes back whole.",
            needs={kind: recipe},
            fields={field: f"{{{kind}.{attribute}}}"},
        )


# --- ids --------------------------------------------------------------------------------------

NO_ID = frozenset(
    {
        *("InvalidParameterValue", "MissingParameter", "InvalidParameterCombination"),
        *("ValidationError", "InvalidParameter", "InvalidInput"),
    }
)


def _ids() -> Iterator[Requirement]:
    for parameter, (kind, actions) in IDS.items():
        for action in actions:
            for name, text in ODD_IDS.items():
                if name == "empty" and action.startswith("Describe"):
                    continue  # an empty list of ids may mean all of them
                yield rejects(
                    action,
                    f"{parameter}-{name}",
                    f"{action} refuses a text that is no id of a {kind} ({name}).",
                    NOT_FOUND_CODES[kind] | NO_ID,
                    drivers=("raw",),
                    tampering={"parameters": f"{parameter}={text}"},
                )


def _lists_of_ids() -> Iterator[Requirement]:
    described = "Reservations[].Instances[].InstanceId"
    both = {"instance": "instance:running", "second": "instance:stopped"}
    for name, text, parameters in (
        ("gaps", "with gaps", "InstanceId.2={instance.id}&InstanceId.7={second.id}"),
        ("10-before-2", "above 9", "InstanceId.10={instance.id}&InstanceId.2={second.id}"),
        ("leading-zeros", "with zeros", "InstanceId.01={instance.id}&InstanceId.02={second.id}"),
    ):
        yield passes(
            "DescribeInstances",
            f"indices-{name}",
            f"Indices {text} name both instances, or are refused.",
            drivers=("raw",),
            needs=both,
            arguments=NO_NAMES,
            tampering={"parameters": parameters},
            harmless={"id": {"any": True}, "ids": {"any": True}},
            fields={described: {"set": ["{instance.id}", "{second.id}"]}},
            or_refused=True,
        )
    yield passes(
        "DescribeInstances",
        "id-twice",
        "An instance that is named twice is described once.",
        arguments={"InstanceIds": ["{instance.id}", "{instance.id}"]},
        fields={described: [["{instance.id}"]]},
        or_refused=True,
    )
    yield passes(
        "StopInstances",
        "id-twice",
        "An instance that is named twice is stopped once.",
        arguments={"InstanceIds": ["{instance.id}", "{instance.id}"]},
        or_refused=True,
    )


# --- numbers, ports, ranges -------------------------------------------------------------------

NO_NUMBER_CODES = NO_ID | {
    *("InstanceLimitExceeded", "VolumeLimitExceeded", "InvalidPermission.Malformed"),
    *("InvalidParameterRange", "InsufficientInstanceCapacity", "MaxIOPSLimitExceeded"),
}


def _numbers() -> Iterator[Requirement]:
    for action, parameters in NUMBERS.items():
        for parameter in parameters:
            for name, text in NO_NUMBERS.items():
                yield rejects(
                    action,
                    f"{parameter}-{name}",
                    f"{action} refuses a {parameter} that is no number of such things ({name}).",
                    NO_NUMBER_CODES,
                    drivers=("raw",),
                    tampering={"parameters": f"{parameter}={text}"},
                )


def _rule(from_port: int, to_port: int, cidr: str, protocol: str = "tcp") -> dict[str, Any]:
    permission = {"IpProtocol": protocol, "FromPort": from_port, "ToPort": to_port}
    return {"IpPermissions": [{**permission, "IpRanges": [{"CidrIp": cidr}]}]}


RULE, NETWORK = "AuthorizeSecurityGroupIngress", "192.0.2.0/24"


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


# --- data -------------------------------------------------------------------------------------


def _percent_encoded(data: bytes) -> str:
    text = base64.b64encode(data).decode()
    return text.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")


def _user_data() -> Iterator[Requirement]:
    for name, data in USER_DATA.items():
        yield passes(
            "RunInstances",
            f"UserData-{name}",
            f"User data reaches CloudStack whole ({name}).",
            drivers=("raw",),
            tampering={"parameters": f"UserData={_percent_encoded(data)}"},
            parameters={"userdata": base64.b64encode(data).decode()},
        )
    for name, text in (
        ("no-base64", "%25%25%25"),
        ("16385-bytes", _percent_encoded(b"x" * 16385)),
    ):
        yield rejects(
            "RunInstances",
            f"UserData-{name}",
            f"User data that cannot be passed on whole is refused ({name}).",
            NO_ID | {"InvalidUserData.Malformed"},
            drivers=("raw",),
            tampering={"parameters": f"UserData={text}"},
        )


class TestValues(Suite):
    """The catalogue of values over every parameter of its type."""

    suite = "values"
    requirements = (
        *_texts(),
        *_texts_that_come_back(),
        *_ids(),
        *_lists_of_ids(),
        *_numbers(),
        *_ports(),
        *_ranges(),
        *_user_data(),
    )

    def test_parameters(self, case: Case, check: Check) -> None:
        """A value arrives at CloudStack as it was sent."""
        check(case)

    def test_reply(self, case: Case, check: Check) -> None:
        """A value comes back as CloudStack has it."""
        check(case)

    def test_rejections(self, case: Case, check: Check) -> None:
        """A value that cannot be meant is refused, and nothing is changed."""
        check(case)
