"""Where the text of a CloudStack error is sent, which bridges read from the status line first."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urlencode, urlsplit

import pytest

from fixtures.simulator.deployment import Deployment
from fixtures.simulator.management.faults import ApiFault
from fixtures.simulator.management.signing import sign
from tests.support.seeded_users import seeded_user


def signed_target(deployment: Deployment, command: str, **parameters: str) -> str:
    """The target of alice's request."""
    user = seeded_user(deployment)
    sent = {"command": command, "response": "json", "apiKey": user.access_key, **parameters}
    sent["signature"] = sign(sent, user.secret_key)
    return f"/client/api?{urlencode(sent)}"


@dataclass(frozen=True)
class RawReply:
    """A reply as it was received through the socket."""

    status: int
    reason: str
    description: str | None
    body: str


def replies(url: str, *targets: str) -> list[RawReply]:
    """The replies to requests that are sent at once over one connection."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname or "", address.port or 0)) as connection:
        for target in targets:
            connection.sendall(f"GET {target} HTTP/1.1\r\nHost: cloudstack\r\n\r\n".encode())
        with connection.makefile("rb") as stream:
            return [_read_reply(stream) for _ in targets]


def _read_reply(stream: BinaryIO) -> RawReply:
    version, status, reason = stream.readline().decode("latin-1").rstrip("\r\n").split(" ", 2)
    assert version == "HTTP/1.1"
    headers = {}
    while line := stream.readline().decode("latin-1").rstrip("\r\n"):
        name, _, value = line.partition(": ")
        headers[name] = value
    body = stream.read(int(headers["content-length"])).decode()
    return RawReply(int(status), reason, headers.get("x-description"), body)


def test_the_reason_phrase_is_the_text_of_the_error(deployment: Deployment) -> None:
    """On the API port the text is the reason phrase, and X-Description as well."""
    (refused,) = replies(
        deployment.cloudstack_url, signed_target(deployment, "listVirtualMachines", id="unknown")
    )
    assert refused.status == 431
    assert refused.reason.startswith(
        "Unable to execute API command listvirtualmachines due to invalid value."
    )
    assert refused.description == refused.reason
    assert refused.reason in refused.body


def test_every_status_has_a_phrase(deployment: Deployment) -> None:
    """Also statuses that HTTP has no phrase for, or another one."""
    fault = ApiFault(command="listZones", code=530, text="The  host\nis gone")
    deployment.management.faults.add(fault, "alice")
    internal, zones, unsigned = replies(
        deployment.cloudstack_url,
        signed_target(deployment, "listZones"),
        signed_target(deployment, "listZones"),
        "/client/api?command=listZones",
    )
    assert (internal.status, internal.reason) == (530, "The host is gone")
    assert (zones.status, zones.reason) == (200, "OK")
    assert (unsigned.status, unsigned.reason) == (
        401,
        "unable to verify user credentials and/or request signature",
    )


def test_the_integration_port_has_the_phrase_alone(deployment: Deployment) -> None:
    """The unsigned port sends no X-Description."""
    (refused,) = replies(deployment.integration_url, "/client/api?command=stopVirtualMachine")
    assert (refused.status, refused.reason) == (
        431,
        "Unable to execute API command stopvirtualmachine due to missing parameter id",
    )
    assert refused.description is None


def test_a_long_text_is_cut(deployment: Deployment) -> None:
    """A text that echoes a long value stays readable for clients; the body has all of it."""
    (refused,) = replies(
        deployment.cloudstack_url, signed_target(deployment, "listVirtualMachines", id="x" * 9000)
    )
    assert (refused.status, len(refused.reason)) == (431, 2000)
    assert refused.description == refused.reason
    assert "x" * 9000 in refused.body


@pytest.mark.parametrize("name", ["a%00b", "a%0D%0Ab", "%E6%BC%A2", "%FF"])
def test_a_text_that_no_header_can_hold(deployment: Deployment, name: str) -> None:
    """Control characters and characters beyond ISO-8859-1 break neither the line nor the reply."""
    (refused,) = replies(deployment.cloudstack_url, f"/client/api?command={name}&response=json")
    assert refused.status == 432
    assert refused.reason.startswith("The given command:")
    assert refused.reason.endswith(" does not exist")
    assert refused.description == refused.reason
