"""A comparison of two runs as text, Markdown, HTML or JSON."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec
from rich.console import Console
from rich.text import Text

from reports.record.claim import case_count
from reports.record.compare import Change, Comparison, FindingChange
from reports.record.durations import SlowerFamily
from reports.render.markdown import BoundedText, escape_text, inline_code
from reports.render.page import TEMPLATES, render_template
from reports.sanitize import cut, first_line, sanitize

MAX_BYTES = 60_000  # of the Markdown, which a pull request's comment has to hold
_SECTION_BYTES = 20_000  # of these, for one section
_NAMED = 3  # cases that are named for a finding
_TITLE_CHARACTERS = 1_000
_COLOURS = {"broken": "red", "fixed": "green", "new": "cyan", "gone": "yellow"}


@dataclass(frozen=True, slots=True)
class Section:
    """The changed cases under one heading; those that findings explain are named by them."""

    name: str
    changes: tuple[Change, ...]
    findings: tuple[FindingChange, ...]

    @property
    def others(self) -> tuple[Change, ...]:
        """The changes that are in no finding."""
        explained = {case for finding in self.findings for case in finding.cases}
        return tuple(change for change in self.changes if change.case not in explained)


def headline(found: Comparison) -> str:
    """The number of regressions, in words."""
    number = len(found.regressions)
    if number:
        return "1 regression" if number == 1 else f"{number:,} regressions"
    if found.is_inconclusive:
        return "No regressions seen, but the new run ended before its end"
    return "No regressions"


def sections(found: Comparison) -> tuple[Section, ...]:
    """The changed cases by heading, for every format; without empty ones."""
    named = {
        "broken": found.broken,
        "new": found.added,
        "gone": found.gone,
        "not run": found.not_run,
        "drifted": found.drifted,
        "fixed": found.fixed,
        "otherwise different": found.otherwise,
    }
    return tuple(
        Section(name, changes, tuple(each for each in found.findings if each.section == name))
        for name, changes in named.items()
        if changes
    )


def as_text(found: Comparison, colour: bool, width: int = 100) -> str:
    """For a terminal, with ANSI colours or without."""
    console = Console(file=io.StringIO(), force_terminal=colour, width=width, highlight=False)
    with console.capture() as captured:
        for style, line in _text_lines(found):
            console.print(Text(line, style=style), soft_wrap=True)
    return captured.get()


def as_markdown(found: Comparison) -> str:
    """For a pull request: never more than `MAX_BYTES`; what has no room is counted."""
    text = BoundedText(MAX_BYTES)
    text.add(_markdown_head(found))
    for section in sections(found):
        blocks = (_heading(section.name, len(section.changes)), *_markdown_items(section))
        text.add_all(blocks, "line", _SECTION_BYTES)
    if found.calls:
        text.add_all(_call_lines(found), "case", _SECTION_BYTES)
    if found.slower:
        lines = ((f"- {slower_text(family)}",) for family in found.slower)
        text.add_all((_heading("slower", len(found.slower)), *lines), "family", _SECTION_BYTES)
    return "\n".join(text.lines) + "\n"


def as_html(found: Comparison) -> str:
    """A page that needs no network."""
    return render_template(
        "compare.html.j2",
        script=(TEMPLATES / "scripts" / "compare.js").read_text("utf-8"),
        found=found,
        headline=headline(found),
        sections=sections(found),
        slower=list(map(slower_text, found.slower)),
        status_change=status_change,
    )


def as_json(found: Comparison) -> str:
    """For a program: the fields of the comparison, and the ids of the regressions."""
    fields = msgspec.to_builtins(found)
    fields["regressions"] = [change.case for change in found.regressions]
    return msgspec.json.format(msgspec.json.encode(fields)).decode() + "\n"


FORMATS: Mapping[str, Callable[[Comparison, bool], str]] = {  # of a comparison, in colour or not
    "text": as_text,
    "markdown": lambda comparison, _: as_markdown(comparison),
    "html": lambda comparison, _: as_html(comparison),
    "json": lambda comparison, _: as_json(comparison),
}


def status_change(change: Change) -> str:
    """The old and new status: `passed → failed`."""
    names = (change.before or "not in the run", change.after or "not in the run")
    return " → ".join(names).replace("_", " ")


def slower_text(family: SlowerFamily) -> str:
    """`s3/GetObject: 1.25 times as long as before beside all others, 120 cases (…)`."""
    times = f"a case {family.before * 1000:.1f} ms → {family.after * 1000:.1f} ms"
    longer = f"{family.ratio:.2f} times as long, relative to the others"
    return f"{family.family}: {longer}, {case_count(family.cases)}, {times}"


# --- text -------------------------------------------------------------------------------------


def _text_lines(found: Comparison) -> Iterator[tuple[str, str]]:
    """Styles and lines."""
    yield ("bold red" if found.regressions else "bold green"), headline(found)
    for name, side in (("old", found.old), ("new", found.new)):
        text = f"  {name}  {side.run}  {side.target}  {side.claim}, {case_count(side.cases)}"
        yield "dim", sanitize(text)
    for warning in found.warnings:
        yield "yellow", f"  warning: {sanitize(warning)}"
    for section in sections(found):
        yield "", ""
        colour = _COLOURS.get(section.name, "blue")
        yield f"bold {colour}", f"{section.name} ({len(section.changes):,})"
        yield from _section_lines(section)
    if found.calls:
        yield from (("", ""), ("bold blue", f"other CloudStack calls ({len(found.calls):,})"))
    for other in found.calls:
        yield "", f"  {sanitize(other.case)}"
        for sign, calls in (("-", other.without), ("+", other.besides)):
            yield from (("dim", f"    {sign} {first_line(call, 300)}") for call in calls)
    if found.slower:
        yield from (("", ""), ("bold blue", f"slower ({len(found.slower)})"))
        yield from (("", f"  {sanitize(slower_text(family))}") for family in found.slower)


def _section_lines(section: Section) -> Iterator[tuple[str, str]]:
    for finding in section.findings:
        yield "", f"  {_finding_head(finding)}: {sanitize(finding.title)}"
        yield "dim", f"    {sanitize(_named(finding.cases))}"
    for change in section.others:
        yield "", f"  {sanitize(change.case)}  {status_change(change)}"
        if section.name != "fixed" and change.because:
            yield "dim", f"    {first_line(change.because)}"


def _finding_head(finding: FindingChange) -> str:
    """`security, must, 12 cases, 2 clients`."""
    return f"{'security, ' * finding.is_security}{finding.level}, {finding.extent}"


def _named(cases: Iterable[str]) -> str:
    """The first cases, and how many more there are."""
    found = list(cases)
    more = len(found) - _NAMED
    return ", ".join(found[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


# --- Markdown ---------------------------------------------------------------------------------


def _heading(name: str, count: int) -> tuple[str, ...]:
    return (f"## {name.capitalize()} ({count:,})", "")


def _markdown_head(found: Comparison) -> Iterator[str]:
    yield from (f"# {headline(found)}", "")
    yield "| | run | target | claim | cases |"
    yield "|---|---|---|---|---:|"
    for name, side in (("old", found.old), ("new", found.new)):
        named = f"{name} | {escape_text(side.run)} | {escape_text(side.target)}"
        yield f"| {named} | {side.claim} | {side.cases} |"
    yield ""
    for warning in found.warnings:
        yield f"- warning: {escape_text(cut(warning, _TITLE_CHARACTERS))}"
    if found.warnings:
        yield ""


def _markdown_items(section: Section) -> Iterator[tuple[str, ...]]:
    for finding in section.findings:
        title = escape_text(cut(finding.title, _TITLE_CHARACTERS))
        named = ", ".join(map(inline_code, finding.cases[:_NAMED]))
        more = len(finding.cases) - _NAMED
        rest = f" and {more:,} more" if more > 0 else ""
        yield (f"- {_finding_head(finding)}: {title}: {named}{rest}",)
    for change in section.others:
        because = f": {escape_text(first_line(change.because))}" if change.because else ""
        yield (f"- {inline_code(change.case)} {status_change(change)}{because}",)


def _call_lines(found: Comparison) -> Iterator[tuple[str, ...]]:
    yield _heading("other CloudStack calls", len(found.calls))
    for other in found.calls:
        without = (f"  - without {inline_code(cut(call, 300))}" for call in other.without)
        besides = (f"  - besides {inline_code(cut(call, 300))}" for call in other.besides)
        yield (f"- {inline_code(other.case)}", *without, *besides)
