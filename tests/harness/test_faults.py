"""Endpoints that misbehave: the arrival of clients, and what is forwarded."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from fixtures import faults
from fixtures.faults.server import seconds_since_data
from tests.support.command_runs import pem, private_key
from tests.support.recording_server import http_response, recording_server

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="other kernels do not report it")


def _client(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((str(parts.hostname), parts.port or 0), timeout=5)


@LINUX
def test_an_attempt_to_connect_is_recorded() -> None:
    """Where nothing is accepted, an attempt to connect is recorded."""
    with faults.accepts_nothing() as full, closing(socket.socket()) as client:
        assert not full.arrived.is_set()
        parts = urlsplit(full.url)
        client.setblocking(False)
        before = time.monotonic()
        client.connect_ex((parts.hostname, parts.port))
        assert full.arrived.wait(5)
        assert full.last_client_at is not None
        assert before <= full.last_client_at


@LINUX
def test_the_time_of_a_request_is_the_kernels() -> None:
    """The time of a request's arrival does not depend on when it is read."""
    listener = socket.create_server(("127.0.0.1", 0))
    with listener, closing(socket.create_connection(listener.getsockname())) as client:
        server, _ = listener.accept()
        with server:
            client.sendall(b"here")
            time.sleep(0.3)  # the time between arrival and reading
            server.recv(4)
            assert 0.28 <= seconds_since_data(server) <= 2


def test_requests_are_recorded_whole() -> None:
    """A request has arrived when its last piece has, also one in chunks."""
    with faults.stays_silent() as silent, closing(_client(silent.url)) as client:
        client.sendall(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n")
        assert not silent.arrived.wait(0.1)
        client.sendall(b"0\r\n\r\n")
        assert silent.arrived.wait(5)
        assert silent.requests == [b"2\r\nhi\r\n0\r\n\r\n"]


def test_shutting_down_ends_all_connections() -> None:
    """A client that waits when an endpoint shuts down sees the end at once."""
    with faults.stays_silent() as silent, closing(_client(silent.url)) as client:
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert silent.arrived.wait(5)
        threading.Timer(0.1, silent.shut_down).start()
        assert client.recv(1) == b""


def test_the_path_of_the_target_is_kept() -> None:
    """An endpoint in front of a target has the target's path."""
    with recording_server() as recorder:
        recorder.answers = [http_response("answer")]
        upstream = f"http://127.0.0.1:{recorder.port}/other/path"
        with faults.keeps_the_answer(upstream) as keeping:
            assert urlsplit(keeping.url).path == "/other/path"
            with closing(_client(keeping.url)) as client:
                client.sendall(b"POST /other/path HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi")
                client.settimeout(0.2)
                with pytest.raises(TimeoutError):
                    client.recv(1)
        assert [request.body for request in recorder.requests] == ["hi"]


@contextmanager
def _secure(folder: Path) -> Iterator[tuple[str, str]]:
    """A TLS server that answers once; its URL and CA file."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "server")])
    now = datetime.now(UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, private_key().public_key(), 1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .add_extension(here, critical=False)
        .sign(private_key(), hashes.SHA256())
    )
    cert, key = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(pem(private_key()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        raw, _ = listener.accept()
        with context.wrap_socket(raw, server_side=True) as client:
            request = client.recv(65536)
            client.sendall(http_response(request.rpartition(b"\r\n")[2]))

    thread = threading.Thread(target=serve)
    thread.start()
    with listener:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/awsapi", str(cert)
        thread.join()


def test_a_target_behind_tls_is_reached(tmp_path: Path) -> None:
    """An endpoint in front of a target connects to it with TLS if its URL is https."""
    with (
        _secure(tmp_path) as (upstream, trusted),
        faults.is_slow(upstream, 0.1, trusted) as slow,
        closing(_client(slow.url)) as client,
    ):
        client.sendall(b"POST /awsapi HTTP/1.1\r\nContent-Length: 4\r\n\r\necho")
        assert client.recv(65536).endswith(b"echo")
