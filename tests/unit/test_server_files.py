"""The configuration directory as the administrator reads and edits it: `fixtures/server_files`."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.model import UsageError
from fixtures.server_files.directory import FILES, findings, read_ports, set_port
from fixtures.server_files.server_xml import UnusableFile, read_server_xml, with_port
from fixtures.simulator.configuration.directory import create_configuration

EL7 = b"""<Server port='8005'>
 <Service name='CloudStackManagement'>
  <Connector executor="tomcatThreadPool" port="8080"/>
  <Engine name="Catalina"><Host appBase="webapps"/></Engine>
 </Service>
 <Service name="CloudStackAwsApi">
  <!-- <Connector executor="tomcatThreadPool" port="9999"/> -->
  <Connector executor = 'tomcatThreadPool' redirectPort="8443" port = '7080' />
  <Engine name="Catalina7080"><Host appBase="webapps7080"/></Engine>
 </Service>
</Server>
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory as it is installed."""
    create_configuration(tmp_path / "management")
    return tmp_path / "management"


def test_installed_files_agree(directory: Path) -> None:
    """A server without TLS listens on 7080, one with TLS on 5443, and nothing is wrong."""
    seen = read_ports(directory)
    assert {name: seen.port(name) for name in FILES} == {
        "server.xml": "7080",
        "server-nonssl.xml": "7080",
        "server-ssl.xml": "5443",
    }
    assert seen.files["server-ssl.xml"].connector.is_tls
    assert list(findings(seen)) == []


def test_services_are_found_by_their_applications() -> None:
    """The packaging for EL7 has other names for services and executors."""
    assert read_server_xml(EL7).connector.port == "7080"
    assert with_port(EL7, 7081) == EL7.replace(b"port = '7080'", b"port = '7081'")


def test_nothing_but_the_port_is_changed(directory: Path) -> None:
    """Comments, order, modes and the link stay, and the addresses of S3 follow."""
    (directory / "server-ssl.xml").chmod(0o604)
    before = {path.name: path.read_bytes() for path in directory.iterdir()}
    set_port(directory, 7081)
    after = {path.name: path.read_bytes() for path in directory.iterdir()}
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {*FILES, "cloud-bridge.properties"}
    for name in changed:
        lines = zip(before[name].splitlines(), after[name].splitlines(), strict=True)
        addresses = 2 if name == "cloud-bridge.properties" else 1
        assert len([1 for old, new in lines if old != new]) == addresses
    assert (directory / "server.xml").readlink() == Path("server-nonssl.xml")
    assert (directory / "server-ssl.xml").stat().st_mode & 0o777 == 0o604
    assert b"serviceEndpoint=localhost:7081\n" in after["cloud-bridge.properties"]
    assert b"host=http://localhost:7081/awsapi\n" in after["cloud-bridge.properties"]
    assert list(findings(read_ports(directory))) == []
    assert set_port(directory, 7081) == []


def test_what_is_wrong_is_named(directory: Path) -> None:
    """Files that disagree, no port, a port that is in use, a stale endpoint, a missing file."""
    plain, tls = directory / "server-nonssl.xml", directory / "server-ssl.xml"
    original = plain.read_bytes()

    def found(content: bytes) -> str:
        plain.write_bytes(content)
        return "\n".join(findings(read_ports(directory)))

    text = found(with_port(original, 7081))
    assert (
        "the files disagree: server.xml 7081, server-nonssl.xml 7081, server-ssl.xml 5443" in text
    )
    assert "serviceEndpoint localhost:7080 names port 7080, and server.xml 7081" in text
    assert "host http://localhost:7080/awsapi names port 7080, and server.xml 7081" in text
    text = found(original.replace(b'port="8080" protocol', b'port="8081" protocol'))
    assert "cloudAPIPort 8080 is no port of CloudStack's API in server.xml" in text
    assert "port '0' is no port from 1 to 65535" in found(with_port(original, 0))
    assert "'eight' is no port" in found(original.replace(b'port="7080"', b'port="eight"'))
    text = found(with_port(original, 8080))
    assert "server-nonssl.xml: port 8080 is also the one of service Catalina" in text
    assert "server.xml: no XML" in found(original[:300])
    assert "document type" in found(original.replace(b"<Server ", b"<!DOCTYPE a><Server ", 1))
    tls.unlink()
    assert "server-ssl.xml: No such file" in found(original)


@pytest.mark.parametrize(
    ("port", "use"), [(8080, "of service"), (8005, "shutdown"), (20400, "AJP")]
)
def test_a_port_in_use_is_refused(directory: Path, port: int, use: str) -> None:
    """A port that a file uses for something else is refused, and nothing is changed."""
    before = {path.name: path.read_bytes() for path in directory.iterdir()}
    with pytest.raises(UsageError, match=use):
        set_port(directory, port)
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == before


def test_all_files_are_changed_or_none(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a file cannot be replaced, those before it are as they were."""
    before = {path.name: path.read_bytes() for path in directory.iterdir()}
    replace, moved = Path.replace, []

    def fail_at_the_second(self: Path, target: Path) -> Path:
        moved.append(target)
        if len(moved) == 2:
            raise OSError(28, "No space left on device", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail_at_the_second)
    with pytest.raises(UsageError, match="No space left on device; nothing was changed"):
        set_port(directory, 7081)
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == before


def test_two_connectors_are_not_chosen_between() -> None:
    """A file whose service has two connectors for HTTP is refused."""
    line = b"  <Connector executor = 'tomcatThreadPool' redirectPort=\"8443\" port = '7080' />\n"
    with pytest.raises(UnusableFile, match="2 connectors for HTTP"):
        read_server_xml(EL7.replace(line, line * 2))
