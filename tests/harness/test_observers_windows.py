"""Observation windows, and the check of the calls between them."""

from __future__ import annotations

import pytest

from fixtures.model import (
    AccountInUse,
    CallPattern,
    CloudStackCall,
    Ec2Reply,
    Expectation,
    ReplyKind,
    Visibility,
)
from fixtures.observers.windows import WindowedObserver

STOP = Expectation("It stops.", calls=(CallPattern("stopVirtualMachine"),))
ANSWERED, LATE = Ec2Reply(ReplyKind.ANSWERED), Ec2Reply(ReplyKind.TIMED_OUT)


def call(command: str, **parameters: str) -> CloudStackCall:
    """A call of the run's account."""
    return CloudStackCall(command, parameters, "alice", 200, {}, 0.0, "listed")


class ListObserver:
    """An observer whose record is a list, which the test fills."""

    name = "listed"
    visibility = Visibility()

    def __init__(self) -> None:
        self.calls: list[CloudStackCall] = []

    def mark(self) -> int:
        """The end of the list."""
        return len(self.calls)

    def calls_between(self, start: int, end: int) -> tuple[CloudStackCall, ...]:
        """A part of the list."""
        return tuple(self.calls[start:end])

    stray_calls = calls_between


@pytest.fixture
def observer() -> ListObserver:
    """An empty record."""
    return ListObserver()


def test_all_calls_in_the_window_are_the_targets(observer: ListObserver) -> None:
    """All calls inside a window are the target's, also those that are not documented; those before
    a restart of the window are dropped."""
    windows = WindowedObserver(observer, quiet=0)
    windows.open()
    observer.calls.append(call("stopVirtualMachine"))
    windows.restart()
    observer.calls += [call("listZones"), call("deleteVolume")]
    calls = windows.close(STOP, ANSWERED)
    assert calls is not None
    assert [call.command for call in calls] == ["listZones", "deleteVolume"]
    windows.open()


def test_stray_calls_end_the_run(observer: ListObserver) -> None:
    """A change between two cases that no case can have caused is an error that names it."""
    windows = WindowedObserver(observer, quiet=0)
    windows.open()
    windows.close(STOP, ANSWERED)
    observer.calls += [call("listVolumes"), call("destroyVirtualMachine", id="7")]
    with pytest.raises(
        AccountInUse, match=r"no case can have caused destroyVirtualMachine\(id=7\) \("
    ):
        windows.open()


def test_quiet_before_the_first_case(observer: ListObserver) -> None:
    """Before the first case there must be no changes for a while."""

    class Busy(ListObserver):
        """A record that grows with each mark."""

        def mark(self) -> int:
            self.calls.append(call("createVolume"))
            return super().mark()

    with pytest.raises(AccountInUse, match="createVolume"):
        WindowedObserver(Busy(), quiet=0.01).open()
    WindowedObserver(observer, quiet=0.01).open()


def test_late_calls_of_the_target_are_no_strays(observer: ListObserver) -> None:
    """Calls that a bridge makes after its reply, or after the client gave up, are no sign of
    another party."""
    windows = WindowedObserver(observer, quiet=0)
    windows.open()
    windows.close(STOP, LATE)
    windows.open()
    windows.close(Expectation("It lists."), ANSWERED)
    observer.calls.append(call("stopVirtualMachine"))
    windows.open()
    windows.close(Expectation("It lists."), ANSWERED)
    observer.calls.append(call("startVirtualMachine"))
    with pytest.raises(AccountInUse, match="startVirtualMachine"):
        windows.open()
