"""Starting commands: by path or by the fork server, the result is the same."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fixtures.clients.cli.command_start import FinishedCommand, ForkServerStarter, ProcessStarter
from fixtures.model import HarnessError

ROOT = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}
ZONES = "ec2-describe-availability-zones"


@pytest.fixture
def fork_server() -> Iterator[ForkServerStarter]:
    """A starter with a fork server."""
    with closing(ForkServerStarter(ENVIRONMENT)) as starter:
        yield starter


def _run_by_path(*words: str) -> FinishedCommand:
    """The same command, started as by a shell."""
    return ProcessStarter().run([sys.executable, "-P", "-m", "tools.ec2", *words], ENVIRONMENT, 20)


@pytest.mark.parametrize(
    "words", [("--help",), ("--version",), ("--no-such-option",), ("-K", "missing.pem", "-C", "x")]
)
def test_both_starters_give_the_same_result(
    fork_server: ForkServerStarter, words: tuple[str, ...]
) -> None:
    """A forked command prints the same and exits with the same status."""
    expected = _run_by_path(ZONES, *words)
    for _ in range(2):  # the first must not affect the second
        ended = fork_server.run([ZONES, *words], ENVIRONMENT, 20)
        assert (ended.status, ended.stdout, ended.stderr) == (
            expected.status,
            expected.stdout,
            expected.stderr,
        )


def test_each_has_its_own_environment(fork_server: ForkServerStarter) -> None:
    """The environment of one command does not reach the next."""
    names = ("EC2_URL", "EC2_CERT", "EC2_PRIVATE_KEY")
    bare = {name: value for name, value in ENVIRONMENT.items() if name not in names}
    settings = {
        "EC2_URL": "http://127.0.0.1:9/",
        "EC2_CERT": "/no.pem",
        "EC2_PRIVATE_KEY": "/no.pem",
    }
    assert "'/no.pem'" in fork_server.run([ZONES], bare | settings, 20).stderr
    assert "EC2_URL is not set" in fork_server.run([ZONES], bare, 20).stderr


def test_a_large_request_arrives_whole(fork_server: ForkServerStarter) -> None:
    """An environment of any size reaches the command."""
    padded = ENVIRONMENT | {f"PADDING_{number}": "x" * 10_000 for number in range(50)}
    assert fork_server.run([ZONES, "--version"], padded, 20).status == 0


def test_a_command_that_does_not_end_is_killed(
    fork_server: ForkServerStarter, tmp_path: Path
) -> None:
    """A command that waits for ever is killed with its child processes, and the next one runs."""
    key = tmp_path / "key.pem"
    os.mkfifo(key)  # reading it waits for a writer
    words = [ZONES, "-K", str(key), "-C", str(key), "-U", "http://127.0.0.1:9/"]
    started = time.monotonic()
    with pytest.raises(HarnessError, match=r"did not end within 0\.5 s"):
        fork_server.run(words, ENVIRONMENT, 0.5)
    assert time.monotonic() - started < 5
    assert fork_server.run([ZONES, "--version"], ENVIRONMENT, 20).status == 0
    with pytest.raises(OSError, match="No such device"):  # there is no reader any more
        os.open(key, os.O_WRONLY | os.O_NONBLOCK)


def test_forking_is_faster_than_starting(fork_server: ForkServerStarter) -> None:
    """Forked commands cost a fraction of as many interpreters."""

    def seconds(count: int, starter: ForkServerStarter | ProcessStarter, *words: str) -> float:
        began = time.perf_counter()
        for _ in range(count):
            starter.run([*words, ZONES, "--version"], ENVIRONMENT, 20)
        return (time.perf_counter() - began) / count

    fork_server.run([ZONES, "--version"], ENVIRONMENT, 20)  # so that all is loaded
    by_path = seconds(3, ProcessStarter(), sys.executable, "-P", "-m", "tools.ec2")
    assert seconds(12, fork_server) < by_path / 2


def test_a_dead_fork_server_is_reported(fork_server: ForkServerStarter) -> None:
    """If the fork server dies, the next command is an error at once."""
    fork_server.run([ZONES, "--version"], ENVIRONMENT, 20)
    os.killpg(fork_server._process.pid, signal.SIGKILL)
    fork_server._process.wait()
    with pytest.raises(HarnessError, match=r"cannot be started|was not run"):
        fork_server.run([ZONES, "--version"], ENVIRONMENT, 20)
