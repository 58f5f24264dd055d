"""The observer of CloudStack's API log: its lines, how it is followed, what it does not show."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fixtures.model import CloudStackCall, HarnessError, UsageError
from fixtures.observers.api_log import ApiLogObserver, OwnCalls, parse_line
from fixtures.observers.log_tail import MAX_LINE, CommandTail, FileTail
from fixtures.observers.parsing import Accounts

HEAD = "2014-05-21 10:00:00,123 INFO  [a.c.c.a.ApiServer] (catalina-exec-5:ctx-b2 ctx-1f)"
ALICE = "(userId=3 accountId=5 sessionId=null)"
MARKER = "run1"


def line(request: str, answer: str, caller: str = ALICE) -> str:
    """A line of the log."""
    return f"{HEAD} {caller} 10.0.0.1 -- {request} {answer}"


def get(command: str, answer: str = "200 {}", key: str = "AK", **parameters: str) -> str:
    """The line of a call by GET."""
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return line(f"GET command={command}&{query}&apikey={key}&signature=s", answer)


def own(command: str, marker: str = MARKER) -> str:
    """The line of a call of the harness, which uses POST."""
    return line(f"POST conform={marker}", f'200 {{ "{command.lower()}response" : {{}} }}')


class ObservedLog:
    """A log that the test writes, and its observer. The line of each mark is written after `late`
    ones, or not at all if `silent`."""

    def __init__(self, path: Path, timeout: float = 5.0) -> None:
        self.path, self.late, self.silent = path, list[str](), False
        path.touch()
        self.follow = FileTail(path)
        commands = {"stopvirtualmachine": "stopVirtualMachine"}
        self.observer = ApiLogObserver(
            self.follow,
            OwnCalls(MARKER, self.call_with_marker, commands),
            Accounts({"AK": "alice"}),
            timeout,
        )

    def call_with_marker(self, marker: str) -> None:
        """A call of the harness, which CloudStack logs."""
        self.write(*self.late, *([] if self.silent else [own("listCapabilities", marker)]))
        self.late.clear()

    def write(self, *lines: str) -> None:
        """Append lines to the log."""
        with self.path.open("a") as file:
            file.write("".join(f"{line}\n" for line in lines))

    def calls(self, *lines: str) -> tuple[CloudStackCall, ...] | None:
        """The calls that the observer reads from these lines."""
        start = self.observer.mark()
        self.write(*lines)
        return self.observer.calls_between(start, self.observer.mark())


@pytest.fixture
def log(tmp_path: Path) -> Iterator[ObservedLog]:
    """An empty log."""
    log = ObservedLog(tmp_path / "apilog.log")
    with closing(log.observer):
        yield log


def test_calls_with_their_answers(log: ObservedLog) -> None:
    """A call by GET has its parameters, account, status and answer."""
    zones = '200 { "listzonesresponse" : { "count":1 ,"zone" : [  {"id":"z"} ] } }'
    calls = log.calls(
        get("listZones", zones, available="true"),
        get("deleteVolume", "431 Invalid parameter id value=x", ID="x"),
    )
    assert calls is not None
    first, second = calls
    assert (first.command, first.parameters, first.account) == (
        "listZones",
        {"available": "true"},
        "alice",
    )
    assert (first.status, first.answer["zone"]) == (200, [{"id": "z"}])
    assert (second.parameters, second.status) == ({"id": "x"}, 431)
    assert second.answer["errortext"] == "Invalid parameter id value=x"


def test_job_results_are_attributed_to_their_commands(log: ObservedLog) -> None:
    """A job's result is the answer of the command that started it."""
    calls = log.calls(
        get("stopVirtualMachine", '200 { "stopvirtualmachineresponse" : {"jobid":"j"} }', id="7"),
        get(
            "queryAsyncJobResult",
            '200 { "queryasyncjobresultresponse" : {"jobstatus":1,"jobresult":{"id":"7"}} }',
            jobId="j",
        ),
    )
    assert calls is not None
    assert (calls[0].status, calls[0].answer) == (200, {"id": "7"})


def test_forms_are_not_logged(log: ObservedLog) -> None:
    """Of a call by POST the parameters are unknown, and the command is known from the answer only,
    if there is one."""
    stopped = '200 { "stopvirtualmachineresponse" : {"jobid":"j"} }'
    calls = log.calls(
        line("POST null", stopped),
        line("POST null", "200 This result was not logged because it contains sensitive data."),
        line("POST null", "431 Invalid parameter"),
    )
    assert calls is not None
    assert [call.command for call in calls] == ["stopVirtualMachine", "createSSHKeyPair", ""]
    assert [call.parameters for call in calls] == [None] * 3
    assert [call.status for call in calls] == [200, 200, 431]


def test_own_calls_are_left_out(log: ObservedLog) -> None:
    """The harness's own calls are left out, though they are the account's."""
    assert log.calls(own("deployVirtualMachine"), get("listZones", key="OTHER", x="1")) != ()
    assert log.calls(own("deployVirtualMachine")) == ()
    calls = log.calls(own("startVirtualMachine", "another-run"))
    assert calls is not None
    assert [call.parameters for call in calls] == [None]  # of the account, but not the harness's


