"""What ends a run or makes it incomplete: nothing observed, all cases alike, a broken target."""

from __future__ import annotations

import pytest

from fixtures.checkers.translation import check_translation
from fixtures.model import (
    CallPattern,
    CloudStackCall,
    Ec2Reply,
    Expectation,
    Observation,
    ReplyKind,
    RunCannotContinue,
    Status,
    Verdict,
)
from fixtures.resources.tracker import summarize_leftovers
from fixtures.runners.run_health import MAX_ALIKE, ObserverHealth, RunHealth

LISTS = Expectation("a list", calls=(CallPattern("listZones", {}, times=None),))
ANSWER = Ec2Reply(ReplyKind.ANSWERED, body={"AvailabilityZones": [{"ZoneName": "zone1"}]})
UNSEEN = Observation(ANSWER, ())
CALL = CloudStackCall("listZones", {}, "alice", 200, {}, 0.0, "proxy")


def judged(
    health: ObserverHealth, observation: Observation, expectation: Expectation = LISTS
) -> Verdict:
    """The verdict with the run's health taken into account."""
    verdict = check_translation(expectation, observation)
    return health.check_observed(expectation, observation, verdict)


def test_an_answer_with_data_and_no_call() -> None:
    """Nothing was ever seen: the observer is wrong, not the bridge; after three the run ends."""
    health = ObserverHealth(observer_may_be_wrong=True)
    for _ in range(2):
        verdict = judged(health, UNSEEN)
        assert verdict.status is Status.INCONCLUSIVE
        assert "do not pass" in verdict.because
    with pytest.raises(RunCannotContinue, match=r"no CloudStack call was seen .* \(in 3 cases\)"):
        judged(health, UNSEEN)


@pytest.mark.parametrize(
    ("health", "observation"),
    [
        (ObserverHealth(observer_may_be_wrong=False), UNSEEN),
        (ObserverHealth(observer_may_be_wrong=True), Observation(Ec2Reply(ReplyKind.ANSWERED), ())),
        (
            ObserverHealth(observer_may_be_wrong=True),
            Observation(Ec2Reply(ReplyKind.FAULT, code="InternalError"), ()),
        ),
    ],
    ids=["journal", "no-data", "refused"],
)
def test_what_is_judged_all_the_same(health: ObserverHealth, observation: Observation) -> None:
    """A journal sees everything, an empty answer needs no call, and a refusal is a refusal."""
    assert judged(health, observation).status is Status.FAILED


def test_once_a_call_was_seen_a_missing_one_is_a_failure() -> None:
    """The observer is where the bridge's calls pass."""
    health = ObserverHealth(observer_may_be_wrong=True)
    assert judged(health, Observation(ANSWER, (CALL,))).status is Status.PASSED
    assert judged(health, UNSEEN).status is Status.FAILED


def test_the_first_hundred_cases_fail_alike() -> None:
    """Names and numbers aside; nothing else was seen, so that the others would show nothing."""
    health = RunHealth()
    for number in range(MAX_ALIKE):
        assert health.end_reason == ""
        health.record(
            f"case-{number}", Status.FAILED, f"reply: refused with AuthFailure ({number})"
        )
    assert "first 100 cases all ended alike: reply: refused with AuthFailure" in health.end_reason


@pytest.mark.parametrize(("status", "because"), [(Status.PASSED, ""), (Status.FAILED, "another")])
def test_a_run_that_has_seen_something_else_goes_on(status: Status, because: str) -> None:
    """A pass or another failure shows that cases differ."""
    health = RunHealth()
    health.record("first", status, because)
    for number in range(2 * MAX_ALIKE):
        health.record(f"case-{number}", Status.FAILED, "reply: refused with AuthFailure")
    assert health.end_reason == ""
    assert health.breakdown == ""


def test_a_target_that_broke_in_the_middle() -> None:
    """The case since which nothing was answered is named."""
    health = RunHealth()
    health.record("good", Status.PASSED, "")
    for number in range(30):
        health.record(
            f"bad-{number}", Status.FAILED, "reply: not an EC2 answer: HTTP 500, no document"
        )
    assert health.breakdown.startswith("since bad-0 the target gave no usable answer: reply: not")
    health.record("good-again", Status.PASSED, "")
    assert health.breakdown == ""


def test_many_leftovers_are_a_count() -> None:
    """And the first five."""
    assert summarize_leftovers(["a", "b"]) == "a; b"
    many = [f"bucket {number}: refused" for number in range(390)]
    summary = summarize_leftovers(many)
    assert summary.startswith("390 resources: bucket 0: refused; ")
    assert summary.endswith("bucket 4: refused; and 385 more")
