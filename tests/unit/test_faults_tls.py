"""The TLS endpoints: each has exactly the fault that it is named for."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import warnings
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fixtures.faults.server import FaultyEndpoint, responds, serve
from fixtures.faults.tls import ENDPOINTS, TlsEndpoints, UnsupportedVersion

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
WITH_TLS = [name for name in ENDPOINTS if name != "plain-to-tls"]


@pytest.fixture(scope="module")
def endpoints() -> TlsEndpoints:
    """One authority for all tests."""
    return TlsEndpoints()


@pytest.fixture(scope="module")
def upstream() -> Iterator[FaultyEndpoint]:
    """An HTTP endpoint that answers every request."""
    with responds(lambda _: ANSWER) as endpoint:
        yield endpoint


def _permissive_context() -> ssl.SSLContext:
    """A client that verifies nothing and speaks every version of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
    return context


def _get(url: str, context: ssl.SSLContext) -> bytes:
    parts = urlsplit(url)
    with (
        socket.create_connection((str(parts.hostname), parts.port or 443)) as plain,
        context.wrap_socket(plain, server_hostname=parts.hostname) as secured,
    ):
        secured.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        answer = b""
        while piece := secured.recv(4096):
            answer += piece
        return answer


@pytest.mark.parametrize("name", WITH_TLS)
def test_a_client_that_verifies_nothing_is_served(
    endpoints: TlsEndpoints, upstream: FaultyEndpoint, name: str
) -> None:
    """So a refusal of such an endpoint can only be the client's."""
    try:
        with endpoints.open(name, upstream.url) as endpoint:
            assert _get(endpoint.url, _permissive_context()) == ANSWER
            assert len(endpoint.requests) == 1
    except UnsupportedVersion as lacking:
        pytest.skip(str(lacking))


@pytest.mark.parametrize("name", ["trusted", "intermediate", "tls-1.2", "tls-1.3"])
def test_valid_endpoints_are_verified(
    endpoints: TlsEndpoints, upstream: FaultyEndpoint, tmp_path: Path, name: str
) -> None:
    """A client that trusts the authority is served."""
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(endpoints.authority.cert_pem.bytes())
    with endpoints.open(name, upstream.url) as endpoint:
        context = ssl.create_default_context(cafile=str(ca_file))
        assert _get(endpoint.url, context) == ANSWER


def test_plain_http_to_a_tls_port_gets_an_alert(
    endpoints: TlsEndpoints, upstream: FaultyEndpoint
) -> None:
    """As from Tomcat; the request does not reach the target."""
    with endpoints.open("plain-to-tls", upstream.url) as endpoint:
        parts = urlsplit(endpoint.url)
        assert parts.scheme == "http"
        with socket.create_connection((str(parts.hostname), parts.port or 80)) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            assert plain.recv(4096)[:2] == b"\x15\x03"
        assert endpoint.requests == []


def _echo(client: socket.socket, endpoint: FaultyEndpoint) -> None:
    del endpoint
    while piece := client.recv(65536):
        client.sendall(piece)


async def _send_and_receive(url: str, data: bytes) -> bytes:
    """What comes back while the data is sent."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(
        parts.hostname, parts.port, ssl=_permissive_context()
    )
    writer.write(data)
    _, received = await asyncio.gather(writer.drain(), reader.readexactly(len(data)))
    writer.close()
    return received


@pytest.mark.parametrize("version", ["tls-1.2", "tls-1.3"])
def test_both_directions_at_once(
    endpoints: TlsEndpoints, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Data that comes back before all of it is sent arrives whole; each connection is used by one
    thread, since two at a time corrupt OpenSSL's memory."""
    data = bytes(range(256)) * 4096
    users: dict[ssl.SSLSocket, set[int]] = defaultdict(set)

    def record_user(name: str) -> None:
        method = getattr(ssl.SSLSocket, name)

        def recorded(connection: ssl.SSLSocket, *arguments: object) -> object:
            users[connection].add(threading.get_ident())
            return method(connection, *arguments)

        monkeypatch.setattr(ssl.SSLSocket, name, recorded)

    record_user("recv")
    record_user("sendall")

    async def exchange(url: str) -> list[bytes]:
        return await asyncio.gather(*(_send_and_receive(url, data) for _ in range(4)))

    with serve(_echo) as upstream, endpoints.open(version, upstream.url) as endpoint:
        assert set(asyncio.run(exchange(endpoint.url))) == {data}
    assert [len(threads) for threads in users.values()] == [1] * 4
