"""The driver `soap` speaking to a server that writes down what it hears, and answers for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from lxml import etree

from fixtures.clients import Ec2Endpoint
from fixtures.clients.ec2.soap_driver import SoapDriver
from fixtures.model import Ec2Reply, Ec2Request, Timeouts
from fixtures.simulator.identities import identity
from fixtures.wsdl import VERSIONS, namespace
from tests.support.recording_server import Behaviour, Recorder, http, recording
from tests.support.soap_messages import ENV

SECRET = "the-secret-key-of-the-user"
DELETE = Ec2Request("DeleteVolume", {"VolumeId": "v"})


class Client:
    """A driver and the server that writes down what it says."""

    def __init__(self, server: Recorder) -> None:
        self.server = server
        self.made: list[SoapDriver] = []

    def driver(self, **further: Any) -> SoapDriver:
        """A driver of its own."""
        alice = identity("alice")
        endpoint = Ec2Endpoint(
            self.server.url,
            "the-access-key",
            SECRET,
            certificate=alice.certificate,
            private_key=alice.private_key,
        )
        self.made.append(SoapDriver(replace(endpoint, **further)))
        return self.made[-1]

    def answered(self, request: Ec2Request, answer: Behaviour, **further: Any) -> Ec2Reply:
        """What the driver makes of an answer."""
        self.server.answers = [answer]
        return self.driver(**further).call(request, Timeouts(1, 2))

    def said(self, request: Ec2Request, **further: Any) -> etree._Element:
        """The envelope that the driver sends."""
        self.answered(request, http(envelope("<e:Fault/>")), **further)
        return etree.fromstring(self.server.requests[-1].body.encode())


@contextmanager
def driven() -> Iterator[Client]:
    """A client with somebody to speak to."""
    with recording() as recorder:
        made = Client(recorder)
        yield made
        for driver in made.made:
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
