"""The bench of observation: a CloudStack call through the recording proxy, and a run through it."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import uvloop

from fixtures.model import HarnessError
from tools.bench.measurement import BenchOptions, Measurement, started_module

CONFORM = "tools.conform"
SUITES = ("instances", "volumes", "groups")
# Live deployments cannot be made to fail, and their time does not jump.
COMPARABLE = "not cloudstack-fails and not replayed"
MOST_ADDED, LEAST_RATE, MOST_TIMES = 1.0, 1500.0, 1.3  # ms, requests/s, times the duration
_BODY = b'{ "listzonesresponse" : { "count":1 ,"zone" : [  {"id":"%s"} ] } }' % (b"z" * 900)
_REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(_BODY), _BODY)
_REQUEST = (
    b"GET /client/api?command=listZones&available=true&response=json&apikey=%s&signature=%s "
    b"HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
) % (b"k" * 86, b"s" * 30)


def measure(options: BenchOptions) -> Iterator[Measurement]:
    """The proxy alone, then runs without and with it."""
    del options
    yield from uvloop.run(_measure_proxy())
    yield from _measure_runs()


class _CloudStack(asyncio.Protocol):
    """Sends the same reply to every request."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transport is not a subclass of asyncio.Transport
        self._write = cast(asyncio.Transport, transport).write

    def data_received(self, data: bytes) -> None:
        self._write(_REPLY * data.count(b"\r\n\r\n"))


async def _request_times(url: str, times: int) -> list[float]:
    """Milliseconds of each of this number of requests over one connection."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        writer.write(_REQUEST)
        await reader.readexactly(len(_REPLY))
        taken.append((time.perf_counter() - started) * 1000)
    writer.close()
    await writer.wait_closed()
    return taken


async def _measure_proxy() -> list[Measurement]:
    server = await asyncio.get_running_loop().create_server(_CloudStack, "127.0.0.1", 0)
    direct = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    with tempfile.TemporaryDirectory() as scratch:
        options = ["--listen", "127.0.0.1:0", "--upstream", direct, "--out", f"{scratch}/calls"]
        with started_module(CONFORM, "record", *options) as (_, details):
            proxied = details["listen"]
            alone = await _request_times(direct, 2000)
            through = await _request_times(proxied, 2000)
            started = time.perf_counter()
            await asyncio.gather(*(_request_times(proxied, 1000) for _ in range(8)))
            each = (time.perf_counter() - started) / 8
    server.close()
    added = statistics.median(through) - statistics.median(alone)
    return [
        Measurement("proxy, added to a call", added, limit=MOST_ADDED),
        Measurement("proxy, each of many calls", each, limit=1000 / LEAST_RATE),
    ]


def _run_time(scratch: Path, *target: str) -> float:
    """Milliseconds of a run of some suites, from its start to its end."""
    suites = [word for suite in SUITES for word in ("--suite", suite)]
    command = [sys.executable, "-m", CONFORM, "run", "-n", "1", "--out", str(scratch / "out")]
    started = time.perf_counter()
    done = subprocess.run(
        [*command, *suites, *target, "--", "-k", COMPARABLE],
        capture_output=True,
        text=True,
        check=False,
    )
    if "passed" not in done.stdout or "failed" in done.stdout:
        raise HarnessError(f"the run did not pass: {done.stdout[-300:]} {done.stderr[-300:]}")
    return (time.perf_counter() - started) * 1000


def _measure_runs() -> Iterator[Measurement]:
    with tempfile.TemporaryDirectory() as name:
        scratch, profile = Path(name), f"{name}/p.toml"
        simulated = _run_time(scratch)
        with started_module(CONFORM, "serve", "--write-profile", profile, "--observer", "proxy"):
            live = _run_time(scratch, "--target", profile)
    what = f"run of {', '.join(SUITES)}"
    yield Measurement(f"{what}: simulated", simulated)
    yield Measurement(f"{what}: served, proxied", live, limit=MOST_TIMES * simulated)
