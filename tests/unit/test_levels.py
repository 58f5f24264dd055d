"""How binding the cases are: `must` is what CloudStack's documentation says, and nothing else."""

from __future__ import annotations

import pytest

from fixtures.model import Level, documentation
from fixtures.model.documentation import DocumentationSection
from tests.support.planned_suites import all_cases

# Every source of a `must` case is one of these.
SECTIONS = [part for part in vars(documentation).values() if isinstance(part, DocumentationSection)]


def test_must_is_demanded_by_the_documentation_alone() -> None:
    """The source of each `must` case is a section of the documentation."""
    promised = [case for case in all_cases() if case.level is Level.MUST]
    sources = {case.source for case in promised}
    assert len(promised) > 400
    foreign = {text for text in sources if not any(s.url in text for s in SECTIONS)}
    assert not foreign


@pytest.mark.parametrize("word", ["timestamp", "expire", "no-version", "wrong-version", "replayed"])
def test_time_and_version_are_not_documented(word: str) -> None:
    """The documentation does not mention expiry, timestamps or checks of the version."""
    ids = [
        case.id
        for case in all_cases()
        if case.kind == "authentication" and case.level is Level.MUST and word in case.id.lower()
    ]
    assert ids == []


def test_a_documented_refusal_has_no_code_and_its_code_a_case_of_its_own() -> None:
    """The documentation promises that a stranger is refused; Amazon, in which form."""
    ids = {case.id for case in all_cases()}
    promised = [
        case for case in all_cases() if case.kind == "authentication" and case.level is Level.MUST
    ]
    for case in promised:
        expectation = case.scenario.expectation  # type: ignore[attr-defined]  # of a Scenario
        assert (expectation.refused, expectation.no_calls) == (True, True)
        assert not expectation.codes
        assert case.id.replace("[", "-code[") in ids
    assert len(promised) > 100
