"""`conform record`: the recording proxy alone."""

from __future__ import annotations

import json
import signal
import urllib.request
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.support.conform_processes import (
    PROJECT,
    run_conform,
)
from tests.support.recording_server import http_response, recording_server
from tests.support.served_deployments import ServerProcess, start_server

KEY = b'{ "createsshkeypairresponse" :  { "keypair" : {"name":"k","privatekey":"CANARY"} }  }'
BEGUN = b'{ "stopvirtualmachineresponse" : {"jobid":"j"} }'
ENDED = b'{ "queryasyncjobresultresponse" : {"jobid":"j","jobstatus":1,"jobresult":{"id":"7"}} }'


def start_recorder(upstream: str, out: Path) -> AbstractContextManager[ServerProcess]:
    """Run the command until the end of the block."""
    options = ("--listen", "127.0.0.1:0", "--upstream", upstream, "--out", str(out))
    return start_server("record", *options)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_every_call_is_a_line(tmp_path: Path, number: signal.Signals) -> None:
    """Each call is a line when it ends, without secrets, with the job that it started or ended; a
    signal ends the recording with 0."""
    out = tmp_path / "calls.jsonl"
    with (
        recording_server() as upstream,
        start_recorder(f"http://127.0.0.1:{upstream.port}/", out) as started,
    ):
        upstream.answers[:] = map(http_response, (KEY, BEGUN, ENDED))
        process, details = started
        for query in (
            "command=createSSHKeyPair&name=k",
            "command=stopVirtualMachine&id=7",
            "command=queryAsyncJobResult&jobid=j",
        ):
            url = f"{details['listen']}/client/api?{query}&apikey=AK&signature=CANARY"
            urllib.request.urlopen(url, timeout=10).close()
        process.send_signal(number)
        assert process.communicate(timeout=20) == ("", "")
        assert process.returncode == 0
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["command"] for line in lines] == [
        "createSSHKeyPair",
        "stopVirtualMachine",
        "queryAsyncJobResult",
    ]
    assert (lines[1]["parameters"], lines[1]["key"], lines[1]["status"]) == ({"id": "7"}, "AK", 200)
    assert lines[2]["job"] == {"id": "j", "command": "stopVirtualMachine", "status": 200}
    assert "CANARY" not in out.read_text()


def test_absent_upstream_is_on_record(tmp_path: Path) -> None:
    """A call that the proxy could not forward is a line with the reason."""
    out = tmp_path / "calls.jsonl"
    with start_recorder("http://127.0.0.1:1/", out) as (_, details):
        with pytest.raises(urllib.error.HTTPError, match="502"):
            urllib.request.urlopen(f"{details['listen']}/client/api?command=listZones", timeout=10)
        (line,) = map(json.loads, out.read_text().splitlines())
    assert (line["command"], line["status"]) == ("listZones", 502)
    assert "127.0.0.1:1 cannot be reached" in line["trouble"]


@pytest.mark.parametrize(
    ("listen", "upstream", "out", "complaint"),
    [
        ("nowhere", "http://h/", "calls.jsonl", "listen: 'nowhere' is not HOST:PORT"),
        ("127.0.0.1:0", "h", "calls.jsonl", "upstream: 'h' is not an http or https URL"),
        ("127.0.0.1:0", "http://h/", "missing/calls.jsonl", "cannot write: No such file"),
    ],
)
def test_unusable_option_is_one_line(
    tmp_path: Path, listen: str, upstream: str, out: str, complaint: str
) -> None:
    """An unusable option is named in one line, exit 2, and no file is left."""
    options = ["--listen", listen, "--upstream", upstream, "--out", str(tmp_path / out)]
    done = run_conform(PROJECT, "record", *options)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert complaint in done.stderr
    assert not list(tmp_path.iterdir())
