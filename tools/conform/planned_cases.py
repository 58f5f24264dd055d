"""The cases that a run would take, collected by pytest without starting a target."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tools.conform.pytest_session import run_pytest


class PlannedCase(msgspec.Struct, frozen=True):
    """A line of the plan that `--conform-plan` writes: a case, or one that a client cannot send."""

    id: str
    level: str = ""
    suite: str = ""
    text: str = ""
    source: str = ""
    needs: list[str] = []  # capabilities
    here: bool = True  # of this shard
    because: str = ""  # why the client cannot send it


def read_plan(arguments: Sequence[str]) -> list[PlannedCase]:
    """The plan of a session with these arguments of pytest; `HarnessError` if there is none."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "plan.jsonl"
        error = run_pytest(["--collect-only", "--conform-plan", str(file), *arguments])
        if error:
            raise error
        lines = file.read_bytes().splitlines() if file.exists() else []
    return [msgspec.json.decode(line, type=PlannedCase) for line in lines]
