"""Other people's text inside Markdown, where nothing in it may act as Markdown or HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from reports.sanitize import sanitize


def escape_text(text: object) -> str:
    """Text of others inside a sentence or a table: nothing in it is Markdown or HTML."""
    flat = " ".join(sanitize(text).split())
    return re.sub(r"([\\`*_{}\[\]#|~])", r"\\\1", html.escape(flat, quote=False))


def inline_code(text: object) -> str:
    """Text of others as inline code, whatever backticks it holds."""
    flat = " ".join(sanitize(text).split()).replace("|", "\\|")
    longest = max((len(ticks) for ticks in re.findall("`+", flat)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest else ""
    return f"{fence}{space}{flat}{space}{fence}"


def fenced_block(text: object) -> Iterator[str]:
    """Text of others as a block of code, line by line, in a fence that it cannot close."""
    shown = sanitize(text)
    longest = max((len(ticks) for ticks in re.findall("`{3,}", shown)), default=2)
    fence = "`" * (longest + 1)
    yield f"{fence}text"
    yield from shown.splitlines()
    yield fence
