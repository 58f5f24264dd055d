"""What the observed side of a verdict shows: of a failure also the values that were compared."""

from __future__ import annotations

from fixtures.checkers.s3 import check_s3
from fixtures.checkers.translation import check_translation
from fixtures.model import (
    Ec2Reply,
    Expectation,
    Observation,
    Pattern,
    ReplyKind,
    S3Reply,
    S3Request,
    Step,
    StepResult,
)


def test_fields_of_an_ec2_reply() -> None:
    """Beside what was expected stands what the reply had there; secrets are withheld."""
    body = {"State": "running", "KeyMaterial": "x" * 30}
    fields = {"State": Pattern("one-of", ("stopped",)), "KeyMaterial": Pattern("present")}
    seen = Observation(Ec2Reply(ReplyKind.ANSWERED, body=body), calls=())
    failed = check_translation(Expectation("It works.", fields=fields), seen)
    assert "reply: State is 'running'" in failed.observed.splitlines()
    assert "reply: KeyMaterial is a text of 30 characters" in failed.observed.splitlines()
    passing = Expectation("It works.", fields={"KeyMaterial": Pattern("present")})
    assert "KeyMaterial" not in check_translation(passing, seen).observed


def test_parts_of_an_s3_reply() -> None:
    """Beside what was expected stands what the reply had in the same place, not only its status."""
    step = Step(S3Request("GetObject", {"Bucket": "b", "Key": "k"}))
    reply = S3Reply(
        ReplyKind.ANSWERED,
        body={"ContentLength": 5},
        http_status=200,
        headers={"content-type": "text/plain"},
        content=b"hello",
    )
    wanted = step.returns("hell", ContentLength=4).with_headers({"Content-Type": "a/b"})
    failed = check_s3("It works.", [StepResult("asked", wanted, reply)])
    for part in ("ContentLength is 5", "header content-type is 'text/plain'", "data b'hello'"):
        assert part in failed.observed
    passed = check_s3("It works.", [StepResult("asked", step.returns("hello"), reply)])
    assert passed.observed == "GetObject: answered 200"
