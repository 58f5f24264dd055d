"""Markdown of a bounded size, and text of unknown origin in it, escaped so that it cannot act as
Markdown or HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from reports.sanitize import sanitize

_NOTE_BYTES = 500  # kept for what says how much has no room


def escape_text(text: object) -> str:
    """The text for a sentence or a table cell, in one line, with Markdown and HTML escaped."""
    flat = " ".join(sanitize(text).split())
    return re.sub(r"([\\`*_{}\[\]#|~])", r"\\\1", html.escape(flat, quote=False))


def inline_code(text: object) -> str:
    """The text as inline code, in one line, whatever backticks it contains."""
    flat = " ".join(sanitize(text).split()).replace("|", "\\|")
    longest = max((len(ticks) for ticks in re.findall("`+", flat)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest else ""
    return f"{fence}{space}{flat}{space}{fence}"


def fenced_block(text: object) -> Iterator[str]:
    """The lines of a code block with the text, in a fence that the text cannot close."""
    shown = sanitize(text)
    longest = max((len(ticks) for ticks in re.findall("`{3,}", shown)), default=2)
    fence = "`" * (longest + 1)
    yield f"{fence}text"
    yield from shown.splitlines()
    yield fence


class BoundedText:
    """Lines of Markdown that are never more than a number of bytes."""

    def __init__(self, limit: int) -> None:
        self.lines: list[str] = []
        self._left = limit - _NOTE_BYTES

    def add(self, block: Iterable[str]) -> bool:
        """Add a block as a whole, if there is room for it."""
        lines = list(block)
        if (size := size_of(lines)) > self._left:
            return False
        self.lines += lines
        self._left -= size
        return True

    def add_all(self, blocks: Iterable[Iterable[str]], name: str, limit: int) -> None:
        """Add the first of these blocks, the heading, and as many of the others as have room in
        `limit` bytes; say how many have none, by this name."""
        waiting = iter(blocks)
        heading = next(waiting, None)
        if heading is None:
            return
        end = max(self._left - limit, 0)
        left_out = 0
        fits = self.add(heading)
        for block in waiting:
            fits = fits and self._left > end and self.add(block)
            left_out += not fits
        if left_out:
            self.add(("", f"… {left_out:,} {name}{'s' * (left_out != 1)} more in `report.html`."))
        self.add(("",))


def size_of(lines: Iterable[str]) -> int:
    """The bytes of these lines in UTF-8."""
    return sum(len(line.encode()) + 1 for line in lines)
