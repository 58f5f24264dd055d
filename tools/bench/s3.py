"""The bench of S3: `conform serve` beside moto_server, one client, both in the same minutes.

The client is the same for both: http.client on a kept connection, signature version 2; what comes
back is read whole, and counted. Rounds go to one server and the other in turn, so that whatever
else the machine does, it does to both.
"""

from __future__ import annotations

import http.client
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fixtures.clients.s3 import signing
from fixtures.model import HarnessError
from fixtures.targets.moto import MotoServer
from tools.bench.full_bucket import BUCKET, key

KIB, MIB = 2**10, 2**20
ROUNDS = 20
KEYS = 100_000
PAGE = 1000  # keys
HUGE = 1024  # MiB
MOST_GROWN = 64  # MiB of memory, for an object of `HUGE`
MOTO_SCOPE = (
    "AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=0"
)
Compared = tuple[float, float, float]  # milliseconds of ours and of moto's, times that are wanted

_ENTRY = re.compile(rb"<Contents>")


class Client:
    """Signed S3 requests over one kept connection.

    `authorization` takes the place of the signature, which is computed all the same: moto verifies
    none, and stumbles over those that have four slashes.
    """

    def __init__(
        self, url: str, access_key: str, secret_key: str, authorization: str | None = None
    ) -> None:
        self._authorization = authorization
        parts = urlsplit(url)
        self._path, self._access_key, self._secret = parts.path.rstrip("/"), access_key, secret_key
        self.connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=120)

    def headers(self, method: str, path: str) -> dict[str, str]:
        """Date and signature; path without query, below the endpoint's."""
        date = signing.http_date(datetime.now(UTC))
        text = signing.string_to_sign(method, {}, date, f"{self._path}{path}")
        made = signing.signature(self._secret, text)
        signed = self._authorization or f"AWS {self._access_key}:{made}"
        return {"Date": date, "Authorization": signed}

    def ask(self, method: str, path: str, body: bytes | None = None, query: str = "") -> bytes:
        """The body of an answer; `HarnessError` if it is a refusal."""
        target, headers = f"{self._path}{path}{query}", self.headers(method, path)
        self.connection.request(method, target, body, headers)
        response = self.connection.getresponse()
        answer = response.read()
        if response.status != http.client.OK:
            raise HarnessError(f"{method} {path} was answered with {response.status}: {answer!r}")
        return answer

    def stream(self, method: str, path: str, size: int) -> None:
        """So many bytes sent, or received, a block at a time."""
        block = bytes(MIB)
        self.connection.putrequest(method, f"{self._path}{path}")
        for name, value in self.headers(method, path).items():
            self.connection.putheader(name, value)
        if method == "PUT":
            self.connection.putheader("Content-Length", str(size))
        self.connection.endheaders()
        for _ in range(size // MIB if method == "PUT" else 0):
            self.connection.send(block)
        response, got = self.connection.getresponse(), 0
        while piece := response.read(MIB):
            got += len(piece)
        if response.status != http.client.OK or got != (size if method == "GET" else 0):
            raise HarnessError(f"{method} of {size} bytes: {response.status}, {got} bytes came")


def compared() -> Iterator[tuple[str, Compared]]:
    """Each line that compares: what, and the figures."""
    with _served() as (url, access_key, secret_key, _), MotoServer() as moto:
        sides = Client(url, access_key, secret_key), Client(moto.url, "AK", "SK", MOTO_SCOPE)
        for side in sides:
            side.ask("PUT", "/bench")
        small, large = bytes(KIB), bytes(8 * MIB)
        yield (
            "PUT of 1 KiB",
            _in_turn(sides, 40, lambda c, n: c.ask("PUT", f"/bench/{n}", small), 4),
        )
        yield "GET of 1 KiB", _in_turn(sides, 40, lambda c, n: c.ask("GET", f"/bench/{n}"), 6)
        yield "PUT of 8 MiB", _in_turn(sides, 1, lambda c, _: c.ask("PUT", "/bench/8", large), 1.5)
        yield "GET of 8 MiB", _in_turn(sides, 1, lambda c, _: c.ask("GET", "/bench/8"), 1)
    yield f"page of {PAGE:,} keys out of {KEYS:,}", _pages()


def _in_turn(
    sides: tuple[Client, Client], times: int, work: Callable[[Client, int], object], wanted: float
) -> Compared:
    """Milliseconds that a request takes, the median of all; so many go to one side, then to the
    other, in `ROUNDS` rounds after one that does not count.

    Requests have numbers, others in each round.
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


def _pages() -> Compared:
    """A page from the middle of a full bucket."""
    with ExitStack() as stack:
        told = [stack.enter_context(_shelves(side)) for side in ("ours", "moto")]
        ours, moto = told
        sides = (
            Client(ours["s3"], ours["access_key"], ours["secret_key"]),
            Client(moto["s3"], "AK", "SK", MOTO_SCOPE),
        )

        def page(client: Client, number: int) -> None:
            marker = key(KEYS // 2 + number)
            answer = client.ask("GET", f"/{BUCKET}", query=f"?max-keys={PAGE}&marker={marker}")
            if len(_ENTRY.findall(answer)) != PAGE:
                raise HarnessError(f"a page of {PAGE} keys has others: {answer[:200]!r}")

        return _in_turn(sides, 1, page, 20)


def grown() -> Iterator[tuple[str, float]]:
    """What an object of a gigabyte takes of memory on its way in and out, in MiB."""
    with _served() as (url, access_key, secret_key, process):
        client = Client(url, access_key, secret_key)
        client.ask("PUT", "/bench")
        client.ask("PUT", "/bench/small", b"x")
        for method in ("PUT", "GET"):
            Path(f"/proc/{process}/clear_refs").write_text("5")  # forget the peak so far
            before = _peak(process)
            client.stream(method, "/bench/huge", HUGE * MIB)
            yield f"{method} of {HUGE:,} MiB, memory", _peak(process) - before


def _peak(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / KIB


@contextmanager
def _served() -> Iterator[tuple[str, str, str, int]]:
    """`conform serve`: its S3, a user's keys, and the process."""
    with _process("tools.conform.main", "serve") as (process, told):
        user = told["users"][0]
        yield told["s3"], user["access_key"], user["secret_key"], process.pid


@contextmanager
def _shelves(side: str) -> Iterator[dict[str, str]]:
    with _process("tools.bench.full_bucket", side, str(KEYS)) as (_, told):
        yield told


@contextmanager
def _process(*words: str) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    command = [sys.executable, "-m", *words]
    pipe, quiet = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=quiet) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise HarnessError(f"{' '.join(words)} did not start")
            yield process, json.loads(line)
        finally:
            process.terminate()
