"""`conform serve`: the simulated deployment as a server."""

from __future__ import annotations

import signal
import socket
import stat
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures import profile
from fixtures.clients import Ec2Endpoint
from fixtures.clients.ec2.soap_driver import SoapDriver
from fixtures.database import Server
from fixtures.model import Ec2Request, ReplyKind, Timeouts
from tests.support.conform_processes import (
    PROJECT,
    run_conform,
)
from tests.support.databases import create_cloud_user, installation
from tests.support.served_deployments import ServerProcess, start_server

Start = Callable[..., ServerProcess]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers with the given options, and ends those that still run."""
    with ExitStack() as stack:

        def enter(*options: str) -> ServerProcess:
            return stack.enter_context(start_server("serve", *options))

        yield enter


def _refusal(*options: str) -> str:
    done = run_conform(PROJECT, "serve", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_server_prints_its_addresses_and_stops(start: Start, number: signal.Signals) -> None:
    """One line has every address and key; a signal ends the server with 0, in silence."""
    process, details = start()
    assert set(details) == {"ec2", "s3", "cloudstack", "integration", "users", "world", "profile"}
    assert [user["name"] for user in details["users"]] == [
        *("alice", "bob", "nora", "anna", "erin", "admin"),
    ]
    assert set(details["world"]) == {"zone", "image", "instance_type"}
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(details["ec2"] + "?Action=DescribeZones", timeout=10)
    assert b"<Code>" in refusal.value.read()
    refusal.value.close()
    process.send_signal(number)
    assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == 0


def test_ports_are_the_ones_asked_for_and_keys_stay(start: Start) -> None:
    """With fixed ports, the addresses and keys are the same every time."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    process, first = start("--ec2-port", port)
    assert first["ec2"] == f"http://127.0.0.1:{port}/awsapi"
    process.send_signal(signal.SIGTERM)
    process.wait(20)
    _, second = start("--ec2-port", port)
    assert first["users"] == second["users"]
    assert first["world"] == second["world"]


def test_profile_leads_to_the_server(start: Start, tmp_path: Path) -> None:
    """The written profile is a valid live one, and only its owner can read it."""
    file = tmp_path / "p.toml"
    _, details = start("--write-profile", str(file))
    assert details["profile"] == str(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    read = profile.load(str(file))
    assert read.kind == "live"
    assert read.endpoint is not None
    assert read.endpoint.ec2 == details["ec2"]
    assert read.user is not None
    assert read.user.secret_key == details["users"][0]["secret_key"]


@pytest.mark.parametrize("observer", ["proxy", "api-log", "events", "none"])
def test_profile_names_its_observer(start: Start, tmp_path: Path, observer: str) -> None:
    """The written profile has the observer that was requested."""
    file = tmp_path / "p.toml"
    _, details = start("--write-profile", str(file), "--observer", observer)
    read = profile.load(str(file)).observer
    assert read.kind == observer
    if observer == "proxy":
        assert read.upstream == details["cloudstack"]
        assert read.listen not in details["cloudstack"]
    assert (read.path is not None and Path(read.path).exists()) == (observer == "api-log")


@pytest.mark.parametrize("option", ["--ec2-port", "--api-port", "--integration-port"])
def test_port_in_use_is_named(option: str) -> None:
    """A port that another process uses is reported in one line."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert port in _refusal(option, port)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--db", "nonsense"], "conform: the database of --db cannot be used: "),
        (["--db", "mysql+nonsense://127.0.0.1/x"], "conform: the database of --db cannot be used"),
        (["--mutant", "nonsense"], "conform: unknown mutant 'nonsense'"),
        (
            ["--cloudstack-line", "9"],
            "conform: CloudStack 9 is not simulated; the lines are 4.4, 4.11",
        ),
        (["--write-profile", "/dev/null/p.toml"], "conform: /dev/null/p.toml: cannot write: Not a"),
        (["--api-log", "/dev/null/log"], "conform: /dev/null/log: cannot write: Not a directory"),
        (["--observer", "proxy"], "conform: --observer is for the profile that --write-profile"),
        (
            ["--write-profile", "p", "--observer", "proxy", "--cloudstack-url", "https://h/"],
            "conform: --observer proxy needs a URL with http and a port",
        ),
    ],
)
def test_unusable_option_is_one_line(words: list[str], complaint: str) -> None:
    """An unusable option is named before anything is served."""
    assert _refusal(*words).startswith(complaint)


def test_mutant_is_served(start: Start) -> None:
    """A deployment with a named defect can be served."""
    _, details = start("--mutant", "silent-AllocateAddress")
    assert details["ec2"]


def test_several_mutants_are_served_at_once(start: Start) -> None:
    """A deployment can have several defects: `--mutant` is repeatable, and each name must exist."""
    _, details = start("--mutant", "silent-AllocateAddress", "--mutant", "ignores-ranges")
    assert details["ec2"]
    refusal = _refusal("--mutant", "ignores-ranges", "--mutant", "nonsense")
    assert refusal.startswith("conform: unknown mutant 'nonsense'")


def test_a_trusting_mutant_is_served(start: Start) -> None:
    """A bridge that carries out unsigned requests as the user before can be served."""
    _, details = start("--mutant", "waives-no-security")
    alice = details["users"][0]
    keys = (alice["access_key"], alice["secret_key"])
    driver = SoapDriver(
        Ec2Endpoint(
            details["ec2"],
            *keys,
            certificate=alice["certificate"],
            private_key=alice["private_key"],
        )
    )
    signed = Ec2Request("DescribeAvailabilityZones")
    unsigned = replace(signed, tampering={"attack": "no-security"})
    kinds = [driver.call(one, Timeouts()).kind for one in (unsigned, signed, unsigned)]
    driver.close()
    assert kinds == [ReplyKind.FAULT, ReplyKind.ANSWERED, ReplyKind.ANSWERED]


def test_database_is_named_by_db_properties(start: Start, tmp_path: Path) -> None:
    """CloudStack's own db.properties names the databases, for a server that is started
    again with another one as well; without the database it does not start, and says why."""
    file = tmp_path / "db.properties"
    with Server(installation(), "clouds") as server:
        create_cloud_user(server)
        for name in ("cloud", "cloud_usage"):
            server.sql(f"CREATE DATABASE {name}")
        lines = (
            f"db.{which}.host=127.0.0.1\ndb.{which}.port={server.port}\n"
            f"db.{which}.username=cloud\ndb.{which}.password=cloud\n"
            for which in ("cloud", "usage")
        )
        file.write_text("".join(lines))
        process, details = start("--db-properties", str(file))
        status = urllib.request.urlopen(f"{details['integration']}?command=listZones").status
        assert status == 200
        assert server.sql("SELECT name FROM cloud.data_center") == [{"name": "zone1"}]
        assert server.sql("SELECT COUNT(*) AS n FROM cloud_usage.usage_job") == [{"n": 0}]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    complaint = _refusal("--db-properties", str(file))
    assert complaint.startswith("conform: the database of --db-properties cannot be used: ")
    assert "password" not in complaint