def test_other_accounts_calls_are_left_out(log: ObservedLog) -> None:
    """Calls of other keys and accounts are left out, but not those with an unknown key."""
    bob = "(userId=9 accountId=9 sessionId=ABC)"
    other = get("deployVirtualMachine", key="BK").replace(ALICE, bob)
    unknown = get("listZones", "401 unable to verify user credentials", key="?").replace(ALICE, "")
    calls = log.calls(other, line("POST null", "200 {}", bob), unknown)
    assert calls is not None
    assert [(call.command, call.status) for call in calls] == [("listZones", 401)]


def test_late_lines_are_awaited(log: ObservedLog) -> None:
    """Late lines belong to the window of their request: the mark waits for the line of its own
    call, which comes after them."""
    start = log.observer.mark()
    log.late = [get("stopVirtualMachine", id="7")]
    calls = log.observer.calls_between(start, log.observer.mark())
    assert calls is not None
    assert [call.command for call in calls] == ["stopVirtualMachine"]


def test_missing_lines_are_not_an_empty_window(tmp_path: Path) -> None:
    """If the line of a mark does not come in time, the calls are unknown."""
    log = ObservedLog(tmp_path / "apilog.log", timeout=0.05)
    with closing(log.observer):
        start = log.observer.mark()
        log.silent = True
        assert log.observer.calls_between(start, log.observer.mark()) is None


def rotate(log: ObservedLog) -> None:
    """The log is renamed, and a new one created."""
    log.path.rename(log.path.with_suffix(".1"))
    log.path.touch()


def rotated_late(log: ObservedLog) -> None:
    """The log is renamed; the new one is created with the next call."""
    log.path.rename(log.path.with_suffix(".1"))


def truncate(log: ObservedLog) -> None:
    """The log is truncated."""
    os.truncate(log.path, 0)


@pytest.mark.parametrize("rotate", [rotate, rotated_late, truncate])
def test_rotation_loses_nothing(log: ObservedLog, rotate: Callable[[ObservedLog], None]) -> None:
    """After a rotation the rest of the old file is read, then the new one."""
    start = log.observer.mark()
    log.write(get("listZones", padding="x" * 3000))
    log.observer.mark()
    rotate(log)
    log.write(get("stopVirtualMachine", id="7"))
    calls = log.observer.calls_between(start, log.observer.mark())
    assert calls is not None
    assert [call.command for call in calls] == ["listZones", "stopVirtualMachine"]


def test_lines_just_before_a_rotation_are_read(log: ObservedLog) -> None:
    """Lines written just before a rotation are read from the old file."""
    start = log.observer.mark()
    log.write(get("listZones"))
    rotate(log)
    calls = log.observer.calls_between(start, log.observer.mark())
    assert calls is not None
    assert [call.command for call in calls] == ["listZones"]


def test_incomplete_lines_are_not_read(log: ObservedLog) -> None:
    """A line that is being written is read when it is complete."""
    start = log.observer.mark()
    text = get("listZones")
    with log.path.open("a") as file:
        file.write(text[:90])
    assert log.follow.read() == []
    log.late = [text[90:]]
    calls = log.observer.calls_between(start, log.observer.mark())
    assert calls is not None
    assert [call.command for call in calls] == ["listZones"]


def test_endless_line_is_cut(tmp_path: Path) -> None:
    """The length of a line is limited."""
    path = tmp_path / "log"
    path.touch()
    follow = FileTail(path)
    path.write_bytes(b"a" * (2 * MAX_LINE) + b"\nb\n")
    assert list(map(len, follow.read())) == [MAX_LINE, 1]
    follow.close()


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (line("GET command=a", "PARAM_ERROR no"), 431),
        (line("GET command=a", "unknown exception writing api response"), 530),
        (line("GET command=a", "200"), 200),
        (HEAD.replace(" ctx-1f)", ") (logid:12)") + " 1.2.3.4 -- GET command=a 401 no", 401),
    ],
)
def test_dialects_of_the_log(text: str, status: int) -> None:
    """Other versions of CloudStack have slightly different lines."""
    read = parse_line(text.encode(), {})
    assert read is not None
    assert (read.call.request.command, read.call.status) == ("a", status)


@pytest.mark.parametrize("text", ["", "a trace\tof something", HEAD + " something else", "\x00"])
def test_other_lines_are_no_calls(text: str) -> None:
    """Lines about something else are skipped."""
    assert parse_line(text.encode(), {}) is None


def test_command_is_followed(tmp_path: Path) -> None:
    """The log may come from a command, such as ssh with tail; its end is an error with its
    stderr."""
    script = "import sys; print('one'); print('two', flush=True); sys.stdin.read()"
    script += "; print('no route', file=sys.stderr); sys.exit(255)"
    follow = CommandTail([sys.executable, "-c", script])
    with closing(follow):
        lines: list[bytes] = []
        while len(lines) < 2:
            follow.wait(5)
            lines += follow.read()
        assert lines == [b"one", b"two"]
        follow.wait(5)
        with pytest.raises(HarnessError, match=r"ended with 255: no route"):
            follow.read()
    with pytest.raises(UsageError, match=r"cannot run .*nothing"):
        CommandTail([str(tmp_path / "nothing")])
    with pytest.raises(UsageError, match=r"nothing: cannot read: No such file"):
        FileTail(tmp_path / "nothing")
