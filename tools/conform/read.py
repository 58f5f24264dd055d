"""`conform show`, `report`, `compare`, `merge` and `rejudge`: what reads the records of runs."""

from __future__ import annotations

import argparse
import difflib
import io
import sys
from pathlib import Path

from rich.console import Console

from fixtures.checkers.failover import check_failover
from fixtures.model import Outcome, Run, UsageError
from reports.record.claim import assess_run, exit_status
from reports.record.compare import compare as compare_runs
from reports.record.merge import merge_shards
from reports.record.rejudge import rejudge as rejudge_run
from reports.record.rejudge import write_rejudged
from reports.record.run_directory import ROOT
from reports.record.run_file import load_run
from reports.record.session import harness_version
from reports.render import comparison
from reports.render.renderers import render
from reports.render.terminal import print_case, print_claim, print_facts, print_rejudged, print_run
from reports.sanitize import first_line

_NAMED = 5  # cases named in a complaint


def show(options: argparse.Namespace) -> int:
    """Print one case whole, or how the whole run went."""
    directory = locate_run(options.directory)
    run = load_run(directory)
    output = _standard_output()
    console = Console(file=output, highlight=False)
    with console.capture() as text:
        if options.case is None:
            print_run(console, run, directory)
            print_facts(console, run)
        else:
            print_case(console, find_case(run, options.case))
    _write_output(output, text.get())
    return 0


def merge(options: argparse.Namespace) -> int:
    """Join shards and tell what the whole may claim."""
    made = merge_shards([locate_run(name) for name in options.directories], options.out, render)
    output = _standard_output()
    console = Console(file=output, highlight=False)
    with console.capture() as text:
        print_run(console, made, options.out)
    _write_output(output, text.get())
    return 0


def rejudge(options: argparse.Namespace) -> int:
    """Judge again what is kept of a run; tell old and new verdicts and what the run earns now."""
    directory = locate_run(options.directory)
    found = rejudge_run(directory, check_failover, harness_version())
    run = write_rejudged(found, directory, options.out, render) if options.out else found.run
    output = _standard_output()
    console = Console(file=output, highlight=False)
    with console.capture() as text:
        print_rejudged(console, found)
        print_claim(console, run)
    _write_output(output, text.get())
    return exit_status(assess_run(run))


def report(options: argparse.Namespace) -> int:
    """Render a run directory again."""
    directory = locate_run(options.directory)
    if not directory.is_dir():
        raise UsageError(f"{directory}: not a run directory")
    render(directory)
    print(directory / "report.html")
    return 0


def compare(options: argparse.Namespace) -> int:
    """Print what changed; 1 if something regressed."""
    old, new = (_load_with_cases(locate_run(name)) for name in (options.old, options.new))
    found = compare_runs(old, new)
    output = _standard_output()
    texts = {
        "text": lambda: comparison.as_text(found, colour=output.isatty()),
        "markdown": lambda: comparison.as_markdown(found),
        "html": lambda: comparison.as_html(found),
        "json": lambda: comparison.as_json(found),
    }
    _write_output(output, texts[options.format]())
    return 1 if found.regressions else 0


def locate_run(name: str) -> Path:
    """A run's directory or file, given its path or, for runs kept in the usual place, its name."""
    path = Path(name)
    if not path.exists() and "/" not in name and (ROOT / name).exists():
        return ROOT / name
    return path


def find_case(run: Run, wanted: str) -> Outcome:
    """The case with that id, or the only one whose id holds the text; else close ones are named."""
    cases = {outcome.case: outcome for outcome in run.outcomes}
    if wanted in cases:
        return cases[wanted]
    held = [case for case in cases if wanted.lower() in case.lower()]
    if len(held) == 1:
        return cases[held[0]]
    if held:
        more = f" and {len(held) - _NAMED} more" if len(held) > _NAMED else ""
        named = first_line(", ".join(held[:_NAMED]), 1000)
        raise UsageError(f"{wanted!r} fits {len(held)} cases: {named}{more}")
    close = difflib.get_close_matches(wanted, cases, n=_NAMED, cutoff=0.4)
    hint = f"; close to it: {first_line(', '.join(close), 1000)}" if close else ""
    raise UsageError(f"no case {wanted!r} in run {run.header.run}{hint}")


def _load_with_cases(path: Path) -> Run:
    run = load_run(path)
    if not run.outcomes:
        raise UsageError(f"{path}: no case was recorded, nothing to compare")
    return run


def _write_output(output: io.TextIOWrapper, text: str) -> None:
    output.write(text)
    output.flush()


def _standard_output() -> io.TextIOWrapper:
    """Standard output, made to take any character whatever the locale."""
    output = sys.stdout
    if isinstance(output, io.TextIOWrapper):
        output.reconfigure(errors="replace")
        return output
    raise UsageError("standard output is closed")
