"""Anomalies planted in histories without any: each function takes a history and a random generator,
and returns the history with one anomaly, or `None` where it has no place for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import TypeVar

from fixtures.model import Anomaly, FinalItem, History, Operation, OpKind, OpResult, failover_window
from tests.support.random_histories import METERED

Plant = Callable[[History, Random], History | None]

_T = TypeVar("_T")


def _certain_operations(history: History) -> dict[tuple[str, str], list[Operation]]:
    """The calls, in order, on each item whose writes were all acknowledged and none is missing."""
    found: dict[tuple[str, str], list[Operation]] = {}
    for call in sorted(history.operations, key=lambda call: call.began):
        found.setdefault((call.kind, call.name), []).append(call)
    missing = {name for names in history.missing or () for name in names}
    return {
        key: calls
        for key, calls in found.items()
        if key[1] not in missing
        and all(c.op_kind is OpKind.READ or c.result is OpResult.OK for c in calls)
        and any(c.op_kind is OpKind.CREATE for c in calls)
    }


def _certain_items(history: History) -> list[FinalItem]:
    certain = _certain_operations(history)
    return [item for item in history.final_items or () if (item.kind, item.name) in certain]


def _pick(random: Random, among: Sequence[_T]) -> _T | None:
    return random.choice(among) if among else None


def loses_an_item(history: History, random: Random) -> History | None:
    """An acknowledged item does not exist."""
    lost = _pick(random, _certain_items(history))
    return None if lost is None else _without(history, lost)


def loses_a_change(history: History, random: Random) -> History | None:
    """An item has the value from before an acknowledged change that no read returned."""
    certain = _certain_operations(history)
    places = []
    for item in _certain_items(history):
        calls = certain[item.kind, item.name]
        writes = [c for c in calls if c.op_kind in (OpKind.CREATE, OpKind.CHANGE)]
        reads = {c.value for c in calls if c.op_kind is OpKind.READ}
        if len(writes) > 1 and writes[-1].value not in reads:
            places.append((item, writes[-2].value))
    if (place := _pick(random, places)) is None:
        return None
    item, old_value = place
    return _with(_without(history, item), replace(item, value=old_value))


def loses_a_removal(history: History, random: Random) -> History | None:
    """A destroyed item exists, and no read showed that it was gone."""
    places = [
        FinalItem(*key, next(c.id for c in calls if c.op_kind is OpKind.CREATE), calls[-1].value)
        for key, calls in _certain_operations(history).items()
        if calls[-1].op_kind is OpKind.DESTROY
    ]
    item = _pick(random, places)
    return None if item is None else _with(history, item)


def exists_without_a_request(history: History, random: Random) -> History | None:
    """An item exists with a name that no client gave."""
    return _with(history, FinalItem(random.choice(("volume", "group")), "c9-1", "v-9", "v1"))


def exists_though_refused(history: History, random: Random) -> History | None:
    """An item exists whose create was refused."""
    refused = [
        call
        for call in history.operations
        if call.op_kind is OpKind.CREATE and call.result is OpResult.REFUSED
    ]
    create = _pick(random, refused)
    if create is None:
        return None
    return _with(history, FinalItem(create.kind, create.name, "x-9", create.value))


def reads_an_unwritten_value(history: History, random: Random) -> History | None:
    """A read returns a value that was never written."""
    reads = [
        call
        for call in history.operations
        if call.op_kind is OpKind.READ and call.result is OpResult.OK and call.value
    ]
    read = _pick(random, reads)
    return None if read is None else _replaced(history, read, replace(read, value="v0"))


def exists_twice(history: History, random: Random) -> History | None:
    """An item exists twice."""
    item = _pick(random, _certain_items(history))
    if item is None:
        return None
    return _with(history, replace(item, id=f"{item.id}-again" if item.id else ""))


def reads_an_overwritten_value(history: History, random: Random) -> History | None:
    """A read returns what an acknowledged write had overwritten before it began."""
    places = []
    for calls in _certain_operations(history).values():
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
    return _replaced(history, place[0], replace(place[0], value=place[1]))


def returns_an_id_twice(history: History, random: Random) -> History | None:
    """Two groups have the same id."""
    groups = [item for item in _certain_items(history) if item.kind == "group"]
    if len(groups) < 2:
        return None
    group, other = random.sample(groups, 2)
    changed = _with(_without(history, other), replace(other, id=group.id))
    creates = (c for c in history.operations if c.op_kind is OpKind.CREATE)
    create = next(c for c in creates if c.name == other.name)
    return _replaced(changed, create, replace(create, id=group.id))


def leaves_a_job_unfinished(history: History, random: Random) -> History | None:
    """A job does not end."""
    jobs = list(history.jobs or ())
    at = random.randrange(len(jobs))
    jobs[at] = replace(jobs[at], done=False)
    return replace(history, jobs=tuple(jobs))


def loses_a_usage_record(history: History, random: Random) -> History | None:
    """A usage record of an acknowledged create or destroy is missing."""
    required = {
        (METERED[call.kind, call.op_kind], calls[0].id)
        for calls in _certain_operations(history).values()
        for call in calls
        if (call.kind, call.op_kind) in METERED and calls[0].op_kind is OpKind.CREATE
    }
    usage = history.usage or ()
    lost = _pick(random, [record for record in usage if (record.event, record.id) in required])
    if lost is None:
        return None
    return replace(history, usage=tuple(record for record in usage if record != lost))


def meters_twice(history: History, random: Random) -> History | None:
    """A usage record is there twice."""
    ids = {call.id for call in history.operations if call.id}
    record = _pick(random, [record for record in history.usage or () if record.id in ids])
    return None if record is None else replace(history, usage=(*(history.usage or ()), record))


def loses_more_than_the_log_says(history: History, random: Random) -> History | None:
    """An item from before the failover does not exist, and no transaction on it is missing."""
    window = failover_window(history)
    certain = _certain_operations(history)
    early = [
        item
        for item in _certain_items(history)
        if window and all(c.ended < window.began for c in certain[item.kind, item.name])
    ]
    lost = _pick(random, early)
    return None if lost is None else _without(history, lost)


PLANTED: dict[Plant, Anomaly] = {
    loses_an_item: Anomaly.LOST,
    loses_a_change: Anomaly.LOST,
    loses_a_removal: Anomaly.LOST,
    loses_more_than_the_log_says: Anomaly.LOST,
    exists_without_a_request: Anomaly.PHANTOM,
    exists_though_refused: Anomaly.PHANTOM,
    reads_an_unwritten_value: Anomaly.PHANTOM,
    exists_twice: Anomaly.DOUBLED,
    reads_an_overwritten_value: Anomaly.STALE,
    returns_an_id_twice: Anomaly.REUSED,
    leaves_a_job_unfinished: Anomaly.STUCK,
    loses_a_usage_record: Anomaly.USAGE_LOST,
    meters_twice: Anomaly.USAGE_DOUBLED,
}


def _with(history: History, item: FinalItem) -> History:
    return replace(history, final_items=(*(history.final_items or ()), item))


def _without(history: History, lost: FinalItem) -> History:
    left = tuple(item for item in history.final_items or () if item != lost)
    return replace(history, final_items=left)


def _replaced(history: History, old: Operation, new: Operation) -> History:
    operations = tuple(new if call is old else call for call in history.operations)
    return replace(history, operations=operations)
