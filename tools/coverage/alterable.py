"""Replies and CloudStack calls that can be asked for a leaf, and altered in it."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from lxml import etree

from fixtures.simulator.bridge.s3.replies import S3Reply
from fixtures.wsdl import VERSIONS
from tools.coverage.documents import Alteration, ReplyDocument, added_value, changed_value
from tools.coverage.leaves import (
    CONTENT,
    CONTENT_LENGTH,
    EVERY_REPLY,
    HEADER,
    Area,
    Leaf,
    element_order,
)


class Alterable(ABC):
    """A reply or a call, and the groups that it belongs to: an EC2 action, an S3 operation, the
    action behind a call, every reply.

    `altered` is set by `alter` if there was something to alter.
    """

    def __init__(self, area: Area, *groups: str) -> None:
        self.groups = frozenset((area, group) for group in groups)
        self.altered = False

    @abstractmethod
    def has(self, leaf: Leaf) -> bool:
        """Whether it contains the leaf."""

    @abstractmethod
    def alter(self, leaf: Leaf, alteration: Alteration) -> None:
        """Alter the leaf, if it is there or, to be added, if it can be."""


class CallParameters(Alterable):
    """The parameters of an action's documented CloudStack call."""

    def __init__(self, action: str, values: Mapping[str, str]) -> None:
        super().__init__(Area.CLOUDSTACK_CALL, action)
        self.values = dict(values)

    def has(self, leaf: Leaf) -> bool:
        """Whether the parameter is sent."""
        return leaf.name in self.values

    def alter(self, leaf: Leaf, alteration: Alteration) -> None:
        """Alter the parameter."""
        is_sent = leaf.name in self.values
        if is_sent == alteration.adds:
            return
        self.altered = True
        if alteration.adds:
            self.values[leaf.name] = added_value(leaf.type, alteration)
        elif alteration is Alteration.LEFT_OUT:
            del self.values[leaf.name]
        else:
            self.values[leaf.name] = changed_value(self.values[leaf.name])


class Ec2Document(Alterable):
    """The document of an EC2 reply."""

    def __init__(self, group: str, text: str) -> None:
        super().__init__(Area.EC2_REPLY, group)
        self._action = group
        self.document = ReplyDocument(text)

    def has(self, leaf: Leaf) -> bool:
        """Whether an element is there."""
        return self.document.has(leaf.elements)

    def alter(self, leaf: Leaf, alteration: Alteration) -> None:
        """Alter the elements; one that the version of the reply does not have is not added."""
        version = self.document.version
        if alteration.adds and leaf.since > (version or VERSIONS[0]):
            return
        order = partial(element_order, self._action, version) if version in VERSIONS else _any_order
        self.altered |= self.document.alter(leaf, alteration, order)


class S3ReplyParts(Alterable):
    """An S3 reply: its headers, its document or its content."""

    def __init__(self, group: str, reply: S3Reply) -> None:
        super().__init__(Area.S3_REPLY, group, EVERY_REPLY)
        self.headers = {name.lower(): value for name, value in reply.headers.items()}
        self._reply = reply
        self._document = _s3_document(reply)
        self._is_document_altered = False

    @property
    def reply(self) -> S3Reply:
        """The reply as it is now."""
        body = self._reply.body
        if self._document is not None and self._is_document_altered:
            body = self._document.text()
        return replace(self._reply, headers=self.headers, body=body)

    def has(self, leaf: Leaf) -> bool:
        """Whether the header, the element or content is there."""
        if leaf.name == CONTENT:
            return bool(self._reply.file or self._reply.body) and self._document is None
        if leaf.name == CONTENT_LENGTH:  # of a HEAD: elsewhere the server counts the bytes
            return self._reply.length is not None
        if leaf.is_header:
            return bool(self._header_names(leaf))
        return self._document is not None and self._document.has(leaf.elements)

    def alter(self, leaf: Leaf, alteration: Alteration) -> None:
        """Alter the header, the elements or the content."""
        if leaf.name == CONTENT:
            self._alter_content(leaf, alteration)
        elif leaf.name == CONTENT_LENGTH:
            self._alter_length(alteration)
        elif leaf.is_header:
            self._alter_header(leaf, alteration)
        elif self._document is not None:
            self._is_document_altered |= self._document.alter(leaf, alteration, _any_order)
            self.altered |= self._is_document_altered

    def _header_names(self, leaf: Leaf) -> list[str]:
        name = leaf.name.removeprefix(HEADER).lower()
        if name.endswith("*"):
            return [each for each in self.headers if each.startswith(name[:-1])]
        return [name] if name in self.headers else []

    def _alter_header(self, leaf: Leaf, alteration: Alteration) -> None:
        names = self._header_names(leaf)
        if alteration.adds:
            name = leaf.name.removeprefix(HEADER).lower().replace("*", "added")
            self.altered |= not names
            self.headers.setdefault(name, added_value(leaf.type, alteration))
            return
        self.altered |= bool(names)
        for name in names:
            value = self.headers.pop(name)
            if alteration is Alteration.CHANGED:
                self.headers[name] = changed_value(value)

    def _alter_length(self, alteration: Alteration) -> None:
        if self._reply.length is not None and not alteration.adds:
            is_changed = alteration is Alteration.CHANGED
            length = self._reply.length + 1 if is_changed else 0
            self._reply = replace(self._reply, length=length)
            self.altered = True

    def _alter_content(self, leaf: Leaf, alteration: Alteration) -> None:
        if self.has(leaf) == alteration.adds:
            return
        self.altered = True
        if self._reply.file is not None:
            os.close(self._reply.file.descriptor)
        content = b"" if alteration is Alteration.LEFT_OUT else b"altered"
        self._reply = replace(self._reply, body=content, file=None)


def _s3_document(reply: S3Reply) -> ReplyDocument | None:
    if "xml" not in reply.headers.get("content-type", "") or not reply.body:
        return None
    try:
        return ReplyDocument(reply.body)
    except etree.XMLSyntaxError:  # an object's content that says it is XML
        return None


def _any_order(elements: tuple[str, ...]) -> tuple[str, ...]:
    del elements
    return ()
