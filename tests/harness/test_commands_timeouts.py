"""Timeouts of the ec2-* commands, against every misbehaving endpoint."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import pytest

from fixtures import faults
from fixtures.faults.server import FaultyEndpoint
from tests.support.command_runs import ROOT, Commands, answer, write_identity
from tests.support.recording_server import RecordingServer, recording_server
from tools.ec2 import argument_parsing, http, soap
from tools.ec2.command_spec import CommandError

BOTH = ("--connection-timeout", "2", "--request-timeout", "2")
NOW, LATER = 0.0, 2.0  # seconds after which a command has to end
STARTING = 10.0  # seconds that starting a process may take, as many start at the same time

ConnectionTimeout = "Client.ConnectionTimeout: no connection to {url} within 2 s"
RequestTimeout = (
    "Client.RequestTimeout: no complete answer from {url} within 2 s (--request-timeout); the"
    " request may have been carried out all the same"
)
MISBEHAVING: list[tuple[Callable[[], AbstractContextManager[FaultyEndpoint]], float, str]] = [
    (faults.accepts_nothing, LATER, ConnectionTimeout),
    (faults.refuses, NOW, "Client.ConnectionFailure: no connection to {url}: "),
    (faults.stays_silent, LATER, RequestTimeout),
    (faults.drips, LATER, RequestTimeout),
    (faults.drips_its_body, LATER, RequestTimeout),
    (faults.stops_in_the_body, LATER, RequestTimeout),
    (
        faults.hangs_up_in_the_body,
        NOW,
        "Client.UnreadableAnswer: {url} closed the connection in the middle of its answer",
    ),
    (faults.resets, NOW, "Client.UnreadableAnswer: {url} gave no HTTP answer: "),
    (faults.hangs_up_at_once, NOW, "Client.UnreadableAnswer: {url} gave no HTTP answer: "),
    (faults.answers_garbage, NOW, "Client.UnreadableAnswer: {url} gave no HTTP answer: "),
    (faults.answers_babble, NOW, "Client.UnreadableAnswer: the answer is no SOAP message"),
    (faults.answers_with_a_bomb, NOW, "Client.UnreadableAnswer: the answer is no SOAP message"),
    (faults.answers_hugely, NOW, "Client.UnreadableAnswer: {url} answers with more than 33554432"),
    (faults.answers_endlessly, NOW, "Client.UnreadableAnswer: {url} answers with more than 33554"),
]
NAMES = [start.__name__ for start, _, _ in MISBEHAVING]

Ended = tuple[str, float, subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def endings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Ended]]]:
    """A command against each misbehaving endpoint, all of them at the same time."""
    commands = Commands(RecordingServer(), _identity(tmp_path_factory), None)  # type: ignore[arg-type]  # processes need no capture
    with ExitStack() as stack:
        urls = {start.__name__: stack.enter_context(start()).url for start, _, _ in MISBEHAVING}
        pool = stack.enter_context(ThreadPoolExecutor(4))

        def run(url: str) -> Ended:
            started = time.monotonic()
            done = commands.run_process(["ec2-stop-instances", "i-1", *BOTH, "-U", url])
            return url, time.monotonic() - started, done

        yield {name: pool.submit(run, url) for name, url in urls.items()}


def _identity(factory: pytest.TempPathFactory) -> dict[str, str]:
    certificate, key = write_identity(factory.mktemp("identity"))
    return {"EC2_CERT": certificate, "EC2_PRIVATE_KEY": key}


@pytest.mark.parametrize(("start", "after", "error"), MISBEHAVING, ids=NAMES)
def test_gives_up(
    endings: dict[str, Future[Ended]], start: Callable[[], Any], after: float, error: str
) -> None:
    """The command gives up in time, names the timeout, and fails."""
    url, seconds, done = endings[start.__name__].result()
    assert done.stderr.startswith(error.format(url=url))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
    assert after <= seconds <= after + STARTING


@pytest.mark.parametrize(("start", "after", "error"), MISBEHAVING, ids=NAMES)
def test_gives_up_exactly(start: Callable[[], Any], after: float, error: str) -> None:
    """Without the time that a process takes to start, a timeout holds within half a second."""

    def post(url: str) -> None:
        timeouts = http.Timeouts(2, 2)
        soap.read_answer("StopInstances", http.post(http.parse_url(url), b"", {}, timeouts, print))

    with start() as misbehaving:
        started = time.monotonic()
        with pytest.raises(CommandError) as failed:
            post(misbehaving.url)
        # What needs no waiting must end before the timeout; the machine may be busy.
        assert after <= time.monotonic() - started <= (after + 0.5 if after else LATER)
    assert f"{failed.value.code}: {failed.value}".startswith(error.format(url=misbehaving.url))


def test_slow_but_sufficient(commands: Commands) -> None:
    """An answer that is slow succeeds within a longer timeout; zero sets no limit."""
    listed = answer("DescribeVolumes", "<volumeSet/>")
    with faults.is_slow(commands.server.url, 1.2) as slow:
        for seconds, expected in (("1", 3), ("3", 0), ("0", 0)):
            words = ["ec2-describe-volumes", "--request-timeout", seconds, "-U", slow.url]
            status, _, err = commands.run(words, listed)
            assert (status, "RequestTimeout" in err) == (expected, expected == 3)


def test_a_request_that_timed_out_may_have_been_carried_out(commands: Commands) -> None:
    """After a timeout, the error says that the request may have been carried out."""
    done = answer("DeleteVolume", "<return>true</return>")
    with faults.keeps_the_answer(commands.server.url) as keeping:
        words = ["ec2-delete-volume", "vol-1", "--request-timeout", "1", "-U", keeping.url]
        status, _, err = commands.run(words, done)
    assert status == 3
    assert "may have been carried out" in err
    assert len(commands.server.requests) == 1, "a request is never sent twice"


def test_defaults_hold(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without flags, the timeouts that the help names hold."""
    assert argument_parsing.timeouts({}) == argument_parsing.DEFAULT_TIMEOUTS
    assert (
        argument_parsing.DEFAULT_TIMEOUTS.connection > 0 < argument_parsing.DEFAULT_TIMEOUTS.request
    )
    status, out, _ = commands.run(["ec2-describe-volumes", "--help"])
    assert f"({argument_parsing.DEFAULT_TIMEOUTS.connection}; 0: never)" in out
    assert f"({argument_parsing.DEFAULT_TIMEOUTS.request}; 0: never)" in out
    monkeypatch.setattr(argument_parsing, "DEFAULT_TIMEOUTS", http.Timeouts(1, 1))
    with faults.stays_silent() as silent:
        status, _, err = commands.run(["ec2-describe-volumes", "-U", silent.url])
    assert (status, "within 1 s (--request-timeout)" in err) == (3, True)


