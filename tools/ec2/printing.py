"""How records are printed: tab-separated, from the elements of an answer."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

Node = etree._Element
Source = str | Callable[[Node], str]  # a path from the record's element, or what reads it


@dataclass(frozen=True, slots=True)
class Record:
    """One kind of line: its word, where its elements are, its columns, what stands below it.

    A record without columns prints nothing itself. Trailing columns from `short` on are left out
    when they are empty. `body` is printed below the line, as it is.
    """

    word: str
    at: str
    columns: tuple[tuple[str, Source], ...] = ()
    inside: tuple[Record, ...] = ()
    short: int = 99
    body: Callable[[Node], str] | None = None


@dataclass(frozen=True, slots=True)
class Printing:
    """How records are printed."""

    headers: bool = False
    empty_fields: bool = False
    hide_tags: bool = False


class Printer:
    """Prints records; a header line comes before the first record of its kind."""

    def __init__(self, how: Printing) -> None:
        self._how = how
        self._headed: set[int] = set()

    def lines(self, records: tuple[Record, ...], root: Node) -> Iterator[str]:
        """The lines of an answer (or of the request that is echoed), elements without namespace."""
        for record in records:
            if record.word == "TAG" and self._how.hide_tags:
                continue
            for node in [root] if record.at == "." else root.iterfind(record.at):
                if record.columns:
                    yield from self._header(record)
                    yield _line(record, node, self._how)
                if record.body is not None:
                    yield from record.body(node).splitlines()
                yield from self.lines(record.inside, node)

    def _header(self, record: Record) -> Iterator[str]:
        """The names of the columns; the first word of the line is no record's."""
        if self._how.headers and id(record) not in self._headed:
            self._headed.add(id(record))
            yield "\t".join(["Type", *(name for name, _ in record.columns)])


def _line(record: Record, node: Node, how: Printing) -> str:
    cells = [re.sub(r"[\t\r\n]", " ", _cell(source, node)) for _, source in record.columns]
    if how.empty_fields:
        cells = [cell or "(nil)" for cell in cells]
    while len(cells) > record.short and not cells[-1]:
        cells.pop()
    return "\t".join([record.word, *cells])


def _cell(source: Source, node: Node) -> str:
    return source(node) if callable(source) else text_at(node, source)


def text_at(node: Node, path: str) -> str:
    return (node.findtext(path) or "").strip()


# --- what is read otherwise -------------------------------------------------------------------


def const(text: str) -> Source:
    """A column that always says the same."""
    return lambda _: text


def moment(path: str) -> Source:
    """A time in UTC with a numeric offset and no fraction: `2011-02-03T10:11:12+0000`."""

    def read(node: Node) -> str:
        text = text_at(node, path)
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            return text
        known = at if at.tzinfo else at.replace(tzinfo=UTC)
        return known.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")

    return read


def joined(path: str, between: str) -> Source:
    """All texts at a path, joined."""
    return lambda node: between.join(one.text for one in node.iterfind(path) if one.text)


def monitored(node: Node) -> str:
    """`monitoring-disabled` and the like."""
    state = text_at(node, "monitoring/state")
    return state and f"monitoring-{state}"


def visibility(node: Node) -> str:
    """`public` or `private`."""
    return {"true": "public", "false": "private"}.get(text_at(node, "isPublic"), "")


def either(*paths: str) -> Source:
    """The first of these that says something."""
    return lambda node: next((text for path in paths if (text := text_at(node, path))), "")


def user_data(node: Node) -> str:
    try:
        return base64.b64decode(text_at(node, "value")).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return text_at(node, "value")
