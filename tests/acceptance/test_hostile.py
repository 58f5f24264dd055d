"""Hostile targets: every answer becomes a verdict in time, and no report contains an attack."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import pytest

from fixtures.clients import DRIVERS, Driver, Ec2Endpoint
from fixtures.faults import breaks_tls, refuses, stays_silent
from fixtures.faults.hostile import HOSTILE, redirects, responds_with
from fixtures.faults.server import FaultyEndpoint, responds
from fixtures.model import Ec2Reply, Ec2Request, ReplyKind, Status, Timeouts
from fixtures.simulator.deployment import Deployment
from fixtures.simulator.identities import identity
from reports.record.run_file import load_run
from tests.support.conform_processes import environment
from tests.support.hostile_runs import run, write_profile
from tests.support.page_contents import page_texts
from tests.support.recording_server import http_response, recording_server

CLIENTS = ("boto", "boto3", "raw", "soap")
REQUEST = Ec2Request("DeleteVolume", {"VolumeId": "v-1"})
TIMEOUTS = Timeouts(1, 1)
SLACK = 4.0  # seconds, on a busy machine
ENDS = {  # what is not garbled
    "script-in-a-message": ReplyKind.FAULT,
    "control-characters": ReplyKind.FAULT,
    "answers-twice": ReplyKind.ANSWERED,
    "says-too-much-comes": ReplyKind.TIMED_OUT,
}
BY_COMMAND = (  # a process for each
    *("declares-utf-16", "says-no-number-comes", "many-elements", "html-error-page"),
    *("script-in-a-message", "control-characters", "answers-another-request", "endless-headers"),
)
LONG = ("says-too-much-comes", "endless-interim-answers", "zipped", "many-attributes")
MEMORY = 128  # MiB


def _driver(name: str, url: str) -> Driver:
    alice = identity("alice")
    return DRIVERS[name](
        Ec2Endpoint(
            url, "AK", "SECRET-KEY", certificate=alice.certificate, private_key=alice.private_key
        )
    )


def _call(name: str, target: FaultyEndpoint) -> Ec2Reply:
    """A driver's reply to the target's answer, in time."""
    driver = _driver(name, target.url)
    started = time.monotonic()
    reply = driver.call(REQUEST, TIMEOUTS)
    assert time.monotonic() - started < TIMEOUTS.connect + TIMEOUTS.request + SLACK
    driver.close()
    return reply


@pytest.mark.parametrize("behaviour", HOSTILE)
def test_hostile_answers(behaviour: str) -> None:
    """Whatever the answer, each client ends in time, with a short message."""
    with responds_with(behaviour) as target:
        clients = CLIENTS if behaviour not in LONG else ("raw",)
        for name in (*clients, *(["command"] if behaviour in BY_COMMAND else [])):
            reply = _call(name, target)
            late = (
                {ReplyKind.TIMED_OUT} if behaviour in LONG else set()
            )  # cut off by size, or by time
            assert reply.kind in {ENDS.get(behaviour, ReplyKind.GARBLED), *late}, (name, reply)
            assert reply.kind is ReplyKind.ANSWERED or 10 < len(reply.message) < 1000, name
            assert len(repr(reply.exchange)) < 100_000


def test_an_answer_that_was_not_requested() -> None:
    """Bytes after an answer are not read as the answer to the next request."""
    right = http_response("<DeleteVolumeResponse><return>true</return></DeleteVolumeResponse>")
    wrong = http_response("<DeleteVolumeResponse><return>false</return></DeleteVolumeResponse>")
    with recording_server() as target:
        target.answers = [right + wrong]
        driver = _driver("raw", target.url)
        returned = [driver.call(REQUEST, TIMEOUTS).body.get("Return") for _ in range(3)]
        driver.close()
    assert returned == [True] * 3
    assert target.connections == 3


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect"])
def test_redirects_are_not_followed(status: str) -> None:
    """No client sends the user's credentials where the target redirects it."""
    with stays_silent() as elsewhere, redirects(elsewhere.url, status) as target:
        for name in (*CLIENTS, "command"):
            reply = _call(name, target)
            assert reply.kind is ReplyKind.GARBLED
            assert status[:3] in reply.message
    assert elsewhere.connections == 0


