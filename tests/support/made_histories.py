"""Histories made up for the tests of the judge: a small cloud that keeps its promises, whose
clients, network and failover are thrown by dice."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from random import Random

from fixtures.model import (
    FinalItem,
    History,
    Job,
    Lag,
    Operation,
    OpKind,
    OpResult,
    Phase,
    Promise,
    UsageRecord,
)

KINDS = ("instance", "volume", "group", "object")
METERED = {
    ("instance", OpKind.CREATE): "VM.CREATE",
    ("instance", OpKind.DESTROY): "VM.DESTROY",
    ("volume", OpKind.CREATE): "VOLUME.CREATE",
    ("volume", OpKind.DESTROY): "VOLUME.DELETE",
}
BLOW, SERVED = 2.0, 3.0  # when the primary dies, when the new one serves; things end at 5


@dataclass(slots=True)
class Call:
    """An operation under way, and what its cloud knows of it."""

    told: Operation
    happened: bool = False


@dataclass(slots=True)
class MadeCloud:
    """Clients, a primary, a replica, and what everybody remembers."""

    random: Random
    promise: Promise = Promise.SEMI_SYNCHRONOUS
    pace: float = 0.05  # seconds that an answer takes, on average
    trouble: float = 0.08  # the share of calls whose answer gets lost or is not waited for
    shared: float = 0.0  # the share of changes that are made to other clients' things
    lost: int = 0  # transactions that the replica lacks at the blow
    kinds: tuple[str, ...] = KINDS
    holds: dict[tuple[str, str], str] = field(default_factory=dict)
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    log: list[Call] = field(default_factory=list)  # transactions, in order
    said: list[Operation] = field(default_factory=list)
    under_way: dict[str, Call] = field(default_factory=dict)  # by client
    owns: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    events: list[tuple[float, int, Callable[[float], None]]] = field(default_factory=list)
    numbers: count[int] = field(default_factory=lambda: count(1))
    gone: list[Operation] = field(default_factory=list)  # what the new primary never had

    def at(self, time: float, what: Callable[[float], None]) -> None:
        heapq.heappush(self.events, (time, next(self.numbers), what))

    def wait(self) -> float:
        return self.random.expovariate(1 / self.pace)

    def live(self, clients: int, until: float = 5.0) -> History:
        """Clients work until then, while the primary dies in between."""
        for number in range(clients):
            name = f"c{number}"
            self.owns[name] = []
            self.at(self.wait(), lambda now, name=name: self.begin(name, now))  # type: ignore[misc]  # of mypy: a default makes it no plain callable
        self.at(BLOW, self.fail_over)
        while self.events and self.events[0][0] < until:
            time, _, what = heapq.heappop(self.events)
            what(time)
        for call in self.under_way.values():
            self.say(call, until, OpResult.UNKNOWN, "no answer")
        return self.told(until)

    def begin(self, client: str, now: float) -> None:
        """A client asks something and gets an answer, or none."""
        self.under_way[client] = call = Call(self.choose(client, now))
        patience = now + self.pace * 8
        if BLOW <= now < SERVED:
            self.at(now + self.wait() / 4, lambda t: self.refuse(call, t))
            return
        effect = now + self.wait() / 2
        answer = effect + self.wait() / 2
        if self.random.random() < self.trouble:
            # The client hears nothing; what it asked for may come late, or never.
            patience = now + self.wait()
            answer = patience + 100
            effect += self.random.choice((0, self.pace * 5, 100))
        if now < BLOW <= answer:
            answer += 100
            patience = min(patience, SERVED)
        self.at(effect, lambda t: self.happen(call, t, now))
        self.at(min(answer, patience), lambda t: self.end(call, t, answered=answer <= patience))

    def choose(self, client: str, now: float) -> Operation:
        own = self.owns[client]
        dice = self.random.random()
        if not own or dice < 0.3:
            kind = self.random.choice(self.kinds)
            key = (kind, f"{client}-{next(self.numbers)}")
            own.append(key)
            act = OpKind.CREATE
        elif dice < 0.65:
            everybody = [key for keys in self.owns.values() for key in keys]
            key, act = self.random.choice(everybody[-12:]), OpKind.READ
        else:
            key, act = self.random.choice(own[-4:]), OpKind.DESTROY if dice > 0.9 else OpKind.CHANGE
            if act is OpKind.DESTROY:
                own.remove(key)
            elif self.random.random() < self.shared:
                key = self.random.choice([key for keys in self.owns.values() for key in keys[-4:]])
        value = f"v{next(self.numbers)}" if act in (OpKind.CREATE, OpKind.CHANGE) else ""
        action = f"{act.title()}{key[0].title()}"
        return Operation(client, action, act, *key, now, now, OpResult.UNKNOWN, value)

    def happen(self, call: Call, now: float, began: float) -> None:
        """The primary does what it was asked for, unless it is too late for that."""
        one = call.told
        key = (one.kind, one.name)
        if began < BLOW <= now:
            return
        if one.op_kind is OpKind.READ:
            call.told = replace(one, value=self.holds.get(key, ""))
        elif one.op_kind is not OpKind.CREATE and key not in self.holds:
            return
        else:
            if one.op_kind is OpKind.CREATE:
                self.ids[key] = f"{one.kind}-{next(self.numbers)}"
                call.told = replace(one, id=self.ids[key])
            self.log.append(call)
            self.apply(one)
        call.happened = True

    def apply(self, one: Operation) -> None:
        if one.op_kind is OpKind.DESTROY:
            self.holds.pop((one.kind, one.name), None)
        else:
            self.holds[one.kind, one.name] = one.value

    def end(self, call: Call, now: float, *, answered: bool) -> None:
        """The client goes on, with or without an answer."""
        if not answered:
            came, text = OpResult.UNKNOWN, "no answer"
        elif call.happened:
            came, text = OpResult.OK, ""
        else:
            came, text = OpResult.REFUSED, "not found"
        self.say(call, now, came, text)

    def refuse(self, call: Call, now: float) -> None:
        came = self.random.choice((OpResult.REFUSED, OpResult.REFUSED, OpResult.UNKNOWN))
        self.say(call, now, came, "530")

    def say(self, call: Call, now: float, came: OpResult, error: str) -> None:
        told = replace(call.told, ended=now, result=came, error=error)
        if came is not OpResult.OK:
            told = replace(told, id="", value=told.value if told.op_kind is not OpKind.READ else "")
        self.said.append(told)
        self.at(now + self.wait() / 3, lambda t: self.begin(told.client, t))

    def fail_over(self, now: float) -> None:
        """The replica takes over with what it has."""
        del now
        kept = len(self.log) - (self.lost if self.promise is Promise.ASYNCHRONOUS else 0)
        self.gone = [call.told for call in self.log[max(kept, 0) :]]
        del self.log[max(kept, 0) :]
        self.holds.clear()
        for call in self.log:
            self.apply(call.told)

    def told(self, until: float) -> History:
        usage = [
            UsageRecord(event, self.ids[call.told.kind, call.told.name])
            for call in self.log
            if (event := METERED.get((call.told.kind, call.told.op_kind)))
        ]
        return History(
            promise=self.promise,
            nemesis="kill -9",
            operations=tuple(self.said),
            phases=(
                Phase("kill -9", BLOW, BLOW + 0.01),
                Phase("F1", BLOW + 0.1, BLOW + 0.2),
                Phase("F2", BLOW + 0.2, BLOW + 0.7),
                Phase("F5", BLOW + 0.7, SERVED),
                Phase("F6", SERVED, until),
            ),
            lags=(Lag(1.0, 0), Lag(2.0, None)),
            final_items=tuple(
                FinalItem(*key, self.ids[key] if key[0] != "object" else "", value)
                for key, value in self.holds.items()
            ),
            jobs=(Job("7", "deployVirtualMachine", done=True),),
            usage=tuple(usage),
            missing=tuple((one.name,) for one in self.gone),
        )


def made(seed: int, promise: Promise, clients: int = 4, **dice: float) -> History:
    """A history in which everybody kept their promises."""
    random = Random(seed)
    lost = random.randrange(8)
    cloud = MadeCloud(random, promise, lost=lost, **dice)  # type: ignore[arg-type]  # of mypy: all dice are numbers
    return cloud.live(clients)
