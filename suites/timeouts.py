"""Timeouts: how long clients wait for a connection and for a reply, with each of the 38 actions."""

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

TIMEOUT = 2.0  # seconds; long enough to tell an end in time from a late one
LONG_TIMEOUT = 9.0  # seconds; does not expire in any case
SLOW_ANSWER = 2.5  # seconds until a slow endpoint answers
SHORT_TIMEOUT = 1.0  # seconds; expires before SLOW_ANSWER

CONNECTION, REQUEST = Limit.CONNECTION, Limit.REQUEST
ANSWERED = frozenset({ReplyKind.ANSWERED})
REFUSED = frozenset({ReplyKind.REFUSED})
UNREADABLE = frozenset({ReplyKind.GARBLED})
TIMED_OUT = frozenset({ReplyKind.TIMED_OUT})
NO_ENDS: frozenset[ReplyKind] = frozenset()

COMMAND = ("command",)
SDKS = ("boto", "boto3", "soap")
CLIENTS = (*SDKS, *COMMAND)

DRIPPING = {
    "drips": "answers one byte a second",
    "drips_its_body": "answers with headers at once and then one byte a second",
    "stops_in_the_body": "stops in the middle of its answer",
}
FAILING = {
    "refuses": ("refuses connections", REFUSED),
    "hangs_up_in_the_body": ("closes the connection in the middle of its answer", UNREADABLE),
    "resets": ("resets the connection", UNREADABLE),
    "hangs_up_at_once": ("closes the connection at once", UNREADABLE),
    "answers_garbage": ("answers with data that are not HTTP", UNREADABLE),
    "answers_babble": ("answers with data that are not XML", UNREADABLE),
    "answers_with_a_bomb": ("answers with XML entities that expand without limit", UNREADABLE),
    "answers_hugely": ("answers with a huge body", UNREADABLE),
    "answers_endlessly": ("answers without end", UNREADABLE),
}
# Nothing published describes what the classic tools do with these.
UNSETTLED = {"drips", "drips_its_body", "answers_with_a_bomb", "answers_hugely"} | {
    "answers_endlessly"
}
INVALID_VALUES = {
    "negative": "-1",
    "text": "soon",
    "fraction": "1.5",
    "absurd": "9" * 11,
    "empty": "",
}

_PLACEHOLDER = re.compile(r"\{[a-z-]+(?:\.([a-z]+))?\}")
_MADE_UP_TEXTS = {  # attribute → a text for requests that no target gets
    "account": "another-account",
    "architecture": "x86_64",
    "id": "5c1d7cbd-0b2c-4a8e-9f5d-3a1a2f0c9e11",
    "ipaddress": "192.0.2.7",
    "name": "conform",
    "text": "ssh-rsa AAAAB3NzaC1yc2E= conform",
    "url": "http://192.0.2.7/conform.qcow2",
    "virtualmachineid": "5c1d7cbd-0b2c-4a8e-9f5d-3a1a2f0c9e12",
}


class TestTimeouts(Suite):
    """A client that waits too long gives up at its timeout, and its error names the timeout."""

    suite = "timeouts"

    def test_connection_timeout(self, case: Case, check: Check) -> None:
        """A client that gets no connection gives up at its connection timeout."""
        check(case)

    def test_request_timeout(self, case: Case, check: Check) -> None:
        """A client that gets no reply gives up at its request timeout."""
        check(case)

    def test_both_timeouts(self, case: Case, check: Check) -> None:
        """With both timeouts set, each limits its own phase of the request."""
        check(case)

    def test_misbehaviour(self, case: Case, check: Check) -> None:
        """Whatever the endpoint does wrong, the client ends in time and reports a failure."""
        check(case)

    def test_slow_answer(self, case: Case, check: Check) -> None:
        """A slow reply that arrives before the timeout is accepted."""
        check(case)

    def test_values(self, case: Case, check: Check) -> None:
        """A timeout that is not a number of seconds is refused; 0 sets no limit."""
        check(case)

    def test_carried_out(self, case: Case, check: Check) -> None:
        """A request that timed out at the client may have reached CloudStack all the same."""
        check(case)

    @classmethod
    def demands(cls, kind: str, rows: Sequence[Row]) -> Iterator[ProcedureRequirement]:
        """The cases of one kind."""
        known = {row.action: row for row in rows}
        match kind:
            case "connection-timeout":
                yield from _limit_cases(rows, kind, CONNECTION, "accepts_nothing")
            case "request-timeout":
                yield from _limit_cases(rows, kind, REQUEST, "stays_silent")
            case "misbehaviour":
                for action in FULLY_TESTED:
                    yield from _misbehaviour_cases(known[action])
            case "both-timeouts":
                yield from _both_cases(known["RunInstances"])
            case "slow-answer":
                yield from _slow_cases(known["DescribeKeyPairs"], known["DeleteKeyPair"])
            case "values":
                yield from _value_cases(known["RunInstances"], known["DescribeKeyPairs"])
            case "carried-out":
                yield from _carried_out_case(known["DeleteKeyPair"])


def _limit_cases(
    rows: Sequence[Row], kind: str, limit: Limit, endpoint: str
) -> Iterator[ProcedureRequirement]:
    """Each command with the documented option, and the SDKs with their own timeout."""
    for row in rows:
        wait = _gives_up(row, limit, endpoint, {limit: TIMEOUT})
        text = f"{row.ec2_command.real} gives up at its --{limit}, names it, and fails."
        yield ProcedureRequirement(
            row.action, kind, "", text, wait, COMMAND, Level.MUST, source=DOCUMENTED
        )
        if row.action in FULLY_TESTED:
            text = f"{row.action} fails at the client's own {limit}, and the error names it."
            yield _case(row, kind, text, wait, SDKS)


