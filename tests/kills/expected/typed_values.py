"""Which cases must notice that a truth value, a device, a name or a list is taken for another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from suites.values.booleans import BOOLEANS
from suites.values.catalogue import (
    NO_BOOLEANS,
    NO_DEVICES,
    NO_NAMES_OF_IT,
    NO_PROTOCOLS,
    PROTOCOLS,
    SPELT_DEVICES,
    SPELT_FALSE,
    SPELT_NUMBERS,
    SPELT_TRUE,
)
from suites.values.empty_texts import DESCRIPTIONS, OPTIONAL, REQUIRED
from suites.values.lists import CHANGES, NAMED_LISTS
from suites.values.names_of_the_cloud import CLOUD_NAMES, LOCATIONS, OWNERS
from suites.values.times import JUNK, SPELT
from suites.values.tokens import TOKENS
from tests.kills.expected.expectation import Expected, fails
from tests.kills.expected.values import ANSWERED, RULE, RUN, value_cases

_INTERNAL = "InternalError"
_REVOKE = "RevokeSecurityGroupIngress"
_NOT_DECIMAL = ("text", "fraction", "hexadecimal", "exponent")
_OTHER_TIMES = ("microseconds", "offset", "no-zone")
_PORTS = ("FromPort", "ToPort")


def _nonsense() -> tuple[str, ...]:
    return tuple(
        case
        for action, parameter in BOOLEANS.items()
        for case in value_cases(f"{action}/rejections/{parameter}-", *NO_BOOLEANS)
    )


def _names(*parameters: str) -> tuple[str, ...]:
    """Cases of texts that are no name of what the cloud has."""
    return tuple(
        case
        for each in CLOUD_NAMES
        if each.parameter in parameters
        for case in value_cases(f"{each.action}/rejections/{each.parameter}-", *each.texts)
    )


def _attributes(actions: str) -> tuple[str, ...]:
    return value_cases(f"{actions}/rejections/Attribute-", *NO_NAMES_OF_IT)


def _lists(names: Iterable[str]) -> tuple[str, ...]:
    names = tuple(names)
    return tuple(
        case for each in NAMED_LISTS for case in value_cases(f"{each.action}/parameters/", *names)
    )


def _filters(*names: str) -> tuple[str, ...]:
    return value_cases("DescribeVolumes/filters/indices-", *names)


def _empty() -> tuple[str, ...]:
    return tuple(
        case
        for action, parameters in REQUIRED.items()
        for parameter in parameters
        for case in value_cases(f"{action}/rejections/{parameter}-", "empty")
    )


def _spelt_numbers() -> tuple[str, ...]:
    return (
        *value_cases(f"{RUN}/parameters/MinCount-", *SPELT_NUMBERS),
        *value_cases(f"{RUN}/parameters/MaxCount-", *SPELT_NUMBERS),
        *value_cases("CreateVolume/parameters/Size-", *SPELT_NUMBERS),
        *(
            case
            for port in _PORTS
            for case in value_cases(f"{RULE}/parameters/IpPermissions.1.{port}-", *SPELT_NUMBERS)
        ),
    )


def _times(parameter: str) -> tuple[str, ...]:
    return value_cases(f"DescribeAvailabilityZones/rejections/{parameter}-", *JUNK)


_TRUE = value_cases("StopInstances/parameters/Force-true-", *SPELT_TRUE)
_FALSE = value_cases("StopInstances/parameters/Force-false-", *SPELT_FALSE)
_NO_REBOOT = "CreateImage/parameters/NoReboot-"
_DEVICE = "/rejections/Device-"
TYPED_VALUES: Mapping[str, Expected] = {
    "takes-false-for-odd-booleans": fails(_nonsense(), _TRUE, value_cases(_NO_REBOOT, *SPELT_TRUE)),
    "takes-true-for-odd-booleans": fails(_nonsense(), _FALSE),
    "always-reboots": fails(value_cases(_NO_REBOOT, "true", *SPELT_TRUE), text="VirtualMachine"),
    "reads-numbers-as-octal": fails(
        value_cases("CreateVolume/parameters/Size-", "leading-zeros"), text="size is '8'"
    ),
    "takes-some-device": fails(
        value_cases(f"AttachVolume{_DEVICE}", *NO_DEVICES),
        value_cases("AttachVolume/parameters/Device-", *SPELT_DEVICES),
    ),
    "ignores-devices-of-detachments": fails(
        value_cases(f"DetachVolume{_DEVICE}", *NO_DEVICES, "other"), text=ANSWERED
    ),
    "respells-devices": fails(
        value_cases("AttachVolume/parameters/Device-", *SPELT_DEVICES),
        value_cases(f"*{_DEVICE}", *NO_DEVICES),
        value_cases(f"DetachVolume{_DEVICE}", "other"),
    ),
    "takes-some-zone": fails(_names("ZoneNames", "AvailabilityZone"), text=ANSWERED),
    "takes-some-type": fails(_names("InstanceType"), text=ANSWERED),
    "takes-first-address": fails(_names("PublicIps", "PublicIp"), text=ANSWERED),
    "takes-some-account": fails(_names("UserId"), text=ANSWERED),
    "takes-all-for-any-group": fails(_names("Group"), text=ANSWERED),
    "takes-some-architecture": fails(_names("Architecture"), text=ANSWERED),
    "takes-some-attribute": fails(_attributes("*ImageAttribute"), text=ANSWERED),
    "takes-some-attribute-of-instances": fails(
        _attributes("DescribeInstanceAttribute"), text=ANSWERED
    ),
    "ignores-owners": fails(
        tuple(
            case
            for action, argument, _ in OWNERS
            for case in value_cases(f"{action}/reply/{argument}-", *NO_NAMES_OF_IT)
        ),
        text="is 1, expected '0'",
    ),
    "changes-locations": fails(
        value_cases("RegisterImage/parameters/ImageLocation-", *LOCATIONS), text="url is"
    ),
    "fails-on-empty-texts": fails(
        _empty(),
        value_cases(f"{RUN}/parameters/", *(f"{name}-empty" for name in OPTIONAL)),
        tuple(
            case
            for action, (parameter, _) in DESCRIPTIONS.items()
            for case in value_cases(f"{action}/parameters/{parameter}-", "empty")
        ),
        text=_INTERNAL,
    ),
    "writes-null": fails(value_cases(f"{RUN}/parameters/", "KeyName-empty", "UserData-empty")),
    "describes-as-null": fails(
        value_cases("*Image/parameters/Description-", "empty"), text="displaytext is 'null'"
    ),
    "stops-at-gaps": fails(_lists(("indices-gaps", "indices-10-before-2")), _filters("gaps")),
    "reads-indices-as-text": fails(_lists(("indices-leading-zeros",)), _filters("leading-zeros")),
    "ignores-index-0": fails(_lists(("indices-from-0", "index-0")), _filters("0")),
    "stops-twice": fails(
        tuple(f"values/{action}/parameters/id-twice[*]" for action in CHANGES),
        value_cases("ModifyImageAttribute/parameters/", "user-twice"),
        text="unexpected state-changing call",
    ),
    "describes-twice": fails(_lists(("id-twice",))),
    "drops-groups-named-twice": fails(value_cases(f"{RUN}/parameters/", "group-twice")),
    "takes-some-protocol": fails(
        value_cases(f"{RULE}/rejections/IpProtocol-", *NO_PROTOCOLS),
        value_cases(f"{RULE}/parameters/IpProtocol-", "udp-upper-case", "udp-number"),
    ),
    "refuses-odd-protocols": fails(
        value_cases(f"{RULE}/parameters/IpProtocol-", *PROTOCOLS), text="reply: refused"
    ),
    "takes-some-source": fails(
        value_cases(f"{RULE}/rejections/UserId-", *NO_NAMES_OF_IT), text=ANSWERED
    ),
    "opens-more-for-what-is-named-twice": fails(
        value_cases(f"{RULE}/parameters/", "range-twice", "permission-twice")
    ),
    "revokes-what-resembles": fails(
        value_cases(
            f"{_REVOKE}/parameters/rule-",
            *("other-last-port", "other-first-port", "part-of-the-range"),
            *("one-address", "other-protocol"),
        ),
        text="state: group.rules is",
    ),
    "revokes-one-port-less": fails(
        value_cases(f"{_REVOKE}/parameters/rule-", "all"), text="revokeSecurityGroupIngress"
    ),
    "cuts-tokens": fails(
        value_cases(f"{RUN}/parameters/ClientToken-", *TOKENS, "64-characters"),
        value_cases(f"{RUN}/rejections/ClientToken-", "65-characters"),
    ),
    "keeps-one-line-of-user-data": fails(
        value_cases(f"{RUN}/parameters/UserData-", "in-lines"), text="userdata is"
    ),
    "takes-any-time": fails(_times("Timestamp"), _times("Expires"), text=ANSWERED),
    "fails-on-odd-times": fails(
        value_cases("DescribeAvailabilityZones/reply/Timestamp-", *SPELT, *_OTHER_TIMES),
        text=_INTERNAL,
    ),
    "fails-on-odd-numbers": fails(
        _spelt_numbers(),
        value_cases(f"{RUN}/rejections/MinCount-", *_NOT_DECIMAL),
        value_cases(f"{RUN}/rejections/MaxCount-", *_NOT_DECIMAL),
        text=_INTERNAL,
    ),
}
