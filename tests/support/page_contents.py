"""What a rendered `report.html` holds: its markup, and the data that its script inflates."""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any


class PageMarkup(HTMLParser):
    """Collects what a browser would act on: tags, ids, targets, scripts and text."""

    VOID = frozenset({"meta", "link", "input", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.scripts: list[str] = []  # their types
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "script":
            self.scripts.append(dict(attrs).get("type") or "")
        for name, value in attrs:
            assert not name.startswith("on"), "no inline handlers"
            if name == "id":
                self.ids.append(str(value))
            if name in ("href", "src"):
                self.links.append(str(value))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@dataclass(frozen=True, slots=True)
class PageCases:
    """The cases of a page: the index by column, and the details by case."""

    index: dict[str, Any]
    details: dict[str, dict[str, Any]]


def page_texts(text: str) -> dict[str, str]:
    """The JSON texts that a page's script inflates, by the ids of their elements."""
    data = re.compile(r'<script type="application/octet-stream" id="([\w-]+)">([^<]*)</script>')
    return {name: _inflate(encoded) for name, encoded in data.findall(text)}


def page_cases(text: str) -> PageCases:
    """The data of a page."""
    texts = {name: json.loads(content) for name, content in page_texts(text).items()}
    index = texts.pop("index")
    details = [case for number in range(len(texts)) for case in texts[f"block-{number}"]]
    return PageCases(index, dict(zip(_block_order(index), details, strict=True)))


def _block_order(index: dict[str, Any]) -> list[str]:
    """The cases as the blocks have them: the first of each finding, then the others."""
    firsts: dict[int, str] = {}
    for case, finding in zip(index["cases"], index["finding"], strict=True):
        if finding >= 0:
            firsts.setdefault(finding, case)
    examples = [firsts[number] for number in range(len(index["findings"]))]
    return [*examples, *(case for case in index["cases"] if case not in examples)]


def _inflate(encoded: str) -> str:
    return zlib.decompress(base64.b64decode(encoded), -zlib.MAX_WBITS).decode()
