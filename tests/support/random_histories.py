"""Random histories for the tests of the checkers: a small simulated cloud that keeps its promises,
with random clients, network and failover."""

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
DISASTER, SERVED = 2.0, 3.0  # when the primary dies, and when the new one serves; all ends at 5


@dataclass(slots=True)
class Call:
    """An operation under way, and whether it has taken effect."""

    operation: Operation
    applied: bool = False


@dataclass(slots=True)
class RandomCloud:
    """Clients, a primary, and a replica that takes over."""

    random: Random
    promise: Promise = Promise.SEMI_SYNCHRONOUS
    pace: float = 0.05  # seconds that an answer takes, on average
    unanswered: float = 0.08  # share of calls whose answer gets lost or comes too late
    shared: float = 0.0  # share of changes to other clients' items
    lost: int = 0  # transactions that the replica lacks at the disaster
    kinds: tuple[str, ...] = KINDS
    values: dict[tuple[str, str], str] = field(default_factory=dict)
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    log: list[Call] = field(default_factory=list)  # transactions, in order
    operations: list[Operation] = field(default_factory=list)
    under_way: dict[str, Call] = field(default_factory=dict)  # by client
    items: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    events: list[tuple[float, int, Callable[[float], None]]] = field(default_factory=list)
    numbers: count[int] = field(default_factory=lambda: count(1))
    lost_operations: list[Operation] = field(default_factory=list)  # that the new primary never had

    def schedule(self, time: float, what: Callable[[float], None]) -> None:
        heapq.heappush(self.events, (time, next(self.numbers), what))

    def delay(self) -> float:
        return self.random.expovariate(1 / self.pace)

    def run(self, clients: int, until: float = 5.0) -> History:
        """The history of clients that work until then, while the primary dies."""
        for number in range(clients):
            name = f"c{number}"
            self.items[name] = []
            self.schedule(self.delay(), lambda now, name=name: self.begin(name, now))  # type: ignore[misc]  # of mypy: a default makes it no plain callable
        self.schedule(DISASTER, self.fail_over)
        while self.events and self.events[0][0] < until:
            time, _, what = heapq.heappop(self.events)
            what(time)
        for call in self.under_way.values():
            self.record(call, until, OpResult.UNKNOWN, "no answer")
        return self.history(until)

    def begin(self, client: str, now: float) -> None:
        """A client makes a call and gets an answer, or none."""
        self.under_way[client] = call = Call(self.choose(client, now))
        patience = now + self.pace * 8
        if DISASTER <= now < SERVED:
            self.schedule(now + self.delay() / 4, lambda t: self.refuse(call, t))
            return
        effect = now + self.delay() / 2
        answer = effect + self.delay() / 2
        if self.random.random() < self.unanswered:
            # The client gets no answer; the call may take effect later, or never.
            patience = now + self.delay()
            answer = patience + 100
            effect += self.random.choice((0, self.pace * 5, 100))
        if now < DISASTER <= answer:
            answer += 100
            patience = min(patience, SERVED)
        self.schedule(effect, lambda t: self.take_effect(call, t, now))
        self.schedule(
            min(answer, patience), lambda t: self.end(call, t, answered=answer <= patience)
        )

    def choose(self, client: str, now: float) -> Operation:
        own = self.items[client]
        dice = self.random.random()
        if not own or dice < 0.3:
            kind = self.random.choice(self.kinds)
            key = (kind, f"{client}-{next(self.numbers)}")
            own.append(key)
            op_kind = OpKind.CREATE
        elif dice < 0.65:
            all_items = [key for keys in self.items.values() for key in keys]
            key, op_kind = self.random.choice(all_items[-12:]), OpKind.READ
        else:
            key = self.random.choice(own[-4:])
            op_kind = OpKind.DESTROY if dice > 0.9 else OpKind.CHANGE
            if op_kind is OpKind.DESTROY:
                own.remove(key)
            elif self.random.random() < self.shared:
                key = self.random.choice([key for keys in self.items.values() for key in keys[-4:]])
        value = f"v{next(self.numbers)}" if op_kind in (OpKind.CREATE, OpKind.CHANGE) else ""
        action = f"{op_kind.title()}{key[0].title()}"
        return Operation(client, action, op_kind, *key, now, now, OpResult.UNKNOWN, value)

    def take_effect(self, call: Call, now: float, began: float) -> None:
        """The primary carries an operation out, unless it is dead by then."""
        operation = call.operation
        key = (operation.kind, operation.name)
        if began < DISASTER <= now:
            return
        if operation.op_kind is OpKind.READ:
            call.operation = replace(operation, value=self.values.get(key, ""))
        elif operation.op_kind is not OpKind.CREATE and key not in self.values:
            return
        else:
            if operation.op_kind is OpKind.CREATE:
                self.ids[key] = f"{operation.kind}-{next(self.numbers)}"
                call.operation = replace(operation, id=self.ids[key])
            self.log.append(call)
            self.apply(operation)
        call.applied = True

    def apply(self, write: Operation) -> None:
        if write.op_kind is OpKind.DESTROY:
            self.values.pop((write.kind, write.name), None)
        else:
            self.values[write.kind, write.name] = write.value

    def end(self, call: Call, now: float, *, answered: bool) -> None:
        """A call ends, with or without an answer, and the client goes on."""
        if not answered:
            result, text = OpResult.UNKNOWN, "no answer"
        elif call.applied:
            result, text = OpResult.OK, ""
        else:
            result, text = OpResult.REFUSED, "not found"
        self.record(call, now, result, text)

    def refuse(self, call: Call, now: float) -> None:
        result = self.random.choice((OpResult.REFUSED, OpResult.REFUSED, OpResult.UNKNOWN))
        self.record(call, now, result, "530")

    def record(self, call: Call, now: float, result: OpResult, error: str) -> None:
        ended = replace(call.operation, ended=now, result=result, error=error)
        if result is not OpResult.OK:
            value = "" if ended.op_kind is OpKind.READ else ended.value
            ended = replace(ended, id="", value=value)
        self.operations.append(ended)
        self.schedule(now + self.delay() / 3, lambda t: self.begin(ended.client, t))

    def fail_over(self, now: float) -> None:
        """The replica takes over with what it has."""
        del now
        kept = len(self.log) - (self.lost if self.promise is Promise.ASYNCHRONOUS else 0)
        self.lost_operations = [call.operation for call in self.log[max(kept, 0) :]]
        del self.log[max(kept, 0) :]
        self.values.clear()
        for call in self.log:
            self.apply(call.operation)

    def history(self, until: float) -> History:
        usage = [
            UsageRecord(event, self.ids[call.operation.kind, call.operation.name])
            for call in self.log
            if (event := METERED.get((call.operation.kind, call.operation.op_kind)))
        ]
        return History(
            promise=self.promise,
            nemesis="kill -9",
            operations=tuple(self.operations),
            phases=(
                Phase("kill -9", DISASTER, DISASTER + 0.01),
                Phase("F1", DISASTER + 0.1, DISASTER + 0.2),
                Phase("F2", DISASTER + 0.2, DISASTER + 0.7),
                Phase("F5", DISASTER + 0.7, SERVED),
                Phase("F6", SERVED, until),
            ),
            lags=(Lag(1.0, 0), Lag(2.0, None)),
            final_items=tuple(
                FinalItem(*key, self.ids[key] if key[0] != "object" else "", value)
                for key, value in self.values.items()
            ),
            jobs=(Job("7", "deployVirtualMachine", done=True),),
            usage=tuple(usage),
            missing=tuple((lost.name,) for lost in self.lost_operations),
        )


def random_history(seed: int, promise: Promise, clients: int = 4, **dice: float) -> History:
    """A history without anomalies. `dice`: other fields of `RandomCloud`."""
    random = Random(seed)
    lost = random.randrange(8)
    cloud = RandomCloud(random, promise, lost=lost, **dice)  # type: ignore[arg-type]  # of mypy: all dice are numbers
    return cloud.run(clients)
