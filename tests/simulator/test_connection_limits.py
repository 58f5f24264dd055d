"""Connections to a deployment: what a client may send, how long it may take, and what is answered
when it sends more than a request."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from fixtures.simulator import asgi_http
from fixtures.simulator.deployment import Deployment
from fixtures.simulator.limited_protocol import LimitedProtocol
from fixtures.simulator.management import server as api_server
from tests.support.s3_clients import RawClient

Connect = Callable[[str], socket.socket]
PORTS = ("ec2_url", "cloudstack_url", "integration_url")
HOST = b"Host: localhost\r\n"


@pytest.fixture(scope="module")
def hardened() -> Iterator[Deployment]:
    """A deployment with short limits of time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LimitedProtocol, "head_timeout", 0.3)
        patch.setattr(LimitedProtocol, "stall_timeout", 0.3)
        patch.setattr(asgi_http, "_LINGER", 0.1)
        patch.setattr(api_server, "BODY_TIMEOUT", 0.3)
        with Deployment() as deployment:
            yield deployment


@pytest.fixture
def connect(hardened: Deployment) -> Iterator[Connect]:
    """A new connection to one of `PORTS`, closed after the test."""
    opened = []

    def open_socket(port: str) -> socket.socket:
        url = urlsplit(getattr(hardened, port))
        opened.append(socket.create_connection((url.hostname or "", url.port or 0), timeout=10))
        return opened[-1]

    yield open_socket
    for connection in opened:
        connection.close()


def everything(connection: socket.socket) -> bytes:
    """What the server sends until it closes the connection."""
    pieces = []
    try:
        while piece := connection.recv(65536):
            pieces.append(piece)
    except ConnectionResetError:
        pass
    return b"".join(pieces)


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("hosts", [b"", HOST + b"Host: other\r\n", HOST * 2], ids=[0, 2, "equal"])
def test_one_host(connect: Connect, port: str, hosts: bytes) -> None:
    """A request without a Host header, or with two, is answered 400 (RFC 9112, section 3.2)."""
    connection = connect(port)
    connection.sendall(b"GET /client/api?command=listZones HTTP/1.1\r\n" + hosts + b"\r\n")
    assert everything(connection).startswith(b"HTTP/1.1 400 ")


def test_http_1_0_without_host(connect: Connect) -> None:
    """A request of HTTP/1.0 needs no Host header."""
    connection = connect("integration_url")
    connection.sendall(b"GET /client/api?command=listZones HTTP/1.0\r\n\r\n")
    assert everything(connection).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize(
    "piece", [b"a: b\r\n" * 1000, b"x-long: " + b"y" * 8000], ids=["headers", "one value"]
)
def test_heads_without_end(connect: Connect, port: str, piece: bytes) -> None:
    """A head that does not end is refused with 431 instead of being kept in memory."""
    connection, sent = connect(port), 0
    connection.sendall(b"GET /client/api HTTP/1.1\r\n" + HOST)
    try:
        while sent < 8 * 2**20:
            connection.sendall(piece)
            sent += len(piece)
            piece = piece if piece.endswith(b"\n") else b"y" * 8000
    except OSError:
        pass
    assert sent < 8 * 2**20
    assert everything(connection)[:13] in (b"HTTP/1.1 431 ", b"")  # a reset may take the reply


def test_many_headers_at_once(connect: Connect) -> None:
    """A head of more headers than any client sends is refused with 431."""
    connection = connect("cloudstack_url")
    connection.sendall(b"GET /client/api HTTP/1.1\r\n" + HOST + b"a: b\r\n" * 2000 + b"\r\n")
    assert everything(connection).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("port", PORTS)
def test_chunks_without_end(connect: Connect, port: str) -> None:
    """A body of chunks that does not end is refused with 413 at 1 MiB."""
    connection = connect(port)
    target = b"/awsapi" if port == "ec2_url" else b"/client/api"
    connection.sendall(
        b"POST %b HTTP/1.1\r\n%bContent-Type: application/x-www-form-urlencoded\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n" % (target, HOST)
    )
    reply = []
    reader = threading.Thread(target=lambda: reply.append(everything(connection)))
    reader.start()
    began, chunk = time.monotonic(), b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    try:
        for _ in range(64):
            connection.sendall(chunk)
    except OSError:
        pass
    reader.join(10)
    assert reply[0].startswith(b"HTTP/1.1 413 ")
    assert time.monotonic() - began < 5


