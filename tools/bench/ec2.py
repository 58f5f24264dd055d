"""The bench of EC2: `conform serve` beside moto_server, in turn, with the same client.

Each request to ours causes signed CloudStack calls; moto makes none.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fixtures.clients.base import Ec2Endpoint
from fixtures.targets.moto import MotoServer
from tools.bench.ec2_client import Ec2Client
from tools.bench.measurement import BenchOptions, Measurement, median_ms, started_module

# moto_server recognises EC2, beside S3, by this scope; it verifies no signature.
MOTO_SCOPE = (
    "AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/ec2/aws4_request, "
    "SignedHeaders=host, Signature=0"
)
MOTO_IMAGE = "ami-12c6146b"  # one that moto has from its start
WANTED = {"first answer": 2.0, "RunInstances": 2.0, "DescribeInstances, 10": 8.0}
WANTED_OF_OTHERS = 20.0


@dataclass(frozen=True, slots=True)
class Ec2Server:
    """A running server: its client, an image, and the seconds from its start to its first reply."""

    client: Ec2Client
    image: str
    first_answer: float


def measure(options: BenchOptions) -> Iterator[Measurement]:
    """Both servers, from empty to `many` instances."""
    with _ours() as server:
        ours = _times(server, options.many)
    with _moto() as server:
        moto = _times(server, options.many)
    for what, milliseconds in ours.items():
        yield Measurement(what, milliseconds, moto[what], WANTED.get(what, WANTED_OF_OTHERS))


@contextmanager
def _ours() -> Iterator[Ec2Server]:
    started = time.perf_counter()
    with started_module("tools.conform", "serve") as (_, details):
        user = details["users"][0]
        client = Ec2Client(Ec2Endpoint(details["ec2"], user["access_key"], user["secret_key"]))
        client.call("DescribeAvailabilityZones")
        yield Ec2Server(client, details["world"]["image"], time.perf_counter() - started)
        client.close()


@contextmanager
def _moto() -> Iterator[Ec2Server]:
    started = time.perf_counter()
    with MotoServer() as server:
        endpoint = Ec2Endpoint(f"{server.url}/", "AK", "SK", "2016-11-15")
        client = Ec2Client(endpoint, {"Authorization": MOTO_SCOPE})
        client.call("DescribeAvailabilityZones")
        yield Ec2Server(client, MOTO_IMAGE, time.perf_counter() - started)
        client.close()


def _times(server: Ec2Server, many: int) -> dict[str, float]:
    """Milliseconds of each request to one server, which gets `many` instances."""
    client, times = server.client, {"first answer": server.first_answer * 1000}
    client.run(server.image, 10)
    times["DescribeInstances, 10"] = median_ms(20, lambda: client.describe(10))
    times["RunInstances"] = median_ms(30, lambda: client.run(server.image))
    running = 10 + 31
    while running < many:
        batch = min(200, many - running)
        client.run(server.image, batch)
        running += batch
    times[f"DescribeInstances, {many:,}"] = median_ms(3, lambda: client.describe(many))
    return times
