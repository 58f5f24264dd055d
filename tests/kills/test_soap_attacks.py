"""The attacks that the driver `soap` makes: each refused, and each let pass where one check is
left out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fixtures.clients import Endpoint
from fixtures.clients.ec2.soap_driver import Soap
from fixtures.clients.ec2.soap_security import ATTACKS
from fixtures.model import Ec2Reply, Ec2Request, ReplyKind, Timeouts
from fixtures.simulator.bridge.hooks import Hooks
from fixtures.simulator.bridge.soap.ws_security import SKIPPABLE_CHECKS
from fixtures.simulator.deployment import Deployment


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    """A deployment to be attacked."""
    with Deployment() as running:
        yield running


QUESTION = "DescribeAvailabilityZones"
WAIVED = {
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
def client(deployment: Deployment) -> Iterator[Soap]:
    """zeep, with alice's certificate."""
    someone = next(one for one in deployment.users if one.name == "alice")
    endpoint = Endpoint(
        deployment.ec2_url,
        someone.access_key,
        someone.secret_key,
        certificate=someone.certificate,
        private_key=someone.private_key,
    )
    driver = Soap(endpoint)
    yield driver
    driver.close()


def _ask(client: Soap, **tampering: str) -> Ec2Reply:
    return client.call(Ec2Request(QUESTION, {}, tampering), Timeouts(5, 10))


@pytest.mark.parametrize("attack", sorted(ATTACKS))
def test_every_attack_is_refused(deployment: Deployment, client: Soap, attack: str) -> None:
    """Whatever the driver does wrong on purpose is a fault, and CloudStack never hears of it."""
    mark = deployment.management.journal.position()
    reply = _ask(client, attack=attack)
    assert reply.kind is ReplyKind.FAULT, reply.message
    assert reply.http_status == 500
    assert deployment.management.journal.since(mark) == ()
    assert _ask(client).kind is ReplyKind.ANSWERED


@pytest.mark.parametrize(("attack", "check"), sorted(WAIVED.items()))
def test_each_check_is_what_refuses(
    deployment: Deployment, client: Soap, attack: str, check: str
) -> None:
    """A bridge that leaves out one check carries out what that check is there to refuse."""
    assert _ask(client).kind is ReplyKind.ANSWERED
    bridge = deployment.bridge
    bridge.hooks = (Hooks("careless", skipped_checks=frozenset({check})),)
    try:
        reply = _ask(client, attack=attack)
    finally:
        bridge.hooks = ()
    assert reply.kind is ReplyKind.ANSWERED, reply.message


def test_replays_are_refused_unless_waived(deployment: Deployment, client: Soap) -> None:
    """The last message again is refused; a bridge that keeps nothing in mind takes it."""
    assert _ask(client).kind is ReplyKind.ANSWERED
    assert _ask(client, replay="last").kind is ReplyKind.FAULT
    assert _ask(client).kind is ReplyKind.ANSWERED
    deployment.bridge.hooks = (Hooks("forgetful", skipped_checks=frozenset({"replay"})),)
    try:
        assert _ask(client, replay="last").kind is ReplyKind.ANSWERED
    finally:
        deployment.bridge.hooks = ()


def test_every_waivable_check_is_tried() -> None:
    """No check is waivable that no attack here proves to be made."""
    elsewhere = {"replay", "expired-certificate", "certificate-key", "caller"}
    assert set(WAIVED.values()) | elsewhere == SKIPPABLE_CHECKS
    assert WAIVED.keys() == ATTACKS
