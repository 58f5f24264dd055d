"""How binding the cases are: `must` is what CloudStack's documentation says, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import suites
from fixtures.clients import support as clients
from fixtures.model import Case, Level, documentation
from fixtures.model.documentation import DocumentationSection
from fixtures.plan.mapping import rows
from fixtures.plan.planning import plan
from suites.contract.suite import Suite

# Every source of a `must` case is one of these.
SECTIONS = [part for part in vars(documentation).values() if isinstance(part, DocumentationSection)]


@cache
def _plan() -> tuple[Case, ...]:
    """The cases of all suites."""
    return tuple(case for suite in _suites() for case in _cases(suite))


def _suites() -> Iterator[type[Suite]]:
    """The classes of all suites."""
    root = Path(suites.__path__[0])
    for path in sorted(root.rglob("[!_]*.py")):
        module = import_module(".".join(("suites", *path.relative_to(root).with_suffix("").parts)))
        for name, value in vars(module).items():
            is_suite = isinstance(value, type) and issubclass(value, Suite)
            if is_suite and value.__module__ == module.__name__ and name.startswith("Test"):
                yield value


def _cases(suite: type[Suite]) -> Iterator[Case]:
    for name in dir(suite):
        if name.startswith("test_"):
            kind = name.removeprefix("test_").replace("_", "-")
            for requirement in suite.demands(kind, rows()):
                planned = plan(suite.suite, requirement, clients)
                yield from (case for case in planned if isinstance(case, Case))


def test_must_is_demanded_by_the_documentation_alone() -> None:
    """The source of each `must` case is a section of the documentation."""
    promised = [case for case in _plan() if case.level is Level.MUST]
    sources = {case.source for case in promised}
    assert len(promised) > 400
    foreign = {text for text in sources if not any(s.url in text for s in SECTIONS)}
    assert not foreign


@pytest.mark.parametrize("word", ["timestamp", "expire", "no-version", "wrong-version", "replayed"])
def test_time_and_version_are_not_documented(word: str) -> None:
    """The documentation does not mention expiry, timestamps or checks of the version."""
    ids = [
        case.id
        for case in _plan()
        if case.kind == "authentication" and case.level is Level.MUST and word in case.id.lower()
    ]
    assert ids == []


def test_a_documented_refusal_has_no_code_and_its_code_a_case_of_its_own() -> None:
    """The documentation promises that a stranger is refused; Amazon, in which form."""
    ids = {case.id for case in _plan()}
    promised = [
        case for case in _plan() if case.kind == "authentication" and case.level is Level.MUST
    ]
    for case in promised:
        expectation = case.scenario.expectation  # type: ignore[attr-defined]  # of a Scenario
        assert (expectation.refused, expectation.no_calls) == (True, True)
        assert not expectation.codes
        assert case.id.replace("[", "-code[") in ids
    assert len(promised) > 100
