"""Soaking: runs that differ and deployments that grow are noticed."""

from __future__ import annotations

import subprocess
import sys

from tools.soak import runs
from tools.soak.clients import LoadFigures, growth, load_deployment
from tools.soak.runs import RunResult, flakes


def result(number: int, digest: str, *suites: str) -> RunResult:
    """A run that came to that record."""
    return RunResult(number, suites, 1, 0, 1.0, 0, digest, ())


def test_flakes_are_the_records_that_differ() -> None:
    """A run is a flake if most runs of the same suites, in whatever order, came to another
    record."""
    found = [
        result(0, "a", "zones", "s3"),
        result(1, "b", "s3", "zones"),
        result(2, "a", "s3", "zones"),
        result(3, "c", "zones"),
    ]
    assert flakes(found) == [found[1]]


def test_processes_that_are_left() -> None:
    """A process of a run's session that does not end is named."""
    runs._SETTLED, before = 0.1, runs._SETTLED
    code = "import time; print(flush=True); time.sleep(60)"  # ended by the test
    command = (sys.executable, "-c", code)
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            assert runs._processes_of(process.pid) == [f"process {process.pid}"]
            process.kill()
        assert runs._processes_of(process.pid) == []
    finally:
        runs._SETTLED = before


def test_growth_is_that_of_a_warm_deployment() -> None:
    """Memory of the beginning does not count."""
    samples = [(float(second), 100 * second, 10) for second in range(10)]
    assert growth(LoadFigures(samples=samples)) == (200, 900)


def test_a_loaded_deployment() -> None:
    """Clients get answers without errors, and latencies, memory and descriptors are measured."""
    figures = load_deployment(2, clients=3)
    assert figures.errors == []
    assert len(figures.latencies) > 30
    assert 0 < figures.percentile(0.5) <= figures.percentile(0.99) < 2
    assert min(memory for _, memory, _ in figures.samples) > 10_000
