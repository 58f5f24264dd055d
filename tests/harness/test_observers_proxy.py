"""The recording proxy: what it forwards, what it records, and what it rejects."""

from __future__ import annotations

import gzip
import http.client
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from fixtures.model import CloudStackCall, HarnessError, UsageError
from fixtures.observers.exchange_buffer import MAX_BODY, ExchangeBuffer, ProxyExchange
from fixtures.observers.parsing import Accounts
from fixtures.observers.proxy import ProxyObserver
from tests.support.recording_server import Behaviour, RecordingServer, recording_server
from tests.support.recording_server import http_response as answered

OK = b'{ "listzonesresponse" : { "count":1 ,"zone" : [  {"id":"z"} ] } }'
ZONES = b"GET /client/api?command=listZones&apikey=AK&signature=s HTTP/1.1\r\nHost: here\r\n\r\n"


@dataclass
class ObservedUpstream:
    """An upstream server with prepared answers, and the proxy in front of it."""

    upstream: RecordingServer
    observer: ProxyObserver

    def connect(self) -> socket.socket:
        """A client's connection."""
        parts = urlsplit(self.observer.url)
        assert parts.hostname is not None
        return socket.create_connection((parts.hostname, parts.port or 0), timeout=10)

    def send(self, *pieces: bytes) -> bytes:
        """All bytes that come back for these, until the connection is closed."""
        with self.connect() as client:
            for piece in pieces:
                client.sendall(piece)
            client.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: client.recv(65536), b""))

    def calls(self) -> tuple[CloudStackCall, ...]:
        """All calls so far."""
        return self.observer.calls_between(0, self.observer.mark())


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Closed at the end of the test."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def alices_proxy(stack: ExitStack) -> ObservedUpstream:
    """A proxy that observes the account alice."""
    return observe(stack, answered(OK))


def observe(stack: ExitStack, *answers: Behaviour) -> ObservedUpstream:
    """A proxy in front of an upstream with these answers, of which the last one is repeated."""
    upstream = stack.enter_context(recording_server())
    upstream.answers[:] = answers
    to = f"http://127.0.0.1:{upstream.port}/client/api"
    observer = ProxyObserver("127.0.0.1:0", to, Accounts({"AK": "alice"}))
    return ObservedUpstream(upstream, stack.enter_context(observer))


