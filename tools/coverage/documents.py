"""XML documents with one leaf changed, left out or added."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import StrEnum

from lxml import etree

from tools.coverage.leaves import Leaf

ChildOrder = Callable[[tuple[str, ...]], tuple[str, ...]]
"""The names of an element's children in the schema's order, by its path from below the root."""

OTHER_ID = "00000000-0000-4000-8000-00000000beef"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ADDED = {"int": "7", "boolean": "true", "dateTime": "2001-02-03T04:05:06.000Z"}
_TYPE_ATTRIBUTE = "{http://www.w3.org/2001/XMLSchema-instance}type"
ATTRIBUTE = "xsi:type"  # the only leaf of S3's documents that is an attribute


class Alteration(StrEnum):
    """What is done to a leaf."""

    CHANGED = "changed"  # another value of the same kind
    LEFT_OUT = "left out"
    ADDED = "added"  # where there was none
    ADDED_FALSE = "added as false"  # a boolean, which is else added as true

    @property
    def adds(self) -> bool:
        """Whether it adds what was not there."""
        return self in (Alteration.ADDED, Alteration.ADDED_FALSE)


def changed_value(value: str) -> str:
    """Another value of the same kind."""
    if _UUID.fullmatch(value):
        return OTHER_ID
    if value in ("true", "false"):
        return "true" if value == "false" else "false"
    if re.fullmatch(r"-?\d+", value):
        return str(int(value) + 1)
    if re.fullmatch(r"\d{4}-\d\d-\d\dT.*", value):
        return "1970-01-01T00:00:00.000Z"
    if re.fullmatch(r"[A-Z][a-z]{2}, \d\d .* GMT", value):
        return "Thu, 01 Jan 1970 00:00:00 GMT"
    if re.fullmatch(r"([0-9a-f]{2}:){3,}[0-9a-f]{2}", value):
        return "00" + value[2:] if not value.startswith("00") else "11" + value[2:]
    if re.fullmatch(r'"[0-9a-f]{32}.*"', value):
        return f'"{"0" * 32}"'
    return "10.99.99.99" if re.fullmatch(r"[\d.]+", value) else f"{value}x"


def added_value(type_: str, alteration: Alteration) -> str:
    """A value for an element or parameter that was not there."""
    return "false" if alteration is Alteration.ADDED_FALSE else _ADDED.get(type_, "added")


class ReplyDocument:
    """A reply to be altered."""

    def __init__(self, text: str | bytes) -> None:
        self._root = etree.fromstring(text.encode() if isinstance(text, str) else text)

    @property
    def name(self) -> str:
        """The name of the root element."""
        return etree.QName(self._root).localname

    @property
    def version(self) -> str:
        """The API version in the namespace of an EC2 document; empty in other documents."""
        return (etree.QName(self._root).namespace or "").rstrip("/").rpartition("/")[2]

    def has(self, elements: tuple[str, ...]) -> bool:
        """Whether there is at least one element at the path from below the root."""
        return bool(list(self._find(elements)))

    def alter(self, leaf: Leaf, alteration: Alteration, order: ChildOrder) -> bool:
        """Alter a leaf; whether that was possible."""
        if alteration.adds:
            return self._add(leaf, added_value(leaf.type, alteration), order)
        found = list(self._find(leaf.elements))
        change = self._change if alteration is Alteration.CHANGED else self._leave_out
        change(found, leaf.elements[-1])
        return bool(found)

    @staticmethod
    def _change(nodes: list[etree._Element], name: str) -> None:
        for node in nodes:
            if name == ATTRIBUTE:
                node.set(_TYPE_ATTRIBUTE, changed_value(node.get(_TYPE_ATTRIBUTE) or ""))
            else:
                node.text = changed_value(node.text or "")

    @staticmethod
    def _leave_out(nodes: list[etree._Element], name: str) -> None:
        for node in nodes:
            parent = node.getparent()
            if name == ATTRIBUTE:
                del node.attrib[_TYPE_ATTRIBUTE]
            elif parent is not None:
                parent.remove(node)

    def _add(self, leaf: Leaf, value: str, order: ChildOrder) -> bool:
        nodes, elements = [self._root], leaf.elements
        for depth, name in enumerate(elements):
            children = [child for node in nodes for child in _children(node, name)]
            if not children:
                if depth < leaf.required or elements[-1] == ATTRIBUTE:
                    return False
                for node in nodes:
                    _insert(node, elements, depth, order).text = value
                return True
            nodes = children
        return False

    def text(self) -> bytes:
        """The document."""
        return etree.tostring(self._root, xml_declaration=True, encoding="UTF-8")

    def _find(self, elements: tuple[str, ...]) -> Iterator[etree._Element]:
        nodes = [self._root]
        for name in elements:
            if name == ATTRIBUTE:
                nodes = [node for node in nodes if _TYPE_ATTRIBUTE in node.attrib]
            else:
                nodes = [child for node in nodes for child in _children(node, name)]
        yield from nodes


def _children(node: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in node if etree.QName(child).localname == name]


def _insert(
    node: etree._Element, elements: tuple[str, ...], depth: int, order: ChildOrder
) -> etree._Element:
    """Insert the rest of a path below a node, where the schema has it; the innermost element."""
    for at in range(depth, len(elements)):
        child = node.makeelement(f"{{{etree.QName(node).namespace or ''}}}{elements[at]}", {}, None)
        names = order(elements[:at])
        later = names[names.index(elements[at]) + 1 :] if elements[at] in names else ()
        following = (n for n, each in enumerate(node) if etree.QName(each).localname in later)
        node.insert(next(following, len(node)), child)
        node = child
    return node
