"""How commands are started: warm or cold, they end the same way."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import fixtures
from fixtures.clients.cli.command_start import FinishedCommand, ForkServerStarter, ProcessStarter
from fixtures.model import HarnessError

ROOT = Path(fixtures.__file__).parents[1]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}
ZONES = "ec2-describe-availability-zones"


@pytest.fixture
def warm() -> Iterator[ForkServerStarter]:
    """What starts our commands warm."""
    with closing(ForkServerStarter(ENVIRONMENT)) as starter:
        yield starter


def _cold(*words: str) -> FinishedCommand:
    """The same command as a shell would start it."""
    return ProcessStarter().run([sys.executable, "-P", "-m", "tools.ec2", *words], ENVIRONMENT, 20)


@pytest.mark.parametrize(
    "words", [("--help",), ("--version",), ("--no-such-option",), ("-K", "missing.pem", "-C", "x")]
)
def test_warm_and_cold_are_the_same(warm: ForkServerStarter, words: tuple[str, ...]) -> None:
    """A command that was started warm prints the same and exits with the same status."""
    expected = _cold(ZONES, *words)
    for _ in range(2):  # the second must not notice the first
        ended = warm.run([ZONES, *words], ENVIRONMENT, 20)
        assert (ended.status, ended.stdout, ended.stderr) == (
            expected.status,
            expected.stdout,
            expected.stderr,
        )


def test_each_has_its_own_environment(warm: ForkServerStarter) -> None:
    """What one command is told by its environment, the next one does not hear."""
    names = ("EC2_URL", "EC2_CERT", "EC2_PRIVATE_KEY")
    bare = {name: value for name, value in ENVIRONMENT.items() if name not in names}
    given = {"EC2_URL": "http://127.0.0.1:9/", "EC2_CERT": "/no.pem", "EC2_PRIVATE_KEY": "/no.pem"}
    assert "'/no.pem'" in warm.run([ZONES], bare | given, 20).stderr
    assert "EC2_URL is not set" in warm.run([ZONES], bare, 20).stderr


def test_a_large_order_arrives_whole(warm: ForkServerStarter) -> None:
    """An environment of any size reaches the command."""
    padded = ENVIRONMENT | {f"PADDING_{number}": "x" * 10_000 for number in range(50)}
    assert warm.run([ZONES, "--version"], padded, 20).status == 0


def test_what_does_not_end_is_ended(warm: ForkServerStarter, tmp_path: Path) -> None:
    """A command that waits for ever is killed with everything it started, and the next one runs."""
    key = tmp_path / "key.pem"
    os.mkfifo(key)  # reading it waits until somebody writes
    words = [ZONES, "-K", str(key), "-C", str(key), "-U", "http://127.0.0.1:9/"]
    started = time.monotonic()
    with pytest.raises(HarnessError, match=r"did not end within 0\.5 s"):
        warm.run(words, ENVIRONMENT, 0.5)
    assert time.monotonic() - started < 5
    assert warm.run([ZONES, "--version"], ENVIRONMENT, 20).status == 0
    with pytest.raises(OSError, match="No such device"):  # nobody reads any more
        os.open(key, os.O_WRONLY | os.O_NONBLOCK)


def test_commands_need_not_wait_for_each_other(warm: ForkServerStarter) -> None:
    """Dozens of commands in a row cost a fraction of as many interpreters."""

    def seconds(run: int, start: ForkServerStarter | ProcessStarter, *words: str) -> float:
        began = time.perf_counter()
        for _ in range(run):
            start.run([*words, ZONES, "--version"], ENVIRONMENT, 20)
        return (time.perf_counter() - began) / run

    warm.run([ZONES, "--version"], ENVIRONMENT, 20)  # has loaded everything by now
    cold = seconds(3, ProcessStarter(), sys.executable, "-P", "-m", "tools.ec2")
    assert seconds(12, warm) < cold / 2


def test_who_starts_commands_may_be_gone(warm: ForkServerStarter) -> None:
    """If the process that starts commands dies, this is said, not waited for."""
    warm.run([ZONES, "--version"], ENVIRONMENT, 20)
    os.killpg(warm._process.pid, signal.SIGKILL)
    warm._process.wait()
    with pytest.raises(HarnessError, match=r"cannot be started|was not run"):
        warm.run([ZONES, "--version"], ENVIRONMENT, 20)
