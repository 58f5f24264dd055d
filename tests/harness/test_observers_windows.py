"""Windows on an observer, and the quiet between them."""

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
    """A call in our account."""
    return CloudStackCall(command, parameters, "alice", 200, {}, 0.0, "listed")


class Listed:
    """An observer whose record is a list, which a test fills."""

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
def listed() -> Listed:
    """An empty record."""
    return Listed()


def test_what_comes_in_the_window_is_the_targets(listed: Listed) -> None:
    """All that is called while a request is out is the target's doing, also what is not
    documented; what came before a request is sent again is not."""
    watch = WindowedObserver(listed, quiet=0)
    watch.open()
    listed.calls.append(call("stopVirtualMachine"))
    watch.restart()
    listed.calls += [call("listZones"), call("deleteVolume")]
    seen = watch.close(STOP, ANSWERED)
    assert seen is not None
    assert [one.command for one in seen] == ["listZones", "deleteVolume"]
    watch.open()


def test_disturbance_is_named(listed: Listed) -> None:
    """A change between two cases that no case can have caused ends the run, and is named."""
    watch = WindowedObserver(listed, quiet=0)
    watch.open()
    watch.close(STOP, ANSWERED)
    listed.calls += [call("listVolumes"), call("destroyVirtualMachine", id="7")]
    with pytest.raises(
        AccountInUse, match=r"no case can have caused destroyVirtualMachine\(id=7\) \("
    ):
        watch.open()


def test_quiet_before_the_first_case(listed: Listed) -> None:
    """Before the first case there is a moment in which nobody may change anything."""

    class Busy(Listed):
        """A record that has grown whenever somebody looks."""

        def mark(self) -> int:
            self.calls.append(call("createVolume"))
            return super().mark()

    with pytest.raises(AccountInUse, match="createVolume"):
        WindowedObserver(Busy(), quiet=0.01).open()
    WindowedObserver(listed, quiet=0.01).open()


def test_late_doings_of_the_target_are_no_disturbance(listed: Listed) -> None:
    """A bridge that calls after it has answered, or long after nobody waited any more, does not
    make the account somebody else's."""
    watch = WindowedObserver(listed, quiet=0)
    watch.open()
    watch.close(STOP, LATE)
    watch.open()
    watch.close(Expectation("It lists."), ANSWERED)
    listed.calls.append(call("stopVirtualMachine"))
    watch.open()
    watch.close(Expectation("It lists."), ANSWERED)
    listed.calls.append(call("startVirtualMachine"))
    with pytest.raises(AccountInUse, match="startVirtualMachine"):
        watch.open()
