"""The recording proxy: what passes it, what it tells of it, and where it never goes."""

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
class Watched:
    """An upstream that does as it is told, and the proxy in front of it."""

    upstream: RecordingServer
    observer: ProxyObserver

    def connect(self) -> socket.socket:
        """A client's connection."""
        parts = urlsplit(self.observer.url)
        assert parts.hostname is not None
        return socket.create_connection((parts.hostname, parts.port or 0), timeout=10)

    def send(self, *pieces: bytes) -> bytes:
        """Everything that comes back for these bytes until the connection is closed."""
        with self.connect() as client:
            for piece in pieces:
                client.sendall(piece)
            client.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: client.recv(65536), b""))

    def seen(self) -> tuple[CloudStackCall, ...]:
        """Every call so far."""
        return self.observer.calls_between(0, self.observer.mark())


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What is closed at the end of the test."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def watched(stack: ExitStack) -> Watched:
    """A proxy that knows alice."""
    return watch(stack, answered(OK))


def watch(stack: ExitStack, *answers: Behaviour) -> Watched:
    """A proxy in front of an upstream that answers so, the last answer again and again."""
    upstream = stack.enter_context(recording_server())
    upstream.answers[:] = answers
    to = f"http://127.0.0.1:{upstream.port}/client/api"
    observer = ProxyObserver("127.0.0.1:0", to, Accounts({"AK": "alice"}))
    return Watched(upstream, stack.enter_context(observer))


