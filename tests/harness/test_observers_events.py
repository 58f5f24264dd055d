"""The events observer: what CloudStack's events show, and what they do not."""

from __future__ import annotations

from collections import Counter
from itertools import count
from typing import Any

import pytest

from fixtures.observers.events import EventsObserver


class EventLog:
    """CloudStack's events, which the test adds, and their observer."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.own_counts: Counter[str] = Counter()
        self.start_dates: list[str] = []
        self._numbers = count(1)
        self.observer = EventsObserver(self._list, "alice", lambda: self.own_counts, timeout=0.2)

    def _list(self, since: str) -> list[dict[str, Any]]:
        self.start_dates.append(since)
        return list(reversed(self.rows))  # the newest first, as in some versions

    def add(self, kind: str, *states: str, parent: str = "", **more: str) -> str:
        """Adds events of one call, which refer to the first; returns the id of the first."""
        first = parent
        for state in states:
            name = f"e{next(self._numbers)}"
            row = {"id": name, "type": kind, "state": state, "level": "INFO", "account": "alice"}
            row["created"] = "2014-05-21T10:00:00+0000"
            self.rows.append({**row, **({"parentid": first} if first else {}), **more})
            first = first or name
        return first


@pytest.fixture
def events() -> EventLog:
    """Events with an old call among them."""
    events = EventLog()
    events.add("VM.STOP", "Scheduled", "Started", "Completed")
    return events


JOB = ("Scheduled", "Started", "Completed")


def test_changes_are_seen_without_parameters(events: EventLog) -> None:
    """Each chain of events is one call, without parameters."""
    start = events.observer.mark()
    events.add("VOLUME.ATTACH", *JOB)
    events.add("VM.CREATE", "Created")
    events.add("VM.CREATE", *JOB)
    events.add("SG.CREATE", "Completed")
    calls = events.observer.calls_between(start, events.observer.mark())
    commands = ["attachVolume", "createSecurityGroup", "deployVirtualMachine"]
    assert sorted(call.command for call in calls) == commands
    assert {call.parameters for call in calls} == {None}
    assert not events.observer.visibility.lookups
    assert not events.observer.visibility.rejected
    assert not events.observer.visibility.includes("createSSHKeyPair")


def test_failed_jobs_are_rejected_calls(events: EventLog) -> None:
    """The call of a failed job counts as rejected, once the job has ended."""
    start = events.observer.mark()
    first = events.add("VM.START", "Scheduled", "Started")
    end = events.observer.mark()
    events.add("VM.START", "Completed", parent=first, level="ERROR")
    (call,) = events.observer.calls_between(start, end)
    assert (call.command, call.is_rejected) == ("startVirtualMachine", True)


def test_ambiguous_and_other_accounts_events_are_left_out(events: EventLog) -> None:
    """Events of other accounts, and kinds that several commands cause, are left out."""
    start = events.observer.mark()
    events.add("VM.STOP", *JOB, account="bob")
    events.add("TEMPLATE.CREATE", *JOB)
    events.add("USER.LOGIN", "Completed")
    assert events.observer.calls_between(start, events.observer.mark()) == ()


def test_own_calls_are_no_strays(events: EventLog) -> None:
    """Between windows, only calls in excess of the harness's own are strays."""
    events.own_counts["createVolume"] += 1
    start = events.observer.mark()
    events.own_counts["createVolume"] += 1
    events.add("VOLUME.CREATE", *JOB)
    end = events.observer.mark()
    assert events.observer.stray_calls(start, end) == ()
    events.add("VOLUME.CREATE", *JOB)
    (stray,) = events.observer.stray_calls(end, events.observer.mark())
    assert stray.command == "createVolume"


def test_old_events_are_not_listed_again(events: EventLog) -> None:
    """Only the newest events are listed, by the server's clock: an old account has many."""
    events.observer.mark()
    events.observer.mark()
    assert events.start_dates[0] > "2020"
    assert events.start_dates[1] == events.start_dates[0]
    events.add("VM.STOP", *JOB, created="2090-05-21T10:00:30+0900")
    events.observer.mark()
    events.observer.mark()
    assert events.start_dates[-1] == "2090-05-21 10:00:10"
