"""EC2 drivers that send their requests to a recording server."""

from __future__ import annotations

from typing import Any

from fixtures.clients import DRIVERS, Driver, Ec2Endpoint
from fixtures.model import Ec2Reply, Ec2Request, Timeouts
from tests.support.recording_server import (
    Behaviour,
    RecordingServer,
    http_response,
)

ACCESS, SECRET = "the-access-key", "the-secret-key-of-the-user"
SIGNED = {"AWSAccessKeyId", "SignatureVersion", "SignatureMethod", "Timestamp", "Signature"}
NAMES = sorted(DRIVERS.keys() - {"soap", "command"})  # those of the Query API


class RecordedDrivers:
    """Creates drivers that send to one recording server."""

    def __init__(self, server: RecordingServer) -> None:
        self.server = server
        self.drivers: list[Driver] = []

    def driver(self, name: str, **settings: Any) -> Driver:
        """A new driver."""
        self.drivers.append(DRIVERS[name](Ec2Endpoint(self.server.url, ACCESS, SECRET, **settings)))
        return self.drivers[-1]

    def call(self, name: str, request: Ec2Request, *answers: Behaviour) -> Ec2Reply:
        """The driver's reply to a request that gets these answers."""
        self.server.answers = list(answers)
        return self.driver(name).call(request, Timeouts(1, 5))

    def sent_parameters(self, name: str, request: Ec2Request) -> dict[str, str]:
        """The parameters that the driver sends for a request, without those of the signature."""
        root = f"{request.action}Response"
        self.server.answers = [http_response(f"<{root}><return>true</return></{root}>")]
        self.driver(name).call(request, Timeouts(1, 5))
        parameters = self.server.requests[-1].parameters
        return {k: v for k, v in parameters.items() if k not in SIGNED}

    def close(self) -> None:
        """Close the drivers."""
        for driver in self.drivers:
            driver.close()
