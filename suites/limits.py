"""Limits: what the service is documented for, zones with basic networks and, for elastic addresses,
NetScaler-enabled network offerings; and that nothing else is done in others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fixtures.model import (
    Case,
    Level,
    Procedure,
    ProcedureRequirement,
    Row,
    ZoneClaim,
    ZoneClaimScenario,
    ZoneKind,
    ZoneScenario,
)
from fixtures.model.documentation import COMPATIBLE_INTERFACE
from suites.contract.suite import Check, Suite

SOURCE = COMPATIBLE_INTERFACE.cite("Limitations", "局限性")
CLIENTS = ("boto", "boto3", "soap", "command", "raw")
RUN, DEPLOY = "RunInstances", "deployVirtualMachine"
ALLOCATE, ASSOCIATE = "AllocateAddress", "associateIpAddress"
_INSTANCE = {
    "ImageId": "{image.id}",
    "InstanceType": "{offering.name}",
    "MinCount": 1,
    "MaxCount": 1,
}
_IN_BASIC = {**_INSTANCE, "Placement": {"AvailabilityZone": "{basic.name}"}}
_IN_ADVANCED = {**_INSTANCE, "Placement": {"AvailabilityZone": "{advanced.name}"}}
_BESIDE = frozenset({ZoneKind.ADVANCED})


class TestLimits(Suite):
    """What the documentation limits the service to."""

    suite = "limits"

    def test_zone(self, case: Case, check: Check) -> None:
        """Zones with basic networks are served, and others are not mistaken for them."""
        check(case)

    def test_address(self, case: Case, check: Check) -> None:
        """Elastic addresses are for zones whose network offering is NetScaler-enabled."""
        check(case)

    def test_claim(self, case: Case, check: Check) -> None:
        """The zone of the other cases is as its profile claims."""
        check(case)

    @classmethod
    def demands(cls, kind: str, rows: Sequence[Row]) -> Iterator[ProcedureRequirement]:
        """The cases of one kind."""
        del rows
        match kind:
            case "zone":
                yield from _zones()
            case "address":
                yield from _addresses()
            case "claim":
                yield from _claims()


def _zones() -> Iterator[ProcedureRequirement]:
    text = "An instance runs in the zone with basic networks that the request names."
    scenario = ZoneScenario(_BESIDE, RUN, DEPLOY, "basic", _IN_BASIC)
    yield _must(_requirement(RUN, "zone", "basic", text, scenario))
    text = "Without a zone an instance runs in one with basic networks, not in an advanced one."
    scenario = ZoneScenario(_BESIDE, RUN, DEPLOY, "basic", _INSTANCE)
    yield _must(_requirement(RUN, "zone", "unnamed", text, scenario))
    text = "An instance in a zone with advanced networks is refused, and runs in no other zone."
    scenario = ZoneScenario(_BESIDE, RUN, DEPLOY, "", _IN_ADVANCED)
    yield _requirement(RUN, "zone", "advanced", text, scenario)


def _addresses() -> Iterator[ProcedureRequirement]:
    text = "An address is allocated in the zone with a NetScaler-enabled offering."
    netscaler = frozenset({ZoneKind.NETSCALER})
    scenario = ZoneScenario(netscaler, ALLOCATE, ASSOCIATE, "basic")
    yield _must(_requirement(ALLOCATE, "address", "netscaler", text, scenario))
    text = "An address is allocated in the zone with basic networks, not in an advanced one."
    scenario = ZoneScenario(netscaler | _BESIDE, ALLOCATE, ASSOCIATE, "basic")
    yield _requirement(ALLOCATE, "address", "beside-an-advanced-zone", text, scenario)
    text = "An address is refused where the network offering is not NetScaler-enabled."
    scenario = ZoneScenario(frozenset({ZoneKind.PLAIN}), ALLOCATE, ASSOCIATE, "")
    yield _requirement(ALLOCATE, "address", "without-netscaler", text, scenario)


def _claims() -> Iterator[ProcedureRequirement]:
    cases = {
        ZoneClaim.BASIC_ZONE: ("The zone of the cases has basic networks.", frozenset[str]()),
        ZoneClaim.ELASTIC_IP: (
            "Elastic IP is claimed for a zone with a NetScaler-enabled network offering only.",
            frozenset({"elastic_ip"}),
        ),
    }
    for claim, (text, capabilities) in cases.items():
        requirement = _requirement("zone", "claim", claim.value, text, ZoneClaimScenario(claim))
        yield _must(replace(requirement, drivers=("cloudstack",), capabilities=capabilities))


def _requirement(
    row: str, kind: str, name: str, text: str, procedure: Procedure
) -> ProcedureRequirement:
    return ProcedureRequirement(
        row=row,
        kind=kind,
        name=name,
        text=text,
        procedure=procedure,
        drivers=CLIENTS,
        capabilities=frozenset({"zones"}),
        source=SOURCE,
    )


def _must(requirement: ProcedureRequirement) -> ProcedureRequirement:
    return replace(requirement, level=Level.MUST)
