"""A comparison of two runs as text, Markdown, HTML or JSON."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping

import msgspec
from rich.console import Console
from rich.text import Text

from reports.record.compare import Change, Comparison, NewFinding
from reports.render.markdown import escape_text, inline_code
from reports.render.page import render_template
from reports.sanitize import cut, first_line, sanitize

_COLOURS = {"broken": "red", "fixed": "green", "new": "cyan", "gone": "yellow"}


def headline(found: Comparison) -> str:
    """The number of regressions, in words."""
    number = len(found.regressions)
    if not number:
        return "No regressions"
    return "1 regression" if number == 1 else f"{number} regressions"


def sections(found: Comparison) -> dict[str, tuple[Change, ...]]:
    """The changed cases by heading, for every format; without empty ones."""
    named = {
        "broken": found.broken,
        "fixed": found.fixed,
        "new": found.added,
        "gone": found.gone,
        "otherwise different": found.otherwise,
    }
    return {name: changes for name, changes in named.items() if changes}


def as_text(found: Comparison, colour: bool, width: int = 100) -> str:
    """For a terminal, with ANSI colours or without."""
    console = Console(file=io.StringIO(), force_terminal=colour, width=width, highlight=False)
    with console.capture() as captured:
        _print(console, found)
    return captured.get()


def as_markdown(found: Comparison) -> str:
    """For a pull request."""
    return "\n".join(_markdown(found)) + "\n"


def as_html(found: Comparison) -> str:
    """A page that needs no network."""
    return render_template(
        "compare.html.j2", found=found, headline=headline(found), sections=sections(found)
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


def _print(console: Console, found: Comparison) -> None:
    colour = "bold red" if found.regressions else "bold green"
    console.print(Text(headline(found), style=colour))
    for name, side in (("old", found.old), ("new", found.new)):
        line = f"  {name}  {side.run}  {side.target}  {side.claim}, {side.cases} cases"
        console.print(Text(sanitize(line), style="dim"))
    if found.findings:
        console.print()
        console.print(Text(f"new findings ({len(found.findings)})", style="bold red"))
    for finding in found.findings:
        line = f"  {_finding_head(finding)}: {sanitize(finding.title)}"
        console.print(Text(line), soft_wrap=True)
    for name, changes in sections(found).items():
        console.print()
        console.print(Text(f"{name} ({len(changes)})", style=f"bold {_COLOURS.get(name, 'blue')}"))
        for change in changes:
            console.print(
                Text(f"  {sanitize(change.case)}  {status_change(change)}"), soft_wrap=True
            )
            if name != "fixed" and change.because:
                console.print(
                    Text(f"    {first_line(change.because)}", style="dim"), soft_wrap=True
                )
    if found.calls:
        console.print()
        console.print(Text(f"other CloudStack calls ({len(found.calls)})", style="bold blue"))
    for other in found.calls:
        console.print(Text(f"  {sanitize(other.case)}"), soft_wrap=True)
        for sign, calls in (("-", other.without), ("+", other.besides)):
            for call in calls:
                console.print(
                    Text(f"    {sign} {first_line(call, 300)}", style="dim"), soft_wrap=True
                )
    if found.slower:
        console.print()
        console.print(Text(f"slower ({len(found.slower)})", style="bold blue"))
    for slow in found.slower:
        times = f"{slow.before:.3f} s → {slow.after:.3f} s"
        console.print(Text(f"  {sanitize(slow.case)}  {times}"), soft_wrap=True)


def status_change(change: Change) -> str:
    """The old and new status: `passed → failed`."""
    return f"{change.before or 'not in the run'} → {change.after or 'not in the run'}".replace(
        "_", " "
    )


def _finding_head(finding: NewFinding) -> str:
    """`security, must, 12 cases, 2 clients`."""
    return f"{'security, ' * finding.is_security}{finding.level}, {finding.extent}"


def _markdown(found: Comparison) -> Iterator[str]:
    yield f"# {headline(found)}"
    yield ""
    yield "| | run | target | claim | cases |"
    yield "|---|---|---|---|---:|"
    for name, side in (("old", found.old), ("new", found.new)):
        named = f"{name} | {escape_text(side.run)} | {escape_text(side.target)}"
        yield f"| {named} | {side.claim} | {side.cases} |"
    if found.findings:
        yield from ("", f"## New findings ({len(found.findings)})", "")
    for finding in found.findings:
        yield f"- {_finding_head(finding)}: {escape_text(cut(finding.title, 1000))}"
    for name, changes in sections(found).items():
        yield from ("", f"## {name.capitalize()} ({len(changes)})", "")
        for change in changes:
            because = f": {escape_text(first_line(change.because))}" if change.because else ""
            yield f"- {inline_code(change.case)} {status_change(change)}{because}"
    if found.calls:
        yield from ("", f"## Other CloudStack calls ({len(found.calls)})", "")
    for other in found.calls:
        yield f"- {inline_code(other.case)}"
        yield from (f"  - without {inline_code(call)}" for call in other.without)
        yield from (f"  - besides {inline_code(call)}" for call in other.besides)
    if found.slower:
        yield from ("", f"## Slower ({len(found.slower)})", "")
    for slow in found.slower:
        yield f"- {inline_code(slow.case)} {slow.before:.3f} s → {slow.after:.3f} s"
