"""What the documentation says (`statements.toml`), with the cases that prove it."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec

from fixtures.model import documentation, matches_case
from fixtures.model.documentation import DocumentationSection

STATEMENTS = Path(__file__).with_name("statements.toml")
SECTIONS = {
    section.number: section
    for section in vars(documentation).values()
    if isinstance(section, DocumentationSection)
}


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A statement that users rely on.

    `section`: its number in the documentation. `cases`: patterns of the ids of cases that prove it.
    `suite`: the suite that is about it, which has its cases as soon as it is there. `reason`: why
    no case proves it.
    """

    section: str
    text: str
    cases: Sequence[str] = ()
    suite: str = ""
    reason: str = ""

    def proofs(self, suites: Collection[str]) -> list[str]:
        """The patterns of its cases; `suites` are those that exist."""
        return [*self.cases, *([f"{self.suite}/*"] if self.suite in suites else [])]


def read_statements() -> list[Statement]:
    """All statements, in the documentation's order."""
    tables = tomllib.loads(STATEMENTS.read_text("utf-8"))["statement"]
    return msgspec.convert(tables, list[Statement])


def statement_defects(statements: Sequence[Statement], ids: Collection[str]) -> list[str]:
    """What is wrong with statements, one line each; `ids` are those of the planned cases."""
    suites = {case.partition("/")[0] for case in ids}
    defects = []
    for statement in statements:
        proofs = statement.proofs(suites)
        if statement.section not in SECTIONS:
            defects.append(f"{statement.text}: no section {statement.section}")
        if bool(statement.cases or statement.suite) == bool(statement.reason):
            defects.append(f"{statement.text}: needs cases or a suite, or else a reason")
        defects += [
            f"{statement.text}: no case {pattern}"
            for pattern in proofs
            if not any(matches_case(pattern, case) for case in ids)
        ]
    return defects
