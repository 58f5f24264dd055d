"""The checker of S3 scenarios."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fixtures.checkers.s3 import check_s3, step_findings
from fixtures.model import ReplyKind, S3Reply, S3Request, Status, Step, StepResult

STEP = Step(S3Request("GetObject", {"Bucket": "b", "Key": "k"}))
ANSWERED = S3Reply(
    ReplyKind.ANSWERED,
    body={"ETag": '"x"', "ContentLength": 5},
    http_status=200,
    headers={"content-type": "text/plain"},
    content=b"hello",
)
REFUSED = S3Reply(ReplyKind.FAULT, code="NoSuchKey", message="Not there.", http_status=404)


def findings(step: Step, reply: S3Reply) -> list[str]:
    """The findings on one step's reply."""
    return step_findings(StepResult("asked", step, reply))


@pytest.mark.parametrize(
    "step",
    [
        STEP,
        STEP.with_status(200, 206),
        STEP.returns("hello", ContentLength=5, ETag='"x"'),
        STEP.with_headers({"Content-Type": "text/plain"}),
        STEP.may_fail_with({"NoSuchKey": 404}),
    ],
)
def test_an_expected_answer_passes(step: Step) -> None:
    """An answer that has everything that is expected has no finding."""
    assert findings(step, ANSWERED) == []


@pytest.mark.parametrize(
    ("step", "reply", "names"),
    [
        (STEP.with_status(206), ANSWERED, "HTTP 200, expected 206"),
        (STEP.returns("hell"), ANSWERED, "the data is b'hello', expected b'hell'"),
        (STEP.returns(ContentLength=6), ANSWERED, "ContentLength is 5, expected '6'"),
        (STEP.returns(VersionId={"present": True}), ANSWERED, "VersionId is not there"),
        (STEP.with_headers({"Content-Type": "a/b"}), ANSWERED, "the header content-type is"),
        (STEP.fails_with({"NoSuchKey": 404}), ANSWERED, "as if all were well, expected NoSuchKey"),
        (STEP, REFUSED, "refused with NoSuchKey (Not there.), expected an answer"),
        (STEP.fails_with({"AccessDenied": 403}), REFUSED, "error code NoSuchKey"),
        (STEP.fails_with({"NoSuchKey": 403}), REFUSED, "refused under HTTP 404"),
        (
            STEP.fails_with({"NoSuchKey": 404}).with_headers({"x-amz-delete-marker": "true"}),
            REFUSED,
            "the header x-amz-delete-marker is not there",
        ),
        (STEP.may_fail_with({"AccessDenied": 403}), REFUSED, "error code NoSuchKey"),
        (
            STEP.returns(ContentLength=6).may_fail_with({"NoSuchKey": 404}),
            ANSWERED,
            "ContentLength is 5",
        ),
        (
            replace(STEP, saves={"token": "NextToken"}),
            ANSWERED,
            "NextToken is not there, which the",
        ),
        (STEP, S3Reply(ReplyKind.GARBLED, message="no XML"), "not an S3 answer: no XML"),
        (STEP, S3Reply(ReplyKind.TIMED_OUT, message="5 s"), "no answer: 5 s"),
    ],
)
def test_an_unexpected_reply_is_a_finding(step: Step, reply: S3Reply, names: str) -> None:
    """A finding names the operation and the part of the reply that is wrong."""
    (finding,) = findings(step, reply)
    assert finding.startswith("GetObject: ")
    assert names in finding


def test_a_refusal_without_a_body_has_no_code() -> None:
    """A refusal without a document is judged by its status alone."""
    bare = S3Reply(ReplyKind.FAULT, http_status=404)
    assert findings(STEP.fails_with({"NoSuchKey": 404}), bare) == []
    assert findings(STEP.fails_with({"AccessDenied": 403}), bare)


def test_a_refusal_that_changes_something_fails() -> None:
    """After a refusal the state must be the same as before."""
    step = STEP.fails_with({"NoSuchKey": 404})
    played = [StepResult("asked", step, REFUSED)]
    same: dict[str, Any] = {"the bucket b": [200, []]}
    assert check_s3("", played, [(same, same)]).status is Status.PASSED
    verdict = check_s3("", played, [(same, {"the bucket b": [200, ["k"]]})])
    assert verdict.status is Status.FAILED
    assert "the bucket b changed" in verdict.because


def test_no_connection_is_no_failure_of_the_target() -> None:
    """A target that cannot be reached is not judged."""
    gone = S3Reply(ReplyKind.REFUSED, message="connection refused")
    assert check_s3("", [StepResult("asked", STEP, gone)]).status is Status.ERROR


def test_findings_name_the_part_of_the_scenario() -> None:
    """A finding says whether its step prepares, is the request under test, or comes afterwards."""
    parts = [StepResult(part, STEP, REFUSED) for part in ("given", "asked", "afterwards")]
    because = check_s3("", parts).because.splitlines()
    assert [line.partition("refused")[0] for line in because] == [
        "given: GetObject: ",
        "GetObject: ",
        "afterwards: GetObject: ",
    ]


@pytest.mark.parametrize(
    "reply",
    [
        REFUSED,
        S3Reply(ReplyKind.GARBLED, message="HTTP 403 with plain text", http_status=403),
        S3Reply(ReplyKind.GARBLED, message="without code", http_status=200, is_error=True),
    ],
)
def test_a_refusal_in_any_form(reply: S3Reply) -> None:
    """Where only a refusal is promised, its form, code and status do not matter."""
    assert findings(STEP.is_refused(), reply) == []
    assert findings(STEP.fails_with({"AccessDenied": 403}), reply) != []


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (ANSWERED, "answered with 200 as if all were well, expected a refusal"),
        (S3Reply(ReplyKind.GARBLED, message="<html>", http_status=200), "not an S3 answer: <html>"),
        (S3Reply(ReplyKind.TIMED_OUT, message="none"), "no answer: none"),
    ],
)
def test_what_is_no_refusal(reply: S3Reply, text: str) -> None:
    """An answer, or none at all, is not a refusal in any form."""
    assert findings(STEP.is_refused(), reply) == [f"GetObject: {text}"]


@pytest.mark.parametrize(
    "reply", [ANSWERED, S3Reply(ReplyKind.GARBLED, message="HTTP 409 with text", http_status=409)]
)
def test_a_request_that_may_be_refused(reply: S3Reply) -> None:
    """Answered or refused in any form: only the case about the form wants an error document."""
    step = STEP.may_fail_with({"BucketAlreadyExists": 409})
    assert findings(step.is_refused(), reply) == []
    assert (findings(step, reply) == []) is (reply is ANSWERED)
