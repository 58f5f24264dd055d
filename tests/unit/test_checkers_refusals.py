"""The checker of translations, on requests that may be refused, or get no answer."""

from __future__ import annotations

import pytest

from fixtures.checkers.translation import check_translation
from fixtures.model import (
    CallPattern,
    CloudStackCall,
    Ec2Reply,
    Expectation,
    Observation,
    Pattern,
    ReplyKind,
    Status,
)

WHOLE = Expectation(
    "", calls=(CallPattern("createVolume", {"name": Pattern.of("a+b")}),), or_refused=True
)
FAILED_LAUNCH = Expectation(
    "",
    codes=frozenset({"InternalError"}),
    undone={"deployVirtualMachine": "destroyVirtualMachine"},
    attempt="deployVirtualMachine",
)
ANSWERED = Ec2Reply(ReplyKind.ANSWERED)
REFUSED = Ec2Reply(ReplyKind.FAULT, code="InvalidParameterValue", http_status=400)
NOT_FOUND = Ec2Reply(ReplyKind.FAULT, code="InvalidGroup.NotFound", http_status=400)
NO_RULE = Ec2Reply(ReplyKind.FAULT, code="InvalidPermission.NotFound", http_status=400)
BROKEN = Ec2Reply(ReplyKind.FAULT, code="InternalError", http_status=500)


def _call(command: str, status: int = 200, **parameters: str) -> CloudStackCall:
    return CloudStackCall(command, parameters, "alice", status, {}, 0.0, "journal")


CREATED, ALTERED = _call("createVolume", name="a+b"), _call("createVolume", name="a b")
DEPLOYED, DESTROYED = _call("deployVirtualMachine"), _call("destroyVirtualMachine")
NO_CAPACITY = _call("deployVirtualMachine", 533)
TABLE: dict[str, tuple[Expectation, Ec2Reply, tuple[CloudStackCall, ...], Status, str]] = {
    "arrives whole": (WHOLE, ANSWERED, (CREATED,), Status.PASSED, ""),
    "is refused": (WHOLE, REFUSED, (), Status.PASSED, ""),
    "is altered": (WHOLE, ANSWERED, (ALTERED,), Status.FAILED, "name is 'a b'"),
    "is refused and altered": (WHOLE, REFUSED, (ALTERED,), Status.FAILED, "unexpected"),
    "is not found, since it was altered": (
        WHOLE,
        NOT_FOUND,
        (),
        Status.FAILED,
        "refused with InvalidGroup.NotFound",
    ),
    "has no such rule, as it may": (WHOLE, NO_RULE, (), Status.PASSED, ""),
    "breaks the bridge": (WHOLE, BROKEN, (), Status.FAILED, "refused with InternalError"),
    "breaks CloudStack": (
        Expectation("", or_refused=True, attempt="createVolume"),
        BROKEN,
        (_call("createVolume", 530, name="a+b"),),
        Status.PASSED,
        "",
    ),
    "none is left": (FAILED_LAUNCH, BROKEN, (DEPLOYED, NO_CAPACITY, DESTROYED), Status.PASSED, ""),
    "none was launched": (FAILED_LAUNCH, BROKEN, (NO_CAPACITY,), Status.PASSED, ""),
    "one is left": (
        FAILED_LAUNCH,
        BROKEN,
        (DEPLOYED, NO_CAPACITY),
        Status.FAILED,
        "deployVirtualMachine: 1 carried out and not undone by destroyVirtualMachine",
    ),
    "no answer in time": (
        Expectation(""),
        Ec2Reply(ReplyKind.TIMED_OUT),
        (),
        Status.FAILED,
        "in time",
    ),
    "no connection": (
        Expectation("", codes=frozenset({"InvalidVolume.NotFound"})),
        Ec2Reply(ReplyKind.REFUSED),
        (),
        Status.ERROR,
        "no connection",
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_verdict(name: str) -> None:
    """A value arrives whole or is refused; what a failed request did is undone."""
    expectation, reply, calls, status, because = TABLE[name]
    verdict = check_translation(expectation, Observation(reply, calls))
    assert verdict.status is status, verdict.because
    assert because in verdict.because
