"""Outages between bridge and CloudStack: what the proxy does, and on which targets they are."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest

from fixtures import profile
from fixtures.model import CloudStackCall, Outage, OutageKind, Status
from fixtures.observers.parsing import Accounts
from fixtures.observers.proxy import ProxyObserver
from fixtures.runners import cloud_outages
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.bridge.server import BridgeOptions
from fixtures.simulator.deployment import Deployment, DeploymentOptions
from fixtures.targets.target import Target
from suites.outages import TestOutages as Outages
from tests.support.planned_suites import cases
from tests.support.recording_server import http_response, recording_server
from tests.support.seeded_users import seeded_user
from tools.conform.served_profile import connection_details, write_profile

CASES = [case for demand in Outages.requirements for case in cases(Outages.suite, demand)]
BODY = b'{ "listzonesresponse" : { "count":1 ,"zone" : [  {"id":"z"} ] } }'
HEAD, ANSWER = http_response(BODY)[: -len(BODY)], http_response(BODY)
CALL = b"GET /client/api?command=%b&apikey=AK HTTP/1.1\r\nHost: here\r\n\r\n"


@pytest.fixture
def observer() -> Iterator[ProxyObserver]:
    """A proxy in front of a server that answers with a list of zones."""
    with ExitStack() as stack:
        upstream = stack.enter_context(recording_server())
        upstream.answers[:] = [ANSWER]
        url = f"http://127.0.0.1:{upstream.port}/client/api"
        yield stack.enter_context(ProxyObserver("127.0.0.1:0", url, Accounts({"AK": "alice"})))


def connect(observer: ProxyObserver) -> socket.socket:
    """A connection of a bridge."""
    parts = urlsplit(observer.url)
    return socket.create_connection((str(parts.hostname), parts.port or 0), timeout=10)


def send(observer: ProxyObserver, command: bytes = b"listZones") -> bytes:
    """All that comes back for a call, until the connection is closed or the answer complete."""
    with connect(observer) as client:
        client.sendall(CALL % command)
        received = b""
        while received != ANSWER and (piece := client.recv(65536)):
            received += piece
        return received


def calls(observer: ProxyObserver) -> tuple[CloudStackCall, ...]:
    """The calls that the proxy has seen."""
    return observer.calls_between(0, observer.mark())


def test_connections_are_refused_until_the_end(observer: ProxyObserver) -> None:
    """Also those that were open are lost; afterwards the same address serves again."""
    with connect(observer) as earlier, observer.proxy.interrupt(Outage(OutageKind.REFUSED)):
        with pytest.raises(ConnectionRefusedError):
            connect(observer)
        assert earlier.recv(1) == b""
    assert calls(observer) == ()
    assert send(observer) == ANSWER


def test_silence_drops_calls(observer: ProxyObserver) -> None:
    """A call is taken, not answered, not forwarded and not counted; its connection is lost."""
    with observer.proxy.interrupt(Outage(OutageKind.SILENT)), connect(observer) as client:
        client.sendall(CALL % b"listZones")
        client.settimeout(0.1)
        with pytest.raises(TimeoutError):
            client.recv(1)
    assert calls(observer) == ()
    assert send(observer) == ANSWER


def test_an_answer_is_cut(observer: ProxyObserver) -> None:
    """The head and half of the body arrive; the call is carried out, and recorded with all of its
    answer. Calls of another command are left alone."""
    with observer.proxy.interrupt(Outage(OutageKind.CUT, "listZones")):
        assert send(observer, b"listZonesToo") == ANSWER
        assert send(observer) == HEAD + BODY[: len(BODY) // 2]
    assert [call.command for call in calls(observer)] == ["listZonesToo", "listZones"]
    assert calls(observer)[1].answer["count"] == 1
    assert send(observer) == ANSWER


def test_the_first_call_is_held(observer: ProxyObserver) -> None:
    """Others are answered meanwhile, and it is when it is released."""
    received: list[bytes] = []
    with observer.proxy.interrupt(Outage(OutageKind.HELD)) as control:
        slow = Thread(target=lambda: received.append(send(observer)))
        slow.start()
        assert control.wait_until_held(10)
        assert send(observer, b"listVolumes") == ANSWER
        assert received == []
        observer.proxy.release()
        slow.join(10)
    assert received == [ANSWER]
    assert [call.command for call in calls(observer)] == ["listZones", "listVolumes"]


def test_a_live_bridge_behind_the_proxy_is_certified(tmp_path: Path) -> None:
    """The proxy of a live profile stands between its bridge and CloudStack."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    options = DeploymentOptions(
        cloudstack_url=f"http://{address}/client/api", bridge=BridgeOptions(answer_limit=0.5)
    )
    chosen = [case for case in CASES if case.driver in ("boto3", "soap")]
    with Deployment(options) as deployment:
        observer = {"kind": "proxy", "listen": address, "upstream": deployment.cloudstack_url}
        details = connection_details(deployment)
        file = write_profile(tmp_path / "bridge.toml", details, observer)
        with Target(profile.load(str(file)), run="outages") as target, Session(target) as session:
            verdicts = {case.id: run_case(case, session).verdict for case in chosen}
        volumes = deployment.management.execute("listVolumes", {}, seeded_user(deployment).name)
    assert (target.leftovers, volumes.get("count", 0)) == ([], 0)
    assert {v.status for v in verdicts.values()} == {Status.PASSED}, verdicts


def test_a_long_silence_is_waited_for_once(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bridge that waits as long as its clients is found by one request, not by ten."""
    monkeypatch.setattr(cloud_outages, "LONG_SILENCE", 0.0)
    silent = [case for case in CASES if "cloudstack-silent[boto" in case.id]
    with Session(target) as session:
        first, *others = [run_case(case, session).verdict for case in silent]
    assert first.status is Status.PASSED
    assert {verdict.status for verdict in others} == {Status.NOT_CLAIMED}


def test_without_the_proxy_outages_are_not_claimed(tmp_path: Path, deployment: Deployment) -> None:
    """The harness cannot interrupt what it does not forward."""
    details = connection_details(deployment)
    file = write_profile(tmp_path / "bridge.toml", details, {"kind": "none"})
    with Target(profile.load(str(file)), run="outages") as target, Session(target) as session:
        verdicts = [run_case(case, session).verdict for case in CASES if case.driver == "boto3"]
    assert {verdict.status for verdict in verdicts} == {Status.NOT_CLAIMED}
    assert "[observer] kind is not proxy" in verdicts[0].because
