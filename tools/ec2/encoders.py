"""From the words of a command line to elements of a message; ValueError on a word that is wrong."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from pathlib import Path

from tools.ec2.command_spec import Given, Lays, Tree, WrongUsage

FILE_LIMIT = 1024 * 1024  # bytes of a file that goes into a message


def text(path: str, *, number: bool = False) -> Lays:
    """The value as it is, at `element` or `outer/inner`; `number`: a whole number."""

    def lay(values: Sequence[str]) -> Tree:
        if not values:
            return {}
        if number and re.fullmatch(r"[+-]?[0-9]{1,9}", values[-1]) is None:
            raise ValueError(f"'{values[-1]}' is no whole number")
        return _at(path, values[-1])

    return lay


def switch(path: str) -> Lays:
    """`true` if the flag is given."""
    return lambda values: _at(path, "true") if values else {}


def empty(element: str) -> Lays:
    """An element without content if the flag is given."""
    return lambda values: {element: {}} if values else {}


def members(path: str, element: str, *, always: bool = False) -> Lays:
    """Each value in an item of a set; `always`: the set is there even without members."""

    def lay(values: Sequence[str]) -> Tree:
        return _at(path, [{element: value} for value in values]) if values or always else {}

    return lay


def fixed(element: str, value: str, then: Lays) -> Lays:
    """An element that the schema wants and nobody gives, before what the value lays."""
    return lambda values: {element: value, **then(values)}


def defaulted(value: str, lays: Lays) -> Lays:
    """What lays the value, or, where none is given, this one."""
    return lambda values: lays(values or (value,))


def filters(values: Sequence[str]) -> Tree:
    """`name=value` …: names are joined by and, several values of a name by or."""
    found: dict[str, list[dict[str, str]]] = {}
    for value in values:
        name, equals, wanted = value.partition("=")
        if not equals or not name:
            raise ValueError(f"'{value}' is not name=value")
        found.setdefault(name, []).append({"value": wanted})
    items = [{"name": name, "valueSet": wanted} for name, wanted in found.items()]
    return {"filterSet": items} if items else {}


def count(values: Sequence[str]) -> Tree:
    """`MIN` or `MIN-MAX` instances, 1 if nothing is said."""
    value = values[-1] if values else "1"
    found = re.fullmatch(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", value)
    if found is None:
        raise ValueError(f"'{value}' is neither a number nor MIN-MAX")
    return {"minCount": found[1], "maxCount": found[2] or found[1]}


def user_data(values: Sequence[str]) -> Tree:
    """The value's bytes, in base64."""
    return _told(values[-1].encode()) if values else {}


def user_data_file(values: Sequence[str]) -> Tree:
    """The file's bytes, in base64."""
    return _told(content(values[-1])) if values else {}


def public_key(values: Sequence[str]) -> Tree:
    """A file with a public key, in base64."""
    return {"publicKeyMaterial": _encoded(content(values[-1]))} if values else {}


def entities(operation: str) -> Lays:
    """Accounts, or `all`, whose launch permission is added or removed."""

    def lay(values: Sequence[str]) -> Tree:
        items = [{"group" if one == "all" else "userId": one} for one in values]
        return {"launchPermission": {operation: items}} if items else {}

    return lay


def devices(values: Sequence[str]) -> Tree:
    """`DEVICE=none`, `DEVICE=ephemeralN`, `DEVICE=[SNAPSHOT]:[SIZE]:[true|false]`."""
    items = [_device(value) for value in values]
    return {"blockDeviceMapping": items} if items else {}


def root_snapshot(values: Sequence[str]) -> Tree:
    """The snapshot that an image's root device is made from."""
    if not values:
        return {}
    return {"blockDeviceMapping": [_device(f"/dev/sda1={values[-1]}")]}


def permissions(given: Given) -> Tree:
    """One permission from protocol, ports and sources, which together say who may connect."""
    icmp, ports = given.get("icmp-type-code"), given.get("port-range")
    protocol = given.get("protocol", ["icmp" if icmp else "tcp"])[-1]
    if icmp:
        low, high = _pair(icmp[-1], r"(-?[0-9]{1,9}):(-?[0-9]{1,9})", "-t, --icmp-type-code")
    else:
        value = ports[-1] if ports else ""
        low, high = _pair(value, r"(-?[0-9]{1,9})(?:-(-?[0-9]{1,9}))?", "-p, --port-range")
    groups = _sources(given.get("source-group", ()), given.get("source-group-user", ()))
    ranges = list(given.get("source-subnet", ())) or ([] if groups else ["0.0.0.0/0"])
    permission = {
        "ipProtocol": protocol,
        "fromPort": low,
        "toPort": high,
        "groups": groups,
        "ipRanges": [{"cidrIp": one} for one in ranges],
    }
    return {"ipPermissions": [permission]}


def content(name: str) -> bytes:
    """A file's bytes; ValueError if it cannot be read or is too large."""
    try:
        with Path(name).open("rb") as file:
            found = file.read(FILE_LIMIT + 1)
    except OSError as trouble:
        raise ValueError(f"cannot read '{name}': {trouble.strerror}") from trouble
    if len(found) > FILE_LIMIT:
        raise ValueError(f"'{name}' is larger than {FILE_LIMIT} bytes")
    return found


def _at(path: str, value: object) -> Tree:
    outer, _, inner = path.partition("/")
    return {outer: _at(inner, value)} if inner else {outer: value}


def _told(data: bytes) -> Tree:
    return {"userData": {"@version": "1.0", "@encoding": "base64", "data": _encoded(data)}}


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _pair(value: str, pattern: str, name: str) -> tuple[str, str]:
    found = re.fullmatch(pattern, value)
    if found is None:
        raise WrongUsage(f"Invalid argument for option '{name}': '{value}' (-h for usage)")
    return found[1], found[2] or found[1]


def _sources(groups: Sequence[str], users: Sequence[str]) -> list[Tree]:
    if len(users) > 1 and len(users) != len(groups):
        raise WrongUsage(
            "-u, --source-group-user has to be given once, or once for each -o, --source-group"
            " (-h for usage)"
        )
    if users and not groups:
        raise WrongUsage("-u, --source-group-user needs -o, --source-group (-h for usage)")
    owners = list(users) if len(users) > 1 else [*users, ""][:1] * len(groups)
    return [
        {"userId": owner, "groupName": group} for owner, group in zip(owners, groups, strict=True)
    ]


def _device(value: str) -> Tree:
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
