"""The figures of long runs in `docs/figures.md`: a section for each command that measures them."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from reports.record.run_directory import write_atomically

FILE = Path(__file__).parent.parent / "docs" / "figures.md"
_HEAD = """# Figures of long runs

Each section is written by the command that it names, at the end of its run.
"""


def write_section(title: str, command: str, lines: Sequence[str], file: Path = FILE) -> None:
    """Replace the section of a title, or append it; `lines` are Markdown."""
    text = file.read_text() if file.exists() else _HEAD
    moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    where = f"Python {platform.python_version()}, {os.cpu_count()} processors"
    section = "\n".join((f"## {title}", "", f"`{command}`, {moment} UTC, {where}.", "", *lines))
    pattern = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    kept = pattern.sub("", text).rstrip("\n")
    write_atomically(file, f"{kept}\n\n{section}\n".encode())


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(map(str, line))} |" for line in lines]
