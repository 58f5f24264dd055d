"""The bench: the simulated deployment beside moto_server, one client, one run, ratios.

The client is the same for both: http.client on a kept connection, signature version 2, replies read
whole and counted by their instance ids; nothing is parsed, so that the servers are compared and not
an XML parser. Each of our calls makes signed CloudStack calls behind, moto's make none.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from fixtures.clients.base import Ec2Endpoint
from fixtures.clients.ec2 import signature_v2
from fixtures.database import NoDatabase
from fixtures.model import HarnessError
from fixtures.simulator.deployment import Deployment
from fixtures.targets.moto import MotoServer
from reports.record.run_directory import ROOT, write_atomically
from tools.bench import failover, observers, s3

LISTED = re.compile(rb"<instanceId>")
# By its scope moto_server tells EC2 from S3; it verifies no signature.
MOTO_SCOPE = (
    "AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/ec2/aws4_request, "
    "SignedHeaders=host, Signature=0"
)
MOTO_IMAGE = "ami-12c6146b"  # one that moto knows of itself


class Client:
    """Signed EC2 calls over one kept connection."""

    def __init__(self, endpoint: Ec2Endpoint, headers: Mapping[str, str] | None = None) -> None:
        """`headers`: sent besides the usual ones."""
        parts = urlsplit(endpoint.url)
        self._endpoint, self._path, self._host = endpoint, parts.path or "/", parts.netloc
        form = "application/x-www-form-urlencoded"
        self._headers = {"Content-Type": form, **(headers or {})}
        self._connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=120)

    def call(self, action: str, **parameters: str) -> bytes:
        """The body of an answer; `HarnessError` if it is none."""
        signed = {
            "Action": action,
            "Version": self._endpoint.api_version,
            "AWSAccessKeyId": self._endpoint.access_key,
            "SignatureVersion": "2",
            "SignatureMethod": "HmacSHA256",
            "Timestamp": signature_v2.timestamp(),
            **parameters,
        }
        text = signature_v2.string_to_sign("POST", self._host, self._path, signed)
        signed["Signature"] = signature_v2.signature(self._endpoint.secret_key, text)
        body = signature_v2.canonical_query(signed)
        self._connection.request("POST", self._path, body, self._headers)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status != http.client.OK:
            raise HarnessError(f"{action} was answered with {response.status}: {answer[:200]!r}")
        return answer

    def run(self, image: str, count: int = 1) -> None:
        """RunInstances."""
        number = str(count)
        self.call(
            "RunInstances", ImageId=image, InstanceType="m1.small", MinCount=number, MaxCount=number
        )

    def describe(self, wanted: int) -> None:
        """DescribeInstances; that many must be listed."""
        listed = len(LISTED.findall(self.call("DescribeInstances")))
        if listed != wanted:
            raise HarnessError(f"{listed} instances are listed, {wanted} run")

    def close(self) -> None:
        """Lets the connection go."""
        self._connection.close()


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the table: medians in milliseconds (or whatever `unit` says), and how many times
    faster is wanted, or how much it may be."""

    what: str
    ours: float
    moto: float | None = None
    wanted: float | None = None
    limit: float | None = None  # that ours may take
    unit: str = "ms"

    @property
    def missed(self) -> bool:
        """Ours takes longer than it may."""
        if self.limit is not None and self.ours > self.limit:
            return True
        return self.ratio is not None and self.wanted is not None and self.ratio < self.wanted

    @property
    def ratio(self) -> float | None:
        """How many times faster than moto."""
        return None if self.moto is None else self.moto / self.ours


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: how to call it, what to run, and how long it took to answer first."""

    client: Client
    image: str
    first_answer: float


@contextlib.contextmanager
def ours() -> Iterator[Server]:
    """`conform serve` in a process of its own."""
    command = [sys.executable, "-m", "tools.conform", "serve"]
    started = time.perf_counter()
    with _process(command) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline() or "null")
        if ready is None:
            raise HarnessError("the simulated deployment did not start")
        user = ready["users"][0]
        client = Client(Ec2Endpoint(ready["ec2"], user["access_key"], user["secret_key"]))
        client.call("DescribeAvailabilityZones")
        yield Server(client, ready["world"]["image"], time.perf_counter() - started)
        client.close()


@contextlib.contextmanager
def moto() -> Iterator[Server]:
    """`moto_server` in a process of its own."""
    started = time.perf_counter()
    with MotoServer() as server:
        endpoint = Ec2Endpoint(f"{server.url}/", "AK", "SK", "2016-11-15")
        client = Client(endpoint, {"Authorization": MOTO_SCOPE})
        client.call("DescribeAvailabilityZones")
        yield Server(client, MOTO_IMAGE, time.perf_counter() - started)
        client.close()


@contextlib.contextmanager
def _process(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=quiet, stdin=quiet) as process:
        try:
            yield process
        finally:
            process.terminate()


def _median(times: int, work: Callable[[], Any]) -> float:
    """Milliseconds, the median of so many times after a first one that does not count."""
    taken = []
    for _ in range(times + 1):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken[1:])


def _side(server: Server, many: int) -> dict[str, float]:
    """The figures of one server, from empty to `many` instances."""
    client, figures = server.client, {"first answer": server.first_answer * 1000}
    client.run(server.image, 10)
    figures["DescribeInstances, 10"] = _median(20, lambda: client.describe(10))
    figures["RunInstances"] = _median(30, lambda: client.run(server.image))
    running = 10 + 31
    while running < many:
        batch = min(200, many - running)
        client.run(server.image, batch)
        running += batch
    figures[f"DescribeInstances, {many:,}"] = _median(3, lambda: client.describe(many))
    return figures


def _flatness(sizes: Sequence[int]) -> Iterator[Measured]:
    """Our cost per listed instance, in one deployment that fills up."""
    with Deployment() as deployment:
        user = deployment.management.add_account("alice")
        client = Client(Ec2Endpoint(deployment.ec2_url, user.api_key, user.secret_key))
        world, running = deployment.management.world, 0
        order = {
            "templateid": world.template_id,
            "serviceofferingid": world.service_offerings["m1.small"],
            "zoneid": world.zone_id,
        }
        for size in sizes:
            for _ in range(size - running):
                deployment.management.execute(
                    "deployVirtualMachine", order, "alice", recorded=False
                )
            running = size
            taken = _median(5 if size < 5000 else 2, partial(client.describe, size))
            yield Measured(f"per listed instance, of {size:,}", taken / size, None, None)
        client.close()


def measure(many: int, most: int) -> list[Measured]:
    """Every line of the table."""
    with ours() as server:
        our_figures = _side(server, many)
    with moto() as server:
        moto_figures = _side(server, many)
    wanted = {"first answer": 2.0, "RunInstances": 2.0, "DescribeInstances, 10": 8.0}
    table = [
        Measured(what, taken, moto_figures[what], wanted.get(what, 20.0))
        for what, taken in our_figures.items()
    ]
    watching = (
        Measured(what, ms, limit=limit) for what, (ms, limit) in observers.figures().items()
    )
    stored = [
        *(Measured(f"S3: {what}", *figures) for what, figures in s3.compared()),
        *(
            Measured(f"S3: {what}", mib, limit=s3.MOST_GROWN, unit="MiB")
            for what, mib in s3.grown()
        ),
    ]
    failing_over = (Measured(what, ms, limit=limit) for what, ms, limit in _failovers())
    sizes = [size for size in (10, 100, 1000, 10_000) if size <= most]
    return [*table, *stored, *watching, *failing_over, *_flatness(sizes)]


def _failovers() -> list[failover.Figure]:
    """None where there is no MariaDB, which is told."""
    try:
        return [*failover.figures()]
    except NoDatabase as lacking:
        print(f"bench: {lacking}", file=sys.stderr)
        return []


def _shown(lines: Sequence[Measured]) -> Table:
    table = Table("", "ours, ms", "moto, ms", "times faster", "wanted")
    for line in lines:
        wanted = "" if line.wanted is None else f"{line.wanted:g}"
        if line.limit is not None:
            wanted = f"≤ {line.limit:.3f} {line.unit}"
        table.add_row(
            line.what,
            f"{line.ours:.3f}" + ("" if line.unit == "ms" else f" {line.unit}"),
            "" if line.moto is None else f"{line.moto:.3f}",
            "" if line.ratio is None else f"{line.ratio:.1f}",
            f"{wanted} (missed)" if line.missed else wanted,
        )
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, write `bench.json`; 1 if what is wanted was missed."""
    parser = argparse.ArgumentParser(prog="bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--out", type=Path, default=ROOT / "bench.json", help="where the figures go"
    )
    parser.add_argument("--many", type=int, default=1000, help="instances in the long listing")
    parser.add_argument("--most", type=int, default=10_000, help="instances in the longest of ours")
    options = parser.parse_args(arguments)
    try:
        lines = measure(options.many, options.most)
        options.out.parent.mkdir(parents=True, exist_ok=True)
        told = [{**asdict(line), "ratio": line.ratio} for line in lines]
        write_atomically(options.out, json.dumps(told, indent=1).encode())
    except (HarnessError, OSError) as trouble:
        print(f"bench: {trouble}", file=sys.stderr)
        return 2
    Console(width=None if sys.stdout.isatty() else 100).print(_shown(lines))
    print(options.out)
    return int(any(line.missed for line in lines))
