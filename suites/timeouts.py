"""Timeouts: how long the clients of all 38 translations wait, and for what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fixtures.model import Case, Level, Limit, ProcedureRequirement, ReplyKind, Row, TimeoutScenario
from fixtures.model.documentation import TIMEOUTS
from suites.contract.query_authentication import FULLY_TESTED
from suites.contract.suite import Check, Suite

DOCUMENTED = TIMEOUTS.cite()
HELP = "classic EC2 API tools 1.3-62308, the help of each command"

GIVEN = 2.0  # seconds that clients are given here: enough to tell in time from too late
AMPLE = 9.0  # seconds that do not run out here
SLOW = 2.5  # seconds that a slow but sufficient answer takes
BRIEF = 1.0  # seconds that run out before it

CONNECTION, REQUEST = Limit.CONNECTION, Limit.REQUEST
ANSWERED = frozenset({ReplyKind.ANSWERED})
REFUSED = frozenset({ReplyKind.REFUSED})
UNREADABLE = frozenset({ReplyKind.GARBLED})
TIMED_OUT = frozenset({ReplyKind.TIMED_OUT})
NOTHING: frozenset[ReplyKind] = frozenset()

COMMAND = ("command",)
SDKS = ("boto", "boto3", "soap")
CLIENTS = (*SDKS, *COMMAND)

DRIPPING = {
    "drips": "answers one byte a second",
    "drips_its_body": "answers with a head at once and then one byte a second",
    "stops_in_the_body": "stops in the middle of its answer",
}
FAILING = {
    "refuses": ("refuses connections", REFUSED),
    "hangs_up_in_the_body": ("closes the connection in the middle of its answer", UNREADABLE),
    "resets": ("resets the connection", UNREADABLE),
    "hangs_up_at_once": ("closes the connection at once", UNREADABLE),
    "answers_garbage": ("answers with what is no HTTP", UNREADABLE),
    "answers_babble": ("answers with what is no XML", UNREADABLE),
    "answers_with_a_bomb": ("answers with entities that grow without measure", UNREADABLE),
    "answers_hugely": ("answers with a huge body", UNREADABLE),
    "answers_endlessly": ("answers without end", UNREADABLE),
}
# Of these nothing published says what the classic tools do.
UNSETTLED = {"drips", "drips_its_body", "answers_with_a_bomb", "answers_hugely"} | {
    "answers_endlessly"
}
WRONG = {"negative": "-1", "text": "soon", "fraction": "1.5", "absurd": "9" * 11, "empty": ""}

_PLACE = re.compile(r"\{[a-z-]+(?:\.([a-z]+))?\}")
_MADE_UP = {  # what nobody looks at: attribute → text
    "account": "somebody",
    "architecture": "x86_64",
    "id": "5c1d7cbd-0b2c-4a8e-9f5d-3a1a2f0c9e11",
    "ipaddress": "192.0.2.7",
    "name": "conform",
    "text": "ssh-rsa AAAAB3NzaC1yc2E= conform",
    "url": "http://192.0.2.7/conform.qcow2",
    "virtualmachineid": "5c1d7cbd-0b2c-4a8e-9f5d-3a1a2f0c9e12",
}


class TestTimeouts(Suite):
    """A client that is kept waiting gives up when it was told to, and says why."""

    suite = "timeouts"

    def test_connection_timeout(self, case: Case, check: Check) -> None:
        """Without a connection, the client gives up at its connection timeout."""
        check(case)

    def test_request_timeout(self, case: Case, check: Check) -> None:
        """Without an answer, the client gives up at its request timeout."""
        check(case)

    def test_both_timeouts(self, case: Case, check: Check) -> None:
        """Of two timeouts, each is for its own."""
        check(case)

    def test_misbehaviour(self, case: Case, check: Check) -> None:
        """Whatever the endpoint does, the client ends in time, and does not call it a success."""
        check(case)

    def test_slow_answer(self, case: Case, check: Check) -> None:
        """An answer that comes in time is good, however slow."""
        check(case)

    def test_values(self, case: Case, check: Check) -> None:
        """A value that is no number of seconds is refused; 0 sets no limit."""
        check(case)

    def test_carried_out(self, case: Case, check: Check) -> None:
        """A request that timed out may have been carried out: CloudStack's side tells."""
        check(case)

    @classmethod
    def demands(cls, kind: str, rows: Sequence[Row]) -> Iterator[ProcedureRequirement]:
        """Everything of one kind that is demanded."""
        known = {row.action: row for row in rows}
        match kind:
            case "connection-timeout":
                yield from _limited(rows, kind, CONNECTION, "accepts_nothing")
            case "request-timeout":
                yield from _limited(rows, kind, REQUEST, "stays_silent")
            case "misbehaviour":
                for action in FULLY_TESTED:
                    yield from _misbehaving(known[action])
            case "both-timeouts":
                yield from _both(known["RunInstances"])
            case "slow-answer":
                yield from _slow(known["DescribeKeyPairs"], known["DeleteKeyPair"])
            case "values":
                yield from _values(known["RunInstances"], known["DescribeKeyPairs"])
            case "carried-out":
                yield from _carried_out(known["DeleteKeyPair"])


def _limited(
    rows: Sequence[Row], kind: str, limit: Limit, endpoint: str
) -> Iterator[ProcedureRequirement]:
    """Each command with the documented option, and the SDKs with a limit of their own."""
    for row in rows:
        wait = _gives_up(row, limit, endpoint, {limit: GIVEN})
        text = f"{row.ec2_command.real} gives up at its --{limit}, says so, and fails."
        yield ProcedureRequirement(
            row.action, kind, "", text, wait, COMMAND, Level.MUST, source=DOCUMENTED
        )
        if row.action in FULLY_TESTED:
            text = f"{row.action} is given up at the client's own {limit}, which it names."
            yield _demand(row, kind, text, wait, SDKS)


