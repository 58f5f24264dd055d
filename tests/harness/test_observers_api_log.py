"""CloudStack's API log as an observer: its lines, how it is followed, what it does not show."""

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
OURSELVES = "run1"


def line(asked: str, said: str, who: str = ALICE) -> str:
    """A line of the log."""
    return f"{HEAD} {who} 10.0.0.1 -- {asked} {said}"


def get(command: str, said: str = "200 {}", key: str = "AK", **given: str) -> str:
    """The line of a call by GET."""
    query = "&".join(f"{name}={value}" for name, value in given.items())
    return line(f"GET command={command}&{query}&apikey={key}&signature=s", said)


def own(command: str, sign: str = OURSELVES) -> str:
    """The line of a call of our own, which is by POST."""
    return line(f"POST conform={sign}", f'200 {{ "{command.lower()}response" : {{}} }}')


class Written:
    """A log that a test writes, and its observer; every signal of ours is written after what is
    `late`."""

    def __init__(self, path: Path, patience: float = 5.0) -> None:
        self.path, self.late, self.silent = path, list[str](), False
        path.touch()
        self.follow = FileTail(path)
        commands = {"stopvirtualmachine": "stopVirtualMachine"}
        self.log = ApiLogObserver(
            self.follow,
            OwnCalls(OURSELVES, self.signal, commands),
            Accounts({"AK": "alice"}),
            patience,
        )

    def signal(self, sign: str) -> None:
        """A call of ours, which CloudStack logs."""
        self.write(*self.late, *([] if self.silent else [own("listCapabilities", sign)]))
        self.late.clear()

    def write(self, *lines: str) -> None:
        """More of the log."""
        with self.path.open("a") as file:
            file.write("".join(f"{line}\n" for line in lines))

    def seen(self, *lines: str) -> tuple[CloudStackCall, ...] | None:
        """What the observer makes of these lines."""
        start = self.log.mark()
        self.write(*lines)
        return self.log.calls_between(start, self.log.mark())


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Written]:
    """An empty log."""
    written = Written(tmp_path / "apilog.log")
    with closing(written.log):
        yield written


def test_calls_with_their_answers(written: Written) -> None:
    """A call by GET is told with its parameters, who asked, and what came of it."""
    zones = '200 { "listzonesresponse" : { "count":1 ,"zone" : [  {"id":"z"} ] } }'
    seen = written.seen(
        get("listZones", zones, available="true"),
        get("deleteVolume", "431 Invalid parameter id value=x", ID="x"),
    )
    assert seen is not None
    first, second = seen
    assert (first.command, first.parameters, first.account) == (
        "listZones",
        {"available": "true"},
        "alice",
    )
    assert (first.status, first.answer["zone"]) == (200, [{"id": "z"}])
    assert (second.parameters, second.status) == ({"id": "x"}, 431)
    assert second.answer["errortext"] == "Invalid parameter id value=x"


def test_end_of_a_job_belongs_to_its_command(written: Written) -> None:
    """What a job came to is told of the command that began it."""
    seen = written.seen(
        get("stopVirtualMachine", '200 { "stopvirtualmachineresponse" : {"jobid":"j"} }', id="7"),
        get(
            "queryAsyncJobResult",
            '200 { "queryasyncjobresultresponse" : {"jobstatus":1,"jobresult":{"id":"7"}} }',
            jobId="j",
        ),
    )
    assert seen is not None
    assert (seen[0].status, seen[0].answer) == (200, {"id": "7"})


def test_forms_are_not_logged(written: Written) -> None:
    """Of a call by POST the log has no parameters, which is not the same as none; the command is
    known by the answer, if there is one."""
    stopped = '200 { "stopvirtualmachineresponse" : {"jobid":"j"} }'
    seen = written.seen(
        line("POST null", stopped),
        line("POST null", "200 This result was not logged because it contains sensitive data."),
        line("POST null", "431 Invalid parameter"),
    )
    assert seen is not None
    assert [call.command for call in seen] == ["stopVirtualMachine", "createSSHKeyPair", ""]
    assert [call.parameters for call in seen] == [None] * 3
    assert [call.status for call in seen] == [200, 200, 431]


