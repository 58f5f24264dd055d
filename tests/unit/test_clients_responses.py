"""Reading HTTP responses: the same as http.client where it is right, and a verdict on everything
that a server may send."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.clients.transport.bounded_stream import ReadBudget
from fixtures.clients.transport.connection import HttpConnection
from fixtures.clients.transport.endpoint import Endpoint
from fixtures.clients.transport.messages import HttpRequest, HttpResponse, NoAnswer
from fixtures.clients.transport.responses import BoundedResponse
from fixtures.model import ReplyKind, Timeouts

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
NAMES = st.text("abcXYZ-09_!~", min_size=1, max_size=8)
VALUES = st.text(
    st.characters(codec="iso-8859-1", exclude_characters="\r\n\x0b\x0c\x1c\x1d\x1e\x85")
)
STATUS_LINES = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.0 200 OK\r\n",
        b"HTTP/1.1 404\r\n",
        b"HTTP/1.1 204 No  Content \r\n",
        b"HTTP/1.1 304 Not Modified\n",
    ]
)
HEADERS = st.one_of(
    st.sampled_from(
        [
            b"Connection: close\r\n",
            b"Connection: Keep-Alive\r\n",
            b"Transfer-Encoding: chunked\r\n",
            b"Content-Length: 5\r\n",
            b"X-Folded: a\r\n b\r\n",
            b"X-Bare: a\n",
        ]
    ),
    st.builds(lambda name, value: f"{name}: {value}\r\n".encode("iso-8859-1"), NAMES, VALUES),
)
BODIES = st.sampled_from([b"", b"12345", b"5\r\nabcde\r\n0\r\n\r\n", b"3\r\nab"])

BEGINNINGS = [
    b"",
    b"HTTP/1.1 ",
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: ",
]


def read(response: http.client.HTTPResponse) -> tuple[object, ...]:
    """What a client sees of a response."""
    try:
        response.begin()
        facts = (response.status, response.reason, response.getheaders(), response.will_close)
        return (*facts, response.read())
    except http.client.HTTPException as error:
        return (type(error),)


@given(STATUS_LINES, st.lists(HEADERS, max_size=6), BODIES, st.sampled_from(["GET", "HEAD"]))
def test_a_response_reads_as_with_the_standard_library(
    status_line: bytes, headers: list[bytes], body: bytes, method: str
) -> None:
    """Whatever the headers, the fast way to read them finds the same."""
    sent = status_line + b"".join(headers) + b"\r\n" + body

    def receive(response: Callable[..., http.client.HTTPResponse]) -> tuple[object, ...]:
        ours, theirs = socket.socketpair()
        with closing(ours), closing(theirs):
            theirs.sendall(sent)
            theirs.shutdown(socket.SHUT_WR)
            return read(response(ours, method=method))

    budget = ReadBudget(1 << 20)
    budget.start(10)
    assert receive(partial(BoundedResponse, budget=budget)) == receive(http.client.HTTPResponse)


@contextmanager
def server(answer: bytes) -> Iterator[HttpConnection]:
    """A connection to a server that sends these bytes, whatever it is asked."""

    def serve() -> None:
        connection, _ = listening.accept()
        with closing(connection):
            connection.recv(65536)
            connection.sendall(answer)

    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        connection = HttpConnection(Endpoint(url, "key", "secret"))
        threading.Thread(target=serve, daemon=True).start()
        with closing(connection):
            yield connection


def ask(answer: bytes) -> HttpResponse:
    """The response of a server that sends these bytes."""
    with server(answer) as connection:
        connection.start_call(Timeouts(connect=5, request=5))
        return connection.exchange(HttpRequest("GET", "/", b"", {}))


@pytest.mark.parametrize("status", [b"100 Continue", b"102 Processing", b"103 Early Hints", b"199"])
def test_interim_responses_are_not_the_answer(status: bytes) -> None:
    """Any number of interim responses may come before the answer (RFC 9110, 15.2)."""
    interim = b"HTTP/1.1 " + status + b"\r\nLink: </style.css>\r\n\r\n"
    response = ask(interim * 3 + OK)
    assert (response.status, response.body) == (200, b"OK")
    assert "Link" not in response.headers


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 103 Early Hints\r\n\r\n" * 30 + OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 17 + b"\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabcde\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\nabc",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 +20 OK\r\n\r\n",
        "HTTP/1.1 ٢٠٠ OK\r\n\r\n".encode(),
        b"",
    ],
)
def test_a_wrong_response_is_the_verdict_on_the_server(answer: bytes) -> None:
    """Whatever a server sends, no case ends with an error of the harness, and none waits long."""
    started = monotonic()
    with pytest.raises(NoAnswer) as raised:
        ask(answer)
    assert raised.value.kind is ReplyKind.GARBLED
    assert monotonic() - started < 3


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200" + b" " * 65000 + b"\x00\r",
        b"HTTP/1.1 200 OK\r\nX:" + b" " * 65000 + b"\r\r\r\n" + OK,
        b"HTTP/1.1 200 OK\r\n" + b"!" * 65000 + b"\r\n\r\n",
    ],
)
def test_reading_takes_linear_time(answer: bytes) -> None:
    """However a server fills its lines, reading them takes a moment."""
    started = monotonic()
    with suppress(NoAnswer):
        ask(answer)
    assert monotonic() - started < 1


@settings(deadline=None)
@given(st.sampled_from(BEGINNINGS), st.binary(max_size=200))
def test_any_bytes_are_a_response_or_a_wrong_one(beginning: bytes, sent: bytes) -> None:
    """Whatever bytes a server sends, they are an answer, or the verdict that they are none."""
    try:
        ask(beginning + sent)
    except NoAnswer as wrong:
        kind = wrong.kind
    else:
        return
    assert kind is ReplyKind.GARBLED