def _misbehaviour_cases(row: Row) -> Iterator[ProcedureRequirement]:
    for endpoint, does in DRIPPING.items():
        wait = _gives_up(row, REQUEST, endpoint, {CONNECTION: LONG_TIMEOUT, REQUEST: TIMEOUT})
        text = f"The request timeout covers the whole reply of an endpoint that {does}."
        yield _case(row, f"misbehaviour/{endpoint}", text, wait)
    for endpoint, (does, ends) in FAILING.items():
        wait = TimeoutScenario(
            row.action,
            endpoint,
            ends,
            TIMEOUT,
            arguments=_made_up_arguments(row.scenario.arguments),
            limits=_texts({CONNECTION: TIMEOUT, REQUEST: LONG_TIMEOUT}),
            unsettled=endpoint in UNSETTLED,
        )
        text = f"{row.action} fails at once with an endpoint that {does}."
        yield _case(row, f"misbehaviour/{endpoint}", text, wait)


def _both_cases(row: Row) -> Iterator[ProcedureRequirement]:
    """Both timeouts at once, as in the example of the documentation."""
    for limit, other, endpoint in (
        (CONNECTION, REQUEST, "accepts_nothing"),
        (REQUEST, CONNECTION, "stays_silent"),
    ):
        wait = _gives_up(row, limit, endpoint, {limit: TIMEOUT, other: LONG_TIMEOUT})
        text = f"With both timeouts set, the {limit} expires if its phase is too long."
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


def _slow_cases(read: Row, change: Row) -> Iterator[ProcedureRequirement]:
    """Slow replies of an endpoint that forwards requests to the target."""
    for name, limits, text in (
        (
            "longer",
            {REQUEST: LONG_TIMEOUT},
            "A reply that arrives before the request timeout is accepted.",
        ),
        ("default", {}, "Without timeouts, a client waits for a slow reply."),
        (
            "slow-after-connecting",
            {CONNECTION: SHORT_TIMEOUT, REQUEST: LONG_TIMEOUT},
            "After the connection is made, the connection timeout has no effect.",
        ),
    ):
        yield _case(read, f"slow-answer/{name}", text, _slow_answer(read, limits))
    text = "A slow change that ends before the timeouts is reported as done, and is done."
    wait = _slow_answer(change, {CONNECTION: LONG_TIMEOUT, REQUEST: LONG_TIMEOUT})
    yield _case(change, "slow-answer/longer", text, wait)


def _value_cases(row: Row, read: Row) -> Iterator[ProcedureRequirement]:
    for limit in Limit:
        for name, value in INVALID_VALUES.items():
            wait = replace(
                _gives_up(row, limit, "stays_silent", {limit: TIMEOUT}),
                ends=NO_ENDS,
                limit=None,
                limits={limit: value},
                unsettled=True,
            )
            text = f"A --{limit} of '{value}' is refused with an error of one line."
            yield _case(row, f"values/{limit}-{name}", text, wait, COMMAND)
        text = f"A --{limit} of 0 sets no limit."
        wait = replace(_slow_answer(read, {limit: 0.0}), unsettled=True)
        yield _case(read, f"values/{limit}-zero", text, wait, COMMAND)


def _carried_out_case(change: Row) -> Iterator[ProcedureRequirement]:
    """A change whose reply the endpoint holds back."""
    wait = replace(
        _slow_answer(change, {REQUEST: TIMEOUT}),
        endpoint="keeps_the_answer",
        ends=TIMED_OUT,
        within=TIMEOUT,
        limit=REQUEST,
    )
    text = "A change that times out is reported as timed out, although CloudStack was called."
    yield _case(change, "carried-out", text, wait)


# --- scenarios --------------------------------------------------------------------------------


def _case(
    row: Row, place: str, text: str, wait: TimeoutScenario, drivers: tuple[str, ...] = CLIENTS
) -> ProcedureRequirement:
    """`place`: kind, or kind and name with a slash between."""
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
        arguments=_made_up_arguments(row.scenario.arguments),
        limits=_texts(limits),
        unsettled=endpoint in UNSETTLED,
    )


def _slow_answer(row: Row, limits: Mapping[Limit, float]) -> TimeoutScenario:
    """The row's own request to a slow endpoint, without fields that some clients do not show."""
    scenario = row.scenario
    fields = {
        name: pattern for name, pattern in scenario.expectation.fields.items() if "[]" in name
    }
    calls = scenario.expectation.calls if row.changes else ()
    return TimeoutScenario(
        row.action,
        "is_slow",
        ANSWERED,
        LONG_TIMEOUT,
        arguments=scenario.arguments,
        limits=_texts(limits),
        slowness=SLOW_ANSWER,
        needs=scenario.needs,
        resource_name="{keypair.name}",
        expectation=replace(scenario.expectation, fields=fields, calls=calls),
    )


def _texts(limits: Mapping[Limit, float]) -> dict[Limit, str]:
    return {limit: f"{seconds:g}" for limit, seconds in limits.items()}


def _made_up_arguments(value: Any) -> Any:
    """An argument with made-up texts in place of its `{name.attribute}`s: no target gets it."""
    match value:
        case str():
            return _PLACEHOLDER.sub(lambda place: _MADE_UP_TEXTS[place[1] or "id"], value)
        case Mapping():
            return {name: _made_up_arguments(inner) for name, inner in value.items()}
        case list():
            return [_made_up_arguments(inner) for inner in value]
    return value
