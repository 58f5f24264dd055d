"""Faults planted in histories that have none: each takes a history and dice, and gives the same
with one lie in it, or `None` where there is no place for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import TypeVar

from fixtures.model import Anomaly, FinalItem, History, Operation, OpKind, OpResult, failover_window
from tests.support.made_histories import METERED

Planting = Callable[[History, Random], History | None]

_T = TypeVar("_T")


def _clear(told: History) -> dict[tuple[str, str], list[Operation]]:
    """The calls on each thing of which everything is known, in order."""
    found: dict[tuple[str, str], list[Operation]] = {}
    for call in sorted(told.operations, key=lambda one: one.began):
        found.setdefault((call.kind, call.name), []).append(call)
    missing = {name for about in told.missing or () for name in about}
    return {
        key: calls
        for key, calls in found.items()
        if key[1] not in missing
        and all(c.op_kind is OpKind.READ or c.result is OpResult.OK for c in calls)
        and any(c.op_kind is OpKind.CREATE for c in calls)
    }


def _standing(told: History) -> list[FinalItem]:
    clear = _clear(told)
    return [one for one in told.final_items or () if (one.kind, one.name) in clear]


def _pick(random: Random, among: Sequence[_T]) -> _T | None:
    return random.choice(among) if among else None


def forgets_a_thing(told: History, random: Random) -> History | None:
    """Something that was acknowledged does not stand."""
    gone = _pick(random, _standing(told))
    return None if gone is None else replace(told, final_items=_without(told, gone))


def forgets_a_change(told: History, random: Random) -> History | None:
    """Something stands with what it held before an acknowledged change that nobody read."""
    clear = _clear(told)
    places = []
    for one in _standing(told):
        written = [
            c for c in clear[one.kind, one.name] if c.op_kind in (OpKind.CREATE, OpKind.CHANGE)
        ]
        reads = {c.value for c in clear[one.kind, one.name] if c.op_kind is OpKind.READ}
        if len(written) > 1 and written[-1].value not in reads:
            places.append((one, written[-2].value))
    if (place := _pick(random, places)) is None:
        return None
    old = replace(place[0], value=place[1])
    return replace(told, final_items=(*_without(told, place[0]), old))


def forgets_a_removal(told: History, random: Random) -> History | None:
    """Something stands that was destroyed, and nobody read that it was gone."""
    places = [
        FinalItem(*key, next(c.id for c in calls if c.op_kind is OpKind.CREATE), calls[-1].value)
        for key, calls in _clear(told).items()
        if calls[-1].op_kind is OpKind.DESTROY
    ]
    one = _pick(random, places)
    return None if one is None else replace(told, final_items=(*(told.final_items or ()), one))


def stands_unasked(told: History, random: Random) -> History | None:
    """Something stands under a name that nobody gave."""
    one = FinalItem(random.choice(("volume", "group")), "c9-1", "v-9", "v1")
    return replace(told, final_items=(*(told.final_items or ()), one))


def stands_though_refused(told: History, random: Random) -> History | None:
    """Something stands whose create was refused."""
    made = [
        c for c in told.operations if c.op_kind is OpKind.CREATE and c.result is OpResult.REFUSED
    ]
    about = _pick(random, made)
    if about is None:
        return None
    one = FinalItem(about.kind, about.name, "x-9", about.value)
    return replace(told, final_items=(*(told.final_items or ()), one))


def reads_what_nobody_wrote(told: History, random: Random) -> History | None:
    """A read gives a value out of thin air."""
    reads = [
        c
        for c in told.operations
        if c.op_kind is OpKind.READ and c.result is OpResult.OK and c.value
    ]
    one = _pick(random, reads)
    return None if one is None else _replaced(told, one, replace(one, value="v0"))


def stands_twice(told: History, random: Random) -> History | None:
    """One create made two things."""
    one = _pick(random, _standing(told))
    twin = one and replace(one, id=f"{one.id}-again" if one.id else "")
    return None if twin is None else replace(told, final_items=(*(told.final_items or ()), twin))


def reads_the_past(told: History, random: Random) -> History | None:
    """A read gives what an acknowledged write had overwritten before it began."""
    places = []
    for calls in _clear(told).values():
        for number, read in enumerate(calls):
            before = [
                c for c in calls[:number] if c.op_kind is not OpKind.READ and c.ended < read.began
            ]
            meanwhile = [c for c in calls if c.op_kind is OpKind.DESTROY and c.began <= read.ended]
            if read.op_kind is OpKind.READ and read.result is OpResult.OK and before:
                past = before[-2].value if len(before) > 1 else ""
                if past or not meanwhile:  # else it may have been gone already
                    places.append((read, past))
    if (place := _pick(random, places)) is None or place[0].value == place[1]:
        return None
    return _replaced(told, place[0], replace(place[0], value=place[1]))


def gives_an_id_twice(told: History, random: Random) -> History | None:
    """Two groups have the same id."""
    groups = [one for one in _standing(told) if one.kind == "group"]
    if len(groups) < 2:
        return None
    one, other = random.sample(groups, 2)
    told = replace(told, final_items=(*_without(told, other), replace(other, id=one.id)))
    made = next(c for c in told.operations if c.op_kind is OpKind.CREATE and c.name == other.name)
    return _replaced(told, made, replace(made, id=one.id))


def leaves_a_job(told: History, random: Random) -> History | None:
    """A job does not come to an end."""
    jobs = list(told.jobs or ())
    at = random.randrange(len(jobs))
    jobs[at] = replace(jobs[at], done=False)
    return replace(told, jobs=tuple(jobs))


def forgets_to_meter(told: History, random: Random) -> History | None:
    """A usage record is missing of something that was made or destroyed beyond doubt."""
    sure = {
        (METERED[call.kind, call.op_kind], calls[0].id)
        for calls in _clear(told).values()
        for call in calls
        if (call.kind, call.op_kind) in METERED and calls[0].op_kind is OpKind.CREATE
    }
    gone = _pick(random, [one for one in told.usage or () if (one.event, one.id) in sure])
    return (
        None
        if gone is None
        else replace(told, usage=tuple(one for one in told.usage or () if one != gone))
    )


def meters_twice(told: History, random: Random) -> History | None:
    """A usage record is there twice."""
    ids = {call.id for call in told.operations if call.id}
    one = _pick(random, [one for one in told.usage or () if one.id in ids])
    return None if one is None else replace(told, usage=(*(told.usage or ()), one))


def loses_more_than_the_log_says(told: History, random: Random) -> History | None:
    """Something acknowledged before the failover does not stand, and the binary log has it not."""
    when = failover_window(told)
    clear = _clear(told)
    early = [
        one
        for one in _standing(told)
        if when and all(c.ended < when.began for c in clear[one.kind, one.name])
    ]
    gone = _pick(random, early)
    return None if gone is None else replace(told, final_items=_without(told, gone))


PLANTED: dict[Planting, Anomaly] = {
    forgets_a_thing: Anomaly.LOST,
    forgets_a_change: Anomaly.LOST,
    forgets_a_removal: Anomaly.LOST,
    loses_more_than_the_log_says: Anomaly.LOST,
    stands_unasked: Anomaly.PHANTOM,
    stands_though_refused: Anomaly.PHANTOM,
    reads_what_nobody_wrote: Anomaly.PHANTOM,
    stands_twice: Anomaly.DOUBLED,
    reads_the_past: Anomaly.STALE,
    gives_an_id_twice: Anomaly.REUSED,
    leaves_a_job: Anomaly.STUCK,
    forgets_to_meter: Anomaly.USAGE_LOST,
    meters_twice: Anomaly.USAGE_DOUBLED,
}


def _without(told: History, gone: FinalItem) -> tuple[FinalItem, ...]:
    return tuple(one for one in told.final_items or () if one != gone)


def _replaced(told: History, old: Operation, new: Operation) -> History:
    return replace(told, operations=tuple(new if one is old else one for one in told.operations))
