"""`conform init`, `ports` and `serve --config`: a deployment that is started from files."""

from __future__ import annotations

import json
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from fixtures.cloud.cloudstack import CloudStackClient
from fixtures.database.server import free_port
from fixtures.server_files.server_xml import with_port
from tests.support.conform_processes import run_conform
from tests.support.served_deployments import ServerProcess, start_server
from tools.conform.main import main

# The status of a request without a signature, from a service that is enabled, and one that is not.
SERVED, DISABLED = 400, 404


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory that `conform init` made, with ports that are free."""
    path = tmp_path / "management"
    ports = ("--ec2-port", str(free_port()), "--api-port", str(free_port()))
    assert main(["init", str(path), *ports]) == 0
    return path


def _restarted(server: ServerProcess) -> dict[str, object]:
    server.process.send_signal(signal.SIGHUP)
    assert server.process.stdout is not None
    found: dict[str, object] = json.loads(server.process.stdout.readline())
    return found


def _status(url: object) -> int:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(f"{url}?Action=DescribeAvailabilityZones", timeout=10).status_code


def test_the_files_of_a_deployment_have_effect_at_restart(directory: Path) -> None:
    """Services and port are changed by settings and files, and a restart; the data stays."""
    with start_server("serve", "--config", str(directory)) as server:
        first = server.announcement
        assert first["integration"] is None
        assert _status(first["ec2"]) == DISABLED
        admin = first["users"][-1]
        keys = (admin["access_key"], admin["secret_key"])
        cloud = CloudStackClient(first["cloudstack"], *keys)
        cloud.call("updateConfiguration", name="enable.ec2.api", value="true")
        assert _status(first["ec2"]) == DISABLED
        assert _status(_restarted(server)["ec2"]) == SERVED
        port = free_port()
        assert main(["ports", str(directory), "--set", str(port)]) == 0
        assert _status(first["ec2"]) == SERVED
        moved = _restarted(server)
        assert moved["ec2"] == f"http://localhost:{port}/awsapi"
        assert _status(moved["ec2"]) == SERVED
        with pytest.raises(requests.ConnectionError):
            _status(first["ec2"])
        cloud.close()
    with start_server("serve", "--config", str(directory)) as server:
        assert _status(server.announcement["ec2"]) == SERVED  # it is still enabled


def test_a_taken_port_leaves_cloudstack_running(directory: Path) -> None:
    """A restart without a usable port serves CloudStack alone, and says why, until the next."""
    with ExitStack() as stack:
        server = stack.enter_context(start_server("serve", "--config", str(directory)))
        for text in ("0", "eight"):
            file = directory / "server-nonssl.xml"
            before = file.read_text()
            port = server.announcement["ec2"].split(":")[2].split("/")[0]
            file.write_text(before.replace(f'port="{port}"', f'port="{text}"'))
            _restarted(server)
            assert server.process.stderr is not None
            assert f"port '{text}' is no port from 1 to 65535" in server.process.stderr.readline()
            with pytest.raises(requests.ConnectionError):
                _status(server.announcement["ec2"])
            file.write_text(before)
            assert _status(_restarted(server)["ec2"]) == DISABLED


@pytest.mark.parametrize(
    ("file", "before", "after", "complaint"),
    [
        ("db.properties", "enabled=false", "enabled=true", "db.ha.enabled is 'true'"),
        ("db.properties", "sqlite:///cloud.db", "jdbc:oracle:thin:@x", "db.cloud.uri is"),
        ("server-nonssl.xml", "webapps7080", "elsewhere", "0 connectors for the applications"),
        ("server-nonssl.xml", "<Engine", "<Engin", "no XML"),
    ],
)
def test_unusable_files_are_refused_in_one_line(
    directory: Path, file: str, before: str, after: str, complaint: str
) -> None:
    """Nothing in a file is ignored that would have an effect."""
    path = directory / file
    path.write_text(path.read_text().replace(before, after))
    done = run_conform(directory, "serve", "--config", str(directory))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert complaint in done.stderr


def test_init_keeps_what_is_there(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A directory with files is refused in one line, and stays as it is."""
    before = {path.name: path.read_bytes() for path in directory.iterdir()}
    assert main(["init", str(directory)]) == 2
    assert capsys.readouterr().err == f"conform: {directory} is not empty\n"
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == before


def test_ports_exits_by_what_it_finds(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The status is 0 where the files agree, 1 where they do not, 2 for wrong usage."""
    assert main(["ports", str(directory)]) == 0
    ssl = directory / "server-ssl.xml"
    ssl.write_bytes(with_port(ssl.read_bytes(), 7999))
    assert main(["ports", str(directory)]) == 1
    assert "wrong: the files disagree: " in capsys.readouterr().out
    assert main(["ports", str(directory), "--set", "0"]) == 2
    assert main(["ports", str(directory / "none")]) == 2
