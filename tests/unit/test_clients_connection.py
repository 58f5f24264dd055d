"""The kept connection of the drivers."""

from __future__ import annotations

from contextlib import closing

import pytest

from fixtures.clients.transport import connection as transport
from fixtures.clients.transport.connection import HttpConnection
from fixtures.clients.transport.endpoint import Endpoint
from fixtures.clients.transport.messages import HttpRequest
from tests.support.recording_server import http_response, recording_server

REQUEST = HttpRequest("GET", "/awsapi", b"", {})


def test_an_interrupted_exchange_does_not_spoil_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """After Ctrl-C between request and answer, teardown can send its requests."""

    def interrupt(connection: object, *_: object) -> None:
        connection.putrequest("GET", "/awsapi")  # type: ignore[attr-defined]  # half a request
        raise KeyboardInterrupt

    with recording_server() as server, closing(_connection(server.url)) as connection:
        server.answers[:] = [http_response("well")]
        with monkeypatch.context() as patched:
            patched.setattr(transport, "_round_trip", interrupt)
            with pytest.raises(KeyboardInterrupt):
                connection.exchange(REQUEST)
        assert connection.exchange(REQUEST).body == b"well"


def _connection(url: str) -> HttpConnection:
    return HttpConnection(Endpoint(url, "key", "secret"))
