"""The bench of long listings: the time per listed instance must not grow with their number."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from fixtures.clients.base import Ec2Endpoint
from fixtures.simulator.deployment import Deployment
from tools.bench.ec2_client import Ec2Client
from tools.bench.measurement import BenchOptions, Measurement, median_ms

SIZES = (10, 100, 1000, 10_000)


def measure(options: BenchOptions) -> Iterator[Measurement]:
    """A deployment in this process that fills up to `most` instances."""
    with Deployment() as deployment:
        user = deployment.management.add_account("alice")
        client = Ec2Client(Ec2Endpoint(deployment.ec2_url, user.api_key, user.secret_key))
        world, running = deployment.management.world, 0
        arguments = {
            "templateid": world.template_id,
            "serviceofferingid": world.service_offerings["m1.small"],
            "zoneid": world.zone_id,
        }
        for size in (size for size in SIZES if size <= options.most):
            for _ in range(size - running):
                deployment.management.execute(
                    "deployVirtualMachine", arguments, "alice", recorded=False
                )
            running = size
            taken = median_ms(5 if size < 5000 else 2, partial(client.describe, size))
            yield Measurement(f"per listed instance, of {size:,}", taken / size)
        client.close()
