"""An example of a history, for the tests of the reports."""

from __future__ import annotations

import random
from collections.abc import Iterator

from fixtures.model import History, Lag, Operation, OpKind, OpResult, Phase, Promise

STEPS = (("F1", 0.06), ("F2", 0.24), ("F3", 0.01), ("F4", 0.004), ("F5", 0.31), ("F6", 0.02))


def example_history(
    disaster: float = 1.2, after: float = 2.0, lost: int = 2, seed: int = 7
) -> History:
    """Four clients; the primary is killed at `disaster`, `lost` acknowledged writes are missing,
    the six steps follow, and the clients go on for `after` seconds."""
    chance = random.Random(seed)
    phases = [Phase("kill -9", disaster, disaster + 0.012, "the primary is killed")]
    at = disaster + 0.05
    for name, seconds in STEPS:
        phases.append(Phase(name, at, at + seconds, f"step {name} of the failover"))
        at += seconds
    outage = disaster, phases[-2].ended
    operations = [
        call
        for client in ("c0", "c1", "c2", "c3")
        for call in _operations(client, chance, outage, outage[1] + after)
    ]
    operations.sort(key=lambda call: call.ended)
    early = (call for call in operations if call.ended <= disaster)
    writes = [c for c in early if c.op_kind is OpKind.CREATE and c.result is OpResult.OK]
    return History(
        promise=Promise.ASYNCHRONOUS,
        nemesis="kill",
        operations=tuple(operations),
        phases=tuple(phases),
        lags=tuple(
            Lag(n * 0.05, chance.randrange(4) + n % 9 if n * 0.05 < disaster else None)
            for n in range(int(at / 0.05))
        ),
        missing=tuple((call.name,) for call in (writes[-lost:] if lost else [])),
    )


def _operations(
    client: str, chance: random.Random, outage: tuple[float, float], until: float
) -> Iterator[Operation]:
    """The calls of a client; during the outage they are refused, those under way get no answer."""
    down, up = outage
    now, number = chance.random() * 0.02, 0
    while now < until:
        number += 1
        ended = now + chance.uniform(0.004, 0.03)
        result = OpResult.OK
        if down < ended and now < up:
            result = OpResult.UNKNOWN if now < down else OpResult.REFUSED
            ended = max(ended, down + 0.002)
        op_kind = OpKind.READ if number % 3 == 0 else OpKind.CREATE
        action = "DescribeVolumes" if op_kind is OpKind.READ else "CreateVolume"
        name = f"{client}-volume-{number}"
        yield Operation(client, action, op_kind, "volume", name, now, ended, result)
        now = ended + (0.01 if result is OpResult.OK else 0.03)