def test_no_byte_is_changed(stack: ExitStack) -> None:
    """A request and its answer pass unchanged: order and case of headers, spacing, chunks of a
    body."""
    received: list[bytes] = []
    reply = (
        b"HTTP/1.1 200 Fine so far\r\nx-ODD:   spaced  \r\nTransfer-Encoding: chunked\r\n"
        b"Connection: close\r\nSet-Cookie: a\r\nset-cookie: b\r\n\r\n"
        b'4;note=1\r\n{ "l\r\n1\r\n"\r\n0\r\nTrailer: yes\r\n\r\n'
    )

    def raw(connection: socket.socket) -> None:
        connection.sendall(reply)

    request = (
        b"POST /other/path?b=2&a=%31 HTTP/1.1\r\nzz-Last: 1\r\nHOST:  upstream \r\n"
        b"content-type: application/x-www-form-urlencoded\r\nContent-Length: 19\r\n\r\n"
        b"command=listZones&x"
    )
    listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            while b"listZones&x" not in b"".join(received):
                received.append(connection.recv(65536))
            raw(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    to = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    observer = stack.enter_context(ProxyObserver("127.0.0.1:0", to, Accounts({})))
    back = ObservedUpstream(RecordingServer(), observer).send(
        request[:30], request[30:120], request[120:]
    )
    thread.join()
    assert (b"".join(received), back) == (request, reply)
    (call,) = observer.calls_between(0, 1)
    assert (call.command, call.status) == ("listZones", 200)


def test_query_and_form_are_one(alices_proxy: ObservedUpstream) -> None:
    """Parameters of query and form are combined, in lower case, without credentials."""
    alices_proxy.upstream.answers[:] = [answered(b'{ "x" : { "success" : "true"} }')]
    body = b"Id=7&apiKey=AK&signature=secret&userData=a%20b"
    head = b"POST /client/api?Command=stopVirtualMachine HTTP/1.1\r\nHost: h\r\n"
    head += b"Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
    alices_proxy.send(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    (call,) = alices_proxy.calls()
    assert (call.command, call.account) == ("stopVirtualMachine", "alice")
    assert call.parameters == {"id": "7", "userdata": "a b"}
    assert (call.status, call.answer) == (200, {"success": "true"})


def test_job_results_are_attributed_to_their_commands(stack: ExitStack) -> None:
    """A job's result, in JSON or XML, is the answer of the command that started it."""
    begun = b'{ "stopvirtualmachineresponse" : {"jobid":"j1"} }'
    waiting = b'{ "queryasyncjobresultresponse" : {"jobid":"j1","jobstatus":0} }'
    failed = (
        b'<?xml version="1.0"?><queryasyncjobresultresponse cloud-stack-version="4.4">'
        b"<jobid>j1</jobid><jobstatus>2</jobstatus><jobresultcode>530</jobresultcode><jobresult>"
        b"<errorcode>533</errorcode><errortext>full</errortext></jobresult>"
        b"</queryasyncjobresultresponse>"
    )
    proxied = observe(stack, *map(answered, (begun, waiting, failed)))
    poll = b"GET /client/api?command=queryAsyncJobResult&jobId=j1&apikey=AK HTTP/1.1\r\n\r\n"
    stop = b"GET /client/api?command=stopVirtualMachine&id=7&apikey=AK HTTP/1.1\r\n\r\n"
    proxied.send(stop + poll + poll)
    first, *polls = proxied.calls()
    assert (first.command, first.status) == ("stopVirtualMachine", 533)
    assert first.answer == {"errorcode": "533", "errortext": "full"}
    assert [call.command for call in polls] == ["queryAsyncJobResult"] * 2


def test_secrets_are_masked(stack: ExitStack) -> None:
    """Private keys, passwords, secret keys and session keys are masked in recorded calls."""
    answer = (
        b'{ "x" : {"keypair":{"name":"k","privatekey":"CANARY"},"password":'
        b'{"encryptedpassword":"CANARY"},"user":[{"secretkey":"CANARY"}],"sessionkey":"CANARY"} }'
    )
    xml = b"<x><keypair><privatekey>CANARY</privatekey></keypair></x>"
    proxied = observe(stack, answered(answer), answered(xml))
    ask = b"GET /a?command=createUser&password=CANARY&signature=CANARY&sessionkey=CANARY&name=k"
    proxied.send((ask + b" HTTP/1.1\r\n\r\n") * 2)
    calls = proxied.calls()
    assert [call.command for call in calls] == ["createUser"] * 2
    assert "CANARY" not in str(calls)
    assert calls[0].answer["keypair"]["name"] == "k"


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET http://127.0.0.1:1/client/api HTTP/1.1", 400),
        (b"GET elsewhere/api HTTP/1.1", 400),
        (b"CONNECT 127.0.0.1:1 HTTP/1.1", 405),
        (b"DELETE /client/api HTTP/1.1", 405),
        (b"GET /client/api HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c", 405),
        (b"nonsense", 400),
    ],
)
def test_other_requests_are_rejected(
    alices_proxy: ObservedUpstream, request_line: bytes, status: int
) -> None:
    """Requests for another server, or with a method that CloudStack does not support, are rejected
    and not forwarded."""
    with alices_proxy.connect() as client:
        client.sendall(request_line + b"\r\nHost: h\r\n\r\n")
        answer = client.recv(65536)
    assert re.match(rb"HTTP/1.1 %d " % status, answer)
    assert not alices_proxy.upstream.requests


def test_endless_heads_are_rejected(alices_proxy: ObservedUpstream) -> None:
    """The size of a request's head is limited."""
    with alices_proxy.connect() as client:
        client.sendall(b"GET /" + b"a" * 100_000)
        assert client.recv(65536).startswith(b"HTTP/1.1 431 ")
    assert not alices_proxy.upstream.requests