@pytest.mark.parametrize(
    "garbage", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x28", b"\x00" * 99]
)
def test_tls_garbage(garbage: bytes) -> None:
    """An endpoint that answers without TLS is no connection, and the message says so."""
    with breaks_tls(garbage) as target:
        reply = _call("raw", target)
    assert reply.is_unconnected
    assert "no connection to https://127.0.0.1" in reply.message


def test_tls_silence() -> None:
    """A TLS greeting without an answer runs into the connection timeout."""
    with breaks_tls() as target:
        reply = _call("boto3", target)
    assert (reply.kind, reply.is_unconnected) == (ReplyKind.TIMED_OUT, True)


def test_memory_is_bounded() -> None:
    """However large an answer is, reading it takes little memory."""
    script = (
        "import resource, sys\n"
        "from tests.acceptance.test_hostile import CLIENTS, REQUEST, TIMEOUTS, _driver\n"
        "def used(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024\n"
        "small, *urls = sys.argv[1:]\n"
        "def call(url):\n"
        "    for name in CLIENTS:\n"
        "        _driver(name, url).call(REQUEST, TIMEOUTS)\n"
        "call(small)\n"
        "before = used()\n"
        "for url in urls: call(url)\n"
        "print(used() - before)\n"
    )
    with (
        responds_with("html-page") as small,
        responds_with("100-mib-of-xml") as long,
        responds_with("many-elements") as dense,
        responds_with("one-long-text") as wide,
    ):
        urls = [target.url for target in (small, long, dense, wide)]
        done = subprocess.run(
            [sys.executable, "-c", script, *urls],
            env=environment(),
            capture_output=True,
            text=True,
            check=True,
        )
    assert int(done.stdout) < MEMORY


# --- whole runs -------------------------------------------------------------------------------


QUICK = [
    name
    for name in HOSTILE
    if not re.search("mib|many|long|zipped|endless|too-much", name)  # time and again
]


def test_a_whole_run(tmp_path: Path, deployment: Deployment) -> None:
    """A run against a target that answers each request with another hostile answer runs to its end;
    its reports contain neither scripts nor control characters."""
    turns = count()

    def respond(request: bytes) -> bytes:
        return HOSTILE[QUICK[next(turns) % len(QUICK)]](request)

    with responds(respond) as target:
        write_profile(tmp_path, deployment, target.url)
        done = run(tmp_path, "--suite", "zones")
    loaded = load_run(tmp_path / "out" / "latest")
    assert loaded.footer is not None
    assert loaded.footer.interrupted == ""
    assert len(loaded.outcomes) == loaded.header.plan["cases"] > len(QUICK)
    reasons = {outcome.status: outcome.because for outcome in loaded.outcomes}
    assert reasons.keys() <= {Status.FAILED, Status.INCONCLUSIVE, Status.NOT_CLAIMED}, reasons
    assert all(outcome.because for outcome in loaded.outcomes if outcome.status is Status.FAILED)
    directory = tmp_path / "out" / "latest"
    page = (directory / "report.html").read_text("utf-8")
    data = page_texts(page)
    assert "<script>alert(document.domain)" in "".join(data.values())  # which is shown as text
    assert "<script>alert" not in page
    assert not re.search(r"<[^<>]* on\w+=", page)
    harmful = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
    for text in (
        page,
        *data.values(),
        *(p.read_text("utf-8") for p in directory.glob("*.xml")),
        done.stdout,
    ):
        assert not harmful.search(text.replace("\r\n", "\n"))
    escaped = re.compile(r"(?<!\\)(?:\\\\)*\\u00[01]")  # a control character in JSON
    assert not any(escaped.search(text) for text in data.values())
    assert not harmful.search((directory / "summary.md").read_text("utf-8"))


def test_an_unreachable_target(tmp_path: Path, deployment: Deployment) -> None:
    """Without any connection a run ends soon, as incomplete and with one message."""
    with refuses() as target:
        write_profile(tmp_path, deployment, target.url)
        done = run(tmp_path, "--suite", "zones")
    loaded = load_run(tmp_path / "out" / "latest")
    assert done.returncode == 3
    assert loaded.footer is not None
    message = f"the target cannot be reached: no connection to {target.url.removesuffix('/awsapi')}"
    assert loaded.footer.interrupted.startswith(message)
    assert message in done.stdout
    assert [outcome.status for outcome in loaded.outcomes] == [Status.ERROR] * 2
