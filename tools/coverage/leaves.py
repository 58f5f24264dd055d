"""The leaves to be covered, read from published schemas: Amazon's EC2 messages (`fixtures.wsdl`),
the parameters that CloudStack lists for its commands, and botocore's model of S3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from fixtures.clients.s3 import service_model
from fixtures.model import Row
from fixtures.plan.mapping import rows
from fixtures.plan.mapping.parameters import COMMON_PARAMETERS, KNOWN_PARAMETERS
from fixtures.wsdl import VERSIONS, Content, messages

ERRORS = "(every error)"
EVERY_REPLY = "(every reply)"


class Area(StrEnum):
    """What a leaf is part of."""

    EC2_REPLY = "ec2"
    CLOUDSTACK_CALL = "cloudstack"
    S3_REPLY = "s3"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value that a reply or a call may contain.

    `group`: an EC2 action or an S3 operation. `name`: of an element, its path below the root
    without `item`; of a header, `header: ETag`; of a CloudStack call, the parameter. `type`: of
    XML Schema's. `since`: the first EC2 version that has it. `elements`: the whole path of an
    element; `required`: of how many of them nothing can be said before they are there, since they
    are entries of the list that is asked for.
    """

    area: Area
    group: str
    name: str
    type: str = "string"
    since: str = ""
    elements: tuple[str, ...] = ()
    required: int = 0

    @property
    def is_header(self) -> bool:
        """Whether the value is a header of a reply."""
        return self.name.startswith(HEADER)


HEADER = "header: "
CONTENT = "(content)"
CONTENT_LENGTH = f"{HEADER}Content-Length"
POST_OBJECT = "PostObject"  # sent by a form, which SDKs have no operation for
# S3's headers in every reply, which no operation of botocore's model lists.
_GENERAL_HEADERS = ("Date", "Server", "x-amz-request-id", "x-amz-id-2")
_S3_ERROR = ("Code", "Message", "Resource", "RequestId", "HostId", "Key", "BucketName")
_EC2_ERROR = ("Errors/Error/Code", "Errors/Error/Message", "RequestID")
_XML_TYPES = {"integer": "int", "long": "int", "boolean": "boolean", "timestamp": "dateTime"}


@cache
def all_leaves(operations: frozenset[str]) -> tuple[Leaf, ...]:
    """Every leaf, in a fixed order; `operations`: the S3 operations that cases send."""
    return (
        *(leaf for row in rows() for leaf in _reply_leaves(row.action)),
        *(
            Leaf(Area.EC2_REPLY, ERRORS, name, elements=tuple(name.split("/")))
            for name in _EC2_ERROR
        ),
        *(leaf for row in rows() for leaf in _call_leaves(row)),
        *(Leaf(Area.S3_REPLY, EVERY_REPLY, HEADER + name) for name in _GENERAL_HEADERS),
        *(leaf for name in sorted(operations) for leaf in _s3_leaves(name)),
        *(Leaf(Area.S3_REPLY, ERRORS, name, elements=(name,)) for name in _S3_ERROR),
    )


def _reply_leaves(action: str) -> Iterator[Leaf]:
    """The leaves of an action's reply, in the order of the schemas, older versions first."""
    seen: set[str] = set()
    lists = action.startswith("Describe") and action.endswith("s")
    for version in VERSIONS:
        for path, type_ in _leaf_elements(messages(version)[action].reply):
            name = "/".join(part for part in path if part != "item")
            if name not in seen:
                seen.add(name)
                required = path.index("item") + 1 if lists and "item" in path else 0
                yield Leaf(Area.EC2_REPLY, action, name, type_, version, path, required)


def _leaf_elements(
    content: Content, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str]]:
    for element in content.elements:
        below = (*path, element.name)
        if element.content is not None and element.content.elements:
            yield from _leaf_elements(element.content, below)
        else:
            yield below, element.type


def element_order(action: str, version: str, path: tuple[str, ...]) -> tuple[str, ...]:
    """The names that an element may have as children, in the schema's order; `path` is that of the
    element, with `item`."""
    content: Content | None = messages(version)[action].reply
    for name in path:
        children = content.elements if content is not None else ()
        content = next((each.content for each in children if each.name == name), None)
    return tuple(each.name for each in content.elements) if content is not None else ()