def test_unknown_host(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown host, and a name service that does not answer, end a command in time."""

    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    words = ["ec2-describe-volumes", "-U", "http://nowhere.invalid/", "--connection-timeout", "1"]
    status, _, err = commands.run(words)
    assert status == 3
    assert err.startswith("Client.ConnectionFailure: no connection to http://nowhere.invalid/: ")
    with faults.stays_silent() as silent:
        # A look-up that waits for a silent endpoint stands for a name service that does not answer.
        address = silent.url.split("/")[2].split(":")
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda *_, **__: _wait_for_silent(address[0], int(address[1]))
        )
        started = time.monotonic()
        status, _, err = commands.run(words)
        assert time.monotonic() - started < 1.5
        assert (status, err.partition(":")[0]) == (3, "Client.ConnectionTimeout")


def _wait_for_silent(host: str, port: int) -> list[Any]:
    with socket.socket() as client:
        client.connect((host, port))
        client.sendall(b"? \r\n\r\n")
        client.recv(1)
    return []


def test_huge_answers_need_little_memory(commands: Commands) -> None:
    """A command stops reading a huge answer before it fills the memory."""
    with faults.answers_endlessly() as endless:
        limited = [
            "import resource, sys\n"
            "resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))\n"
            "from tools.ec2.main import main\n"
            f"sys.exit(main(['x', 'ec2-describe-volumes', '-U', '{endless.url}']))"
        ]
        done = subprocess.run(
            [sys.executable, "-c", *limited],
            env={**os.environ, **commands.environment, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    assert "more than 33554432 bytes" in done.stderr
    assert resource.getrlimit(resource.RLIMIT_AS)[0] != 512 << 20, "the limit was the child's"


def test_faults_end_with_their_block() -> None:
    """A misbehaving endpoint and its connections are closed when its block ends."""
    with faults.stays_silent() as silent, socket.socket() as client:
        host, port = silent.url.split("/")[2].split(":")
        client.connect((host, int(port)))
        client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi")
        assert silent.arrived.wait(5)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))
    assert silent.requests == [b"hi"]
    assert silent.connections == 1


def test_slow_endpoints_change_nothing() -> None:
    """A slow endpoint forwards requests unchanged."""
    with recording_server() as recorder:
        recorder.answers = [answer("DescribeVolumes", "<volumeSet/>")]
        with faults.is_slow(recorder.url, 0.1) as slow, socket.socket() as client:
            host, port = slow.url.split("/")[2].split(":")
            client.connect((host, int(port)))
            client.sendall(b"POST /x HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi")
            assert b"volumeSet" in client.recv(65536)
        assert recorder.requests[0].body == "hi"
