"""The verdicts on the offering that an instance gets."""

from __future__ import annotations

import pytest

from fixtures.checkers.offerings import check_offering
from fixtures.model import (
    CloudStackCall,
    ComputeOffering,
    Ec2Reply,
    Observation,
    OfferingObservation,
    OfferingScenario,
    ReplyKind,
    Status,
)

IDS = ("one", "two")
OFFERINGS = (ComputeOffering("m1.small"), ComputeOffering("m1.large", "other"))
SMALL = OfferingScenario(OFFERINGS, "m1.small")
NONE = OfferingScenario(OFFERINGS, "c1.medium", frozenset())
FAULT = Ec2Reply(ReplyKind.FAULT, code="InvalidParameterValue")


def answered(shown: str = "m1.small") -> Ec2Reply:
    """A reply that shows that instance type."""
    return Ec2Reply(ReplyKind.ANSWERED, {"Instances": [{"InstanceType": shown}]})


def deployed(offering: str, status: int = 200) -> CloudStackCall:
    """A call that deploys an instance of that offering."""
    return CloudStackCall(
        "deployVirtualMachine", {"serviceofferingid": offering}, "alice", status, {}, 0.0, "journal"
    )


@pytest.mark.parametrize(
    ("reply", "calls", "text"),
    [
        (answered(), (deployed("one"),), ""),
        (answered(), (deployed("one"), deployed("one")), "2 calls, expected one"),
        (answered(), (), "0 calls, expected one"),
        (answered(), (deployed("two"),), "the offering 'm1.large' of the domain of other"),
        (answered(), (deployed("three"),), "an offering that was not created for this (three)"),
        (
            answered("m1.large"),
            (deployed("one"),),
            "InstanceType is 'm1.large', expected 'm1.small'",
        ),
        (FAULT, (), "RunInstances: fault InvalidParameterValue, expected an instance"),
    ],
)
def test_an_offering_of_the_name(
    reply: Ec2Reply, calls: tuple[CloudStackCall, ...], text: str
) -> None:
    """One instance of the offering, which the reply shows."""
    verdict = check_offering(SMALL, "", OfferingObservation(Observation(reply, calls), IDS))
    assert (verdict.status is Status.PASSED) is (not text)
    assert text in verdict.because


@pytest.mark.parametrize(
    ("reply", "calls", "text"),
    [
        (FAULT, (), ""),
        (FAULT, (deployed("one", 431),), ""),
        (FAULT, (deployed("one"),), "was carried out with the offering 'm1.small'"),
        (answered(), (deployed("two"),), "though there is no offering 'c1.medium'"),
        (answered(), (), "RunInstances: answered, expected a refusal"),
    ],
)
def test_no_offering_of_the_name(
    reply: Ec2Reply, calls: tuple[CloudStackCall, ...], text: str
) -> None:
    """A refusal, and no instance."""
    verdict = check_offering(NONE, "", OfferingObservation(Observation(reply, calls), IDS))
    assert (verdict.status is Status.PASSED) is (not text)
    assert text in verdict.because


def test_what_cannot_be_concluded() -> None:
    """Calls that are not seen, and a client that gets no instance at all, prove nothing."""
    unseen = OfferingObservation(Observation(answered(), None), IDS)
    blind = check_offering(SMALL, "", unseen)
    assert (blind.status, "not all" in blind.because) == (Status.INCONCLUSIVE, True)
    never = OfferingObservation(Observation(FAULT, ()), IDS, "fault Unavailable")
    verdict = check_offering(NONE, "", never)
    assert (verdict.status, "gets no instance" in verdict.because) == (Status.INCONCLUSIVE, True)