def _call_leaves(row: Row) -> Iterator[Leaf]:
    """The parameters of the row's documented call that are its own."""
    command = row.cloudstack_call.real
    for name in sorted(KNOWN_PARAMETERS[command] - COMMON_PARAMETERS):
        yield Leaf(Area.CLOUDSTACK_CALL, row.action, name)


# --- S3 ---------------------------------------------------------------------------------------


def _s3_leaves(operation: str) -> Iterator[Leaf]:
    """The headers and the elements of an operation's reply."""
    if operation == POST_OBJECT:
        for name in ("Bucket", "Key", "Location", "ETag"):
            yield Leaf(Area.S3_REPLY, operation, name, elements=(name,))
        for name in ("ETag", "Location"):
            yield Leaf(Area.S3_REPLY, operation, HEADER + name)
        return
    shape = service_model.operation(operation).output_shape
    if shape is None:
        return
    payload = shape.serialization.get("payload")
    lists = operation.startswith("List")
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        if location is not None:
            header = member.serialization["name"] + ("*" if location == "headers" else "")
            if header not in _GENERAL_HEADERS:
                yield _header_leaf(operation, header, member)
        elif name == payload and member.type_name in ("blob", "string"):
            yield Leaf(Area.S3_REPLY, operation, CONTENT)
        elif name == payload:
            yield from _element_leaves(operation, member, (), 0)
        else:
            required = int(lists and member.type_name == "list")
            yield from _named_leaves(operation, name, member, (), required)


def _header_leaf(operation: str, header: str, shape: Any) -> Leaf:
    type_ = _XML_TYPES.get(shape.type_name, "string")
    return Leaf(Area.S3_REPLY, operation, HEADER + header, type_)


def _named_leaves(
    operation: str, name: str, shape: Any, path: tuple[str, ...], required: int
) -> Iterator[Leaf]:
    """The leaves of a member of a structure at `path`."""
    own = shape.serialization.get("name", name)
    if shape.type_name != "list":
        yield from _element_leaves(operation, shape, (*path, own), required)
        return
    entry = shape.member.serialization.get("name")
    flat = shape.serialization.get("flattened")
    below = (*path, entry or own) if flat else (*path, own, entry or "member")
    yield from _element_leaves(operation, shape.member, below, len(below) if required else 0)


def _element_leaves(
    operation: str, shape: Any, path: tuple[str, ...], required: int
) -> Iterator[Leaf]:
    """The leaves of the element at `path`."""
    if shape.type_name != "structure":
        type_ = _XML_TYPES.get(shape.type_name, "string")
        name = "/".join(path)
        yield Leaf(Area.S3_REPLY, operation, name, type_, elements=path, required=required)
        return
    for name, member in shape.members.items():
        yield from _named_leaves(operation, name, member, path, required)


@cache
def _operations(names: frozenset[str]) -> Mapping[str, Any]:
    return {name: service_model.operation(name) for name in names if name != POST_OBJECT}


def operation_of(
    names: frozenset[str],
    method: str,
    resource: str,
    query: Mapping[str, str],
    headers: frozenset[str],
) -> str:
    """Which of these S3 operations a request asks for, as botocore would have sent it; empty if it
    is none of them.

    `resource`: `/` for the service, `/{Bucket}` or `/{Bucket}/{Key+}`, as in botocore's model.
    `headers` are lower-case names.
    """
    if method == "POST" and resource == "/{Bucket}" and "delete" not in query:
        return POST_OBJECT
    found: list[tuple[int, str]] = []
    for name, model in _operations(names).items():
        path, _, fixed = model.http["requestUri"].partition("?")
        required = {part.partition("=")[0] for part in fixed.split("&") if part}
        members = model.input_shape.members if model.input_shape is not None else {}
        needed = set(model.input_shape.required_members) if model.input_shape is not None else set()
        parts = [members[each].serialization for each in needed]
        required |= {part["name"] for part in parts if part.get("location") == "querystring"}
        wanted = {part["name"].lower() for part in parts if part.get("location") == "header"}
        fits = (model.http["method"], path) == (method, resource)
        if fits and required <= query.keys() and wanted <= headers:
            found.append((len(required) + len(wanted), name))
    return max(found)[1] if found else ""
