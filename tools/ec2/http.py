"""One HTTP POST, with a timeout for connecting and another for the whole answer.

Socket timeouts alone hold for each read, so that a server that sends a byte a second would keep a
command waiting for ever; here each read gets the time that is left until one deadline.
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

from tools.ec2.command_spec import CommandError, UsageError

ANSWER_LIMIT = 32 * 1024 * 1024  # bytes of an answer, headers included
_TLS_ALERT = "\x15\x03"  # begins the alert with which a TLS server answers plain HTTP
NO_ANSWER = 3  # exit status when the endpoint gave no usable answer

Trace = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Timeouts:
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
class HttpResponse:
    """An HTTP answer, read to its end."""

    status: int
    body: bytes


def parse_url(url: str) -> Endpoint:
    """The endpoint of a URL; `UsageError` if it is no http or https URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"not a URL: '{url}' ({error})") from error
    # A control character in a URL would end the request line.
    unsafe = not url.isprintable() or " " in url
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or unsafe:
        raise UsageError(f"not an http or https URL: '{url}'")
    secure = parts.scheme == "https"
    query = f"?{parts.query}" if parts.query else ""
    target = (parts.path or "/") + query
    if not target.isascii():
        raise UsageError(f"not an http or https URL: '{url}'")
    return Endpoint(url, secure, parts.hostname, port or (443 if secure else 80), target)


class _Deadline:
    """A time limit, and the error that is raised when it has passed."""

    def __init__(self, seconds: int, error: CommandError) -> None:
        self._at = monotonic() + seconds if seconds else None
        self.error = error

    def remaining(self) -> float | None:
        """The seconds left, None for no limit; raises the error when there are none."""
        if self._at is None:
            return None
        remaining = self._at - monotonic()
        if remaining <= 0:
            raise self.error
        return remaining


class _TooLargeError(Exception):
    """The answer is larger than the limit."""


class _BoundedStream(io.RawIOBase):
    """A socket's incoming bytes, read within the deadline and the limit of size."""

    def __init__(self, sock: socket.socket, deadline: _Deadline) -> None:
        self._sock, self._deadline = sock, deadline
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._deadline.remaining())
        count = self._sock.recv_into(buffer)
        self.count += count
        if self.count > ANSWER_LIMIT:
            raise _TooLargeError
        return count


class _Response(http.client.HTTPResponse):
    """http.client's response, which may be closed half-read."""

    def flush(self) -> None:
        """Do nothing: when the stream below is closed already, the standard method complains about
        it to stderr (Python 3.13)."""


class _ReadableSocket:
    """The interface of a socket that http.client needs to read an answer."""

    def __init__(self, stream: _BoundedStream) -> None:
        self._stream = stream

    def makefile(self, mode: str) -> io.BufferedReader:
        """The stream, whatever the mode."""
        del mode
        return io.BufferedReader(self._stream, 64 * 1024)


def post(
    endpoint: Endpoint, body: bytes, headers: dict[str, str], timeouts: Timeouts, trace: Trace
) -> HttpResponse:
    """The answer to one POST.

    Raises:
        CommandError: with the code Client.ConnectionTimeout, Client.RequestTimeout,
            Client.ConnectionFailure or Client.UnreadableAnswer.
    """
    sock = _connect(endpoint, timeouts, trace)
    late = (
        f"no complete answer from {endpoint.url} within {timeouts.request} s (--request-timeout);"
    )
    deadline = _Deadline(
        timeouts.request,
        _no_answer("RequestTimeout", f"{late} the request may have been carried out all the same"),
    )
    stream = _BoundedStream(sock, deadline)
    try:
        answer = _exchange(sock, stream, _request_bytes(endpoint, body, headers), deadline)
    except TimeoutError:
        raise deadline.error from None
    except _TooLargeError:
        text = f"{endpoint.url} answers with more than {ANSWER_LIMIT} bytes"
        raise _no_answer("UnreadableAnswer", text) from None
    except http.client.IncompleteRead as error:
        text = f"{endpoint.url} closed the connection in the middle of its answer ({error})"
        raise _no_answer("UnreadableAnswer", text) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        # This includes a server that closes the connection without an answer.
        hint = " but a TLS alert (should the URL begin with https?)"
        text = (
            f"{endpoint.url} gave no HTTP answer{hint if _TLS_ALERT in str(error) else ''}:"
            f" {type(error).__name__}: {error}"
        )
        raise _no_answer("UnreadableAnswer", text) from error
    finally:
        sock.close()
    trace(f"HTTP {answer.status}, {stream.count} bytes")
    return answer


