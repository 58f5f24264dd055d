"""docs/coverage.md: what was measured, as tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from fixtures.plan.mapping import rows
from fixtures.wsdl import VERSIONS
from tools.coverage.leaves import Area
from tools.coverage.results import Coverage, LeafKey, Measured
from tools.coverage.statements import SECTIONS, Statement

PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"
_HEAD = """\
<!-- Written by `python -m tools.coverage write`; not edited by hand. -->

# Coverage

What the cases prove of the documentation, and what they would notice of the replies and calls.
The parts about leaves are measured, not claimed: the reference bridge is run with one leaf altered,
and the named case, which passes otherwise, fails. `python -m tools.coverage measure` measures all
of it again (some minutes); the tests repeat the alterations of EC2, and a sample of those of S3.

- *another value*: the case that fails if the leaf has another value of the same kind; for a leaf
  that no reply of the reference bridge has, the case that fails if it is *added*.
- *left out*: the case that fails without it. "–": Amazon's schema lets a service leave it out, or
  nothing here says that it must be there.
- Where no case can notice another value, the reason stands in its place.
"""
_TITLES = {
    Area.EC2_REPLY: "The replies of the 38 actions",
    Area.CLOUDSTACK_CALL: "The parameters of the CloudStack calls",
    Area.S3_REPLY: "The replies of S3",
}
_INTRODUCTIONS = {
    Area.EC2_REPLY: (
        "Every leaf of the published schemas of 2010-11-15 and 2012-08-15; those that the later "
        "one added are marked."
    ),
    Area.CLOUDSTACK_CALL: (
        "Every parameter that CloudStack's API lists for the documented command. Look-ups around "
        "it (`list*`, `get*`, `query*`) are free, since bridges differ in how they find things; "
        "any other command is a finding of every case. The parameters that all commands have "
        "(paging, signing, the caller's account and domain) are free as well, except `account`, "
        "which must be the caller's."
    ),
    Area.S3_REPLY: (
        "Every header and element of botocore's model of the operations that cases send, with the "
        "names that are on the wire."
    ),
}


_DOCUMENTATION = """
## The documentation

Every statement that users rely on, in our own words, with the cases that prove it (`*` stands for
anything) or the reason why none does; then the rows of the eleven tables.
"""


def coverage_page(
    coverage: Coverage, statements: Sequence[Statement], suites: Collection[str]
) -> str:
    """The whole page; `suites` are those that exist."""
    lines = [_HEAD, _DOCUMENTATION, *_statement_tables(statements, suites), "", *_row_table()]
    for area in Area:
        lines += [f"\n## {_TITLES[area]}\n", _INTRODUCTIONS[area]]
        entries = [(key, entry) for key, entry in coverage.measured.items() if key[0] == area]
        for group, members in groupby(entries, key=lambda item: item[0][1]):
            lines += ["", *_group_table(coverage, area, group, list(members))]
    return "\n".join(lines) + "\n"


def _statement_tables(statements: Sequence[Statement], suites: Collection[str]) -> Iterator[str]:
    for number, members in groupby(statements, key=lambda statement: statement.section):
        yield f"\n### {number} {SECTIONS[number].title}\n"
        yield "| statement | cases |"
        yield "|---|---|"
        for statement in members:
            yield f"| {statement.text} | {_proofs(statement, suites)} |"


def _proofs(statement: Statement, suites: Collection[str]) -> str:
    if statement.reason:
        return f"none: {statement.reason}"
    cells = [f"`{pattern}`" for pattern in statement.proofs(suites)]
    if statement.suite and statement.suite not in suites:
        cells.append(f"no case yet: suite {statement.suite}")
    return ", ".join(cells)


def _row_table() -> Iterator[str]:
    yield "### 4.7 The rows of the tables\n"
    yield "| table | command | SOAP call | CloudStack call | cases |"
    yield "|---|---|---|---|---|"
    for row in rows():
        names = (row.ec2_command.real, row.soap_call.real, row.cloudstack_call.real)
        cells = (f"`{row.suite}/{row.action}/documented-call[*]`",)
        yield f"| {row.table} | {' | '.join((*names, *cells))} |"


def _group_table(
    coverage: Coverage, area: Area, group: str, members: Iterable[tuple[LeafKey, Measured]]
) -> Iterator[str]:
    heading = f"{group} → {_COMMANDS[group]}" if area is Area.CLOUDSTACK_CALL else group
    yield f"### {heading}\n"
    column = "parameter" if area is Area.CLOUDSTACK_CALL else "leaf"
    yield f"| {column} | another value | left out |"
    yield "|---|---|---|"
    for key, entry in members:
        later = f" ({entry.version})" if entry.version in VERSIONS[1:] else ""
        yield f"| `{key[2]}`{later} | {_noticed(coverage, key, entry)} | {_left_out(entry)} |"


_COMMANDS = {row.action: row.cloudstack_call.real for row in rows()}


def _noticed(coverage: Coverage, key: LeafKey, entry: Measured) -> str:
    if entry.changed:
        return f"`{entry.changed}`"
    if entry.added:
        return f"added: `{entry.added}`"
    return coverage.reason(key) or "**no case and no reason**"


def _left_out(entry: Measured) -> str:
    return f"`{entry.left_out}`" if entry.left_out else "–"
