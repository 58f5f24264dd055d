"""The checker of failovers, on generated histories whose anomalies are known."""

from __future__ import annotations

import time
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fixtures.checkers.failover import check_failover
from fixtures.model import (
    Anomaly,
    FailoverWindow,
    FinalItem,
    History,
    Operation,
    OpKind,
    OpResult,
    Phase,
    Promise,
    Status,
    TimeSlot,
    UsageRecord,
    Verdict,
    failover_window,
    throughput,
    unavailability,
)
from tests.support.planted_anomalies import PLANTED, Plant
from tests.support.random_histories import DISASTER, SERVED, RandomCloud, random_history

QUICK = settings(max_examples=6, deadline=None)
SEEDS = st.integers(0, 10**9)


def anomalies(verdict: Verdict) -> set[str]:
    """The names with which the findings begin."""
    return {line.partition(":")[0] for line in verdict.because.splitlines()}


@settings(QUICK, max_examples=40)
@given(
    seed=SEEDS,
    promise=st.sampled_from(Promise),
    clients=st.integers(2, 5),
    unanswered=st.sampled_from((0.0, 0.1, 0.4)),
)
def test_kept_promises_pass(seed: int, promise: Promise, clients: int, unanswered: float) -> None:
    """A failover that kept its promise passes, however many calls had no answer."""
    history = random_history(seed, promise, clients, unanswered=unanswered)
    verdict = check_failover("", history)
    assert verdict.status is Status.PASSED, verdict.because
    assert len(verdict.measured["lost"]) <= len(history.missing or ())


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
@pytest.mark.parametrize("promise", Promise)
@QUICK
@given(seed=SEEDS)
def test_a_planted_anomaly_is_named(promise: Promise, plant: Plant, seed: int) -> None:
    """Each kind of anomaly is found and named, and nothing else is."""
    history = plant(random_history(seed, promise, 3), Random(seed))
    assume(history is not None)
    assert history is not None  # for mypy
    verdict = check_failover("", history)
    assert verdict.status is Status.FAILED
    assert anomalies(verdict) == {PLANTED[plant]}, verdict.because


@QUICK
@given(seed=SEEDS, unanswered=st.sampled_from((0.0, 0.3)))
def test_the_measured_loss_is_that_of_the_logs(seed: int, unanswered: float) -> None:
    """The acknowledged writes that asynchronous replication loses are listed, even those whose item
    was destroyed before a read could show the loss."""
    cloud = RandomCloud(Random(seed), Promise.ASYNCHRONOUS, lost=6, unanswered=unanswered)
    history = cloud.run(3)
    acknowledged = {
        (c.name, c.op_kind, c.value) for c in history.operations if c.result is OpResult.OK
    }
    really_lost = cloud.lost_operations
    expected = [
        f"{c.kind} {c.name}: {c.action}{c.value and f' {c.value!r}'}"
        for c in really_lost
        if (c.name, c.op_kind, c.value) in acknowledged
    ]
    lost = check_failover("", history).measured["lost"]
    assert set(expected) <= set(lost)
    assert len(lost) <= len(really_lost)
    if len(expected) == len(really_lost):  # else a call without an answer may be what is missing
        assert sorted(lost) == sorted(expected)


@pytest.mark.parametrize(
    "generated",
    [
        random_history(1, Promise.ASYNCHRONOUS, 26, pace=0.012),
        replace(
            random_history(1, Promise.SEMI_SYNCHRONOUS, 26, pace=0.012), final_items=(), usage=()
        ),
    ],
    ids=["nothing lost that should not", "everything lost"],
)
def test_long_histories_are_checked_quickly(generated: History) -> None:
    """10,000 calls take no more than two seconds, however many anomalies they have."""
    assert len(generated.operations) >= 10_000
    started = time.process_time()
    check_failover("", generated)
    assert time.process_time() - started <= 2


# --- a small history and its variations -----------------------------------------------------------


def call(op_kind: OpKind, span: tuple[float, float], value: str = "", **changes: Any) -> Operation:
    """An acknowledged call on an object."""
    action = {OpKind.READ: "GetObject", OpKind.DESTROY: "DeleteObject"}.get(op_kind, "PutObject")
    acknowledged = Operation("c1", action, op_kind, "object", "c1-1", *span, OpResult.OK, value)
    return replace(acknowledged, **changes)


