"""A measurement of the bench, and the processes that are measured."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fixtures.model import HarnessError


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """How much is measured."""

    many: int = 1000  # instances in the listing that is compared with moto's
    most: int = 10_000  # instances in the longest listing of our own


@dataclass(frozen=True, slots=True)
class Measurement:
    """A line of the bench: a median, in milliseconds unless `unit` is another one.

    It meets its target if it is at least `wanted` times faster than moto, and at most `limit`.
    """

    what: str
    ours: float
    moto: float | None = None
    wanted: float | None = None
    limit: float | None = None
    unit: str = "ms"

    @property
    def is_missed(self) -> bool:
        """Whether the measurement misses its target."""
        if self.limit is not None and self.ours > self.limit:
            return True
        return self.ratio is not None and self.wanted is not None and self.ratio < self.wanted

    @property
    def ratio(self) -> float | None:
        """How many times faster than moto ours is."""
        return None if self.moto is None else self.moto / self.ours


def median_ms(times: int, work: Callable[[], object]) -> float:
    """Milliseconds: the median of this number of calls, after one that does not count."""
    taken = []
    for _ in range(times + 1):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken[1:])


@contextmanager
def started_module(*words: str) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    """`python -m` with these words, and the line of JSON that it prints when it is ready."""
    command = [sys.executable, "-m", *words]
    pipe, null = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=null) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise HarnessError(f"{' '.join(words)} did not start")
            yield process, json.loads(line)
        finally:
            process.terminate()
