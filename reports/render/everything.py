"""Everything that people read of a run, made again from its record."""

from __future__ import annotations

from pathlib import Path

from fixtures.model import Run
from reports.record.histories import load_history
from reports.record.run_directory import write_whole
from reports.record.run_file import load
from reports.render.junit import junit
from reports.render.page import page
from reports.render.summary import summary

PAGE = "report.html"


def render(directory: Path) -> Run:
    """Write `junit.xml`, `summary.md` and `report.html` beside a record and return the run.

    All three are made before the first is written, and each is written whole. `UsageError` if
    the record, or a history that it vouches for, cannot be read, or the directory not be written.
    """
    run = load(directory)
    histories = {one.case: told for one in run.outcomes if (told := load_history(directory, one))}
    made = {
        "junit.xml": junit(run),
        "summary.md": summary(run).encode(),
        PAGE: page(run, histories).encode(),
    }
    for name, content in made.items():
        write_whole(directory / name, content)
    return run
