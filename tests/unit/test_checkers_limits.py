"""The verdicts on zones and network offerings."""

from __future__ import annotations

import pytest

from fixtures.checkers.limits import check_claim, check_zone
from fixtures.model import (
    CloudStackCall,
    Ec2Reply,
    Observation,
    ReplyKind,
    Status,
    ZoneClaim,
    ZoneClaimScenario,
    ZoneDescription,
    ZoneObservation,
    ZoneScenario,
)

NAMES = {"one": "basic1", "two": "advanced1"}
SERVED = ZoneScenario(frozenset(), "RunInstances", "deployVirtualMachine", "basic")
REFUSED = ZoneScenario(frozenset(), "RunInstances", "deployVirtualMachine", "")
ANSWERED, FAULT = Ec2Reply(ReplyKind.ANSWERED), Ec2Reply(ReplyKind.FAULT, code="Unsupported")


def deployed(zone: str, status: int = 200) -> CloudStackCall:
    """A call that deploys an instance in that zone."""
    parameters = {"zoneid": zone}
    return CloudStackCall("deployVirtualMachine", parameters, "alice", status, {}, 0.0, "journal")


@pytest.mark.parametrize(
    ("scenario", "reply", "calls", "text"),
    [
        (SERVED, ANSWERED, (deployed("one"),), ""),
        (SERVED, ANSWERED, (deployed("two"),), "in zone advanced1, expected basic1"),
        (SERVED, ANSWERED, (), "0 calls, expected one"),
        (SERVED, FAULT, (), "RunInstances: fault Unsupported, expected it to be carried out"),
        (REFUSED, FAULT, (), ""),
        (REFUSED, FAULT, (deployed("two", 431),), ""),
        (REFUSED, FAULT, (deployed("two"),), "in zone advanced1 was carried out"),
        (REFUSED, ANSWERED, (), "RunInstances: answered, expected a refusal"),
    ],
)
def test_a_request_in_a_zone(
    scenario: ZoneScenario, reply: Ec2Reply, calls: tuple[CloudStackCall, ...], text: str
) -> None:
    """It is carried out once in the right zone, or refused without a change."""
    seen = ZoneObservation(Observation(reply, calls), NAMES, "one" if scenario.zone else "")
    verdict = check_zone(scenario, "", seen)
    assert (verdict.status is Status.PASSED) is (not text)
    assert text in verdict.because


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        (ZoneObservation(Observation(FAULT, None), NAMES), "not all of the CloudStack calls"),
        (
            ZoneObservation(Observation(FAULT, ()), NAMES, obstacle="refused"),
            "no answer to a look-up either: refused",
        ),
    ],
)
def test_what_cannot_be_concluded(seen: ZoneObservation, text: str) -> None:
    """A refusal proves nothing where calls are not seen, or where everything is refused."""
    verdict = check_zone(REFUSED, "", seen)
    assert verdict.status is Status.INCONCLUSIVE
    assert text in verdict.because


@pytest.mark.parametrize(
    ("claim", "zone", "text"),
    [
        (ZoneClaim.BASIC_ZONE, ZoneDescription("z", "Basic", ()), ""),
        (ZoneClaim.BASIC_ZONE, ZoneDescription("z", "Advanced", ()), "z has advanced networks"),
        (
            ZoneClaim.ELASTIC_IP,
            ZoneDescription("z", "Basic", ("DefaultSharedNetscalerEIPandELBNetworkOffering",)),
            "",
        ),
        (
            ZoneClaim.ELASTIC_IP,
            ZoneDescription("z", "Basic", ("Ours",), frozenset({"Netscaler"})),
            "",
        ),
        (
            ZoneClaim.ELASTIC_IP,
            ZoneDescription("z", "Basic", ("Ours",), frozenset({"VirtualRouter"})),
            "elastic_ip is claimed, but no network offering of the zone z is NetScaler-enabled",
        ),
        (ZoneClaim.ELASTIC_IP, ZoneDescription("z", "Basic", ()), "NetScaler-enabled: none"),
    ],
)
def test_a_claim(claim: ZoneClaim, zone: ZoneDescription, text: str) -> None:
    """The zone has basic networks, and with elastic addresses a NetScaler-enabled offering."""
    verdict = check_claim(ZoneClaimScenario(claim), "", zone)
    assert (verdict.status is Status.PASSED) is (not text)
    assert text in verdict.because
