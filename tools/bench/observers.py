"""What watching costs: a CloudStack call through the recording proxy, and a run through it."""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import uvloop

from fixtures.model import HarnessError

CONFORM = (sys.executable, "-m", "tools.conform")
SUITES = ("instances", "volumes", "groups")
# Live deployments do not fail on order, and time is not put forward for them.
COMPARABLE = "not cloudstack-fails and not replayed"
MOST_ADDED, LEAST_RATE, MOST_TIMES = 1.0, 1500.0, 1.3  # ms, requests/s, wall time
_BODY = b'{ "listzonesresponse" : { "count":1 ,"zone" : [  {"id":"%s"} ] } }' % (b"z" * 900)
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(_BODY), _BODY)
_ASKED = (
    b"GET /client/api?command=listZones&available=true&response=json&apikey=%s&signature=%s "
    b"HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
) % (b"k" * 86, b"s" * 30)

Figures = dict[str, tuple[float, float | None]]  # what → milliseconds, and how many it may take


class _CloudStack(asyncio.Protocol):
    """Answers every request alike."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._write = cast(asyncio.Transport, transport).write  # uvloop's is none by descent

    def data_received(self, data: bytes) -> None:
        self._write(_ANSWER * data.count(b"\r\n\r\n"))


async def _ask(url: str, times: int) -> list[float]:
    """Milliseconds of each of so many requests over one connection."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        writer.write(_ASKED)
        await reader.readexactly(len(_ANSWER))
        taken.append((time.perf_counter() - started) * 1000)
    writer.close()
    await writer.wait_closed()
    return taken


async def _passing() -> Figures:
    server = await asyncio.get_running_loop().create_server(_CloudStack, "127.0.0.1", 0)
    direct = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    with tempfile.TemporaryDirectory() as scratch, _recording(direct, scratch) as proxied:
        alone, through = await _ask(direct, 2000), await _ask(proxied, 2000)
        started = time.perf_counter()
        await asyncio.gather(*(_ask(proxied, 1000) for _ in range(8)))
        each = (time.perf_counter() - started) / 8
    server.close()
    added = statistics.median(through) - statistics.median(alone)
    return {
        "proxy, added to a call": (added, MOST_ADDED),
        "proxy, each of many calls": (each, 1000 / LEAST_RATE),
    }


@contextmanager
def _recording(upstream: str, scratch: str) -> Iterator[str]:
    """`conform record` in a process of its own; its address."""
    options = ["--listen", "127.0.0.1:0", "--upstream", upstream, "--out", f"{scratch}/calls"]
    with _started("record", *options) as told:
        yield told["listen"]


@contextmanager
def _started(*words: str) -> Iterator[dict[str, str]]:
    with subprocess.Popen([*CONFORM, *words], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise HarnessError(f"conform {words[0]} did not start")
            yield json.loads(line)
        finally:
            process.terminate()


def _run(scratch: Path, *target: str) -> float:
    """Milliseconds of a run of some suites, from its start to its end."""
    suites = [word for suite in SUITES for word in ("--suite", suite)]
    command = [*CONFORM, "run", "-n", "1", "--out", str(scratch / "out"), *suites, *target]
    started = time.perf_counter()
    done = subprocess.run(
        [*command, "--", "-k", COMPARABLE], capture_output=True, text=True, check=False
    )
    if "passed" not in done.stdout or "failed" in done.stdout:
        raise HarnessError(f"the run did not pass: {done.stdout[-300:]} {done.stderr[-300:]}")
    return (time.perf_counter() - started) * 1000


def _runs() -> Figures:
    with tempfile.TemporaryDirectory() as name:
        scratch, profile = Path(name), f"{name}/p.toml"
        simulated = _run(scratch)
        with _started("serve", "--write-profile", profile, "--observer", "proxy"):
            live = _run(scratch, "--target", profile)
    what = f"run of {', '.join(SUITES)}"
    return {
        f"{what}: simulated": (simulated, None),
        f"{what}: served, proxied": (live, MOST_TIMES * simulated),
    }


def figures() -> Figures:
    """Every line about watching."""
    return {**uvloop.run(_passing()), **_runs()}
