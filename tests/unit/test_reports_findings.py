"""Findings: the failures of a run, grouped by cause, the most important first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from fixtures.model import Level, Outcome, Status
from reports.record.causes import find_causes
from reports.record.findings import RunFindings
from reports.record.reasons import one_line_reason
from tests.support.made_runs import made_run, outcome

FILTER = "reply: refused with InvalidFilter (Filter 'name' is invalid), expected an answer"


def failure(
    row: str = "DescribeImages",
    kind: str = "filters/name",
    because: str = FILTER,
    driver: str = "boto3",
    **changes: Any,
) -> Outcome:
    """A failed case of a row."""
    suite = changes.pop("suite", "images")
    return outcome(
        changes.pop("status", Status.FAILED),
        case=f"{suite}/{row}/{kind}[{driver}]",
        suite=suite,
        row=row,
        driver=driver,
        because=because,
        **{"level": "should"} | changes,
    )


def found(*outcomes: Outcome) -> RunFindings:
    """The findings of a run of these cases."""
    return find_causes(made_run(outcomes))


def titles(findings: RunFindings) -> Sequence[str]:
    """The titles of the findings, without consequences."""
    return [finding.title for finding in findings.findings]


def test_cases_that_fail_alike_are_one_finding() -> None:
    """One cause in many cases is one line with its extent, whatever values the cases have."""
    cases = [
        failure(
            kind=f"filters/{name}",
            driver=driver,
            because=f"reply: refused with InvalidFilter"
            f" (Filter '{name}' is invalid), expected an answer",
        )
        for name in ("name", "state", "owner-id")
        for driver in ("boto", "boto3")
    ]
    (finding,) = found(*cases, outcome()).findings
    assert finding.title == (
        "DescribeImages (filters): refused with InvalidFilter (Filter 'name' is invalid),"
        " expected an answer"
    )
    assert finding.extent == "6 cases, 2 clients"
    assert finding.cause == "reply: refused with InvalidFilter"


def test_other_differences_of_the_same_action_are_other_findings() -> None:
    """Two causes are two findings."""
    assert (
        len(found(failure(), failure(kind="reply", because="reply: a is 1, expected 2")).findings)
        == 2
    )


def test_a_difference_of_many_actions_is_one_finding() -> None:
    """What is wrong with every action is said once."""
    rows = ("DescribeImages", "DescribeVolumes", "StopInstances", "AttachVolume")
    why = "reply: refused with MustUnderstand (header Security), expected an answer"
    (finding,) = found(*(failure(row, because=why, kind="reply") for row in rows)).findings
    assert finding.subject == "4 actions (AttachVolume, DescribeImages, DescribeVolumes, …)"
    assert len(found(*(failure(row, because=why) for row in rows[:2])).findings) == 2


def test_security_is_first_then_what_is_documented_then_what_could_not_be_judged() -> None:
    """A reader sees a hole before anything else, and the documented before the rest."""
    amazon = [failure(kind=f"filters/{n}") for n in range(5)]
    documented = failure(
        "StopInstances", "documented-call", "stopVirtualMachine: missing", level="must"
    )
    hole = failure("DescribeVolumes", "reply", "another account's are shown", security=True)
    unseen = failure("CreateImage", "reply", "not observed", status=Status.INCONCLUSIVE)
    findings = found(unseen, *amazon, documented, hole)
    assert [finding.example.row for finding in findings.findings] == [
        "DescribeVolumes",
        "StopInstances",
        "DescribeImages",
        "CreateImage",
    ]
    assert findings.headline == "3 findings in 7 cases; 1 case could not be judged"


def test_levels_are_counted_apart_of_what_was_claimed() -> None:
    """What is not claimed counts neither for nor against the target."""
    run = found(
        outcome(),
        failure(level="must"),
        outcome(level="should", kind="a"),
        outcome(Status.NOT_CLAIMED, level="should", kind="b"),
        outcome(Status.KNOWN_DEVIATION, level="should", kind="c"),
    )
    assert run.levels == "Documented: 1 of 2 hold; Amazon's: 1 of 2 hold"
    assert (run.documented.level, run.documented.claimed) == (Level.MUST, 2)


def test_what_follows_from_another_finding_stands_under_it() -> None:
    """A range that is off by one does not look as if multipart uploads were broken."""
    exchange = ({"method": "GET", "url": "/b/o", "request": "Range: bytes=-8\n", "status": 206},)
    s3: dict[str, Any] = {"suite": "s3", "exchange": exchange}
    wrong = "GetObject: the data is b'{}', expected b'{}'"
    cases = [
        failure(
            "CompleteMultipartUpload", f"answers/{n}", f"afterwards: {wrong.format(n, n + 1)}", **s3
        )
        for n in range(3)
    ]
    own = failure("GetObject", "answers/range-suffix", wrong.format("abc", "abcd"), **s3)
    (finding,) = found(*cases, own).findings
    assert finding.outcomes == (own,)
    assert finding.title == (
        "GetObject (answers): the data is b'abc', expected b'abcd'; read with Range: bytes=-8"
    )
    (consequence,) = finding.consequences
    assert {case.case for case in consequence.outcomes} == {case.case for case in cases}
    assert len(finding.all_outcomes) == 4
    assert consequence.id != finding.id


def test_a_range_that_is_off_is_one_finding_however_it_shows() -> None:
    """The length, the data and the header of a wrong part are one cause."""
    exchange = ({"method": "GET", "url": "/b/o", "request": "Range: bytes=0-4\n", "status": 206},)
    texts = (
        "ContentLength is 6, expected '5'",
        "the data is b'abcdef', expected b'abcde'",
        "ContentLength is 2, expected '1'",
        "the header content-range is 'x', expected 'y'",
    )
    cases = [
        failure("GetObject", f"answers/{n}", f"GetObject: {text}", suite="s3", exchange=exchange)
        for n, text in enumerate(texts)
    ]
    (finding,) = found(*cases).findings
    assert finding.extent == "4 cases, 1 client"


def test_the_same_contradiction_is_one_finding() -> None:
    """A wrong argument that CloudStack refuses, while the reply says that all is well, explains
    every case of the action in which that happens."""
    calls = ({"command": "stopVirtualMachine", "params": {"id": "bad"}, "status": 431},)
    stop, well = "StopInstances", "reply: answered as if all were well, expected the error X"
    wrong = "stopVirtualMachine: id is 'bad', expected 'i-1'"
    main = failure(stop, "documented-call", wrong, level="must", calls=calls)
    other = failure(stop, "rejections/x", well, calls=calls)
    third = failure(stop, "rejections/y", "reply: error code A, expected B", calls=())
    first, second = found(other, third, main).findings
    assert [finding.example.case for finding in first.consequences] == [other.case]
    assert "stopVirtualMachine got 431, yet the reply is no error" in first.title
    assert second.example.case == third.case


def test_a_code_for_everything_explains_where_else_it_appears() -> None:
    """A client that is refused whatever it sends is one finding, with all that follows under it."""
    refused = "reply: refused with MustUnderstand (header Security), expected an answer"
    rows = ("DescribeImages", "DescribeVolumes", "StopInstances")
    every = [failure(row, "reply", refused, "soap", level="must") for row in rows]
    code = "reply: error code MustUnderstand (header Security), expected InvalidVolume.NotFound"
    wrong = failure("AttachVolume", "rejections/unknown-volume", code, "soap")
    unseen = "no request of this user is answered: DescribeVolumes: refused with MustUnderstand"
    unjudged = failure("CreateImage", "unknown", unseen, "soap", status=Status.INCONCLUSIVE)
    other = failure("DetachVolume", "rejections/unknown-volume", code, "boto3")
    first, second = found(other, unjudged, wrong, *every).findings
    assert first.actions == tuple(sorted(rows))
    assert [[c.case for c in f.outcomes] for f in first.consequences] == [
        [wrong.case],
        [unjudged.case],
    ]
    assert second.outcomes == (other,), "it is of a client that is answered elsewhere"


def test_what_a_missing_call_leaves_undone_stands_under_it() -> None:
    """Of a call that is not made, its reply and the state afterwards are no findings of their own;
    a refusal that is missing is one."""
    stop, call = "StopInstances", "stopVirtualMachine: missing"
    missing = failure(stop, "documented-call", call, level="must")
    state = failure(stop, "reply", "state: instance.state is 'Running', expected 'Stopped'")
    accepted = failure("StopInstances", "rejections/x", "reply: answered as if all were well")
    first, second = found(state, accepted, missing).findings
    assert (first.example.case, second.example.case) == (missing.case, accepted.case)
    assert [finding.example.case for finding in first.consequences] == [state.case]


REASONS = {
    "many accepted codes have a name": (
        failure(because="reply: error code Boom (x), expected AuthFailure or Blocked"
                " or InvalidSecurity or UnauthorizedOperation or OptInRequired"),
        "error code Boom (x), expected an authentication error",
    ),
    "a few are listed": (
        failure(because="reply: error code Boom (x), expected OneThing or AnotherThing"),
        "error code Boom (x), expected OneThing or AnotherThing",
    ),
    "other long lists are shortened": (
        failure(because="reply: error code Boom (x), expected Aa or Bb or Cc or Dd or Ee"),
        "error code Boom (x), expected one of 5 error codes (Aa, Bb, …)",
    ),
    "a long message never hides what was expected": (
        failure(because=f"reply: refused with Boom ({'x' * 500}), expected an answer"),
        f"refused with Boom ({'x' * 67}…{'x' * 42}), expected an answer",
    ),
    "what was carried out, too": (
        failure("StopInstances", because="reply: answered as if all were well, expected the error"
                " InvalidInstanceID.NotFound\nstopVirtualMachine: unexpected state-changing call"
                " stopVirtualMachine(id=1) → 200"),
        "answered as if all were well, expected the error InvalidInstanceID.NotFound;"
        " and stopVirtualMachine was called",
    ),
    "a reply that contradicts CloudStack": (
        failure("AttachVolume", because="reply: answered as if all were well, expected a refusal",
                calls=({"command": "attachVolume", "params": {}, "status": 431},),
                exchange=({"status": 200, "response": "<r><status>attached</status></r>"},)),
        "answered as if all were well, expected a refusal;"
        " attachVolume got 431, yet the reply says attached",
    ),
    "a command that is not called": (
        failure("StopInstances", because="stopVirtualMachine: missing, expected"
                " stopVirtualMachine(id='1') once"),
        "stopVirtualMachine was not called, expected stopVirtualMachine(id='1') once",
    ),
    "what a list has too many, in words": (
        failure(because="reply: Versions[].Key is ['dot.1', 'dot.2', 'dotx1'], expected"
                " exactly [dot.1, dot.2]"),
        "Versions[].Key also has dotx1, expected exactly [dot.1, dot.2]",
    ),
    "what a list lacks": (
        failure(because="reply: Images[].ImageId is ['a1'], expected exactly [a1, b2, c3, d4, e5]"),
        "Images[].ImageId lacks b2, c3, d4 and 1 more, expected exactly [a1, b2, c3, d4, e5]",
    ),
    "a resource that must not be named": (
        failure(because="reply: length((Reservations[].Instances[] | [?InstanceId=='i-7']) ||"
                " `[]`) is 1, expected '0'"),
        "the reply also names i-7, expected not to",
    ),
    "what makes a value differ": (
        failure(because="reply: InstanceType is ' m1.small', expected 'm1.small'; cause: white"
                " space around m1.small"),
        "InstanceType is ' m1.small', expected 'm1.small': white space around m1.small",
    ),
    "what the reply has instead of an entry": (
        failure(because="reply: length(Instances[?InstanceId=='i-7'] || `[]`) is 0, expected '1';"
                " cause: the reply says ' i-7': white space around i-7"),
        "the reply does not name i-7, expected it to: the reply says ' i-7': white space around"
        " i-7",
    ),
    "a list in another order is no other list": (
        failure(because="reply: Keys is ['b', 'a'], expected \"['a', 'b']\""),
        "Keys is ['b', 'a'], expected ['a', 'b']",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REASONS)
def test_the_reason_in_one_line_carries_difference_and_effect(name: str) -> None:
    """The line that a reader sees first has what was seen, what was expected, and what it did."""
    case, text = REASONS[name]
    assert one_line_reason(case) == text


def test_the_id_of_a_finding_is_the_same_in_another_run() -> None:
    """A link to a finding leads to the same one in the next run's report."""
    first = found(failure(because="reply: Id is 'a1', expected 'b2'")).findings[0]
    second = found(failure(because="reply: Id is 'c3', expected 'd4'")).findings[0]
    assert first.id.startswith("finding-")
    assert found(failure()).findings[0].id == found(failure()).findings[0].id != first.id
    assert second.id == first.id