def test_unreachable_upstream(stack: ExitStack) -> None:
    """If CloudStack is unreachable, the bridge gets 502 with the reason, and the call is
    recorded."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    observer = ProxyObserver("127.0.0.1:0", f"http://127.0.0.1:{port}/", Accounts({"AK": "alice"}))
    proxied = ObservedUpstream(RecordingServer(), stack.enter_context(observer))
    with proxied.connect() as client:
        client.sendall(ZONES)
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert f"127.0.0.1:{port} cannot be reached".encode() in answer
    (call,) = proxied.calls()
    assert (call.command, call.status, call.answer) == ("listZones", 502, {})


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{ ", b"garbage\r\n\r\n", b""]
)
def test_broken_answer_stays_broken(stack: ExitStack, answer: bytes) -> None:
    """An answer that is incomplete, not HTTP, or missing is forwarded as it is, and the call is
    recorded."""

    def broken(connection: socket.socket) -> None:
        connection.sendall(answer)

    proxied = observe(stack, broken)
    with proxied.connect() as client:
        client.sendall(ZONES)
        assert b"".join(iter(lambda: client.recv(65536), b"")) == answer
    (call,) = proxied.calls()
    assert (call.command, call.answer) == ("listZones", {})


def test_connections_are_kept(alices_proxy: ObservedUpstream) -> None:
    """Many requests on one connection use one upstream connection."""
    parts = urlsplit(alices_proxy.observer.url)
    client = http.client.HTTPConnection(parts.netloc)
    for _ in range(5):
        client.request("GET", "/client/api?command=listZones&apikey=AK")
        assert client.getresponse().read() == OK
    client.close()
    assert alices_proxy.upstream.connections == 1
    assert [call.status for call in alices_proxy.calls()] == [200] * 5


def test_other_accounts_calls_are_left_out(stack: ExitStack) -> None:
    """Calls of other accounts are left out, but not those with an unknown key."""
    proxied = observe(stack, answered(OK), answered(b"{}", "401 Unauthorized"))
    for key in (b"BK", b"UNKNOWN"):
        proxied.send(ZONES.replace(b"=AK", b"=" + key))
    (call,) = proxied.calls()
    assert (call.status, call.account) == (401, "")


def test_calls_in_progress_are_awaited(stack: ExitStack) -> None:
    """A call in progress at the mark is awaited."""
    may_answer = threading.Event()

    def late(connection: socket.socket) -> None:
        may_answer.wait(10)
        connection.sendall(answered(OK))

    proxied = observe(stack, late)
    with proxied.connect() as client:
        client.sendall(ZONES)
        while not (end := proxied.observer.mark()):
            time.sleep(0.001)  # there is no notification of its arrival
        threading.Timer(0.05, may_answer.set).start()
        (call,) = proxied.observer.calls_between(0, end)
        assert (call.status, call.answer["count"]) == (200, 1)


def test_long_answers_pass_and_are_not_kept(stack: ExitStack) -> None:
    """An answer of any length is forwarded; a long one is not recorded."""
    long = b'{ "x" : {"text":"' + b"a" * (4 * MAX_BODY) + b'"} }'
    proxied = observe(stack, answered(long))
    assert proxied.send(ZONES).endswith(long)
    (call,) = proxied.calls()
    assert (call.status, call.answer) == (200, {})


def test_compressed_answer_is_read(stack: ExitStack) -> None:
    """A compressed answer is forwarded as it is, and decompressed in the record."""
    packed = gzip.compress(OK)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    proxied = observe(stack, head + packed)
    assert proxied.send(ZONES) == head + packed
    assert proxied.calls()[0].answer["count"] == 1


def test_answer_without_length_ends_with_the_connection(stack: ExitStack) -> None:
    """An answer without a length is complete when the connection is closed."""

    def until_the_end(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + OK)

    proxied = observe(stack, until_the_end)
    assert proxied.send(ZONES).endswith(OK)
    assert proxied.calls()[0].answer["count"] == 1


def test_continue_is_no_answer(stack: ExitStack) -> None:
    """A status 100 before the answer is forwarded, and is not the answer."""
    proxied = observe(stack, b"HTTP/1.1 100 Continue\r\n\r\n" + answered(OK))
    assert proxied.send(ZONES).count(b"HTTP/1.1") == 2
    (call,) = proxied.calls()
    assert (call.status, call.answer["count"]) == (200, 1)


@pytest.mark.parametrize(
    ("listen", "upstream", "error"),
    [
        ("18080", "http://h/", "listen: '18080' is not HOST:PORT"),
        ("127.0.0.1:99999", "http://h/", "listen: '127.0.0.1:99999' is not HOST:PORT"),
        ("192.0.2.1:80", "http://h/", "listen: 192.0.2.1:80 cannot be used"),
        ("127.0.0.1:0", "ftp://h/", "upstream: 'ftp://h/' is not an http or https URL"),
        ("127.0.0.1:0", "http://h:port/", "upstream: 'http://h:port/' is not a URL"),
    ],
)
def test_unusable_address_is_named(listen: str, upstream: str, error: str) -> None:
    """An unusable address is an error that names it, before the proxy starts."""
    with pytest.raises(UsageError, match=re.escape(error)):
        ProxyObserver(listen, upstream, Accounts({})).__enter__()


def test_buffer_is_bounded() -> None:
    """The buffer keeps the newest exchanges; reading dropped ones is an error."""
    buffer = ExchangeBuffer(max_count=3)
    for number in range(5):
        exchange = ProxyExchange("GET", b"command=list%d" % number, 0.0)
        buffer.on_begin(exchange)
        exchange.ended = 1.0
        buffer.on_end(exchange)
    assert buffer.position() == 5
    kept = [exchange.parse().request.command for exchange in buffer.exchanges_between(2, 5, 0)]
    assert kept == ["list2", "list3", "list4"]
    with pytest.raises(HarnessError, match="begins at 2, not at 1"):
        buffer.exchanges_between(1, 5, 0)
