"""A server that records requests and answers with prepared bytes, HTTP or not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO
from urllib.parse import parse_qsl

Behaviour = bytes | Callable[[socket.socket], None]


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as it was received."""

    line: str
    headers: dict[str, str]
    body: str

    @property
    def parameters(self) -> dict[str, str]:
        """The Query parameters, from the URL or the body."""
        path = self.line.split()[1]
        return dict(parse_qsl(self.body or path.partition("?")[2], keep_blank_values=True))


@dataclass(slots=True)
class RecordingServer:
    """The prepared answers, in order (the last is repeated), and the recorded requests."""

    port: int = 0
    answers: list[Behaviour] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    connection_closed: threading.Event = field(
        default_factory=threading.Event
    )  # a connection was closed

    @property
    def url(self) -> str:
        """The URL of the endpoint, as in a profile."""
        return f"http://127.0.0.1:{self.port}/awsapi"


def http_response(body: bytes | str, status: str = "200 OK", extra: str = "") -> bytes:
    """A whole HTTP answer."""
    content = body.encode() if isinstance(body, str) else body
    return f"HTTP/1.1 {status}\r\n{extra}Content-Length: {len(content)}\r\n\r\n".encode() + content


@contextmanager
def recording_server() -> Iterator[RecordingServer]:
    """The server, listening on a port of its own until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    recorder = RecordingServer(port=listener.getsockname()[1])
    threads = [threading.Thread(target=_accept, args=(listener, recorder))]
    threads[0].start()
    try:
        yield recorder
    finally:
        recorder.ended.set()
        # A connection of our own is what ends the wait in accept.
        socket.create_connection(("127.0.0.1", recorder.port)).close()
        threads[0].join()
        listener.close()


def _accept(listener: socket.socket, recorder: RecordingServer) -> None:
    serving: list[threading.Thread] = []
    opened: list[socket.socket] = []
    while True:
        connection, _ = listener.accept()
        opened.append(connection)
        if recorder.ended.is_set():
            break
        recorder.connections += 1
        serving.append(threading.Thread(target=_serve, args=(connection, recorder)))
        serving[-1].start()
    for connection in opened:
        if connection.fileno() >= 0:
            _shut_down(connection)
    for thread in serving:
        thread.join()
    for connection in opened:
        connection.close()


def _shut_down(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client has closed it


def _serve(connection: socket.socket, recorder: RecordingServer) -> None:
    try:
        with connection, connection.makefile("rb") as stream:
            while request := _read_request(stream):
                recorder.requests.append(request)
                number = min(len(recorder.requests), len(recorder.answers)) - 1
                answer = recorder.answers[number]
                if callable(answer):
                    answer(connection)
                    break
                connection.sendall(answer)
    except OSError:
        return  # the client closed the connection, as in some tests
    recorder.connection_closed.set()


def _read_request(stream: BinaryIO) -> Request | None:
    line = stream.readline().decode().strip()
    headers = {}
    while (header := stream.readline().decode().strip()) != "":
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0))).decode()
    return Request(line, headers, body) if line else None
