"""The files that are rendered from a record, each with its renderer.

A new report is a module with a `Renderer`, and a line in `RENDERERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from pkgutil import resolve_name
from typing import cast

from fixtures.model import Run
from reports.record.recorded_run import RecordedRun, read_run
from reports.record.run_directory import replace_folder, write_atomically

FolderRenderer = Callable[[RecordedRun], Iterable[tuple[str, bytes]]]  # names and contents
Renderer = Callable[[RecordedRun], bytes]  # a pure function; the content of the file

PAGE = "report.html"
RENDERERS: Mapping[str, str] = {  # name of the file → module and function
    "junit.xml": "junit:junit_xml",
    "ctrf-report.json": "ctrf:ctrf_report",
    "summary.md": "summary:markdown_summary",
    PAGE: "page:html_page",
}
ALLURE = "allure-results"
FOLDERS: Mapping[str, str] = {ALLURE: "allure:allure_results"}  # of many files each


MOST_FILES = 25_000  # cases of a run of which folders are rendered unasked


def render(directory: Path, *, folders: bool | None = None) -> Run:
    """Write the files of `RENDERERS` and `FOLDERS` beside a record and return the run.

    `folders`: whether to write those of many files, too; by default unless the run is so long that
    readers of such folders give up on it.

    All files are rendered before the first is written, and each is written as a whole.

    Raises:
        UsageError: the record, or a history that it vouches for, cannot be read, or a file cannot
            be written.
    """
    recorded = read_run(directory)
    contents = {name: renderer_of(place)(recorded) for name, place in RENDERERS.items()}
    for name, content in contents.items():
        write_atomically(directory / name, content)
    wanted = len(recorded.run.outcomes) <= MOST_FILES if folders is None else folders
    for name, place in FOLDERS.items() if wanted else ():
        files = cast(FolderRenderer, resolve_name(f"reports.render.{place}"))(recorded)
        replace_folder(directory / name, files)
    return recorded.run


def renderer_of(place: str) -> Renderer:
    """The renderer that a value of `RENDERERS` names."""
    return cast(Renderer, resolve_name(f"reports.render.{place}"))
