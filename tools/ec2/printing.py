"""Prints the elements of an answer as records, tab-separated."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

Node = etree._Element
Source = str | Callable[[Node], str]  # a path from the record's element, or a function of it


@dataclass(frozen=True, slots=True)
class Record:
    """One kind of line: first word, path of its elements, columns, and the records below it.

    A record without columns prints no line of its own. Trailing columns after the first
    `min_columns` are left out when they are empty. `body` is printed below the line, as it is.
    """

    word: str
    path: str
    columns: tuple[tuple[str, Source], ...] = ()
    nested: tuple[Record, ...] = ()
    min_columns: int = 99
    body: Callable[[Node], str] | None = None


@dataclass(frozen=True, slots=True)
class PrintOptions:
    """Options that apply to all records."""

    headers: bool = False
    empty_fields: bool = False
    hide_tags: bool = False


class Printer:
    """Formats records; on request, the names of the columns precede the first of a kind."""

    def __init__(self, options: PrintOptions) -> None:
        self._options = options
        self._headed: set[int] = set()

    def lines(self, records: tuple[Record, ...], root: Node) -> Iterator[str]:
        """The lines of the records in an answer (or a request); its elements have no namespace."""
        for record in records:
            if record.word == "TAG" and self._options.hide_tags:
                continue
            for node in [root] if record.path == "." else root.iterfind(record.path):
                if record.columns:
                    yield from self._header(record)
                    yield _line(record, node, self._options)
                if record.body is not None:
                    yield from record.body(node).splitlines()
                yield from self.lines(record.nested, node)

    def _header(self, record: Record) -> Iterator[str]:
        """The names of the columns, after a first word that no record has."""
        if self._options.headers and id(record) not in self._headed:
            self._headed.add(id(record))
            yield "\t".join(["Type", *(name for name, _ in record.columns)])


def _line(record: Record, node: Node, options: PrintOptions) -> str:
    cells = [re.sub(r"[\t\r\n]", " ", _cell(source, node)) for _, source in record.columns]
    if options.empty_fields:
        cells = [cell or "(nil)" for cell in cells]
    while len(cells) > record.min_columns and not cells[-1]:
        cells.pop()
    return "\t".join([record.word, *cells])


def _cell(source: Source, node: Node) -> str:
    return source(node) if callable(source) else text_at(node, source)


def text_at(node: Node, path: str) -> str:
    """The text at a path, stripped; empty if there is none."""
    return (node.findtext(path) or "").strip()


# --- columns that are not plain texts ---------------------------------------------------------


def constant(text: str) -> Source:
    """A column with a constant text."""
    return lambda _: text


def utc_time(path: str) -> Source:
    """A time in UTC with a numeric offset and no fraction: `2011-02-03T10:11:12+0000`."""

    def read(node: Node) -> str:
        text = text_at(node, path)
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            return text
        aware = at if at.tzinfo else at.replace(tzinfo=UTC)
        return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")

    return read


def join_texts(path: str, separator: str) -> Source:
    """All texts at a path, joined by a separator."""
    return lambda node: separator.join(
        element.text for element in node.iterfind(path) if element.text
    )


def group_names(node: Node) -> str:
    """The names of the security groups; in answers of 2010-11-15 they are in `groupId`."""
    items = node.iterfind("groupSet/item")
    names = (text_at(item, "groupName") or text_at(item, "groupId") for item in items)
    return ", ".join(filter(None, names))


def monitoring_state(node: Node) -> str:
    """`monitoring-disabled` and the like."""
    state = text_at(node, "monitoring/state")
    return state and f"monitoring-{state}"


def visibility(node: Node) -> str:
    """`public` or `private`."""
    return {"true": "public", "false": "private"}.get(text_at(node, "isPublic"), "")


def first_of(*paths: str) -> Source:
    """The first of these paths that has a text."""
    return lambda node: next((text for path in paths if (text := text_at(node, path))), "")


def user_data(node: Node) -> str:
    """User data, decoded from base64."""
    try:
        return base64.b64decode(text_at(node, "value")).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return text_at(node, "value")