CREATE = call(OpKind.CREATE, (0.1, 0.2), "v1")
CHANGE = call(OpKind.CHANGE, (0.5, 0.6), "v2")
LATER = call(OpKind.CREATE, (3.5, 3.6), "w1", name="c1-2")
READ = call(OpKind.READ, (3.8, 3.9), "v2")
WRITTEN = (FinalItem("object", "c1-1", "", "v2"), FinalItem("object", "c1-2", "", "w1"))


def history(*operations: Operation, **changes: Any) -> History:
    """The primary is killed at 1 s, and the new one serves from 3 s on."""
    whole = History(
        promise=Promise.SEMI_SYNCHRONOUS,
        nemesis="kill -9",
        operations=operations or (CREATE, CHANGE, LATER, READ),
        phases=(Phase("lag", 0, 0), Phase("kill -9", 1, 1), Phase("F1", 1.1, 1.2),
                 Phase("F5", 2, 3), Phase("F6", 3, 4)),
        final_items=WRITTEN,
        jobs=(),
        usage=(),
        missing=(),
    )  # fmt: skip  # of ruff: phases are a table
    return replace(whole, **changes)


def test_a_small_history_passes() -> None:
    """The history of which all that follows are variations has no anomaly."""
    verdict = check_failover("It loses nothing.", history())
    assert (verdict.status, verdict.because) == (Status.PASSED, "")
    assert verdict.requirement == "It loses nothing."
    assert verdict.measured == {
        "operations": 4,
        "ok": 4,
        "refused": 0,
        "unknown": 0,
        "acknowledged": 2,
        "lost": [],
        "missing": 0,
        "reads_refused": 0.0,
        "writes_refused": 0.0,
    }


@pytest.mark.parametrize(
    ("changed", "because"),
    [
        (history(final_items=None), "not observed: what stands afterwards"),
        (history(jobs=None), "not observed: whether the jobs ended"),
        (history(usage=None), "not observed: the usage records"),
        (history(fell_back=True), "the primary fell back to asynchronous replication"),
        (history(phases=history().phases[:3]), "the failover did not come to its end"),
        (
            history(LATER, replace(READ, name="c1-2", value="w1"), final_items=WRITTEN[1:]),
            "no write was acknowledged before the failover",
        ),
        (history(CREATE, CHANGE, READ, final_items=WRITTEN[:1]), "nothing was written after"),
        (history(CREATE, CHANGE, LATER), "nothing was read after the failover"),
        (
            history(promise=Promise.ASYNCHRONOUS, final_items=WRITTEN[1:], missing=None),
            "2 acknowledged writes are lost; not observed: the binary logs",
        ),
    ],
)
def test_what_cannot_be_decided_is_inconclusive(changed: History, because: str) -> None:
    """Without an observation, or a call that would have shown a failure, a failover does not
    pass."""
    if because.startswith("2 "):
        writes = (c for c in changed.operations if c.op_kind is not OpKind.READ)
        changed = replace(changed, operations=(*writes, replace(READ, value="")))
    verdict = check_failover("", changed)
    assert verdict.status is Status.INCONCLUSIVE
    assert because in verdict.because


V1 = (replace(WRITTEN[0], value="v1"), WRITTEN[1])
OLD = replace(READ, value="v1")


@pytest.mark.parametrize(
    ("promise", "missing", "fell_back", "status"),
    [
        (Promise.SEMI_SYNCHRONOUS, (("c1-1",),), False, Status.FAILED),
        (Promise.SEMI_SYNCHRONOUS, (("c1-1",),), True, Status.INCONCLUSIVE),
        (Promise.SEMI_SYNCHRONOUS, (), True, Status.FAILED),
        (Promise.ASYNCHRONOUS, (("c1-1",),), False, Status.PASSED),
        (Promise.ASYNCHRONOUS, (("c1-2",), ()), False, Status.FAILED),
    ],
)
def test_a_loss_is_judged_by_the_promise(
    promise: Promise, missing: tuple[tuple[str, ...], ...], fell_back: bool, status: Status
) -> None:
    """What asynchronous replication loses is a number, as long as the binary log explains it;
    semi-synchronous replication loses nothing, unless it fell back."""
    lossy = history(CREATE, CHANGE, LATER, OLD, final_items=V1, promise=promise)
    verdict = check_failover("", replace(lossy, missing=missing, fell_back=fell_back))
    assert verdict.status is status
    assert verdict.measured["lost"] == ["object c1-1: PutObject 'v2'"]
    assert "lost: 1 of 2 acknowledged before it (object c1-1: PutObject 'v2')" in verdict.observed
    if status is Status.FAILED:
        text = "lost: object c1-1: PutObject 'v2' was acknowledged at 0.60 s and stands with 'v1'"
        assert verdict.because.startswith(text)