def test_our_own_calls_are_told_apart(written: Written) -> None:
    """What sets the scene is no call of the bridge's, though it is our account's."""
    assert written.seen(own("deployVirtualMachine"), get("listZones", key="OTHER", x="1")) != ()
    assert written.seen(own("deployVirtualMachine")) == ()
    calls = written.seen(own("startVirtualMachine", "another-run"))
    assert calls is not None
    assert [call.parameters for call in calls] == [None]  # of our account, but not ours


def test_calls_of_others_are_not_ours(written: Written) -> None:
    """Others' calls are left out, by key and by account; a refused unknown key is told of."""
    bob = "(userId=9 accountId=9 sessionId=ABC)"
    other = get("deployVirtualMachine", key="BK").replace(ALICE, bob)
    unknown = get("listZones", "401 unable to verify user credentials", key="?").replace(ALICE, "")
    seen = written.seen(other, line("POST null", "200 {}", bob), unknown)
    assert seen is not None
    assert [(call.command, call.status) for call in seen] == [("listZones", 401)]


def test_late_lines_are_awaited(written: Written) -> None:
    """Lines that come late belong to the request that caused them: a call of ours comes after
    them."""
    start = written.log.mark()
    written.late = [get("stopVirtualMachine", id="7")]
    seen = written.log.calls_between(start, written.log.mark())
    assert seen is not None
    assert [call.command for call in seen] == ["stopVirtualMachine"]


def test_lines_that_never_come_are_not_nothing(tmp_path: Path) -> None:
    """If the log does not show our own call in time, nobody could see."""
    written = Written(tmp_path / "apilog.log", patience=0.05)
    with closing(written.log):
        start = written.log.mark()
        written.silent = True
        assert written.log.calls_between(start, written.log.mark()) is None


def moved(written: Written) -> None:
    """The log is rotated: moved away, and made anew."""
    written.path.rename(written.path.with_suffix(".1"))
    written.path.touch()


def moved_late(written: Written) -> None:
    """The log is moved away and not made anew before the next call."""
    written.path.rename(written.path.with_suffix(".1"))


def emptied(written: Written) -> None:
    """The log was copied elsewhere, and emptied."""
    os.truncate(written.path, 0)


@pytest.mark.parametrize("rotate", [moved, moved_late, emptied])
def test_rotation_loses_nothing(written: Written, rotate: Callable[[Written], None]) -> None:
    """A log that is rotated between two calls is followed from the old file into the new one."""
    start = written.log.mark()
    written.write(get("listZones", padding="x" * 3000))
    written.log.mark()
    rotate(written)
    written.write(get("stopVirtualMachine", id="7"))
    seen = written.log.calls_between(start, written.log.mark())
    assert seen is not None
    assert [call.command for call in seen] == ["listZones", "stopVirtualMachine"]


def test_what_was_written_before_the_move_counts(written: Written) -> None:
    """Lines that came just before the log was moved away are read from where it went."""
    start = written.log.mark()
    written.write(get("listZones"))
    moved(written)
    seen = written.log.calls_between(start, written.log.mark())
    assert seen is not None
    assert [call.command for call in seen] == ["listZones"]


def test_half_a_line_is_no_line(written: Written) -> None:
    """A line that is still being written is read when it is whole."""
    start = written.log.mark()
    text = get("listZones")
    with written.path.open("a") as file:
        file.write(text[:90])
    assert written.follow.read() == []
    written.late = [text[90:]]
    seen = written.log.calls_between(start, written.log.mark())
    assert seen is not None
    assert [call.command for call in seen] == ["listZones"]


def test_endless_line_is_cut(tmp_path: Path) -> None:
    """A line without an end does not fill the memory."""
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
    """Other versions log in slightly other words."""
    read = parse_line(text.encode(), {})
    assert read is not None
    assert (read.call.request.command, read.call.status) == ("a", status)


@pytest.mark.parametrize("text", ["", "a trace\tof something", HEAD + " something else", "\x00"])
def test_other_lines_are_no_calls(text: str) -> None:
    """What is not about a call is passed over."""
    assert parse_line(text.encode(), {}) is None


def test_command_is_followed(tmp_path: Path) -> None:
    """The log may come from a command, such as ssh with tail; when that ends, it is told why."""
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
