"""The attacks that the driver `soap` makes: each is refused, unless a check is left out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fixtures.clients import Ec2Endpoint
from fixtures.clients.ec2.soap_driver import SoapDriver
from fixtures.clients.ec2.soap_security import ATTACKS
from fixtures.model import Ec2Reply, Ec2Request, ReplyKind, Timeouts
from fixtures.simulator.bridge.soap.ws_security import SKIPPABLE_CHECKS
from fixtures.simulator.deployment import Deployment
from fixtures.simulator.mutations.catalogue import find_mutation
from tests.support.seeded_users import seeded_user

ACTION = "DescribeAvailabilityZones"
CHECKS = {  # attack → the check that refuses it
    "no-security": "no-security",
    "no-signature": "unsigned-body",
    "two-headers": "two-headers",
    "garbage-token": "garbage-token",
    "unknown-certificate": "unknown-certificate",
    "no-timestamp": "no-timestamp",
    "old-timestamp": "expired-timestamp",
    "future-timestamp": "expired-timestamp",
    "unsigned-timestamp": "unsigned-timestamp",
    "unsigned-body": "unsigned-body",
    "changed-body": "changed-body",
    "wrapped-body": "wrapped-body",
    "doubled-id": "wrapped-body",
    "dtd": "dtd",
    "entity": "dtd",
    "oversized": "endless",
}


@pytest.fixture(scope="module")
def driver(deployment: Deployment) -> Iterator[SoapDriver]:
    """zeep, with alice's certificate."""
    alice = seeded_user(deployment)
    endpoint = Ec2Endpoint(
        deployment.ec2_url,
        alice.access_key,
        alice.secret_key,
        certificate=alice.certificate,
        private_key=alice.private_key,
    )
    driver = SoapDriver(endpoint)
    yield driver
    driver.close()


def _send(driver: SoapDriver, **tampering: str) -> Ec2Reply:
    return driver.call(Ec2Request(ACTION, {}, tampering), Timeouts(5, 10))


@pytest.mark.parametrize("attack", sorted(ATTACKS))
def test_every_attack_is_refused(deployment: Deployment, driver: SoapDriver, attack: str) -> None:
    """Each attack is answered with a fault, and no command is sent to CloudStack."""
    mark = deployment.management.journal.position()
    reply = _send(driver, attack=attack)
    assert reply.kind is ReplyKind.FAULT, reply.message
    assert reply.http_status == 500
    assert deployment.management.journal.since(mark) == ()
    assert _send(driver).kind is ReplyKind.ANSWERED


@pytest.mark.parametrize(("attack", "check"), sorted(CHECKS.items()))
def test_each_check_is_what_refuses(
    deployment: Deployment, driver: SoapDriver, attack: str, check: str
) -> None:
    """A bridge that leaves one check out carries out the request that this check refuses."""
    assert _send(driver).kind is ReplyKind.ANSWERED
    with find_mutation(f"waives-{check}").apply(deployment):
        reply = _send(driver, attack=attack)
    assert reply.kind is ReplyKind.ANSWERED, reply.message


def test_replays_are_refused_unless_skipped(deployment: Deployment, driver: SoapDriver) -> None:
    """The last message is refused when it is sent again, unless the check is left out."""
    assert _send(driver).kind is ReplyKind.ANSWERED
    assert _send(driver, replay="last").kind is ReplyKind.FAULT
    assert _send(driver).kind is ReplyKind.ANSWERED
    with find_mutation("waives-replay").apply(deployment):
        assert _send(driver, replay="last").kind is ReplyKind.ANSWERED


def test_every_skippable_check_is_tried() -> None:
    """Each check that can be skipped has an attack that it refuses, here or in another test."""
    tested_elsewhere = {"replay", "expired-certificate", "certificate-key", "caller"}
    assert set(CHECKS.values()) | tested_elsewhere == SKIPPABLE_CHECKS
    assert CHECKS.keys() == ATTACKS
