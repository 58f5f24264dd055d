"""A run as its directory holds it: the record, and the histories that it vouches for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fixtures.model import History, Run
from reports.record.histories import load_history
from reports.record.run_file import load_run


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A run, and the histories of its failovers under load by the ids of their cases."""

    run: Run
    histories: Mapping[str, History] = field(default_factory=dict)


def read_run(directory: Path) -> RecordedRun:
    """Read a run directory.

    Raises:
        UsageError: the record, or a history that it vouches for, is missing or damaged; names the
            file.
    """
    run = load_run(directory)
    found = ((outcome.case, load_history(directory, outcome)) for outcome in run.outcomes)
    return RecordedRun(run, {case: history for case, history in found if history is not None})
