"""The checker of timeouts: what passes, and that everything else is found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fixtures.checkers.timeouts import check_timeout, only_timing_wrong, tolerance
from fixtures.model import (
    CallPattern,
    CloudStackCall,
    Ec2Reply,
    Expectation,
    Limit,
    Observation,
    Pattern,
    ReplyKind,
    Status,
    TimeoutObservation,
    TimeoutScenario,
)

TIMED_OUT = frozenset({ReplyKind.TIMED_OUT})
WAIT = TimeoutScenario("StopInstances", "stays_silent", TIMED_OUT, 2.0, Limit.REQUEST)
LATE = Ec2Reply(ReplyKind.TIMED_OUT, message="late", limit=Limit.REQUEST)
GAVE_UP = TimeoutObservation(Observation(LATE, None), 2.1, exit_status=3, error_lines=1)
ANSWER = Ec2Reply(ReplyKind.ANSWERED, body={"Return": True})


def _saw(seen: TimeoutObservation, **changed: Any) -> TimeoutObservation:
    return replace(seen, observation=replace(seen.observation, **changed))


WRONG = {
    "ignores its timeout": (replace(GAVE_UP, hung=True, seconds=5.5), "still waiting after 5.5"),
    "gives up too early": (replace(GAVE_UP, seconds=1.4), "gave up after 1.40 s already"),
    "gives up too late": (replace(GAVE_UP, seconds=2.6), "ended after 2.60 s, expected after 2 s"),
    "names the other limit": (
        _saw(GAVE_UP, reply=replace(LATE, limit=Limit.CONNECTION)),
        "says that the connection-timeout ran out, expected the request-timeout: late",
    ),
    "names no limit": (
        _saw(GAVE_UP, reply=replace(LATE, limit=None)),
        "does not say that the request-timeout ran out",
    ),
    "exits with 0": (replace(GAVE_UP, exit_status=0), "exit status: 0, which is that of a success"),
    "reports success": (
        _saw(replace(GAVE_UP, exit_status=0), reply=ANSWER),
        "end: answered; expected: timed out",
    ),
    "calls it a refusal": (
        _saw(GAVE_UP, reply=Ec2Reply(ReplyKind.FAULT, code="InternalError")),
        "end: fault InternalError; expected: timed out",
    ),
    "contradicts itself": (replace(GAVE_UP, defect="prints records, and fails"), "prints records"),
}


def test_a_client_that_gives_up_in_time_passes() -> None:
    """Giving up within half a second or a fifth of the time, and saying why, is a pass."""
    for seconds in (1.5, 2.0, 2.5):
        verdict = check_timeout(WAIT, "It gives up.", replace(GAVE_UP, seconds=seconds))
        assert (verdict.status, verdict.because) == (Status.PASSED, "")
    assert "after 2 s (± 0.5 s)" in verdict.expected
    assert "time: 2.50 s after its request came" in verdict.observed
    assert (tolerance(1), tolerance(10)) == (0.5, 2.0)


@pytest.mark.parametrize(("observation", "finding"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_a_finding(observation: TimeoutObservation, finding: str) -> None:
    """Each thing that a client does wrong fails the case, and is named."""
    verdict = check_timeout(WAIT, "It gives up.", observation)
    assert verdict.status is Status.FAILED
    assert finding in verdict.because


def test_only_a_wrong_time_is_measured_again() -> None:
    """A busy machine may cause a wrong time, and nothing else."""
    again = {name for name, (wrong, _) in WRONG.items() if only_timing_wrong(WAIT, wrong)}
    assert again == {"gives up too early", "gives up too late"}
    assert not only_timing_wrong(WAIT, GAVE_UP)
    verdict = check_timeout(WAIT, "It gives up.", replace(GAVE_UP, concurrent_seconds=2.6))
    assert "2.10 s after its request came; 2.60 s when others waited, too" in verdict.observed


def test_a_classic_tool_need_not_name_the_limit() -> None:
    """A client that is not known to name the limit may omit it, but must not name the other one."""
    scenario = replace(WAIT, names_limit=False)
    silent = _saw(GAVE_UP, reply=replace(LATE, limit=None))
    assert check_timeout(scenario, "", silent).status is Status.PASSED
    wrong, finding = WRONG["names the other limit"]
    assert finding in check_timeout(scenario, "", wrong).because


REFUSED = TimeoutObservation(
    Observation(Ec2Reply(ReplyKind.GARBLED), None),
    0.1,
    defect="usage",
    exit_status=2,
    error_lines=1,
    request_arrived=False,
)
MISUSES = {
    "exits with 1": (replace(REFUSED, exit_status=1), "exit status: 1, expected 2"),
    "says nothing": (replace(REFUSED, error_lines=0), "0 lines of complaint"),
    "explains at length": (replace(REFUSED, error_lines=9), "9 lines of complaint"),
    "asks all the same": (replace(REFUSED, request_arrived=True), "sent its request all the same"),
    "waits for ever": (replace(REFUSED, hung=True), "still waiting"),
}


@pytest.mark.parametrize(("observation", "finding"), MISUSES.values(), ids=MISUSES)
def test_wrong_usage_is_refused_in_one_line(observation: TimeoutObservation, finding: str) -> None:
    """A value that makes no sense is refused with status 2, in one line, before anything is
    sent."""
    scenario = replace(WAIT, ends=frozenset(), limit=None)
    assert check_timeout(scenario, "", REFUSED).status is Status.PASSED
    verdict = check_timeout(scenario, "", observation)
    assert verdict.status is Status.FAILED
    assert finding in verdict.because


DELETED = CallPattern("deleteSSHKeyPair", {"name": Pattern.of("mine")})
DELETION = CloudStackCall("deleteSSHKeyPair", {"name": "mine"}, "me", 200, {}, 0.0, "journal")
STRAY = replace(DELETION, command="createSSHKeyPair")


def test_cloudstack_calls_of_a_timed_out_change_are_checked() -> None:
    """A change that timed out must have caused its CloudStack call, and no other change."""
    scenario = replace(WAIT, expectation=Expectation("", calls=(DELETED,)))
    called = check_timeout(scenario, "", _saw(GAVE_UP, calls=(DELETION,)))
    assert called.status is Status.PASSED
    assert "deleteSSHKeyPair(name=mine)" in called.observed
    not_called = check_timeout(scenario, "", _saw(GAVE_UP, calls=()))
    assert (not_called.status, "deleteSSHKeyPair" in not_called.because) == (Status.FAILED, True)
    stray = check_timeout(scenario, "", _saw(GAVE_UP, calls=(DELETION, STRAY)))
    assert (stray.status, "createSSHKeyPair" in stray.because) == (Status.FAILED, True)
    unseen = check_timeout(scenario, "", _saw(GAVE_UP, calls=None))
    assert unseen.status is Status.INCONCLUSIVE


def test_a_slow_answer_is_checked_like_any_other() -> None:
    """An answer in time must be right, too; a missing one is a finding."""
    expectation = Expectation("", fields={"Return": Pattern.of(True)}, calls=(DELETED,))
    scenario = replace(
        WAIT, ends=frozenset({ReplyKind.ANSWERED}), limit=None, expectation=expectation
    )
    good = TimeoutObservation(Observation(ANSWER, (DELETION,)), 1.0, exit_status=0)
    assert check_timeout(scenario, "", good).status is Status.PASSED
    false = _saw(good, reply=replace(ANSWER, body={"Return": False}))
    assert "Return is False" in check_timeout(scenario, "", false).because
    assert "expected: answered" in check_timeout(scenario, "", GAVE_UP).because
