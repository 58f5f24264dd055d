"""The driver `soap`, sending its requests to a recording server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lxml import etree

from fixtures.clients import Ec2Endpoint
from fixtures.clients.ec2.soap_driver import SoapDriver
from fixtures.model import Ec2Reply, Ec2Request, Timeouts
from fixtures.simulator.identities import identity
from fixtures.wsdl import VERSIONS, namespace
from tests.support.recording_server import (
    Behaviour,
    RecordingServer,
    http_response,
)
from tests.support.soap_messages import ENV

SECRET = "the-secret-key-of-the-user"
DELETE = Ec2Request("DeleteVolume", {"VolumeId": "v"})


class RecordedSoapDrivers:
    """Creates `soap` drivers that send to one recording server."""

    def __init__(self, server: RecordingServer) -> None:
        self.server = server
        self.drivers: list[SoapDriver] = []

    def driver(self, **settings: Any) -> SoapDriver:
        """A new driver."""
        alice = identity("alice")
        endpoint = Ec2Endpoint(
            self.server.url,
            "the-access-key",
            SECRET,
            certificate=alice.certificate,
            private_key=alice.private_key,
        )
        self.drivers.append(SoapDriver(replace(endpoint, **settings)))
        return self.drivers[-1]

    def call(self, request: Ec2Request, answer: Behaviour, **settings: Any) -> Ec2Reply:
        """The driver's reply to a request that gets this answer."""
        self.server.answers = [answer]
        return self.driver(**settings).call(request, Timeouts(1, 2))

    def sent_envelope(self, request: Ec2Request, **settings: Any) -> etree._Element:
        """The envelope that the driver sends."""
        self.call(request, http_response(envelope("<e:Fault/>")), **settings)
        return etree.fromstring(self.server.requests[-1].body.encode())

    def close(self) -> None:
        """Close the drivers."""
        for driver in self.drivers:
            driver.close()


def envelope(content: str, header: str = "") -> str:
    """A SOAP document."""
    return (
        f"<?xml version='1.0'?><e:Envelope xmlns:e=\"{ENV}\">{header}"
        f"<e:Body>{content}</e:Body></e:Envelope>"
    )


def reply(content: str, version: str = VERSIONS[0], action: str = "DeleteVolume") -> str:
    """The answer to an action."""
    return envelope(f'<{action}Response xmlns="{namespace(version)}">{content}</{action}Response>')


GOOD = "<requestId>r</requestId><return>true</return>"
