"""Bench of failovers: from `kill -9` of the primary to the first write through the EC2 API, with
all documented steps, and for comparison what the database servers alone need."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from fixtures.failover import PairPool
from fixtures.failover.load import LoadRunner
from fixtures.model import (
    FailoverScenario,
    HarnessError,
    History,
    OpKind,
    OpResult,
    Promise,
    Runbook,
    failover_window,
)

ROUNDS = 5
LIMIT = 2000.0  # ms without writes
Figure = tuple[str, float, float | None]  # what, ms, and the most that it may be


def figures() -> Iterator[Figure]:
    """Medians. Errors: NoDatabase without MariaDB, HarnessError if a failover goes wrong."""
    pool = PairPool()
    try:
        bare = [_bare_seconds(pool) for _ in range(ROUNDS)]
        yield "failover: database servers alone", _median_ms(bare), None
        runner = LoadRunner(pool)
        histories = [
            runner.run(FailoverScenario(Promise.SEMI_SYNCHRONOUS, "kill", attempt))
            for attempt in range(1, ROUNDS + 1)
        ]
        for step in ("F1", "F2", "F5"):
            seconds = [_step_seconds(history, step) for history in histories]
            yield f"failover: {step}, under load", _median_ms(seconds), None
        seconds = [_seconds_to_first_write(history) for history in histories]
        yield "failover: kill -9 to the first EC2 write", _median_ms(seconds), LIMIT
    finally:
        pool.close()


def _bare_seconds(pool: PairPool) -> float:
    """Seconds from the kill to a write on the replica, by SQL alone."""
    with pool.replicating_pair(Runbook("F2")) as failover:
        failover.primary.sql("CREATE DATABASE early")
        failover.primary.kill()
        began = time.perf_counter()
        for statement in ("STOP SLAVE", "RESET SLAVE ALL", "SET GLOBAL read_only = 0"):
            failover.replica.sql(statement)
        failover.replica.sql("CREATE DATABASE late")
        return time.perf_counter() - began


def _step_seconds(history: History, step: str) -> float:
    return sum(phase.ended - phase.began for phase in history.phases if phase.name == step)


def _seconds_to_first_write(history: History) -> float:
    """Seconds from the disaster to the first write after it that was acknowledged."""
    window = failover_window(history)
    if window is None:
        raise HarnessError("a failover did not come to its end")
    return min(
        call.ended - window.began
        for call in history.operations
        if call.result is OpResult.OK
        and call.op_kind is not OpKind.READ
        and call.began > window.began
    )


def _median_ms(seconds: list[float]) -> float:
    return statistics.median(seconds) * 1000