@pytest.mark.parametrize("missing", [None, (("c1-2",),)])
def test_no_log_explains_what_the_new_primary_loses(
    missing: tuple[tuple[str, ...], ...] | None,
) -> None:
    """What is written after the failover may not be lost, whatever the old primary has."""
    lossy = history(promise=Promise.ASYNCHRONOUS, final_items=WRITTEN[:1], missing=missing)
    verdict = check_failover("", lossy)
    assert verdict.because == (
        "lost: object c1-2: PutObject 'w1' was acknowledged at 3.60 s and does not stand, and the "
        "binary logs do not say why"
    )


UNSURE = replace(CHANGE, result=OpResult.UNKNOWN)
LATE = call(OpKind.CHANGE, (3.2, 3.3), "v3")


@pytest.mark.parametrize(
    ("operations", "finding"),
    [
        # A change of unknown outcome may have happened or not, but not go and come again, ...
        ((CREATE, UNSURE, LATER, OLD), ""),
        ((CREATE, UNSURE, LATER, READ), ""),
        ((CREATE, UNSURE, LATER, OLD, replace(READ, began=4.0, ended=4.1)), ""),
        ((CREATE, UNSURE, LATER, READ, replace(OLD, began=4.0, ended=4.1)), Anomaly.STALE),
        # ... nor undo what was written after the failover.
        ((CREATE, UNSURE, LATER, LATE, READ), Anomaly.STALE),
        ((CREATE, CHANGE, LATER, OLD), Anomaly.STALE),
        # A read that began before the change ended may give either.
        ((CREATE, replace(CHANGE, ended=3.85), LATER, OLD), ""),
        ((CREATE, CHANGE, LATER, replace(READ, value="")), Anomaly.STALE),
        ((CREATE, CHANGE, LATER, replace(READ, value="v9")), Anomaly.PHANTOM),
        ((CREATE, replace(CHANGE, result=OpResult.REFUSED), LATER, READ), Anomaly.PHANTOM),
        # A refused read shows nothing.
        ((CREATE, CHANGE, LATER, READ, replace(OLD, result=OpResult.REFUSED)), ""),
    ],
)
def test_reads_are_held_to_intervals(operations: tuple[Operation, ...], finding: str) -> None:
    """A read may return any value that the item could have at some instant between its begin and
    its end."""
    last = "v3" if LATE in operations else ""  # without a value in the final state, else
    items = (replace(WRITTEN[0], value=last), WRITTEN[1])
    verdict = check_failover("", history(*operations, final_items=items))
    assert anomalies(verdict) - {""} == ({finding} if finding else set())


def test_what_was_read_and_goes_is_lost() -> None:
    """Semi-synchronous replication shows no read what it may still lose, acknowledged or not."""
    seen = call(OpKind.READ, (0.7, 0.8), "v2")
    lossy = history(CREATE, UNSURE, seen, LATER, OLD, final_items=V1)
    assert check_failover("", lossy).because == (
        "lost: object c1-1: PutObject 'v2' had no answer, but was read, and stands with 'v1'"
    )


def test_nameless_items_are_excused_by_calls_without_an_answer() -> None:
    """An instance without a name may be the result of a create without an answer, one of each."""
    unsure = call(OpKind.CREATE, (0.8, 1.5), kind="instance", name="c1-9", result=OpResult.UNKNOWN)
    stray = FinalItem("instance", "", "i-9")
    odd = history(*history().operations, unsure, final_items=(*WRITTEN, stray))
    assert check_failover("", odd).status is Status.PASSED
    odd = replace(odd, final_items=(*WRITTEN, stray, replace(stray, id="i-10")))
    assert check_failover("", odd).because == (
        "phantom: instance i-9, i-10: stands, and nobody asked for it; 1 may come of calls without "
        "an answer"
    )


