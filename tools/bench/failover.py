"""The bench of failovers: from `kill -9` of the primary to the first write through the EC2 API, all
documented steps included, beside what the database servers alone need for it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from fixtures.failover import PairPool
from fixtures.failover.load import LoadRunner
from fixtures.failover.local import LocalFailover
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
LIMIT = 2000.0  # ms that nobody can write
Figure = tuple[str, float, float | None]  # what, ms, and what it may be


def figures() -> Iterator[Figure]:
    """Medians. Errors: NoDatabase without MariaDB, HarnessError if a failover goes wrong."""
    workshop = PairPool()
    try:
        bare = [_bare(workshop) for _ in range(ROUNDS)]
        yield "failover: database servers alone", _ms(bare), None
        theatre = LoadRunner(workshop)
        told = [
            theatre.run(FailoverScenario(Promise.SEMI_SYNCHRONOUS, "kill", attempt))
            for attempt in range(1, ROUNDS + 1)
        ]
        for step in ("F1", "F2", "F5"):
            yield f"failover: {step}, under load", _ms([_lasted(one, step) for one in told]), None
        yield "failover: kill -9 to the first EC2 write", _ms([_away(one) for one in told]), LIMIT
    finally:
        workshop.close()


def _bare(workshop: PairPool) -> float:
    """Seconds from the kill to a write on the replica, by nothing but SQL."""
    with workshop.replicating_pair(Runbook("F2")) as at:
        at.primary.sql("CREATE DATABASE early")
        at.primary.kill()
        began = time.perf_counter()
        _promote(at)
        return time.perf_counter() - began


def _promote(at: LocalFailover) -> None:
    for statement in ("STOP SLAVE", "RESET SLAVE ALL", "SET GLOBAL read_only = 0"):
        at.replica.sql(statement)
    at.replica.sql("CREATE DATABASE late")


def _lasted(told: History, step: str) -> float:
    return sum(one.ended - one.began for one in told.phases if one.name == step)


def _away(told: History) -> float:
    """Seconds from the blow until the first write after it that was acknowledged."""
    when = failover_window(told)
    if when is None:
        raise HarnessError("a failover did not come to its end")
    writes = (
        one.ended - when.began
        for one in told.operations
        if one.result is OpResult.OK and one.op_kind is not OpKind.READ and one.began > when.began
    )
    return min(writes)


def _ms(seconds: list[float]) -> float:
    return statistics.median(seconds) * 1000