def _misbehaving(row: Row) -> Iterator[ProcedureRequirement]:
    for endpoint, does in DRIPPING.items():
        wait = _gives_up(row, REQUEST, endpoint, {CONNECTION: AMPLE, REQUEST: GIVEN})
        text = f"The request timeout holds for the whole answer of an endpoint that {does}."
        yield _demand(row, f"misbehaviour/{endpoint}", text, wait)
    for endpoint, (does, ends) in FAILING.items():
        wait = TimeoutScenario(
            row.action,
            endpoint,
            ends,
            GIVEN,
            arguments=_made_up(row.scenario.arguments),
            limits=_texts({CONNECTION: GIVEN, REQUEST: AMPLE}),
            unsettled=endpoint in UNSETTLED,
        )
        text = f"{row.action} ends at once, and fails, with an endpoint that {does}."
        yield _demand(row, f"misbehaviour/{endpoint}", text, wait)


def _both(row: Row) -> Iterator[ProcedureRequirement]:
    """As the documentation's own example gives them."""
    for limit, other, endpoint in (
        (CONNECTION, REQUEST, "accepts_nothing"),
        (REQUEST, CONNECTION, "stays_silent"),
    ):
        wait = _gives_up(row, limit, endpoint, {limit: GIVEN, other: AMPLE})
        text = f"With both timeouts given, the {limit} is the one that runs out."
        yield ProcedureRequirement(
            row.action,
            "both-timeouts",
            str(limit),
            text,
            wait,
            COMMAND,
            Level.MUST,
            source=DOCUMENTED,
        )


def _slow(read: Row, change: Row) -> Iterator[ProcedureRequirement]:
    """In front of the target."""
    for name, limits, text in (
        ("longer", {REQUEST: AMPLE}, "A request timeout that is longer does no harm."),
        ("default", {}, "Without timeouts given, a slow answer is waited for."),
        (
            "slow-after-connecting",
            {CONNECTION: BRIEF, REQUEST: AMPLE},
            "Once there is a connection, its timeout does not matter.",
        ),
    ):
        yield _demand(read, f"slow-answer/{name}", text, _answered(read, limits))
    text = "A change that takes long, but not too long, is reported as done, and is."
    wait = _answered(change, {CONNECTION: AMPLE, REQUEST: AMPLE})
    yield _demand(change, "slow-answer/longer", text, wait)


def _values(row: Row, read: Row) -> Iterator[ProcedureRequirement]:
    for limit in Limit:
        for name, value in WRONG.items():
            wait = replace(
                _gives_up(row, limit, "stays_silent", {limit: GIVEN}),
                ends=NOTHING,
                limit=None,
                limits={limit: value},
                unsettled=True,
            )
            text = f"A --{limit} of '{value}' is wrong usage, told in one line."
            yield _demand(row, f"values/{limit}-{name}", text, wait, COMMAND)
        text = f"A --{limit} of 0 sets no limit."
        wait = replace(_answered(read, {limit: 0.0}), unsettled=True)
        yield _demand(read, f"values/{limit}-zero", text, wait, COMMAND)


def _carried_out(change: Row) -> Iterator[ProcedureRequirement]:
    """The answer of a change is kept back."""
    wait = replace(
        _answered(change, {REQUEST: GIVEN}),
        endpoint="keeps_the_answer",
        ends=TIMED_OUT,
        within=GIVEN,
        limit=REQUEST,
    )
    text = "A change that times out is reported as such, though CloudStack was asked for it."
    yield _demand(change, "carried-out", text, wait)


# --- the words of this suite ------------------------------------------------------------------


def _demand(
    row: Row, place: str, text: str, wait: TimeoutScenario, drivers: tuple[str, ...] = CLIENTS
) -> ProcedureRequirement:
    """`place` is kind and name."""
    kind, _, name = place.partition("/")
    return ProcedureRequirement(row.action, kind, name, text, wait, drivers, source=HELP)


def _gives_up(
    row: Row, limit: Limit, endpoint: str, limits: Mapping[Limit, float]
) -> TimeoutScenario:
    return TimeoutScenario(
        row.action,
        endpoint,
        TIMED_OUT,
        limits[limit],
        limit,
        arguments=_made_up(row.scenario.arguments),
        limits=_texts(limits),
        unsettled=endpoint in UNSETTLED,
    )


def _answered(row: Row, limits: Mapping[Limit, float]) -> TimeoutScenario:
    """The row's own request, of which the answer is slow; fields that not every client shows are
    left out."""
    scenario = row.scenario
    fields = {
        name: pattern for name, pattern in scenario.expectation.fields.items() if "[]" in name
    }
    calls = scenario.expectation.calls if row.changes else ()
    return TimeoutScenario(
        row.action,
        "is_slow",
        ANSWERED,
        AMPLE,
        arguments=scenario.arguments,
        limits=_texts(limits),
        slowness=SLOW,
        needs=scenario.needs,
        resource_name="{keypair.name}",
        expectation=replace(scenario.expectation, fields=fields, calls=calls),
    )


def _texts(limits: Mapping[Limit, float]) -> dict[Limit, str]:
    return {limit: f"{seconds:g}" for limit, seconds in limits.items()}


def _made_up(value: Any) -> Any:
    """An argument with all that it names made up, since nobody is going to look at it."""
    match value:
        case str():
            return _PLACE.sub(lambda place: _MADE_UP[place[1] or "id"], value)
        case Mapping():
            return {name: _made_up(inner) for name, inner in value.items()}
        case list():
            return [_made_up(inner) for inner in value]
    return value
