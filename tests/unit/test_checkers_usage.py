"""The checker of usage records, on histories that are made: right ones pass, and each anomaly is
named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

import pytest

from fixtures.checkers.usage import check_usage
from fixtures.model import (
    BilledUsage,
    OpResult,
    OwnerChange,
    Status,
    UsageAnomaly,
    UsageHistory,
    UsageKind,
    UsageOperation,
    UsageReading,
)

HOUR = 3_600_000
DAY = 24 * HOUR
RESOURCES = {
    UsageKind.RUNNING: ("vm",),
    UsageKind.ALLOCATED: ("vm",),
    UsageKind.VOLUME: ("root",),
    UsageKind.GROUP: ("vm/default",),
    UsageKind.NETWORK: ("vm",),
}


def _operation(
    action: str, resources: Mapping[UsageKind, tuple[str, ...]], at: int, size: int = 0
) -> UsageOperation:
    return UsageOperation(action, "me", resources, at, at + 20, size=size)


OPERATIONS = (
    _operation("RunInstances", RESOURCES, 8 * HOUR),
    _operation("CreateVolume", {UsageKind.VOLUME: ("disk",)}, 9 * HOUR, size=2**30),
    _operation("StopInstances", {UsageKind.RUNNING: ("vm",)}, 10 * HOUR),
    _operation("DeleteVolume", {UsageKind.VOLUME: ("disk",)}, DAY + HOUR),
    _operation("StartInstances", {UsageKind.RUNNING: ("vm",)}, DAY + 2 * HOUR),
    _operation("TerminateInstances", RESOURCES, DAY + 5 * HOUR),
)
# Of two days: kind, resource, hours of the first, hours of the second.
BILL = (
    (UsageKind.RUNNING, "vm", 2, 3),
    (UsageKind.ALLOCATED, "vm", 16, 5),
    (UsageKind.VOLUME, "root", 16, 5),
    (UsageKind.VOLUME, "disk", 15, 1),
    (UsageKind.GROUP, "vm/default", 16, 5),
    (UsageKind.NETWORK, "vm", 16, 5),
)


def _records() -> tuple[BilledUsage, ...]:
    return tuple(
        BilledUsage(
            kind,
            "me",
            resource,
            day * DAY,
            (day + 1) * DAY,
            hours[day] * HOUR,
            size=2**30 if resource == "disk" else 0,
            instance="vm" if resource.startswith("vm") else "",
        )
        for kind, resource, *hours in BILL
        for day in (0, 1)
    )


def _reading(records: tuple[BilledUsage, ...]) -> UsageReading:
    return UsageReading(0, 2 * DAY, 2 * DAY + HOUR, 2 * DAY, records, records, records)


RIGHT = UsageHistory(OPERATIONS, (_reading(_records()),), idle_jobs=1)


def _with(records: tuple[BilledUsage, ...]) -> UsageHistory:
    return replace(RIGHT, readings=(_reading(records),))


def _chosen(
    random: Random, change: Callable[[BilledUsage], tuple[BilledUsage, ...]]
) -> UsageHistory:
    records = list(_records())
    index = random.randrange(len(records))
    return _with((*records[:index], *change(records[index]), *records[index + 1 :]))


def _split_reading(random: Random, *, by_day: bool) -> UsageHistory:
    records = _records()
    index = random.randrange(len(records))
    less = (*records[:index], *records[index + 1 :])
    reading = _reading(records)
    split = replace(reading, by_day=less) if by_day else replace(reading, by_type=less)
    return replace(RIGHT, readings=(split,))


Planted = Callable[[Random], UsageHistory]
PLANTED: dict[str, tuple[UsageAnomaly, Planted]] = {
    "a record twice": (UsageAnomaly.TWICE, lambda r: _chosen(r, lambda one: (one, one))),
    "overlapping ranges": (
        UsageAnomaly.TWICE,
        lambda r: _chosen(r, lambda one: (one, replace(one, start=one.start + HOUR, amount=0))),
    ),
    "more than its range": (
        UsageAnomaly.TWICE,
        lambda r: _chosen(r, lambda one: (replace(one, amount=DAY + HOUR),)),
    ),
    "no records": (UsageAnomaly.LOST, lambda _: _with(())),
    "one record less": (UsageAnomaly.SHORT, lambda r: _chosen(r, lambda _: ())),
    "a second less": (
        UsageAnomaly.SHORT,
        lambda r: _chosen(r, lambda one: (replace(one, amount=one.amount - 1000),)),
    ),
    "a second more": (
        UsageAnomaly.LONG,
        lambda r: _chosen(r, lambda one: (replace(one, amount=one.amount + 1000),)),
    ),
    "to another account": (
        UsageAnomaly.ANOTHER,
        lambda r: _chosen(r, lambda one: (replace(one, user="other"),)),
    ),
    "of what was not used": (
        UsageAnomaly.UNUSED,
        lambda r: _chosen(r, lambda one: (one, replace(one, resource="else"))),
    ),
    "of another type": (
        UsageAnomaly.UNUSED,
        lambda r: _chosen(r, lambda one: (one, replace(one, kind=UsageKind.SNAPSHOT))),
    ),
    "another size": (
        UsageAnomaly.FIELD,
        lambda _: _with(tuple(replace(one, size=one.size * 2) for one in _records())),
    ),
    "another instance": (
        UsageAnomaly.FIELD,
        lambda _: _with(tuple(replace(one, instance="another") for one in _records())),
    ),
    "missing in the days": (UsageAnomaly.SPLIT, lambda r: _split_reading(r, by_day=True)),
    "missing in the types": (UsageAnomaly.SPLIT, lambda r: _split_reading(r, by_day=False)),
    "an owner that lives": (
        UsageAnomaly.OWNERS,
        lambda _: replace(RIGHT, owner_changes=(OwnerChange(0, "a", "b", alive=True),)),
    ),
    "many idle jobs": (UsageAnomaly.IDLE, lambda _: replace(RIGHT, idle_jobs=3)),
    "an alert": (UsageAnomaly.ALERT, lambda _: replace(RIGHT, alerts=("type 21",))),
    "switched off": (UsageAnomaly.UNUSED, lambda _: replace(RIGHT, enabled=False)),
}


def test_a_right_history_passes() -> None:
    """What was used is billed, and nothing else: passed."""
    verdict = check_usage("", RIGHT)
    assert (verdict.status, verdict.because) == (Status.PASSED, "")


@pytest.mark.parametrize("name", PLANTED)
def test_each_anomaly_is_named(name: str) -> None:
    """One defect in a right history, at any place, is found under its name."""
    anomaly, plant = PLANTED[name]
    for seed in range(25):
        history = plant(Random(seed))
        verdict = check_usage("", history)
        network_only = not any(
            line for line in verdict.because.splitlines() if line.startswith(anomaly)
        )
        if anomaly is UsageAnomaly.SHORT and network_only:
            assert _lacks_network_only(history)  # what may be billed for it has two bounds
            continue
        assert verdict.status is Status.FAILED
        assert not network_only, verdict.because


def _lacks_network_only(history: UsageHistory) -> bool:
    of_network = [one for one in history.readings[0].records if one.kind == UsageKind.NETWORK]
    right = [one for one in _records() if one.kind == UsageKind.NETWORK]
    return of_network != right


@pytest.mark.parametrize("milliseconds", [-20, 0, 20, 40, -40])
def test_amounts_within_the_windows_of_requests_pass(milliseconds: int) -> None:
    """A request takes time: an amount that lies between its least and its most value is right."""
    records = tuple(
        replace(one, amount=one.amount + milliseconds) if one.start == DAY else one
        for one in _records()
    )
    status = check_usage("", _with(records)).status
    assert status is (Status.PASSED if abs(milliseconds) <= 20 else Status.FAILED)


def test_a_request_without_an_answer_excuses_its_own_use_only() -> None:
    """If the end of a use is not known, any amount of it passes, and no amount of another one."""
    unknown = replace(OPERATIONS[3], result=OpResult.UNKNOWN)
    operations = (*OPERATIONS[:3], unknown, *OPERATIONS[4:])
    kept = tuple(
        replace(one, amount=DAY) if one.resource == "disk" and one.start == DAY else one
        for one in _records()
    )
    history = replace(_with(kept), operations=operations)
    assert check_usage("", history).status is Status.PASSED
    less = _with(tuple(one for one in kept if one.resource != "root"))
    verdict = check_usage("", replace(less, operations=operations))
    assert verdict.because.startswith(UsageAnomaly.LOST)


def test_nothing_read_is_inconclusive() -> None:
    """Without any reading there is no verdict."""
    assert check_usage("", replace(RIGHT, readings=())).status is Status.INCONCLUSIVE


def test_a_kill_without_a_takeover_is_inconclusive() -> None:
    """If no server followed the one that was killed, nothing about takeovers was seen."""
    killed = replace(RIGHT, kills=1)
    assert check_usage("", killed).status is Status.INCONCLUSIVE
    followed = replace(killed, owner_changes=(OwnerChange(0, "a", "b", alive=False),))
    assert check_usage("", followed).status is Status.PASSED
