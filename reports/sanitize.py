"""Makes text of a target safe to show: on a terminal, in XML, in a page."""

from __future__ import annotations

import re
from typing import Any

import msgspec

# C0 and C1 controls but tab and newline, characters that XML forbids, and those that reorder or
# hide text.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def sanitize(text: object) -> str:
    """The text with harmful characters replaced: ESC by `␛`, a right-to-left mark by `<U+200F>`."""
    return _HARMFUL.sub(_name, str(text).replace("\r\n", "\n"))


def first_line(text: object, limit: int = 160) -> str:
    """The first line of a text, sanitized and cut to `limit` characters."""
    lines = sanitize(text).strip().splitlines()
    if not lines:
        return ""
    return cut(lines[0], limit) + (" …" if len(lines) > 1 else "")


def cut(text: object, limit: int) -> str:
    """The text, sanitized, with its end left out if it is longer than `limit` characters."""
    shown = sanitize(text)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def replace_surrogates(value: Any) -> Any:
    """The value with halves of surrogate pairs replaced in all its texts, ready for JSON."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {replace_surrogates(k): replace_surrogates(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [replace_surrogates(item) for item in value]
    return value


def _name(found: re.Match[str]) -> str:
    number = ord(found.group())
    if number < 0x20:
        return chr(0x2400 + number)
    return "␡" if number == 0x7F else f"<U+{number:04X}>"


def encode_json(value: Any) -> bytes:
    """The value as JSON, with halves of surrogate pairs replaced."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:  # a target sent text that is not Unicode
        return msgspec.json.encode(replace_surrogates(value))
