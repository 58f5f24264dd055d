"""Verdicts on clients that meet TLS endpoints."""

from __future__ import annotations

import pytest

from fixtures.checkers.tls import check_tls
from fixtures.model import (
    Ec2Reply,
    Interface,
    Observation,
    ReplyKind,
    Status,
    TlsObservation,
    TlsScenario,
)

VALID = TlsScenario(Interface.EC2, "trusted")
EXPIRED = TlsScenario(Interface.EC2, "expired", ("expired",))
ANSWERED = Ec2Reply(ReplyKind.ANSWERED)
FAULT = Ec2Reply(ReplyKind.FAULT, code="SignatureDoesNotMatch")
SILENT = Ec2Reply(ReplyKind.TIMED_OUT, message="no connection within 5 s")
REFUSED = Ec2Reply(ReplyKind.REFUSED, message="certificate has expired")
VAGUE = Ec2Reply(ReplyKind.REFUSED, message="no connection")


@pytest.mark.parametrize(
    ("scenario", "reply", "arrived", "obstacle", "status", "text"),
    [
        (VALID, ANSWERED, True, "", Status.PASSED, ""),
        (VALID, ANSWERED, False, "", Status.FAILED, "the endpoint received no request"),
        (VALID, REFUSED, False, "", Status.FAILED, "does not connect to a valid endpoint"),
        (VALID, FAULT, True, "", Status.INCONCLUSIVE, "the target refuses the request"),
        (EXPIRED, REFUSED, False, "", Status.PASSED, ""),
        (EXPIRED, REFUSED, False, "as ever", Status.INCONCLUSIVE, "nothing can be concluded"),
        (EXPIRED, REFUSED, True, "", Status.FAILED, "sent its request to this endpoint"),
        (EXPIRED, ANSWERED, True, "as ever", Status.FAILED, "sent its request to this endpoint"),
        (EXPIRED, ANSWERED, False, "", Status.FAILED, "has an answer"),
        (EXPIRED, FAULT, False, "", Status.FAILED, "has an answer"),
        (EXPIRED, SILENT, False, "", Status.FAILED, "waits until its time is up"),
        (EXPIRED, VAGUE, False, "as ever", Status.INCONCLUSIVE, "nothing can be concluded"),
        (EXPIRED, VAGUE, False, "", Status.FAILED, "does not say why: 'no connection'"),
    ],
)
def test_verdict(  # noqa: PLR0913  # one column each
    scenario: TlsScenario, reply: Ec2Reply, arrived: bool, obstacle: str, status: Status, text: str
) -> None:
    """A request that was sent where it must not be fails, whatever else; a refusal by a client that
    also refuses a valid endpoint proves nothing."""
    seen = TlsObservation(Observation(reply, None), arrived, obstacle)
    verdict = check_tls(scenario, "", seen)
    assert verdict.status is status
    assert text in verdict.because
