"""The commands of docs/report.md, run in their order."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.support.conform_processes import PROJECT, run_conform

PAGE = (PROJECT / "docs/report.md").read_text("utf-8")
COMMANDS = re.findall(r"(?m)^    conform (.+)$", PAGE)


def test_the_commands_of_the_page_work(tmp_path: Path) -> None:
    """A reader who follows the page gets a run, its report again, and a case."""
    assert len(COMMANDS) == 3
    printed = []
    for command in COMMANDS:
        done = run_conform(tmp_path, *shlex.split(command))
        assert done.returncode == 0, f"{command}: {done.stderr}"
        printed.append(done.stdout)
    assert printed[0].splitlines()[-1].startswith("report: ")
    assert printed[1].strip().endswith("report.html")
    assert (tmp_path / "out/latest/report.html").is_file()
    assert "CloudStack calls" in printed[2]
