"""One HTTP POST, given up at the given time: connecting has a limit, the whole answer another.

Socket timeouts alone hold for each read, so that a server that drips a byte a second would hold a
command for ever; here each read gets what is left until a fixed moment.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from tools.ec2.command_spec import Failure, WrongUsage

ANSWER_LIMIT = 32 * 1024 * 1024  # bytes of an answer, headers included
NO_ANSWER = 3  # exit status when the endpoint gave no answer that could be used

Trace = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds to wait; 0 waits for ever."""

    connection: int = 15
    request: int = 30


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where requests go."""

    url: str
    secure: bool
    host: str
    port: int
    target: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, read to its end."""

    status: int
    body: bytes


def endpoint(url: str) -> Endpoint:
    """The endpoint of a URL; `WrongUsage` if it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as bad:
        raise WrongUsage(f"not a URL: '{url}' ({bad})") from bad
    # A control character in a URL would end the request line.
    spoiled = not url.isprintable() or " " in url
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or spoiled:
        raise WrongUsage(f"not an http or https URL: '{url}'")
    secure = parts.scheme == "https"
    query = f"?{parts.query}" if parts.query else ""
    target = (parts.path or "/") + query
    if not target.isascii():
        raise WrongUsage(f"not an http or https URL: '{url}'")
    return Endpoint(url, secure, parts.hostname, port or (443 if secure else 80), target)


class _Deadline:
    """A moment that nothing may outlast, and who is to blame if something would."""

    def __init__(self, seconds: int, timed_out: Failure) -> None:
        self._at = monotonic() + seconds if seconds else None
        self.timed_out = timed_out

    def left(self) -> float | None:
        """The seconds left, None for no limit; raises when there are none."""
        if self._at is None:
            return None
        left = self._at - monotonic()
        if left <= 0:
            raise self.timed_out
        return left


class _TooMuchError(Exception):
    """The answer is larger than the limit."""


class _Stream(io.RawIOBase):
    """A socket's incoming bytes, read within the deadline and the limit of size."""

    def __init__(self, sock: socket.socket, deadline: _Deadline) -> None:
        self._sock, self._deadline = sock, deadline
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._deadline.left())
        count = self._sock.recv_into(buffer)
        self.count += count
        if self.count > ANSWER_LIMIT:
            raise _TooMuchError
        return count


class _Response(http.client.HTTPResponse):
    """An answer that may be let go of half-read."""

    def flush(self) -> None:
        """Nothing: when the stream below is closed already, the standard one complains about it
        to stderr (Python 3.13)."""


class _Incoming:
    """What http.client takes for a socket when it reads an answer."""

    def __init__(self, stream: _Stream) -> None:
        self._stream = stream

    def makefile(self, mode: str) -> io.BufferedReader:
        """The stream, whatever the mode."""
        del mode
        return io.BufferedReader(self._stream, 64 * 1024)


def post(
    to: Endpoint, body: bytes, headers: dict[str, str], limits: Limits, trace: Trace
) -> Answer:
    """The answer to one POST.

    Errors: `Failure` with the code Client.ConnectionTimeout, Client.RequestTimeout,
    Client.ConnectionFailure or Client.UnreadableAnswer.
    """
    sock = _connected(to, limits, trace)
    late = f"no complete answer from {to.url} within {limits.request} s (--request-timeout);"
    deadline = _Deadline(
        limits.request,
        _failure("RequestTimeout", f"{late} the request may have been carried out all the same"),
    )
    stream = _Stream(sock, deadline)
    try:
        answer = _exchanged(sock, stream, _written(to, body, headers), deadline)
    except TimeoutError:
        raise deadline.timed_out from None
    except _TooMuchError:
        text = f"{to.url} answers with more than {ANSWER_LIMIT} bytes"
        raise _failure("UnreadableAnswer", text) from None
    except http.client.IncompleteRead as cut:
        text = f"{to.url} closed the connection in the middle of its answer ({cut})"
        raise _failure("UnreadableAnswer", text) from cut
    except (OSError, http.client.HTTPException, ValueError) as broken:
        # The two that come from a server that says nothing at all have texts of their own.
        text = f"{to.url} gave no HTTP answer: {type(broken).__name__}: {broken}"
        raise _failure("UnreadableAnswer", text) from broken
    finally:
        sock.close()
    trace(f"HTTP {answer.status}, {stream.count} bytes")
    return answer


def _exchanged(sock: socket.socket, stream: _Stream, request: bytes, deadline: _Deadline) -> Answer:
    sock.settimeout(deadline.left())
    try:
        sock.sendall(request)
    except (BrokenPipeError, ConnectionResetError):
        # A server may answer, and close, before it has read all; its answer says why.
        sock.settimeout(deadline.left())
    response = _Response(_Incoming(stream), method="POST")  # type: ignore[arg-type]  # only makefile is used
    response.begin()
    if response.length is None and (told := response.getheader("Content-Length")):
        raise http.client.HTTPException(f"Content-Length: {told}")
    if (response.length or 0) > ANSWER_LIMIT:
        raise _TooMuchError
    return Answer(response.status, response.read())


def _written(to: Endpoint, body: bytes, headers: dict[str, str]) -> bytes:
    host = f"[{to.host}]" if ":" in to.host else to.host.encode("idna").decode()
    port = "" if to.port == (443 if to.secure else 80) else f":{to.port}"
    lines = [f"POST {to.target} HTTP/1.1", f"Host: {host}{port}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def _connected(to: Endpoint, limits: Limits, trace: Trace) -> socket.socket:
    text = f"no connection to {to.url} within {limits.connection} s (--connection-timeout)"
    deadline = _Deadline(limits.connection, _failure("ConnectionTimeout", text))
    last: OSError = OSError(f"{to.host} has no address")
    for family, kind, protocol, _, address in _resolved(to, deadline):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(deadline.left())
            sock.connect(address)
            trace(f"connected to {address[0]} port {address[1]}")
            return _secured(sock, to, deadline) if to.secure else sock
        except TimeoutError:
            sock.close()
            raise deadline.timed_out from None
        except OSError as refused:
            sock.close()
            last = refused
        except Failure:
            sock.close()
            raise
    raise _failure("ConnectionFailure", f"no connection to {to.url}: {last}")


def _secured(sock: socket.socket, to: Endpoint, deadline: _Deadline) -> socket.socket:
    sock.settimeout(deadline.left())
    return ssl.create_default_context().wrap_socket(sock, server_hostname=to.host)


def _resolved(to: Endpoint, deadline: _Deadline) -> list[Any]:
    """The addresses of the host; looked up in a thread, since nothing else ends a look-up."""
    found: list[Any] = []
    trouble: list[Exception] = []

    def look_up() -> None:
        try:
            found.extend(socket.getaddrinfo(to.host, to.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as unknown:
            trouble.append(unknown)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(deadline.left())
    if thread.is_alive():
        raise deadline.timed_out
    if trouble:
        raise _failure("ConnectionFailure", f"no connection to {to.url}: {trouble[0]}")
    return found


def _failure(code: str, text: str) -> Failure:
    return Failure(f"Client.{code}", text, NO_ANSWER)
