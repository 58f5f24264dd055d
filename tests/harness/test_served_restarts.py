"""Served deployments after a restart: with TLS, with other ports, by an order."""

from __future__ import annotations

import json
import signal
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit
from urllib.request import urlopen

import pytest

from fixtures.clients import DRIVERS, Ec2Endpoint
from fixtures.clients.s3 import S3_DRIVERS, S3Endpoint
from fixtures.cloud.cloudstack import CloudStackClient
from fixtures.database.polling import wait_until
from fixtures.database.server import free_port
from fixtures.model import Ec2Request, ReplyKind, S3Request, Timeouts
from fixtures.simulator.errors import ConfigurationError
from fixtures.simulator.startup import read_startup
from tests.support.conform_processes import run_conform
from tests.support.keystores import make_keystore
from tests.support.served_deployments import ServerProcess, start_server
from tools.conform.main import main

KEYSTORE = "cloudmanagementserver.keystore"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory that `conform init` made, with ports that are free, also those of TLS."""
    path = tmp_path / "management"
    ports = ("--ec2-port", str(free_port()), "--api-port", str(free_port()))
    assert main(["init", str(path), *ports]) == 0
    edit(path / "server-ssl.xml", '"6443"', f'"{free_port()}"')
    return path


def edit(path: Path, before: str, after: str) -> None:
    """Replace a text that a file has."""
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")


def switch_tls_on(directory: Path) -> None:
    """Let `server.xml` lead to the file with TLS."""
    loaded = directory / "server.xml"
    loaded.unlink()
    loaded.symlink_to("server-ssl.xml")


def restarted(server: ServerProcess) -> dict[str, Any]:
    """What the server announces after a restart."""
    server.process.send_signal(signal.SIGHUP)
    return announced(server)


def announced(server: ServerProcess) -> dict[str, Any]:
    """The next line that it prints."""
    assert server.process.stdout is not None
    found: dict[str, Any] = json.loads(server.process.stdout.readline())
    return found


def described(
    announcement: dict[str, Any], ca_file: str | None = None, action: str = "DescribeImages"
) -> ReplyKind:
    """What kind of reply a signed request gets, for which the bridge asks CloudStack."""
    user = announcement["users"][0]
    keys = user["access_key"], user["secret_key"]
    endpoint = Ec2Endpoint(announcement["ec2"], *keys, ca_file=ca_file)
    with closing(DRIVERS["raw"](endpoint)) as client:
        return client.call(Ec2Request(action), Timeouts()).kind


def enable(
    announcement: dict[str, Any], setting: str = "enable.ec2.api", value: str = "true"
) -> None:
    """Set what enables a service, by the unsigned API."""
    query = f"command=updateConfiguration&name={setting}&value={value}"
    with urlopen(f"{announcement['integration']}?{query}", timeout=10) as answer:
        assert answer.status == 200


def serve(directory: Path, *options: str) -> AbstractContextManager[ServerProcess]:
    """Serve the directory, with the unsigned API on a free port."""
    port = str(free_port())
    return start_server("serve", "--config", str(directory), "--integration-port", port, *options)


def test_tls_of_the_files(directory: Path) -> None:
    """After `server.xml` leads to the file with TLS, both interfaces have it, and nothing is served
    without; the bridge finds CloudStack by `cloudAPIPort`, and says so if it does not."""
    authority = str(make_keystore(directory / KEYSTORE))
    with serve(directory) as server:
        enable(server.announcement)
        switch_tls_on(directory)
        secured = restarted(server)
        assert server.process.stderr is not None
        assert "cloudAPIPort" in server.process.stderr.readline()
        assert secured["ec2"].startswith("https://localhost:")
        assert described(secured, authority) is ReplyKind.FAULT  # it reaches no CloudStack
        port = urlsplit(secured["cloudstack"]).port
        edit(directory / "ec2-service.properties", "cloudAPIPort=", f"cloudAPIPort={port}\n#")
        assert described(restarted(server), authority) is ReplyKind.ANSWERED
        assert described(secured) is not ReplyKind.ANSWERED  # the authority is unknown
        plain = {**secured, "ec2": secured["ec2"].replace("https", "http")}
        assert described(plain) is not ReplyKind.ANSWERED
        trusting = ssl.create_default_context(cafile=authority)
        with pytest.raises(HTTPError) as unsigned, urlopen(secured["cloudstack"], context=trusting):
            pass
        unsigned.value.close()


def test_a_run_against_a_deployment_with_tls(directory: Path, tmp_path: Path) -> None:
    """A profile that names the authority is enough for the clients, and for the harness itself."""
    authority = make_keystore(directory / KEYSTORE)
    switch_tls_on(directory)
    port = read_startup(lambda _: None, directory).api_port
    edit(directory / "ec2-service.properties", "cloudAPIPort=", f"cloudAPIPort={port}\n#")
    written = tmp_path / "served.toml"
    options = ("--write-profile", str(written), "--observer", "api-log")
    with serve(directory, *options) as server:
        enable(server.announcement)
        restarted(server)
        text = written.read_text("utf-8")
        for table in ("endpoint", "cloudstack"):
            text = text.replace(f"[{table}]\n", f"[{table}]\nca_file = '{authority}'\n")
        written.write_text(text.replace("s3 = true", "s3 = false"), "utf-8")
        cases = [f"addresses/AllocateAddress/documented-call[{name}]" for name in ("boto3", "soap")]
        chosen = [word for case in cases for word in ("--case", case)]
        done = run_conform(tmp_path, "run", "--target", str(written), *chosen)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "2 passed" in done.stdout
        written.write_text(text.replace(str(authority), "/no/such.pem"), "utf-8")
        done = run_conform(tmp_path, "run", "--target", str(written), *chosen)
    assert done.returncode == 2
    assert "[endpoint] ca_file: no file /no/such.pem" in done.stderr


def test_the_port_of_the_api_is_moved(directory: Path) -> None:
    """With `cloudAPIPort`, requests reach CloudStack on its new port, and usage servers go on."""
    with serve(directory, "--usage", "1") as server:
        enable(server.announcement)
        assert described(restarted(server)) is ReplyKind.ANSWERED
        old, new = str(urlsplit(server.announcement["cloudstack"]).port), str(free_port())
        edit(directory / "server-nonssl.xml", f'port="{old}"', f'port="{new}"')
        edit(directory / "ec2-service.properties", old, new)
        moved = restarted(server)
        assert moved["cloudstack"] == f"http://127.0.0.1:{new}/client/api"
        assert described(moved, action="AllocateAddress") is ReplyKind.ANSWERED
        cloud = CloudStackClient(moved["cloudstack"], *administrator(moved))
        with closing(cloud):
            today = datetime.now(UTC).date().isoformat()
            cloud.call("generateUsageRecords", startdate=today, enddate=today)
            orders = urljoin(moved["integration"], "/orders")
            with urlopen(orders, json.dumps({"advance": 172_800}).encode(), timeout=10):
                pass
            asked = {"startdate": "2020-01-01", "enddate": "2040-01-01"}
            listed = partial(cloud.list, "listUsageRecords", "usagerecord", **asked)
            assert wait_until(lambda: bool(listed()), 20, 0.1)


def administrator(announcement: dict[str, Any]) -> tuple[str, str]:
    """The keys of the administrator."""
    user = announcement["users"][-1]
    return user["access_key"], user["secret_key"]


def test_a_restart_by_order(tmp_path: Path) -> None:
    """The control endpoint restarts any served deployment, whose settings take effect then."""
    with start_server("serve", "--db", f"sqlite:///{tmp_path / 'cloud.db'}") as server:
        assert described(server.announcement) is ReplyKind.ANSWERED
        enable(server.announcement, value="false")
        orders = urljoin(server.announcement["integration"], "/orders")
        with urlopen(orders, b'{"restart": true}', timeout=10) as answer:
            assert answer.status == 204
        assert described(announced(server)) is ReplyKind.FAULT


def test_s3_lists_buckets_under_its_service_endpoint(directory: Path) -> None:
    """As the real bridge does: under another Host the empty path is the name of a bucket."""
    with serve(directory) as server:
        enable(server.announcement, "enable.s3.api")
        listed = restarted(server)
        user, port = listed["users"][0], urlsplit(listed["s3"]).port

        def buckets(url: str) -> ReplyKind:
            endpoint = S3Endpoint(url, user["access_key"], user["secret_key"])
            with closing(S3_DRIVERS["raw"](endpoint)) as client:
                return client.call(S3Request("ListBuckets"), Timeouts()).kind

        assert buckets(listed["s3"]) is ReplyKind.ANSWERED
        assert buckets(listed["s3"].replace("localhost", "127.0.0.1")) is ReplyKind.FAULT
        edit(directory / "cloud-bridge.properties", f"localhost:{port}", f"127.0.0.1:{port}")
        moved = restarted(server)
        assert moved["s3"].startswith(f"http://127.0.0.1:{port}/")
        assert buckets(moved["s3"]) is ReplyKind.ANSWERED


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda path: path.unlink(), "No such file"),
        (
            lambda path: path.write_bytes(b"\xfe\xed\xfe\xed\0\0\0\2"),
            "JKS, is not read; convert it",
        ),
        (lambda path: make_keystore(path, "another"), "keystorePass is not its password"),
    ],
)
def test_unusable_keystores(
    directory: Path, spoil: Callable[[Path], object], complaint: str
) -> None:
    """Nothing is served without the key, and the line says why."""
    make_keystore(directory / KEYSTORE)
    switch_tls_on(directory)
    spoil(directory / KEYSTORE)
    done = run_conform(directory, "serve", "--config", str(directory))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert complaint in done.stderr


@pytest.mark.parametrize(
    ("file", "before", "after", "complaint"),
    [
        ("server-ssl.xml", 'clientAuth="false"', 'clientAuth="want"', "clientAuth"),
        ("server-ssl.xml", 'sslProtocol="TLS"', 'keyAlias="a"', "keyAlias is not simulated"),
        ("cloud-bridge.properties", "dns=false", "dns=true", "bucket.dns is 'true'"),
        ("cloud-bridge.properties", "serviceEndpoint=", "#", "serviceEndpoint is missing"),
        ("cloud-bridge.properties", "root=s3", "root=castor:x", "CAStor is not simulated"),
        ("ec2-service.properties", "2010-11-15", "2010-11-16", "WSDLVersion '2010-11-16'"),
        ("ec2-service.properties", "cloudAPIPort=", "cloudAPIPort=x", "cloudAPIPort is no port"),
        ("ec2-service.properties", "apache", "secret", "keystorePass is 'secret'"),
    ],
)
def test_what_is_not_simulated_is_refused_by_name(
    directory: Path, file: str, before: str, after: str, complaint: str
) -> None:
    """Nothing in a file is ignored that would have an effect."""
    make_keystore(directory / KEYSTORE)
    switch_tls_on(directory)
    edit(directory / file, before, after)
    with pytest.raises(ConfigurationError, match=complaint):
        read_startup(lambda _: None, directory)
