"""Usage servers: whatever happens to them and to their events, everything is billed once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from fixtures.model import (
    Case,
    Disaster,
    GenerateUsage,
    ProcedureRequirement,
    ReadUsage,
    Row,
    UnderLoad,
    UsageDisaster,
    UsageRequest,
    UsageScenario,
    Wait,
)
from suites.contract.suite import Check, Suite
from suites.usage.dsl import (
    ALLOCATE,
    CREATE,
    DAY,
    DELETE,
    FIRST,
    FOURTH,
    HOUR,
    MINUTE,
    RELEASE,
    RUN,
    SECOND,
    START,
    STOP,
    THIRD,
    USED,
    Steps,
    days_read,
    stories,
    usage_case,
)


def _read(last: str, billed: str = "") -> ReadUsage:
    """As `days_read`, without parts: other cases are about those."""
    return replace(days_read(last, billed), split=False)


TO_JOB = 15.5 * HOUR  # until half past midnight, after the job of the first day
BEFORE_JOB = 15 * HOUR  # until midnight, 15 minutes before it
SURVIVES = (Wait(DAY), STOP, Wait(DAY), _read(THIRD))


def _befalls(*events: UsageDisaster | Wait) -> Steps:
    return (*USED, Wait(BEFORE_JOB), *events, *SURVIVES)


KILL, STOPPED, PAUSE, RESUME, ADD = map(
    UsageDisaster,
    (Disaster.KILL, Disaster.STOP, Disaster.PAUSE, Disaster.RESUME, Disaster.START),
)
DISASTERS: Mapping[str, tuple[str, Steps]] = {
    "nothing": ("side by side", _befalls()),
    "kill": ("while the owner of the job is killed", _befalls(KILL)),
    "kill-late": ("while the owner is killed after the job", _befalls(Wait(30 * MINUTE), KILL)),
    "kill-copied": (
        "while the owner is killed after it has copied the events",
        _befalls(UsageDisaster(Disaster.KILL_IN_JOB, step=1)),
    ),
    "kill-second-step": (
        "while the owner is killed in the middle of the job",
        _befalls(UsageDisaster(Disaster.KILL_IN_JOB, step=2)),
    ),
    "kill-twice": (
        "while two owners are killed, one after the other",
        _befalls(KILL, Wait(20 * MINUTE), ADD, KILL),
    ),
    "pause": ("while the owner is stopped for ever", _befalls(PAUSE)),
    "pause-briefly": (
        "while the owner is stopped for two minutes",
        _befalls(PAUSE, Wait(2 * MINUTE), RESUME),
    ),
    "pause-lease": (
        "while the owner is stopped for longer than its lease and continued",
        _befalls(PAUSE, Wait(20 * MINUTE), RESUME),
    ),
    "pause-in-job": (
        "while the owner is stopped in the job and continued after its lease",
        _befalls(
            UsageDisaster(Disaster.PAUSE_IN_JOB, step=1), Wait(16 * MINUTE), Wait(HOUR), RESUME
        ),
    ),
    "pause-in-second-step": (
        "while the owner is stopped after the job and continued after its lease",
        _befalls(UsageDisaster(Disaster.PAUSE_IN_JOB, step=2), Wait(HOUR), RESUME),
    ),
    "stop": ("while the owner is stopped cleanly", _befalls(STOPPED)),
    "stop-before-job": (
        "while the owner is stopped cleanly two minutes before the job, which is not delayed",
        (
            *(*USED, Wait(BEFORE_JOB + 13 * MINUTE), STOPPED, Wait(4 * MINUTE)),
            *(_read(FIRST, SECOND), *SURVIVES),
        ),
    ),
    "restart": ("while the owner is restarted", _befalls(STOPPED, ADD)),
    "kill-restart": ("while the owner is killed and started again", _befalls(KILL, ADD)),
    "fast-clock": (
        "while the clock of one is ten minutes fast",
        _befalls(UsageDisaster(Disaster.SKEW, server=1, seconds=600.0)),
    ),
    "slow-clock": (
        "while the clock of one is ten minutes slow",
        _befalls(UsageDisaster(Disaster.SKEW, server=1, seconds=-600.0)),
    ),
    "slow-owner": (
        "while the clock of the owner is ten minutes slow",
        _befalls(UsageDisaster(Disaster.SKEW, seconds=-600.0)),
    ),
    "slow-owner-killed": (
        "while the owner, whose clock is slow, is killed",
        _befalls(UsageDisaster(Disaster.SKEW, seconds=-600.0), KILL),
    ),
}


def _servers() -> Iterator[ProcedureRequirement]:
    for number, word in ((2, "Two"), (3, "Three")):
        for name, (how, steps) in DISASTERS.items():
            text = f"{word} usage servers bill everything once, {how}."
            yield usage_case(
                "servers", f"{name}-{number}", text, UsageScenario(steps, servers=number)
            )
    for kind, what in ((1, "running instances"), (6, "volumes"), (3, "addresses")):
        fail = UsageDisaster(Disaster.FAIL, step=kind)
        text = f"A run that fails for {what} is repeated, and nothing is lost."
        yield usage_case("servers", f"fails-{kind}", text, UsageScenario(_befalls(fail)))
    text = "A usage server that is killed, without another one, bills everything when it starts."
    steps = (*USED, Wait(HOUR), KILL, Wait(3 * DAY), ADD, Wait(15 * MINUTE), _read(FOURTH))
    yield usage_case("servers", "alone", text, UsageScenario(steps))


def _late(step: UsageRequest, clock: float = 0.0) -> UsageRequest:
    """The request, whose events are committed late, or which a wrong clock stamps."""
    return UsageRequest(step.action, step.arguments, step.name, clock=clock, late=clock == 0.0)


COMMIT = UsageDisaster(Disaster.COMMIT)
LATE: Mapping[str, tuple[str, Steps]] = {
    "stop": (
        "An instance whose stop is committed after its day was billed is billed up to the stop.",
        (RUN, Wait(3 * HOUR), _late(STOP), Wait(TO_JOB), COMMIT, Wait(DAY), _read(THIRD)),
    ),
    "delete": (
        "A volume whose removal is committed after its day was billed is billed up to it.",
        (CREATE, Wait(3 * HOUR), _late(DELETE), Wait(TO_JOB), COMMIT, Wait(DAY), _read(THIRD)),
    ),
    "create": (
        "A volume whose creation is committed after its day was billed is billed from then on.",
        (_late(CREATE), Wait(TO_JOB + HOUR), COMMIT, Wait(DAY), _read(THIRD)),
    ),
    "another": (
        "A late event of one volume changes no other bill.",
        (RUN, _late(CREATE), Wait(1.7 * DAY), COMMIT, Wait(DAY), _read(FOURTH, THIRD)),
    ),
    "lower-id": (
        "An event with a lower id, committed after one with a higher id was copied, is billed.",
        (
            *(_late(CREATE), Wait(HOUR), ALLOCATE, Wait(HOUR), GenerateUsage(), Wait(HOUR)),
            *(COMMIT, Wait(DAY), _read(SECOND)),
        ),
    ),
    "lower-id-stop": (
        "A stop with a lower id, committed after a higher id was copied, ends the bill.",
        (
            *(RUN, Wait(HOUR), _late(STOP), ALLOCATE, Wait(HOUR), GenerateUsage(), Wait(HOUR)),
            *(COMMIT, Wait(DAY), _read(SECOND)),
        ),
    ),
    "skewed-stop": (
        "A stop that a slow clock stamps before its start ends the bill all the same.",
        (RUN, Wait(100), _late(STOP, -600.0), Wait(1.5 * DAY), _read(SECOND)),
    ),
    "skewed-start": (
        "A start that a fast clock stamps after its stop is billed only as long as it ran.",
        (_late(RUN, 600.0), Wait(100), STOP, Wait(1.5 * DAY), _read(SECOND)),
    ),
    "skewed-delete": (
        "A volume that a slow clock removes before its creation is not billed for ever.",
        (CREATE, Wait(30), _late(DELETE, -300.0), Wait(1.5 * DAY), _read(SECOND)),
    ),
}


def _volume(name: str) -> UsageRequest:
    return UsageRequest(CREATE.action, CREATE.arguments, name)


def _deletion(name: str) -> UsageRequest:
    return UsageRequest("DeleteVolume", {"VolumeId": f"{{{name}.id}}"})


# Sent while the owner of the job is killed in it, and while another server takes over.
LOAD = (
    *(_volume("load-a"), STOP, ALLOCATE, _volume("load-b"), START, _deletion("load-a")),
    *(_volume("load-c"), RELEASE, STOP, _deletion("load-b"), START, _deletion("load-c")),
)
KILL_IN_JOB = UsageDisaster(Disaster.KILL_IN_JOB)
PROCESSES: Mapping[str, tuple[str, Steps]] = {
    "takeover": (
        "The owner of the job, killed at any moment of it under load, loses and doubles nothing.",
        (
            *(*USED, Wait(BEFORE_JOB), KILL_IN_JOB, UnderLoad(LOAD, 16 * MINUTE)),
            *(Wait(10 * MINUTE), *SURVIVES),
        ),
    ),
    "pause": (
        "The owner, stopped by SIGSTOP for longer than its lease and continued, bills nothing.",
        _befalls(PAUSE, Wait(25 * MINUTE), RESUME),
    ),
    "stop": (
        "A server that is stopped cleanly leaves the job to another one at once.",
        (
            *(*USED, Wait(BEFORE_JOB + 13 * MINUTE), STOPPED, Wait(4 * MINUTE)),
            *(_read(FIRST, SECOND), *SURVIVES),
        ),
    ),
}


class TestServers(Suite):
    """Usage servers that are killed, stopped and continued, late events and wrong clocks."""

    suite = "usage"

    def test_servers(self, case: Case, check: Check) -> None:
        """Whatever happens to usage servers, everything is billed once."""
        check(case)

    def test_processes(self, case: Case, check: Check) -> None:
        """The same with usage servers that are processes, and real signals."""
        check(case)

    def test_late(self, case: Case, check: Check) -> None:
        """Events that come late, or with wrong moments, are billed once and as they happened."""
        check(case)

    @classmethod
    def demands(cls, kind: str, rows: Sequence[Row]) -> Iterator[ProcedureRequirement]:
        """The stories of one kind."""
        del rows
        if kind == "servers":
            yield from _servers()
        elif kind == "late":
            yield from stories("late", LATE)
        elif kind == "processes":
            for name, (text, steps) in PROCESSES.items():
                story = UsageScenario(steps, servers=2, processes=True)
                yield usage_case(kind, name, text, story)
