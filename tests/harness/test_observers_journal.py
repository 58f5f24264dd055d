"""The observer that reads the simulated management server's journal."""

from __future__ import annotations

import pytest

from fixtures.model import CloudStackCall, HarnessError
from fixtures.observers.journal import JournalObserver
from fixtures.simulator.management.journal import Entry
from fixtures.simulator.management.journal import Journal as Record


def test_calls_are_translated() -> None:
    """Calls between two marks are converted to the model's type; a failed job is a rejected
    call."""
    record = Record(lambda: None)
    observer = JournalObserver(record)
    record.add(Entry("before", {}, "alice", 200, b"{}", 0.0))
    start = observer.mark()
    record.add(Entry("listZones", {"available": "true"}, "alice", 200, b'{"count": 1}', 1.5))
    record.add(Entry("stopVirtualMachine", {"id": "x"}, "bob", 200, b"{}", 2.5), job="j")
    end = observer.mark()
    record.add(Entry("after", {}, "alice", 200, b"{}", 3.5))
    record.end("j", 533, b'{"errortext": "no"}')
    listed, stopped = observer.calls_between(start, end)
    assert listed == CloudStackCall(
        "listZones", {"available": "true"}, "alice", 200, {"count": 1}, 1.5, "journal"
    )
    assert (stopped.status, stopped.answer["errortext"]) == (533, "no")
    assert stopped.is_rejected


def test_dropped_calls_are_an_error() -> None:
    """A window whose beginning was dropped is a HarnessError, not an empty window."""
    record = Record(lambda: None, most=3)
    for number in range(5):
        record.add(Entry(f"call{number}", {}, "alice", 200, b"{}", 0.0))
    with pytest.raises(HarnessError, match="from position 2 on"):
        JournalObserver(record).calls_between(1, 5)