def test_no_byte_is_changed(stack: ExitStack) -> None:
    """A request and its answer pass as they are: the order and the case of headers, odd spacing,
    pieces of a chunked body."""
    got: list[bytes] = []
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
            while b"listZones&x" not in b"".join(got):
                got.append(connection.recv(65536))
            raw(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    to = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    observer = stack.enter_context(ProxyObserver("127.0.0.1:0", to, Accounts({})))
    back = Watched(RecordingServer(), observer).send(request[:30], request[30:120], request[120:])
    thread.join()
    assert (b"".join(got), back) == (request, reply)
    (call,) = observer.calls_between(0, 1)
    assert (call.command, call.status) == ("listZones", 200)


def test_query_and_form_are_one(watched: Watched) -> None:
    """Parameters count wherever they travel, in any case; credentials are not told."""
    watched.upstream.answers[:] = [answered(b'{ "x" : { "success" : "true"} }')]
    body = b"Id=7&apiKey=AK&signature=secret&userData=a%20b"
    head = b"POST /client/api?Command=stopVirtualMachine HTTP/1.1\r\nHost: h\r\n"
    head += b"Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
    watched.send(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    (call,) = watched.seen()
    assert (call.command, call.account) == ("stopVirtualMachine", "alice")
    assert call.parameters == {"id": "7", "userdata": "a b"}
    assert (call.status, call.answer) == (200, {"success": "true"})


def test_end_of_a_job_belongs_to_its_command(stack: ExitStack) -> None:
    """What a job came to is told of the command that began it, in JSON and in XML."""
    begun = b'{ "stopvirtualmachineresponse" : {"jobid":"j1"} }'
    waiting = b'{ "queryasyncjobresultresponse" : {"jobid":"j1","jobstatus":0} }'
    failed = (
        b'<?xml version="1.0"?><queryasyncjobresultresponse cloud-stack-version="4.4">'
        b"<jobid>j1</jobid><jobstatus>2</jobstatus><jobresultcode>530</jobresultcode><jobresult>"
        b"<errorcode>533</errorcode><errortext>full</errortext></jobresult>"
        b"</queryasyncjobresultresponse>"
    )
    watched = watch(stack, *map(answered, (begun, waiting, failed)))
    poll = b"GET /client/api?command=queryAsyncJobResult&jobId=j1&apikey=AK HTTP/1.1\r\n\r\n"
    stop = b"GET /client/api?command=stopVirtualMachine&id=7&apikey=AK HTTP/1.1\r\n\r\n"
    watched.send(stop + poll + poll)
    first, *polls = watched.seen()
    assert (first.command, first.status) == ("stopVirtualMachine", 533)
    assert first.answer == {"errorcode": "533", "errortext": "full"}
    assert [call.command for call in polls] == ["queryAsyncJobResult"] * 2


def test_secrets_are_not_told(stack: ExitStack) -> None:
    """Private keys, passwords, secret keys and sessions are masked in what the proxy tells."""
    told = (
        b'{ "x" : {"keypair":{"name":"k","privatekey":"CANARY"},"password":'
        b'{"encryptedpassword":"CANARY"},"user":[{"secretkey":"CANARY"}],"sessionkey":"CANARY"} }'
    )
    xml = b"<x><keypair><privatekey>CANARY</privatekey></keypair></x>"
    watched = watch(stack, answered(told), answered(xml))
    ask = b"GET /a?command=createUser&password=CANARY&signature=CANARY&sessionkey=CANARY&name=k"
    watched.send((ask + b" HTTP/1.1\r\n\r\n") * 2)
    calls = watched.seen()
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
def test_nothing_else_is_passed_on(watched: Watched, request_line: bytes, status: int) -> None:
    """Who asks for another place, or by a method that CloudStack does not have, is refused, and
    the upstream hears nothing of it."""
    with watched.connect() as client:
        client.sendall(request_line + b"\r\nHost: h\r\n\r\n")
        answer = client.recv(65536)
    assert re.match(rb"HTTP/1.1 %d " % status, answer)
    assert not watched.upstream.requests


def test_endless_head_is_refused(watched: Watched) -> None:
    """A request whose first lines never end is not collected for ever."""
    with watched.connect() as client:
        client.sendall(b"GET /" + b"a" * 100_000)
        assert client.recv(65536).startswith(b"HTTP/1.1 431 ")
    assert not watched.upstream.requests


def test_absent_upstream_is_told(stack: ExitStack) -> None:
    """If CloudStack is away, the bridge gets 502 with the reason, and the record says so."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    observer = ProxyObserver("127.0.0.1:0", f"http://127.0.0.1:{port}/", Accounts({"AK": "alice"}))
    watched = Watched(RecordingServer(), stack.enter_context(observer))
    with watched.connect() as client:
        client.sendall(ZONES)
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert f"127.0.0.1:{port} cannot be reached".encode() in answer
    (call,) = watched.seen()
    assert (call.command, call.status, call.answer) == ("listZones", 502, {})


@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{ ", b"garbage\r\n\r\n", b""]
)
def test_broken_answer_stays_broken(stack: ExitStack, said: bytes) -> None:
    """An answer that ends too early, is no HTTP, or does not come reaches the bridge as it is, and
    the call is on record."""

    def broken(connection: socket.socket) -> None:
        connection.sendall(said)

    watched = watch(stack, broken)
    with watched.connect() as client:
        client.sendall(ZONES)
        assert b"".join(iter(lambda: client.recv(65536), b"")) == said
    (call,) = watched.seen()
    assert (call.command, call.answer) == ("listZones", {})


def test_connections_are_kept(watched: Watched) -> None:
    """A connection that both ends keep is kept: many requests, one connection upstream."""
    parts = urlsplit(watched.observer.url)
    client = http.client.HTTPConnection(parts.netloc)
    for _ in range(5):
        client.request("GET", "/client/api?command=listZones&apikey=AK")
        assert client.getresponse().read() == OK
    client.close()
    assert watched.upstream.connections == 1
    assert [call.status for call in watched.seen()] == [200] * 5


def test_calls_of_others_are_not_ours(stack: ExitStack) -> None:
    """Calls by another account are left out; those for a key that nobody has are the bridge's."""
    watched = watch(stack, answered(OK), answered(b"{}", "401 Unauthorized"))
    for key in (b"BK", b"NOBODYS"):
        watched.send(ZONES.replace(b"=AK", b"=" + key))
    (call,) = watched.seen()
    assert (call.status, call.account) == (401, "")


def test_calls_under_way_are_awaited(stack: ExitStack) -> None:
    """A call that has not been answered when the bridge answers is waited for."""
    may_answer = threading.Event()

    def late(connection: socket.socket) -> None:
        may_answer.wait(10)
        connection.sendall(answered(OK))

    watched = watch(stack, late)
    with watched.connect() as client:
        client.sendall(ZONES)
        while not (end := watched.observer.mark()):
            time.sleep(0.001)  # nothing tells when it has arrived
        threading.Timer(0.05, may_answer.set).start()
        (call,) = watched.observer.calls_between(0, end)
        assert (call.status, call.answer["count"]) == (200, 1)


def test_long_answer_passes_whole_and_is_not_kept(stack: ExitStack) -> None:
    """However long an answer is, it passes, and the record does not grow with it."""
    long = b'{ "x" : {"text":"' + b"a" * (4 * MAX_BODY) + b'"} }'
    watched = watch(stack, answered(long))
    assert watched.send(ZONES).endswith(long)
    (call,) = watched.seen()
    assert (call.status, call.answer) == (200, {})


def test_compressed_answer_is_read(stack: ExitStack) -> None:
    """An answer that the bridge wanted compressed passes compressed, and is read."""
    packed = gzip.compress(OK)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    watched = watch(stack, head + packed)
    assert watched.send(ZONES) == head + packed
    assert watched.seen()[0].answer["count"] == 1


def test_answer_without_length_ends_with_the_connection(stack: ExitStack) -> None:
    """An answer that says neither its length nor pieces is whole when the connection is closed."""

    def until_the_end(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + OK)

    watched = watch(stack, until_the_end)
    assert watched.send(ZONES).endswith(OK)
    assert watched.seen()[0].answer["count"] == 1


def test_continue_is_no_answer(stack: ExitStack) -> None:
    """A 100 that comes before the answer is passed on and not taken for it."""
    watched = watch(stack, b"HTTP/1.1 100 Continue\r\n\r\n" + answered(OK))
    assert watched.send(ZONES).count(b"HTTP/1.1") == 2
    (call,) = watched.seen()
    assert (call.status, call.answer["count"]) == (200, 1)


@pytest.mark.parametrize(
    ("listen", "to", "complaint"),
    [
        ("18080", "http://h/", "listen: '18080' is not HOST:PORT"),
        ("127.0.0.1:99999", "http://h/", "listen: '127.0.0.1:99999' is not HOST:PORT"),
        ("192.0.2.1:80", "http://h/", "listen: 192.0.2.1:80 cannot be used"),
        ("127.0.0.1:0", "ftp://h/", "upstream: 'ftp://h/' is not an http or https URL"),
        ("127.0.0.1:0", "http://h:port/", "upstream: 'http://h:port/' is not a URL"),
    ],
)
def test_unusable_address_is_named(listen: str, to: str, complaint: str) -> None:
    """Where nothing can listen, or nothing can be asked, is said before anything is served."""
    with pytest.raises(UsageError, match=re.escape(complaint)):
        ProxyObserver(listen, to, Accounts({})).__enter__()


def test_trail_is_bounded() -> None:
    """The record keeps the newest calls; who asks for older ones is told that they are gone."""
    trail = ExchangeBuffer(max_count=3)
    for number in range(5):
        passage = ProxyExchange("GET", b"command=list%d" % number, 0.0)
        trail.on_begin(passage)
        passage.ended = 1.0
        trail.on_end(passage)
    assert trail.position() == 5
    kept = [passage.parse().request.command for passage in trail.exchanges_between(2, 5, 0)]
    assert kept == ["list2", "list3", "list4"]
    with pytest.raises(HarnessError, match="begins at 2, not at 1"):
        trail.exchanges_between(1, 5, 0)
