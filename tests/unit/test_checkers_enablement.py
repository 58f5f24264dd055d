"""The verdicts on settings, and on what they enable."""

from __future__ import annotations

import pytest

from fixtures.checkers.enablement import check_enablement, check_port, check_setting
from fixtures.model import (
    CloudStackCall,
    Ec2Reply,
    EnablementObservation,
    EnablementScenario,
    Interface,
    Observation,
    PortObservation,
    PortScenario,
    ReplyKind,
    ServerSettings,
    SettingObservation,
    SettingScenario,
    Status,
    ValueUse,
)

ANSWERED = Observation(Ec2Reply(ReplyKind.ANSWERED), ())
REFUSED = Observation(Ec2Reply(ReplyKind.FAULT, code="Unavailable", http_status=404), ())
PLAIN_404 = Observation(Ec2Reply(ReplyKind.GARBLED, http_status=404), ())
PAGE = Observation(Ec2Reply(ReplyKind.GARBLED, http_status=200), ())
UNCONNECTED = Observation(Ec2Reply(ReplyKind.REFUSED), ())
WAITING = Observation(Ec2Reply(ReplyKind.TIMED_OUT), ())
UNSEEN = Observation(REFUSED.reply, None)
CALL = CloudStackCall("listZones", {}, "alice", 200, {}, 0.0, "journal")
CALLING = Observation(REFUSED.reply, (CALL,))
ON = {"enable.ec2.api": "true"}


@pytest.mark.parametrize(
    ("seen", "control", "status", "text"),
    [
        (REFUSED, ANSWERED, Status.PASSED, ""),
        (PLAIN_404, ANSWERED, Status.PASSED, ""),
        (UNCONNECTED, ANSWERED, Status.PASSED, ""),
        (ANSWERED, ANSWERED, Status.FAILED, "EC2 is served, though enable.ec2.api was 'false'"),
        (PAGE, ANSWERED, Status.FAILED, "EC2 is not refused (garbled)"),
        (WAITING, ANSWERED, Status.FAILED, "EC2 is not refused (timed out)"),
        (CALLING, ANSWERED, Status.FAILED, "listZones: CloudStack was called"),
        (REFUSED, REFUSED, Status.INCONCLUSIVE, "refused also while both services are enabled"),
        (UNSEEN, ANSWERED, Status.INCONCLUSIVE, "not all of the CloudStack calls were observed"),
    ],
)
def test_a_disabled_service(
    seen: Observation, control: Observation, status: Status, text: str
) -> None:
    """It must refuse in some form and call nothing, where the same client is served otherwise."""
    scenario = EnablementScenario(Interface.EC2, ServerSettings(), served=False)
    verdict = check_enablement(scenario, "", EnablementObservation(seen, control))
    assert (verdict.status, text in verdict.because) == (status, True), verdict.because


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        (REFUSED, "EC2 is not served: fault: HTTP 404 Unavailable"),
        (UNCONNECTED, "enable.ec2.api is 'true', and nothing serves it: no connection to http://a"),
    ],
)
def test_an_enabled_service(seen: Observation, text: str) -> None:
    """A service that is disabled in spite of its setting is told from one that is not there."""
    scenario = EnablementScenario(Interface.EC2, ServerSettings(ON), served=True)
    verdict = check_enablement(scenario, "", EnablementObservation(seen, url="http://a"))
    assert verdict.status is Status.FAILED
    assert text in verdict.because
    answered = check_enablement(scenario, "", EnablementObservation(ANSWERED))
    assert answered.status is Status.PASSED


@pytest.mark.parametrize("allowed", [True, False])
def test_a_refused_value(allowed: bool) -> None:
    """A spelling of true may be refused; true itself may not."""
    settings = ServerSettings(ON)
    scenario = EnablementScenario(Interface.EC2, settings, served=True, or_refused_value=allowed)
    seen = EnablementObservation(None, refused_value="enable.ec2.api cannot be set: 431")
    verdict = check_enablement(scenario, "", seen)
    assert (verdict.status is Status.PASSED) is allowed
    assert ("cannot be set" in verdict.because) is not allowed


@pytest.mark.parametrize(
    ("use", "refusal", "after", "text"),
    [
        (ValueUse.STORED, "", "true", ""),
        (ValueUse.STORED, "431", "false", "by me is refused: 431"),
        (ValueUse.STORED, "", "false", "is accepted, but listConfigurations shows 'false'"),
        (ValueUse.REFUSED, "431", "false", ""),
        (ValueUse.REFUSED, "", "false", "is answered like a success"),
        (ValueUse.REFUSED, "431", "true", "is carried out: 'false' became 'true'"),
    ],
)
def test_a_change_of_a_setting(use: ValueUse, refusal: str, after: str, text: str) -> None:
    """What is refused changes nothing, what is stored is listed."""
    scenario = SettingScenario("enable.ec2.api", "true", "me", use)
    verdict = check_setting(scenario, "", SettingObservation(refusal, "false", after))
    assert (verdict.status is Status.PASSED) is (not text)
    assert text in verdict.because


@pytest.mark.parametrize(
    ("served", "answered", "opened", "text"),
    [
        (True, True, (), ""),
        (True, False, (), "does not carry out an unsigned call"),
        (True, None, (), "does not carry out an unsigned call"),
        (False, False, (), ""),
        (False, True, (), "answers unsigned calls, though it is off"),
        (False, None, (), "answers unsigned calls, though it is off"),
        (False, False, (9,), "listens on a port that no setting names: 9"),
    ],
)
def test_the_integration_port(
    served: bool, answered: bool | None, opened: tuple[int, ...], text: str
) -> None:
    """It answers if it is on; if it is off, not even with a refusal (None), and no other port is
    opened in its place."""
    scenario = PortScenario(ServerSettings(), served)
    verdict = check_port(
        scenario, "", PortObservation(answered is True, answered is not False, "", opened)
    )
    assert (verdict.status is Status.PASSED) is (not text)
    assert text in verdict.because