def _exchange(
    sock: socket.socket, stream: _BoundedStream, request: bytes, deadline: _Deadline
) -> HttpResponse:
    sock.settimeout(deadline.remaining())
    try:
        sock.sendall(request)
    except (BrokenPipeError, ConnectionResetError):
        # A server may answer and close before it has read the whole request; its answer says why.
        sock.settimeout(deadline.remaining())
    response = _Response(_ReadableSocket(stream), method="POST")  # type: ignore[arg-type]  # only makefile is used
    response.begin()
    if response.length is None and (length := response.getheader("Content-Length")):
        raise http.client.HTTPException(f"Content-Length: {length}")
    if (response.length or 0) > ANSWER_LIMIT:
        raise _TooLargeError
    return HttpResponse(response.status, response.read())


def _request_bytes(endpoint: Endpoint, body: bytes, headers: dict[str, str]) -> bytes:
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host.encode("idna").decode()
    port = "" if endpoint.port == (443 if endpoint.secure else 80) else f":{endpoint.port}"
    lines = [f"POST {endpoint.target} HTTP/1.1", f"Host: {host}{port}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def _connect(endpoint: Endpoint, timeouts: Timeouts, trace: Trace) -> socket.socket:
    text = f"no connection to {endpoint.url} within {timeouts.connection} s (--connection-timeout)"
    deadline = _Deadline(timeouts.connection, _no_answer("ConnectionTimeout", text))
    last: OSError = OSError(f"{endpoint.host} has no address")
    for family, kind, protocol, _, address in _resolve(endpoint, deadline):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(deadline.remaining())
            sock.connect(address)
            trace(f"connected to {address[0]} port {address[1]}")
            return _start_tls(sock, endpoint, deadline) if endpoint.secure else sock
        except TimeoutError:
            sock.close()
            raise deadline.error from None
        except OSError as error:
            sock.close()
            last = error
        except CommandError:
            sock.close()
            raise
    raise _no_answer("ConnectionFailure", f"no connection to {endpoint.url}: {last}")


def _start_tls(sock: socket.socket, endpoint: Endpoint, deadline: _Deadline) -> socket.socket:
    sock.settimeout(deadline.remaining())
    try:
        return ssl.create_default_context().wrap_socket(sock, server_hostname=endpoint.host)
    except ssl.SSLError as error:
        if error.reason == "WRONG_VERSION_NUMBER":  # OpenSSL's name for an answer in plain text
            text = f"no TLS answer (should the URL begin with http?): {error}"
            raise OSError(text) from error
        raise


def _resolve(endpoint: Endpoint, deadline: _Deadline) -> list[Any]:
    """The addresses of the host; looked up in a thread, since a look-up has no timeout."""
    addresses: list[Any] = []
    errors: list[Exception] = []

    def look_up() -> None:
        try:
            addresses.extend(
                socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
            )
        except (OSError, UnicodeError) as error:
            errors.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(deadline.remaining())
    if thread.is_alive():
        raise deadline.error
    if errors:
        raise _no_answer("ConnectionFailure", f"no connection to {endpoint.url}: {errors[0]}")
    return addresses


def _no_answer(code: str, text: str) -> CommandError:
    return CommandError(f"Client.{code}", text, NO_ANSWER)
