"""Finding recorded runs and their cases, and printing what was asked of them."""

from __future__ import annotations

import difflib
import io
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from fixtures.model import Outcome, Run, UsageError
from reports.record.run_directory import ROOT
from reports.sanitize import first_line

_NAMED = 5  # cases named in an error


def locate_run(name: str) -> Path:
    """A run's directory or record: `name` as a path, or the name of a run in `reports/out`."""
    path = Path(name)
    if not path.exists() and "/" not in name and (ROOT / name).exists():
        return ROOT / name
    return path


def find_case(run: Run, text: str) -> Outcome:
    """The case with that id, or the only one whose id contains the text.

    Raises:
        UsageError: no case, or several cases match; names those, or similar ones.
    """
    cases = {outcome.case: outcome for outcome in run.outcomes}
    if text in cases:
        return cases[text]
    matching = [case for case in cases if text.lower() in case.lower()]
    if len(matching) == 1:
        return cases[matching[0]]
    if matching:
        more = f" and {len(matching) - _NAMED} more" if len(matching) > _NAMED else ""
        named = first_line(", ".join(matching[:_NAMED]), 1000)
        raise UsageError(f"{text!r} fits {len(matching)} cases: {named}{more}")
    close = difflib.get_close_matches(text, cases, n=_NAMED, cutoff=0.4)
    hint = f"; close to it: {first_line(', '.join(close), 1000)}" if close else ""
    raise UsageError(f"no case {text!r} in run {run.header.run}{hint}")


def standard_output() -> io.TextIOWrapper:
    """stdout, made to replace characters that its encoding does not have."""
    output = sys.stdout
    if isinstance(output, io.TextIOWrapper):
        output.reconfigure(errors="replace")
        return output
    raise UsageError("standard output is closed")


def print_to_output(print_report: Callable[[Console], None]) -> None:
    """Print on a console for stdout; nothing is written if that fails."""
    output = standard_output()
    console = Console(file=output, highlight=False)
    with console.capture() as text:
        print_report(console)
    output.write(text.get())
    output.flush()
