"""Several mutations of one deployment at a time."""

from __future__ import annotations

from fixtures.simulator.deployment import Deployment
from fixtures.simulator.management import properties
from fixtures.simulator.mutations.catalogue import MUTATIONS, find_mutation
from fixtures.simulator.mutations.mutation import combine_mutations

NAMES = ("silent-StopInstances", "wrong-argument-AttachVolume")


def test_all_of_them_are_applied_and_removed(deployment: Deployment) -> None:
    """A combined mutation makes the difference of each, and leaves none behind."""
    before = deployment.bridge.hooks
    with combine_mutations([find_mutation(name) for name in NAMES]).apply(deployment):
        assert len(deployment.bridge.hooks) == len(before) + 2
    assert deployment.bridge.hooks == before


def test_properties_are_read_as_one_of_them_does() -> None:
    """Which databases are read is decided by the mutation that changes it."""
    plain = find_mutation(NAMES[0])
    reading = next(m for m in MUTATIONS.values() if m.read_databases is not properties.read)
    assert combine_mutations([plain, reading]).read_databases is reading.read_databases
    assert combine_mutations([plain]).read_databases is properties.read
