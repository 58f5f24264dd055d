"""The claim of a run, for any outcomes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fixtures.model import Claim, Outcome, Run, Status
from reports.record.claim import (
    FAILING,
    UNJUDGED,
    UNUSABLE,
    assess,
    assess_run,
    earned_claim,
    exit_status,
    status_counts,
)
from tests.support.made_runs import header, made_run, outcome

statuses = some.lists(some.sampled_from(Status), min_size=1, max_size=30)
innocent = some.lists(some.sampled_from([Status.PASSED, Status.NOT_CLAIMED]), max_size=20)


def _cases(chosen: list[Status]) -> list[Outcome]:
    return [outcome(status, kind=f"case-{number}") for number, status in enumerate(chosen)]


@given(statuses)
def test_whole_run_claims_by_its_worst_case(chosen: list[Status]) -> None:
    """One failure makes a target not conformant; it is conformant only without any."""
    cases = _cases(chosen)
    seen = set(chosen)
    earned = earned_claim(header(cases), cases)
    if seen & FAILING:
        assert earned is Claim.NOT_CONFORMANT
    elif seen & UNJUDGED or seen == {Status.NOT_CLAIMED}:
        assert earned is Claim.INCOMPLETE
    elif Status.KNOWN_DEVIATION in seen:
        assert earned is Claim.WITH_DEVIATIONS
    else:
        assert earned is Claim.CONFORMANT


@given(statuses, some.text(min_size=1))
def test_interrupted_run_is_incomplete(chosen: list[Status], why: str) -> None:
    """An interrupted run claims nothing, and the reason is named."""
    cases = _cases(chosen)
    assessment = assess(header(cases), cases, why)
    assert assessment.claim is Claim.INCOMPLETE
    assert why in assessment.because


@given(innocent, some.booleans())
def test_narrowed_run_is_never_conformant(chosen: list[Status], is_given: bool) -> None:
    """A run of a part of the plan is incomplete even if every case passed."""
    cases = [*_cases(chosen), outcome(kind="last")]
    head = header(cases, full=False, narrowed="--suite volumes")
    if not is_given:
        head = replace(head, plan={k: v for k, v in head.plan.items() if k != "full"})
    assert earned_claim(head, cases) is Claim.INCOMPLETE


@pytest.mark.parametrize(
    ("ending", "word", "status"),
    [
        (Status.PASSED, "holds", 0),
        (Status.KNOWN_DEVIATION, "holds", 0),
        (Status.FAILED, "not-conformant", 1),
        (Status.STALE_DEVIATION, "not-conformant", 1),
        (Status.INCONCLUSIVE, "incomplete", 3),
        (Status.ERROR, "incomplete", 3),
    ],
)
def test_a_part_of_the_plan_holds_or_does_not(ending: Status, word: str, status: int) -> None:
    """A part of the plan is never conformant; where all that is claimed holds, it holds."""
    cases = [outcome(), outcome(Status.NOT_CLAIMED, kind="a"), outcome(ending, kind="b")]
    assessment = assess_run(made_run(cases, full=False, narrowed="suite volumes"))
    assert (assessment.word, exit_status(assessment)) == (word, status)


@pytest.mark.parametrize(
    ("endings", "asked", "text"),
    [
        ([Status.PASSED] * 1200, {}, "suite s3, 1,200 of 1,200 claimed"),
        ([Status.PASSED], {"level": "must"}, "suite s3 at level must, 1 of 1 claimed"),
        (
            [Status.PASSED, Status.KNOWN_DEVIATION, Status.NOT_CLAIMED],
            {},
            "suite s3, 2 of 2 claimed, 1 of them deviated as listed",
        ),
    ],
)
def test_what_holds_is_named_with_its_cases(
    endings: list[Status], asked: dict[str, str], text: str
) -> None:
    """What a part of the plan proves is said with the part and the number of claimed cases."""
    run = made_run(_cases(endings), full=False, narrowed="suite s3", asked=asked)
    assert assess_run(run).because == text


@pytest.mark.parametrize("interrupted", ["the target cannot be reached: gone", "by the user"])
def test_a_part_that_was_interrupted_does_not_hold(interrupted: str) -> None:
    """An outage in a part of the plan keeps its status."""
    run = made_run([outcome()], interrupted, full=False, narrowed="suite volumes")
    assert (assess_run(run).word, exit_status(assess_run(run))) == ("incomplete", 3)


def test_a_target_that_cannot_be_used_is_wrong_usage() -> None:
    """Wrong keys have the same status in a run as in its check; after a case it is an outage."""
    why = f"{UNUSABLE}: CloudStack refuses the keys"
    assert exit_status(assess(header(), [], why)) == 2
    assert exit_status(assess(header(), [], "the target cannot be reached")) == 3
    assert exit_status(assess_run(made_run([outcome()], why))) == 3


def test_a_part_of_which_nothing_is_claimed_does_not_hold() -> None:
    """Nothing was proved of a part that the target does not claim."""
    run = made_run([outcome(Status.NOT_CLAIMED)], full=False, narrowed="suite volumes")
    assert (assess_run(run).word, exit_status(assess_run(run))) == ("incomplete", 3)


@given(statuses, some.data())
def test_missing_or_doubled_case_makes_the_run_incomplete(
    chosen: list[Status], data: some.DataObject
) -> None:
    """The recorded cases must be the planned ones, each once."""
    cases = _cases(chosen)
    head = header(cases)
    victim = data.draw(some.sampled_from(cases))
    without = [case for case in cases if case is not victim]
    assert earned_claim(head, without) is Claim.INCOMPLETE
    assert earned_claim(head, [*cases, victim]) is Claim.INCOMPLETE
    assert earned_claim(head, [*without, replace(victim, case="another")]) is Claim.INCOMPLETE


@given(statuses)
def test_a_failure_counts_also_in_a_narrowed_run(chosen: list[Status]) -> None:
    """A narrowed run with a failure is not conformant."""
    cases = [*_cases(chosen), outcome(Status.FAILED, kind="last")]
    assert earned_claim(header(cases, full=False), cases) is Claim.NOT_CONFORMANT


@given(some.permutations(_cases(list(Status) * 2)))
def test_order_of_cases_does_not_matter(cases: list[Outcome]) -> None:
    """The claim and the counts do not depend on the order of outcomes."""
    ordered = sorted(cases, key=lambda case: case.case)
    assert earned_claim(header(cases), cases) is earned_claim(header(ordered), ordered)
    assert status_counts(cases) == status_counts(ordered)
    assert sum(status_counts(cases).values()) == len(cases)


def test_empty_run_is_incomplete() -> None:
    """A run without a case is incomplete."""
    assert assess(header(), []).because == "no case was run"
    assert earned_claim(header(), []) is Claim.INCOMPLETE


def test_record_without_footer_is_incomplete() -> None:
    """A record that was cut short claims nothing, even if every recorded case passed."""
    whole = made_run([outcome()])
    assert assess_run(whole).claim is Claim.CONFORMANT
    assert assess_run(Run(whole.header, whole.outcomes, None)).claim is Claim.INCOMPLETE


@pytest.mark.parametrize(
    ("ending", "claimed", "status"),
    [
        (Status.PASSED, Claim.CONFORMANT, 0),
        (Status.KNOWN_DEVIATION, Claim.WITH_DEVIATIONS, 0),
        (Status.FAILED, Claim.NOT_CONFORMANT, 1),
        (Status.INCONCLUSIVE, Claim.INCOMPLETE, 3),
    ],
)
def test_exit_status_follows_the_claim(ending: Status, claimed: Claim, status: int) -> None:
    """The exit status: 0 holds, 1 fails, 3 incomplete."""
    assessment = assess_run(made_run([outcome(ending)]))
    assert (assessment.claim, exit_status(assessment)) == (claimed, status)


def test_reason_names_the_numbers() -> None:
    """The reason has the number of cases that count against the target."""
    cases = _cases([Status.FAILED, Status.PASSED, Status.STALE_DEVIATION])
    assessment = assess(header(cases), cases)
    assert assessment.because == "1 case of 3 failed, 1 listed deviation is stale"
