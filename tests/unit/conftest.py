"""Fixtures that unit tests share: a recording server, and drivers that send to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.support.recorded_drivers import RecordedDrivers
from tests.support.recording_server import RecordingServer, http_response, recording_server
from tests.support.soap_clients import RecordedSoapDrivers


@pytest.fixture
def server() -> Iterator[RecordingServer]:
    """A recording server, which answers with empty documents unless a test sets its answers."""
    with recording_server() as server:
        server.answers = [http_response("")]
        yield server


@pytest.fixture
def drivers(server: RecordingServer) -> Iterator[RecordedDrivers]:
    """Creates the drivers of EC2's Query API."""
    with closing(RecordedDrivers(server)) as drivers:
        yield drivers


@pytest.fixture
def soap_drivers(server: RecordingServer) -> Iterator[RecordedSoapDrivers]:
    """Creates the drivers of SOAP."""
    with closing(RecordedSoapDrivers(server)) as drivers:
        yield drivers
