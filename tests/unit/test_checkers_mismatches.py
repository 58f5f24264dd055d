"""What makes a value differ from the expected one, in words."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.checkers.mismatches import difference_cause, mismatch_text
from fixtures.checkers.translation import check_translation
from fixtures.model import (
    CallPattern,
    CloudStackCall,
    Ec2Reply,
    Expectation,
    Observation,
    Pattern,
    ReplyKind,
)

PERIOD = ["2026-11-21T11:50:00+00:00", "2026-11-21T12:10:00+00:00"]
CAUSES: tuple[tuple[Any, Any, str], ...] = (
    ("m1.small", " m1.small", "white space around m1.small"),
    ("m1.small", "m1.small\n", "white space around m1.small"),
    ({"matches": "i-.*"}, " i-7", "white space around the value"),
    (" a b ", "a b", "without the white space around ' a b '"),
    ("a  b", "a b", "other white space than in 'a  b'"),
    ("m1.small", "M1.Small", "other upper and lower case than m1.small"),
    ("m1.small", '"m1.small"', "quotes around m1.small"),
    ("a<b", "a&lt;b", "escaped once too often for XML: 'a<b'"),
    ("a b", "a%20b", "percent-encoded once too often: 'a b'"),
    ("a%2Fb", "a/b", "without the percent-encoding of 'a%2Fb'"),
    ("a+b", "a b", "a plus sign taken for a blank: 'a+b'"),
    ("hello", "aGVsbG8=", "in Base64: hello"),
    ("日", "æ\x97¥", "UTF-8 that was read as Latin-1: 日"),
    ("22", "22.0", "the number 22 in another form"),
    ("22", "022", "the number 22 in another form"),
    ("8", "8192", "1024 times 8, as if in another unit"),
    ("8192", "8", "8192 divided by 1024, as if in another unit"),
    (True, "yes", "the truth value true in another form"),
    ("a,b", "b,a", "the entries of 'a,b' in another order"),
    ([["a", "b"]], ["b", "a"], "the expected entries in another order"),
    ({"set": ["a", "b"]}, ["a", "a", "b"], "a more often than expected"),
    ({"set": ["name-1"]}, ["name-1 "], "the reply says 'name-1 ': white space around name-1"),
    ("m1.small", "m1.sm", "only the first 5 of 8 characters of m1.small"),
    ("m1.small", "cs-m1.small", "'cs-' before m1.small"),
    ("m1.small", "m1.small-x", "'-x' after m1.small"),
    ("i-1234", "1234", "without 'i-' before 1234"),
    ("2026-11-21T12:00:00Z", "2026-11-21T12:00:00+0000", "the time 2026-11-21T12:00:00Z"),
    ({"between": PERIOD}, "2026-11-21T14:00:00Z", "2 hours too late, as if of another time zone"),
    ({"between": PERIOD}, "1795262400", "a time in seconds since 1970"),
    ({"between": PERIOD}, "1795262400000", "a time in milliseconds since 1970"),
    ({"between": [*PERIOD, ".*Z"]}, "2026-11-21T12:00:00+00:00", "a right time in another form"),
)
NO_CAUSES: tuple[tuple[Any, Any], ...] = (
    ("m1.small", "m1.large"),
    ("22", "220"),
    ("0", "1"),
    ({"between": PERIOD}, "0001-01-01T00:00:00Z"),
    ({"between": PERIOD}, "9999-12-31T23:59:59Z"),
    ("2", "1E+999999"),
    ("1E-999999", "2"),
    ("2", "NaN"),
    ({"present": True}, "None"),
    ({"absent": True}, " x"),
    ({"set": ["a", "b"]}, ["a"]),
    ({"count": 2}, ["a"]),
    ("a", None),
    ("a", ""),
)


@pytest.mark.parametrize(("expected", "value", "cause"), CAUSES)
def test_what_makes_a_value_differ_is_said(expected: Any, value: Any, cause: str) -> None:
    """Whoever reads a finding need not compare two texts sign by sign."""
    assert difference_cause(Pattern.of(expected), value).startswith(cause)


@pytest.mark.parametrize(("expected", "value"), NO_CAUSES)
def test_no_cause_is_made_up(expected: Any, value: Any) -> None:
    """Two values that differ altogether have no cause in common."""
    assert difference_cause(Pattern.of(expected), value) == ""


def test_the_nearest_entry_of_a_selection_is_shown() -> None:
    """An entry that is not found, because its id has a blank, is in the finding."""
    body = {"Reservations": [{"Instances": [{"InstanceId": " i-7"}, {"InstanceId": "i-9"}]}]}
    path = "length(Reservations[].Instances[] | [?InstanceId=='i-7'])"
    text = mismatch_text(path, Pattern.of(1), 0, body)
    assert text.endswith("; cause: the reply says ' i-7': white space around i-7")
    assert "cause" not in mismatch_text(path, Pattern.of(0), 1, body)
    assert "cause" not in mismatch_text(path.replace("i-7", "i-9"), Pattern.of(1), 0, body)


def test_the_cause_is_in_findings_of_replies_calls_and_the_state() -> None:
    """The cause is said on both sides: of what a client reads, and of what CloudStack is asked."""
    reply = Ec2Reply(ReplyKind.ANSWERED, {"Type": "M1"}, frame={"requestId": "7 "})
    call = CloudStackCall("startVirtualMachine", {"id": "7 "}, "a", 200, {}, 0.0, "journal")
    expectation = Expectation(
        "It starts.",
        fields={"Type": Pattern.of("m1")},
        frame={"requestId": Pattern.of("7")},
        calls=(CallPattern("startVirtualMachine", {"id": Pattern.of("7")}),),
        state={"i.name": Pattern.of("a&b")},
    )
    verdict = check_translation(
        expectation, Observation(reply, calls=(call,), state={"i.name": "a&amp;b"})
    )
    assert verdict.because.splitlines() == [
        "reply: requestId is '7 ', expected '7'; cause: white space around 7",
        "reply: Type is 'M1', expected 'm1'; cause: other upper and lower case than m1",
        "startVirtualMachine: id is '7 ', expected '7'; cause: white space around 7",
        "state: i.name is 'a&amp;b' in CloudStack, expected 'a&b'; cause: escaped once too often"
        " for XML: 'a&b'",
    ]


def test_a_secret_has_no_cause() -> None:
    """The difference of a private key does not show it."""
    reply = Ec2Reply(ReplyKind.ANSWERED, {"KeyMaterial": " a secret"})
    expectation = Expectation("", fields={"KeyMaterial": Pattern.of("a secret")})
    verdict = check_translation(expectation, Observation(reply, calls=()))
    assert verdict.because.startswith("reply: KeyMaterial is a text of 9 characters, expected")
    assert "cause" not in verdict.because
