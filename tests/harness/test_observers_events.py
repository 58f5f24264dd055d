"""CloudStack's events as an observer: what they show, and what they do not."""

from __future__ import annotations

from collections import Counter
from itertools import count
from typing import Any

import pytest

from fixtures.observers.events import EventsObserver


class Left:
    """An event log that a test writes."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.asked: Counter[str] = Counter()
        self.asked_since: list[str] = []
        self._numbers = count(1)
        self.log = EventsObserver(self._listed, "alice", lambda: self.asked, timeout=0.2)

    def _listed(self, since: str) -> list[dict[str, Any]]:
        self.asked_since.append(since)
        return list(reversed(self.rows))  # the newest first, as some versions have it

    def leave(self, kind: str, *states: str, parent: str = "", **more: str) -> str:
        """Events of one call, which refer to the first of them; returns that one's id."""
        first = parent
        for state in states:
            name = f"e{next(self._numbers)}"
            row = {"id": name, "type": kind, "state": state, "level": "INFO", "account": "alice"}
            row["created"] = "2014-05-21T10:00:00+0000"
            self.rows.append({**row, **({"parentid": first} if first else {}), **more})
            first = first or name
        return first


@pytest.fixture
def left() -> Left:
    """A log with something old in it."""
    left = Left()
    left.leave("VM.STOP", "Scheduled", "Started", "Completed")
    return left


JOB = ("Scheduled", "Started", "Completed")


def test_changes_are_seen_without_parameters(left: Left) -> None:
    """One call is told of a chain of events, whatever it consists of; how it was asked is not."""
    start = left.log.mark()
    left.leave("VOLUME.ATTACH", *JOB)
    left.leave("VM.CREATE", "Created")
    left.leave("VM.CREATE", *JOB)
    left.leave("SG.CREATE", "Completed")
    seen = left.log.calls_between(start, left.log.mark())
    commands = ["attachVolume", "createSecurityGroup", "deployVirtualMachine"]
    assert sorted(call.command for call in seen) == commands
    assert {call.parameters for call in seen} == {None}
    assert not left.log.visibility.lookups
    assert not left.log.visibility.rejected
    assert not left.log.visibility.includes("createSSHKeyPair")


def test_failure_of_a_job_is_seen(left: Left) -> None:
    """A job that failed is told of as refused, once it is over."""
    start = left.log.mark()
    first = left.leave("VM.START", "Scheduled", "Started")
    end = left.log.mark()
    left.leave("VM.START", "Completed", parent=first, level="ERROR")
    (call,) = left.log.calls_between(start, end)
    assert (call.command, call.is_rejected) == ("startVirtualMachine", True)


def test_others_and_ambiguous_events_are_not_told(left: Left) -> None:
    """Events of other accounts, and kinds that several commands leave, say nothing about us."""
    start = left.log.mark()
    left.leave("VM.STOP", *JOB, account="bob")
    left.leave("TEMPLATE.CREATE", *JOB)
    left.leave("USER.LOGIN", "Completed")
    assert left.log.calls_between(start, left.log.mark()) == ()


def test_what_we_asked_for_ourselves_is_no_disturbance(left: Left) -> None:
    """While the scene is set, only what was done more often than we have asked for is
    somebody else's."""
    left.asked["createVolume"] += 1
    start = left.log.mark()
    left.asked["createVolume"] += 1
    left.leave("VOLUME.CREATE", *JOB)
    end = left.log.mark()
    assert left.log.stray_calls(start, end) == ()
    left.leave("VOLUME.CREATE", *JOB)
    (stray,) = left.log.stray_calls(end, left.log.mark())
    assert stray.command == "createVolume"


def test_old_events_are_not_asked_for_again(left: Left) -> None:
    """Only the newest events are asked for: an old account has many, and the server's clock is
    its own."""
    left.log.mark()
    left.log.mark()
    assert left.asked_since[0] > "2020"
    assert left.asked_since[1] == left.asked_since[0]
    left.leave("VM.STOP", *JOB, created="2090-05-21T10:00:30+0900")
    left.log.mark()
    left.log.mark()
    assert left.asked_since[-1] == "2090-05-21 10:00:10"