@pytest.mark.parametrize(
    ("events", "finding"),
    [
        ("CREATE START STOP", ""),
        ("CREATE START STOP START", ""),  # the start had no answer
        ("CREATE START", "usage lost: VM.STOP of instance c1-8 (i-8): no record"),
        (
            "CREATE START STOP STOP",
            "usage doubled: VM.STOP of instance c1-8 (i-8): 2 records, 1 at most",
        ),
        ("START STOP", "usage lost: VM.CREATE of instance c1-8 (i-8): no record"),
    ],
)
def test_instances_are_metered_once_per_start_and_stop(events: str, finding: str) -> None:
    """Each start and stop has a usage record; one without an answer has one or none."""
    instance = {"kind": "instance", "name": "c1-8"}
    calls = (
        call(OpKind.CREATE, (0.3, 0.4), "running", action="RunInstances", id="i-8", **instance),
        call(OpKind.CHANGE, (3.1, 3.2), "stopped", action="StopInstances", **instance),
        call(OpKind.CHANGE, (3.3, 3.4), "running", action="StartInstances", **instance),
    )
    calls = (*calls[:2], replace(calls[2], result=OpResult.UNKNOWN))
    metered = history(
        *history().operations,
        *calls,
        final_items=(*WRITTEN, FinalItem("instance", "c1-8", "i-8")),
        usage=tuple(UsageRecord(f"VM.{event}", "i-8") for event in events.split()),
    )
    assert check_failover("", metered).because == finding


def test_many_findings_are_cut() -> None:
    """Of many findings of a kind the first ones are listed, with the number of the others."""
    strays = tuple(FinalItem("group", f"g{n}", f"id-{n}") for n in range(30))
    verdict = check_failover("", history(final_items=(*WRITTEN, *strays)))
    lines = verdict.because.splitlines()
    assert lines[0] == "phantom: group g0: stands, and nobody asked for it"
    assert lines[5:] == ["phantom: and 25 more"]


def test_findings_of_a_step_are_findings_of_the_history() -> None:
    """The findings of the runbook's checks fail the history, too."""
    phases = history().phases
    wrong = (replace(phases[3], findings="F5: not-started: nobody answers"),)
    verdict = check_failover("", history(phases=(*phases[:3], *wrong)))
    assert verdict.because == "F5: not-started: nobody answers"
    assert verdict.status is Status.FAILED


# --- measures -------------------------------------------------------------------------------------


def test_the_failover_lasts_from_the_disaster_to_the_new_service() -> None:
    """From the last action of the nemesis before F1, or F1 itself, to the end of F5."""
    assert failover_window(history()) == FailoverWindow(1, 3)
    assert failover_window(
        history(phases=(Phase("F1", 2, 3), Phase("F5", 4, 5)))
    ) == FailoverWindow(2, 5)
    assert failover_window(history(phases=(Phase("kill -9", 2, 2),))) is None
    assert failover_window(random_history(1, Promise.ASYNCHRONOUS)) == FailoverWindow(
        DISASTER, SERVED
    )


def test_refusals_are_measured_between_answers() -> None:
    """Writes are unavailable from the last answer before a refusal to the first one after it."""
    failed = replace(CHANGE, began=1.5, ended=1.6, result=OpResult.REFUSED)
    refused = history(CREATE, CHANGE, failed, LATER, READ)
    assert unavailability(refused, reads=False) == pytest.approx(3.6 - 0.6)
    assert unavailability(refused, reads=True) == 0
    assert unavailability(history(CREATE, CHANGE, failed), reads=False) is None
    assert unavailability(history(phases=()), reads=False) is None
    refused_later = replace(failed, began=3.61, ended=3.62)  # for a reason of its own
    refused = history(CREATE, CHANGE, LATER, refused_later, READ)
    assert unavailability(refused, reads=False) == 0


def test_calls_are_counted_by_the_second() -> None:
    """Each second has the calls that ended in it by result, also one in which none did."""
    calls = history(CREATE, UNSURE, replace(CHANGE, result=OpResult.REFUSED), LATER).operations
    assert throughput(calls) == (
        TimeSlot(0.0, 1, 1, 1),
        TimeSlot(1.0, 0, 0, 0),
        TimeSlot(2.0, 0, 0, 0),
        TimeSlot(3.0, 1, 0, 0),
    )  # fmt: skip  # of ruff: it is a table
    assert throughput(calls, 5.0) == (TimeSlot(0.0, 2, 1, 1),)
    assert throughput(()) == ()
