"""The cases that a run would take, as pytest's side tells them: nothing is started for it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tools.conform.pytest_session import run_pytest


class PlannedCase(msgspec.Struct, frozen=True):
    """A line of the plan as pytest's side writes it."""

    id: str
    level: str = ""
    suite: str = ""
    text: str = ""
    source: str = ""
    needs: list[str] = []  # capabilities
    here: bool = True  # not for another shard
    because: str = ""  # why a client has no such case


def read_plan(wanted: Sequence[str]) -> list[PlannedCase]:
    """What these options of the session would take; `HarnessError` if it cannot be planned."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "plan.jsonl"
        trouble = run_pytest(["--collect-only", "--conform-plan", str(file), *wanted])
        if trouble:
            raise trouble
        lines = file.read_bytes().splitlines() if file.exists() else []
    return [msgspec.json.decode(line, type=PlannedCase) for line in lines]
