"""Histories made up for the tests of the reports: of a failover that never was."""

from __future__ import annotations

import random

from fixtures.model import History, Lag, Operation, OpKind, OpResult, Phase, Promise

STEPS = (("F1", 0.06), ("F2", 0.24), ("F3", 0.01), ("F4", 0.004), ("F5", 0.31), ("F6", 0.02))


def made_history(blow: float = 1.2, after: float = 2.0, lost: int = 2, seed: int = 7) -> History:
    """Four clients; the primary is killed at `blow`, `lost` acknowledged writes are missing then,
    the six steps follow, and the clients go on for so many seconds."""
    chance = random.Random(seed)
    moments = [Phase("kill -9", blow, blow + 0.012, "the primary is killed")]
    at = blow + 0.05
    for name, seconds in STEPS:
        moments.append(Phase(name, at, at + seconds, f"step {name} of the failover"))
        at += seconds
    served = moments[-2].ended
    operations = []
    for client in ("c0", "c1", "c2", "c3"):
        now, number = chance.random() * 0.02, 0
        while now < served + after:
            number += 1
            ended = now + chance.uniform(0.004, 0.03)
            came = OpResult.OK
            if blow < ended and now < served:
                came = OpResult.UNKNOWN if now < blow else OpResult.REFUSED
                ended = max(ended, blow + 0.002)
            act = OpKind.READ if number % 3 == 0 else OpKind.CREATE
            action = "DescribeVolumes" if act is OpKind.READ else "CreateVolume"
            name = f"{client}-volume-{number}"
            operations.append(Operation(client, action, act, "volume", name, now, ended, came))
            now = ended + (0.01 if came is OpResult.OK else 0.03)
    operations.sort(key=lambda one: one.ended)
    writes = [
        one for one in operations if one.op_kind is OpKind.CREATE and one.result is OpResult.OK
    ]
    missing = [one for one in writes if one.ended <= blow][-lost:] if lost else []
    return History(
        promise=Promise.ASYNCHRONOUS,
        nemesis="kill",
        operations=tuple(operations),
        phases=tuple(moments),
        lags=tuple(
            Lag(n * 0.05, chance.randrange(4) + n % 9 if n * 0.05 < blow else None)
            for n in range(int(at / 0.05))
        ),
        missing=tuple((one.name,) for one in missing),
    )