def test_slow_bodies(connect: Connect) -> None:
    """A body that does not arrive is answered 408, and the connection closed."""
    connection = connect("cloudstack_url")
    connection.sendall(b"POST /client/api HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\nx")
    assert everything(connection).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("sent", [b"", b"\r\n", b"GET /client/api HTTP/1.1\r\nHo"], ids=len)
def test_slow_connections(connect: Connect, port: str, sent: bytes) -> None:
    """Two hundred connections that send no whole request are all closed."""
    connections = [connect(port) for _ in range(200 if port == "cloudstack_url" else 5)]
    for connection in connections:
        connection.sendall(sent)
    for connection in connections:
        reply = everything(connection)
        assert reply.startswith(b"HTTP/1.1 408 ") == (len(sent) > 2)


def test_slow_connections_after_an_answer(connect: Connect) -> None:
    """A connection that has been answered once is closed as well if its next request is slow."""
    for more in (b"\r\n", b"GET / HT"):
        connection = connect("integration_url")
        connection.sendall(b"GET /?command=listZones HTTP/1.1\r\n" + HOST + b"\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.sendall(more)
        assert everything(connection)[:13] in (b"", b"HTTP/1.1 408 ")


def test_unread_answers(hardened: Deployment, connect: Connect) -> None:
    """A client that does not read its answer loses the connection, and others are served."""
    alice = RawClient(hardened)
    alice.send_signed("PUT", "/large")
    alice.send_signed("PUT", "/large/key", b"x" * 2**25, {"x-amz-acl": "public-read"})
    connection = connect("s3_url")
    connection.sendall(b"GET /awsapi/rest/AmazonS3/large/key HTTP/1.1\r\n" + HOST + b"\r\n")
    time.sleep(1)  # the server writes into buffers, without an event
    assert len(everything(connection)) < 2**25
    assert alice.send_signed("HEAD", "/large/key").status == 200
    alice.close()


@pytest.mark.parametrize("junk", [b"\x00\xff junk\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\r\nx y"])
def test_a_request_and_junk(hardened: Deployment, junk: bytes) -> None:
    """A complete request is carried out and answered before what follows it is refused."""
    alice = RawClient(hardened)
    alice.send_signed("PUT", "/junk")
    headers = alice.sign("PUT", "/junk/key", b"content")
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if name != "Host")
    url = alice.url
    head = f"PUT {url.path}/junk/key HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: 7\r\n{lines}"
    with socket.create_connection((url.hostname or "", url.port or 0), timeout=10) as connection:
        connection.sendall(head.encode() + b"\r\ncontent" + junk)
        reply = everything(connection)
    assert reply.startswith(b"HTTP/1.1 200 "), reply
    assert reply.count(b"HTTP/1.1 ") == 1
    assert alice.send_signed("GET", "/junk/key").body == b"content"
    alice.close()


def test_a_request_and_a_broken_one(connect: Connect) -> None:
    """Of two requests in one piece the first is answered although the body of the second is
    malformed."""
    connection = connect("integration_url")
    first = b"GET /?command=listZones HTTP/1.1\r\n" + HOST + b"\r\n"
    second = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n"
    connection.sendall(first + second)
    reply = everything(connection)
    assert (reply[:13], reply.count(b"HTTP/1.1 ")) == (b"HTTP/1.1 200 ", 1)


def test_half_a_request(hardened: Deployment, connect: Connect) -> None:
    """A call whose client disconnects in the middle of it is not carried out."""
    journal = hardened.management.journal
    before = journal.position()
    connection = connect("integration_url")
    connection.sendall(
        b"POST /?command=listZones HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\nx"
    )
    connection.close()
    time.sleep(0.2)  # that nothing happens has no event
    assert not journal.since(before)


def test_large_bodies_in_one_piece(connect: Connect) -> None:
    """A head and a large body that arrive together are one good request."""
    connection = connect("integration_url")
    connection.sendall(
        b"POST /?command=listZones HTTP/1.1\r\nConnection: close\r\n"
        + HOST
        + b"Content-Length: 900000\r\n\r\n"
        + b"x" * 900_000
    )
    assert everything(connection).startswith(b"HTTP/1.1 200 ")
