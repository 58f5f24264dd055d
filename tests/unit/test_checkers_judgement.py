"""What is kept of a judgement: it can be asked again, and nothing else can be asked through it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fixtures.checkers.judgement import Judgement, UnreadableJudgement, judge, judge_again
from fixtures.checkers.registration import (
    RegistrationReply,
    check_registration,
    check_registration_step,
)
from fixtures.checkers.s3 import check_s3
from fixtures.checkers.translation import check_translation
from fixtures.model import (
    CallPattern,
    CloudStackCall,
    Ec2Reply,
    Exchange,
    Expectation,
    ExpectedReply,
    HarnessError,
    Observation,
    Pattern,
    RegistrationAction,
    RegistrationScenario,
    RegistrationStep,
    ReplyKind,
    S3Reply,
    S3Request,
    Status,
    Step,
    StepResult,
    Verdict,
    Visibility,
)

ODD_BODY = {
    "": "no name",
    "time": datetime(2010, 11, 15, 12, 30, tzinfo=UTC),
    "list": [1, 2.5, None, True, {"nested": "日本 \u0000 \ud800"}],
    "size": 10**20,
}


def translation(**fields: Any) -> Judgement:
    """A judgement about one call; its reply is `ODD_BODY`."""
    expectation = Expectation(
        "It is so.",
        calls=(CallPattern("stopVirtualMachine", {"id": Pattern.of("1")}),),
        fields={name: Pattern.of(value) for name, value in fields.items()},
    )
    reply = Ec2Reply(
        ReplyKind.ANSWERED,
        body=ODD_BODY,
        exchange=(Exchange("POST", "http://here/", "a=1", 200, "<Reply/>"),),
    )
    call = CloudStackCall("stopVirtualMachine", {"id": "1"}, "alice", 200, {}, 0.0, "journal")
    return judge(check_translation, expectation, Observation(reply, (call,)))


def s3_step(content: bytes, expected: bytes) -> Judgement:
    step = Step(S3Request("GetObject", {"Key": "k"}), ExpectedReply(content=expected))
    played = StepResult("asked", step, S3Reply(ReplyKind.ANSWERED, content=content))
    states = [({"object": (1, "etag")}, {"object": [1, "etag"]})]
    return judge(check_s3, "It is whole.", [played], states, well_formed=True)


@pytest.mark.parametrize(
    "judgement",
    [
        translation(size=10**20),
        translation(size=3, list=[1]),
        s3_step(bytes(range(256)), bytes(range(256))),
        s3_step(b"\xff\x00", b""),
        judge(
            check_registration_step,
            RegistrationStep(RegistrationAction.KEYS),
            RegistrationReply(ReplyKind.FAULT, "no", 403),
            None,
            Visibility(lookups=False),
        ),
        judge(
            check_registration,
            "It is registered.",
            RegistrationScenario((), {}),
            [translation(), translation(size=1)],
        ),
    ],
    ids=lambda each: each.verdict.status,
)
def test_the_same_is_asked_again(judgement: Judgement) -> None:
    """Whatever a checker was asked, asked again it says the same."""
    again = judge_again(judgement.to_text())
    assert again.verdict == judgement.verdict
    assert again.to_text() == judgement.to_text()


def test_the_wire_is_not_kept_twice() -> None:
    """The transcripts are in the record; no checker reads them."""
    assert "<Reply/>" not in translation().to_text()


def test_secrets_in_odd_texts_leave_readable_json() -> None:
    """A secret that JSON spells with backslashes is masked before it is spelled."""
    judgement = translation(time="-----BEGIN\nKEY")
    text = judgement.to_text(lambda text: text.replace("BEGIN\nK", "***"))
    assert "***EY" in text
    assert judge_again(text).verdict.status is Status.FAILED


def test_what_cannot_be_read_again_is_not_kept() -> None:
    """An argument that has no form in the text is a defect that shows at once."""
    nothing = Verdict(Status.PASSED, "", "", "", "")
    with pytest.raises(HarnessError, match="a object cannot be kept"):
        Judgement("runbook.check_runbook", (object(),), {}, nothing).to_text()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "JSONDecodeError"),
        ("[]", "TypeError"),
        ('["os.system",["true"],{}]', "is no checker"),
        ('["os.check_all",[],{}]', "there are no checkers os"),
        ('["../tls.check_tls",[],{}]', "is no module|there are no checkers|is no checker"),
        ('["tls.check_nothing",[],{}]', "AttributeError"),
        ('["tls.check_tls",[],{}]', "TypeError"),
        ('["tls.check_tls",[{"":"subprocess.Popen","args":"true"}],{}]', "there are no checkers"),
        ('["tls.check_tls",[{"":"Popen"}],{}]', "there is no type 'Popen'"),
        ('["tls.check_tls",[{"":"Verdict","colour":1}],{}]', "TypeError"),
        ('["tls.check_tls",[{"":"Status","value":"red"}],{}]', "ValueError"),
        ("[" * 100_000, "RecursionError"),
    ],
)
def test_only_checkers_can_be_asked(text: str, complaint: str) -> None:
    """A text from elsewhere can neither call anything else nor end in an exception of Python's."""
    with pytest.raises(UnreadableJudgement, match=complaint):
        judge_again(text)
