"""S3 stores that store nothing pass only the cases that demand just what these stores do."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from fixtures.model import Case, S3Scenario, Status, Verdict
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.mutations.mutation import Application
from fixtures.targets.target import Target
from tests.kills.hollow_stores import (
    EMPTY_LISTS,
    NO_CONTENT,
    record_answers,
    refuse_all,
    repeat_answers,
)
from tests.kills.passed_cases import assert_only
from tests.support.planned_suites import s3_cases

# The cases that pass: pattern of their ids → why they may.
EMPTY_LISTS_PASS = {
    "*/rejections/*": "demands that a list is refused, and a valid request for it is answered",
    "*/rights/*": "the same, for a user that may not list",
    "s3/DeleteBucket/answers/emptied*": "the list of a bucket that is gone must be refused",
}
NO_CONTENT_PASS = {
    "*/answers/absent-parts*": "demands success, and that nothing else is in the reply",
    "s3/HeadBucket/answers/*": "demands success, and headers that every reply has",
}
YESTERDAY_PASS = {
    "s3/HeadBucket/answers/*": "demands success, and headers that every reply has",
    "s3/*/answers/absent-parts*": "demands success, and that nothing else is in the reply",
    "s3/CopyObject/answers/time*": "the earlier run is within the time that clocks may differ",
    "s3/PostObject/answers/location-201*": "demands that the location names the key",
    "s3/GetBucketLocation/*": "every bucket's location is the same",
    "s3/PutObject/answers/version-told*": "demands that there is a version id",
    "s3/DeleteObject/answers/nothing-there*": "nothing is left to do: only success",
    "s3/DeleteObject/answers/twice*": "nothing is left to do: only success",
    "s3/DeleteBucketPolicy/answers/nothing-there*": "nothing is left to do: only success",
    "s3/GetObject/rejections/other-method*": "is no operation, and so not repeated",
}


def _cases(driver: str) -> list[Case]:
    return [case for case in s3_cases() if case.driver == driver]


def _uses_lists(case: Case) -> bool:
    """Whether a list is a part of the case."""
    scenario = case.scenario
    assert isinstance(scenario, S3Scenario)
    steps = (*scenario.steps, *scenario.verify)
    return any(step.request.operation.startswith("List") for step in steps)


def _run(target: Target, store: Application, cases: Iterable[Case]) -> dict[str, Verdict]:
    """The verdicts on cases, in one session, while the store is hollow."""
    assert target.deployment is not None
    with store(target.deployment), Session(target) as session:
        verdicts = {case.id: run_case(case, session).verdict for case in cases}
    target.invalidate_shared()
    return verdicts


@pytest.mark.parametrize("driver", ["boto", "boto3", "raw"])
def test_empty_lists(target: Target, driver: str) -> None:
    """Where every list is empty, nothing is left out that was there before."""
    verdicts = _run(target, EMPTY_LISTS, filter(_uses_lists, _cases(driver)))
    assert_only(verdicts, EMPTY_LISTS_PASS)
    unseen = verdicts[f"s3/ListObjects/answers/prefix-of-nothing[{driver}]"]
    assert unseen.status is Status.INCONCLUSIVE
    assert "in a new bucket ListObjects does not return what is there" in unseen.because
    assert verdicts[f"s3/ListBuckets/rights/not-others[{driver}]"].status is Status.FAILED


@pytest.mark.parametrize("driver", ["boto", "boto3", "raw"])
def test_one_refusal(target: Target, driver: str) -> None:
    """Where everything is refused with one code, no refusal with that code passes."""
    cases = [case for case in _cases(driver) if case.kind in ("rejections", "rights")]
    for code in ("AccessDenied", "InvalidBucketName", "MalformedXML", "NoSuchBucket", "NoSuchKey"):
        assert_only(_run(target, refuse_all(code), cases), {})


def test_a_refusal_that_shows_no_reason(target: Target) -> None:
    """The case of a refusal says that the same client's valid request is refused as well."""
    missing = "s3/HeadBucket/rejections/missing-bucket[raw]"
    cases = (case for case in s3_cases() if case.id == missing)
    (verdict,) = _run(target, refuse_all("NoSuchBucket"), cases).values()
    assert verdict.status is Status.INCONCLUSIVE
    assert "a valid request could not be prepared: given: CreateBucket" in verdict.because


@pytest.mark.parametrize("driver", ["boto", "raw"])
def test_no_content(target: Target, driver: str) -> None:
    """Where everything succeeds, and nothing is in the answers, only what demands that passes."""
    assert_only(_run(target, NO_CONTENT, _cases(driver)), NO_CONTENT_PASS)


def test_yesterdays_answers(target: Target) -> None:
    """Where the answers are those of an earlier run, only what is always the same passes."""
    assert target.deployment is not None
    cases = [case for case in _cases("raw") if "s3-multipart" not in case.capabilities]
    with record_answers(target.deployment) as recorded, Session(target) as session:
        for case in cases:
            assert run_case(case, session).verdict.status is Status.PASSED
    target.invalidate_shared()
    assert len(recorded) >= 20
    assert_only(_run(target, repeat_answers(recorded), cases), YESTERDAY_PASS)
