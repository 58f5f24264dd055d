"""The bench of S3: `conform serve` beside moto_server, at the same time, with the same client.

The client is http.client on a kept connection, with signature version 2; replies are read as a
whole and their entries counted. Rounds go to the two servers in turn, so that other load of the
machine affects both.
"""

from __future__ import annotations

import http.client
import re
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from fixtures.clients.s3 import signing
from fixtures.model import HarnessError
from fixtures.targets.moto import MotoServer
from tools.bench.full_bucket import BUCKET, key
from tools.bench.measurement import BenchOptions, Measurement, started_module

KIB, MIB = 2**10, 2**20
ROUNDS = 20
KEYS = 100_000
PAGE = 1000  # keys
HUGE = 1024  # MiB
MOST_GROWTH = 64  # MiB of memory, for an object of `HUGE`
MOTO_SCOPE = (
    "AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=0"
)
Ratio = tuple[float, float, float]  # milliseconds of ours and of moto's, the wanted ratio

_ENTRY = re.compile(rb"<Contents>")


class S3Client:
    """Signed S3 requests over a kept connection.

    `authorization` is sent in place of the signature, which is computed all the same: moto verifies
    none, and fails on those with four slashes.
    """

    def __init__(
        self, url: str, access_key: str, secret_key: str, authorization: str | None = None
    ) -> None:
        self._authorization = authorization
        parts = urlsplit(url)
        self._path, self._access_key, self._secret = parts.path.rstrip("/"), access_key, secret_key
        self.connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=120)

    def headers(self, method: str, path: str) -> dict[str, str]:
        """Date and signature for a path without query, below the endpoint's path."""
        date = signing.http_date(datetime.now(UTC))
        text = signing.string_to_sign(method, {}, date, f"{self._path}{path}")
        signature = signing.signature(self._secret, text)
        authorization = self._authorization or f"AWS {self._access_key}:{signature}"
        return {"Date": date, "Authorization": authorization}

    def call(self, method: str, path: str, body: bytes | None = None, query: str = "") -> bytes:
        """The body of the reply; `HarnessError` if it is an error."""
        target, headers = f"{self._path}{path}{query}", self.headers(method, path)
        self.connection.request(method, target, body, headers)
        response = self.connection.getresponse()
        reply = response.read()
        if response.status != http.client.OK:
            raise HarnessError(f"{method} {path} was answered with {response.status}: {reply!r}")
        return reply

    def stream(self, method: str, path: str, size: int) -> None:
        """Send (PUT) or receive (GET) `size` bytes, a block at a time."""
        block = bytes(MIB)
        self.connection.putrequest(method, f"{self._path}{path}")
        for name, value in self.headers(method, path).items():
            self.connection.putheader(name, value)
        if method == "PUT":
            self.connection.putheader("Content-Length", str(size))
        self.connection.endheaders()
        for _ in range(size // MIB if method == "PUT" else 0):
            self.connection.send(block)
        response, received = self.connection.getresponse(), 0
        while piece := response.read(MIB):
            received += len(piece)
        if response.status != http.client.OK or received != (size if method == "GET" else 0):
            raise HarnessError(
                f"{method} of {size} bytes: {response.status}, {received} bytes received"
            )


def measure(options: BenchOptions) -> Iterator[Measurement]:
    """Requests to both servers, then the memory that ours needs for a large object."""
    del options
    for what, (ours, moto, wanted) in _compare():
        yield Measurement(f"S3: {what}", ours, moto, wanted)
    for what, mebibytes in _memory_growth():
        yield Measurement(f"S3: {what}", mebibytes, limit=MOST_GROWTH, unit="MiB")


def _compare() -> Iterator[tuple[str, Ratio]]:
    with _conform_server() as (url, access_key, secret_key, _), MotoServer() as moto:
        sides = S3Client(url, access_key, secret_key), S3Client(moto.url, "AK", "SK", MOTO_SCOPE)
        for side in sides:
            side.call("PUT", "/bench")
        small, large = bytes(KIB), bytes(8 * MIB)
        yield (
            "PUT of 1 KiB",
            _in_turn(sides, 40, lambda c, n: c.call("PUT", f"/bench/{n}", small), 4),
        )
        yield "GET of 1 KiB", _in_turn(sides, 40, lambda c, n: c.call("GET", f"/bench/{n}"), 6)
        yield "PUT of 8 MiB", _in_turn(sides, 1, lambda c, _: c.call("PUT", "/bench/8", large), 1.5)
        yield "GET of 8 MiB", _in_turn(sides, 1, lambda c, _: c.call("GET", "/bench/8"), 1)
    yield f"page of {PAGE:,} keys out of {KEYS:,}", _pages()


def _in_turn(
    sides: tuple[S3Client, S3Client],
    times: int,
    work: Callable[[S3Client, int], object],
    wanted: float,
) -> Ratio:
    """Median milliseconds of a request to each side: `times` requests to one, then to the other,
    in `ROUNDS` rounds after one that does not count. `work` gets a number, new in each round.
    """
    taken: tuple[list[float], list[float]] = ([], [])
    for begin in range(0, (ROUNDS + 1) * times, times):
        for side, each in zip(sides, taken, strict=True):
            for number in range(begin, begin + times):
                started = time.perf_counter()
                work(side, number)
                each.append((time.perf_counter() - started) * 1000)
    ours, moto = (statistics.median(each[times:]) for each in taken)
    return ours, moto, wanted


def _pages() -> Ratio:
    """A page of keys from the middle of a full bucket."""
    with ExitStack() as stack:
        ours, moto = (stack.enter_context(_full_bucket(side)) for side in ("ours", "moto"))
        sides = (
            S3Client(ours["s3"], ours["access_key"], ours["secret_key"]),
            S3Client(moto["s3"], "AK", "SK", MOTO_SCOPE),
        )

        def page(client: S3Client, number: int) -> None:
            marker = key(KEYS // 2 + number)
            reply = client.call("GET", f"/{BUCKET}", query=f"?max-keys={PAGE}&marker={marker}")
            if len(_ENTRY.findall(reply)) != PAGE:
                raise HarnessError(f"a page of {PAGE} keys is another one: {reply[:200]!r}")

        return _in_turn(sides, 1, page, 20)


def _memory_growth() -> Iterator[tuple[str, float]]:
    """MiB of memory that the server needs more while it receives and sends a large object."""
    with _conform_server() as (url, access_key, secret_key, process):
        client = S3Client(url, access_key, secret_key)
        client.call("PUT", "/bench")
        client.call("PUT", "/bench/small", b"x")
        for method in ("PUT", "GET"):
            Path(f"/proc/{process}/clear_refs").write_text("5")  # resets the peak
            before = _peak(process)
            client.stream(method, "/bench/huge", HUGE * MIB)
            yield f"{method} of {HUGE:,} MiB, memory", _peak(process) - before


def _peak(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / KIB


@contextmanager
def _conform_server() -> Iterator[tuple[str, str, str, int]]:
    """`conform serve`: URL of its S3, access key, secret key, process id."""
    with started_module("tools.conform", "serve") as (process, details):
        user = details["users"][0]
        yield details["s3"], user["access_key"], user["secret_key"], process.pid


@contextmanager
def _full_bucket(side: str) -> Iterator[dict[str, str]]:
    with started_module("tools.bench.full_bucket", side, str(KEYS)) as (_, details):
        yield details
