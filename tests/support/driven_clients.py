"""Drivers of every kind, each speaking to a server that writes down what it hears."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fixtures.clients import DRIVERS, Driver, Ec2Endpoint
from fixtures.model import Ec2Reply, Ec2Request, Timeouts
from tests.support.recording_server import Behaviour, Recorder, http, recording

ACCESS, SECRET = "the-access-key", "the-secret-key-of-the-user"
SIGNED = {"AWSAccessKeyId", "SignatureVersion", "SignatureMethod", "Timestamp", "Signature"}
NAMES = sorted(DRIVERS.keys() - {"soap", "command"})  # those that speak the Query API


class Clients:
    """Makes drivers that speak to one recording clients.server."""

    def __init__(self, server: Recorder) -> None:
        self.server = server
        self.made: list[Driver] = []

    def driver(self, name: str, **further: Any) -> Driver:
        """A driver of its own."""
        self.made.append(DRIVERS[name](Ec2Endpoint(self.server.url, ACCESS, SECRET, **further)))
        return self.made[-1]

    def answered(self, name: str, request: Ec2Request, *answers: Behaviour) -> Ec2Reply:
        """What the driver makes of the answers to a request."""
        self.server.answers = list(answers)
        return self.driver(name).call(request, Timeouts(1, 5))

    def said(self, name: str, request: Ec2Request) -> dict[str, str]:
        """The parameters that the driver sends for a request, without those of the signature."""
        root = f"{request.action}Response"
        self.server.answers = [http(f"<{root}><return>true</return></{root}>")]
        self.driver(name).call(request, Timeouts(1, 5))
        parameters = self.server.requests[-1].parameters
        return {k: v for k, v in parameters.items() if k not in SIGNED}


@contextmanager
def driven() -> Iterator[Clients]:
    """Drivers and the server that writes down what they send."""
    with recording() as recorder:
        clients = Clients(recorder)
        yield clients
        for driver in clients.made:
            driver.close()
