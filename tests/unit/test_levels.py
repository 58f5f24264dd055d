"""How binding the cases are: `must` is what CloudStack's documentation says, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fixtures.model import (
    Case,
    Expectation,
    ExpectedReply,
    Level,
    RegistrationScenario,
    RequestStep,
    S3Scenario,
    Scenario,
    documentation,
)
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


def test_no_error_code_is_documented() -> None:
    """Nor is the form of an error: a case about it is `should`."""
    for case in all_cases():
        if case.level is Level.MUST:
            assert not list(_expected_codes(case)), case.id


def _expected_codes(case: Case) -> Iterator[frozenset[str]]:
    """The codes of errors that a case of EC2, S3 or registration expects."""
    match case.scenario:
        case Scenario():
            expected: list[object] = [case.scenario.expectation]
        case S3Scenario():
            expected = [step.expected for step in case.scenario.steps]
        case RegistrationScenario():
            steps = case.scenario.steps
            expected = [step.expectation for step in steps if isinstance(step, RequestStep)]
        case _:
            expected = []
    for each in expected:
        assert isinstance(each, Expectation | ExpectedReply)
        if each.codes:
            yield each.codes
