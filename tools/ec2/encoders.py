"""From the values on a command line to elements of a message; ValueError on an invalid value."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from pathlib import Path

from tools.ec2.command_spec import Arguments, Elements, Encoder, UsageError

FILE_LIMIT = 1024 * 1024  # bytes of a file that goes into a message


def text(*path: str) -> Encoder:
    """The value as it is, in an element, or in an element inside others (`path` from outside)."""
    return lambda values: _at(path, values[-1]) if values else {}


def true_if_given(*path: str) -> Encoder:
    """`true` if the flag is given."""
    return lambda values: _at(path, "true") if values else {}


def empty_element(element: str) -> Encoder:
    """An element without content if the flag is given."""
    return lambda values: {element: {}} if values else {}


def items(list_element: str, element: str, *, always: bool = False) -> Encoder:
    """Each value in an item of a list; `always`: the list is sent even if it is empty."""

    def encode(values: Sequence[str]) -> Elements:
        members = [{element: value} for value in values]
        return {list_element: members} if values or always else {}

    return encode


def after_constant(element: str, value: str, then: Encoder) -> Encoder:
    """A constant element that the schema requires, before those of the value."""
    return lambda values: {element: value, **then(values)}


def with_default(value: str, encode: Encoder) -> Encoder:
    """The elements of the value that is given, or of this one."""
    return lambda values: encode(values or (value,))


def filters(values: Sequence[str]) -> Elements:
    """`name=value` …: names are joined by and, several values of a name by or."""
    by_name: dict[str, list[dict[str, str]]] = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name:
            raise ValueError(f"'{value}' is not name=value")
        by_name.setdefault(name, []).append({"value": text})
    items = [{"name": name, "valueSet": texts} for name, texts in by_name.items()]
    return {"filterSet": items} if items else {}


def instance_count(values: Sequence[str]) -> Elements:
    """`MIN` or `MIN-MAX` instances, 1 by default."""
    value = values[-1] if values else "1"
    match = re.fullmatch(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", value)
    if match is None:
        raise ValueError(f"'{value}' is neither a number nor MIN-MAX")
    return {"minCount": match[1], "maxCount": match[2] or match[1]}


def user_data(values: Sequence[str]) -> Elements:
    """The value's bytes, in base64."""
    return _user_data(values[-1].encode()) if values else {}


def user_data_file(values: Sequence[str]) -> Elements:
    """The file's bytes, in base64."""
    return _user_data(read_file(values[-1])) if values else {}


def public_key(values: Sequence[str]) -> Elements:
    """A file with a public key, in base64."""
    return {"publicKeyMaterial": _base64(read_file(values[-1]))} if values else {}


def launch_permissions(operation: str) -> Encoder:
    """Accounts, or `all`, whose launch permission is added or removed."""

    def encode(values: Sequence[str]) -> Elements:
        items = [{"group" if value == "all" else "userId": value} for value in values]
        return {"launchPermission": {operation: items}} if items else {}

    return encode


def block_devices(values: Sequence[str]) -> Elements:
    """`DEVICE=none`, `DEVICE=ephemeralN`, `DEVICE=[SNAPSHOT]:[SIZE]:[true|false]`."""
    items = [_device(value) for value in values]
    return {"blockDeviceMapping": items} if items else {}


def root_snapshot(values: Sequence[str]) -> Elements:
    """The snapshot that an image's root device is made from."""
    if not values:
        return {}
    return {"blockDeviceMapping": [_device(f"/dev/sda1={values[-1]}")]}


def ip_permissions(arguments: Arguments) -> Elements:
    """One permission, of protocol, ports and sources."""
    icmp, ports = arguments.get("icmp-type-code"), arguments.get("port-range")
    protocol = arguments.get("protocol", ["icmp" if icmp else "tcp"])[-1]
    if icmp:
        low, high = _pair(icmp[-1], r"(-?[0-9]{1,9}):(-?[0-9]{1,9})", "-t, --icmp-type-code")
    else:
        value = ports[-1] if ports else ""
        low, high = _pair(value, r"(-?[0-9]{1,9})(?:-(-?[0-9]{1,9}))?", "-p, --port-range")
    groups = _sources(arguments.get("source-group", ()), arguments.get("source-group-user", ()))
    ranges = list(arguments.get("source-subnet", ())) or ([] if groups else ["0.0.0.0/0"])
    permission = {
        "ipProtocol": protocol,
        "fromPort": low,
        "toPort": high,
        "groups": groups,
        "ipRanges": [{"cidrIp": text} for text in ranges],
    }
    return {"ipPermissions": [permission]}


def read_file(name: str) -> bytes:
    """A file's bytes; ValueError if it cannot be read or is too large."""
    try:
        with Path(name).open("rb") as file:
            content = file.read(FILE_LIMIT + 1)
    except OSError as error:
        raise ValueError(f"cannot read '{name}': {error.strerror}") from error
    if len(content) > FILE_LIMIT:
        raise ValueError(f"'{name}' is larger than {FILE_LIMIT} bytes")
    return content


def _at(path: Sequence[str], value: str) -> Elements:
    """The value in the innermost of nested elements."""
    outer, *inner = path
    return {outer: _at(inner, value) if inner else value}


def _user_data(data: bytes) -> Elements:
    return {"userData": {"@version": "1.0", "@encoding": "base64", "data": _base64(data)}}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _pair(value: str, pattern: str, name: str) -> tuple[str, str]:
    match = re.fullmatch(pattern, value)
    if match is None:
        raise UsageError(f"Invalid argument for option '{name}': '{value}' (-h for usage)")
    return match[1], match[2] or match[1]


def _sources(groups: Sequence[str], users: Sequence[str]) -> list[Elements]:
    if len(users) > 1 and len(users) != len(groups):
        raise UsageError(
            "-u, --source-group-user has to be given once, or once for each -o, --source-group"
            " (-h for usage)"
        )
    if users and not groups:
        raise UsageError("-u, --source-group-user needs -o, --source-group (-h for usage)")
    owners = list(users) if len(users) > 1 else [*users, ""][:1] * len(groups)
    return [
        {"userId": owner, "groupName": group} for owner, group in zip(owners, groups, strict=True)
    ]


def _device(value: str) -> Elements:
    name, equals, source = value.partition("=")
    if not name or not equals or not source:
        raise ValueError(f"'{value}'")
    if source == "none":
        return {"deviceName": name, "noDevice": {}}
    if re.fullmatch(r"ephemeral[0-9]+", source):
        return {"deviceName": name, "virtualName": source}
    parts = [*source.split(":"), "", ""][:3]
    if source.count(":") > 2 or parts[2] not in ("", "true", "false"):
        raise ValueError(f"'{value}'")
    if re.fullmatch("[0-9]{0,9}", parts[1]) is None:
        raise ValueError(f"'{value}'")
    ebs = dict(zip(("snapshotId", "volumeSize", "deleteOnTermination"), parts, strict=True))
    return {"deviceName": name, "ebs": {key: part for key, part in ebs.items() if part}}
