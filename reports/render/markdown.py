"""Text of unknown origin inside Markdown, escaped so that it cannot act as Markdown or HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from reports.sanitize import sanitize


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
