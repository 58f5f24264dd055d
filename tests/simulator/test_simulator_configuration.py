"""The files that a simulated management server is started from."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.simulator.configuration.directory import create_configuration, shipped_text
from fixtures.simulator.errors import ConfigurationError
from fixtures.simulator.management import properties


def _databases(directory: Path, **changes: str) -> properties.Databases:
    """What the file says with these values in place of others."""
    text = shipped_text("db.properties")
    for name, value in changes.items():
        key = f"db.{name.replace('_', '.')}="
        before = next(line for line in text.splitlines() if line.startswith(key))
        text = text.replace(f"\n{before}\n", f"\n{key}{value}\n")
    file = directory / "db.properties"
    file.write_text(text)
    return properties.read(file)


def test_the_uri_stands_for_host_port_and_name(tmp_path: Path) -> None:
    """A JDBC URI is honoured, with the user of its own keys; SQLite's file is in the directory."""
    assert _databases(tmp_path) == properties.Databases(f"sqlite:///{tmp_path}/cloud.db", None)
    named = _databases(
        tmp_path,
        cloud_uri="jdbc:mysql://10.0.0.9:3307/clouds?autoReconnect=true",
        cloud_password="a",
        usage_password="b",
    )
    assert named.cloud == "mysql+pymysql://cloud:a@10.0.0.9:3307/clouds"
    assert named.usage == "mysql+pymysql://cloud:b@localhost:3306/cloud_usage"


@pytest.mark.parametrize("value", ["jdbc:postgresql://host/cloud", "10.0.0.9"])
def test_a_uri_that_cannot_be_used_is_named(tmp_path: Path, value: str) -> None:
    """It is not ignored: the server would use another database than the file says."""
    with pytest.raises(ConfigurationError, match=r"db\.cloud\.uri is n"):
        _databases(tmp_path, cloud_uri=value)


def test_high_availability_is_refused_by_name(tmp_path: Path) -> None:
    """A replica that takes over by itself is not simulated."""
    with pytest.raises(ConfigurationError, match=r"db\.ha\.enabled is 'TRUE'"):
        _databases(tmp_path, ha_enabled="TRUE")


def test_a_new_directory_is_made_in_an_empty_one_alone(tmp_path: Path) -> None:
    """What is there is kept."""
    create_configuration(tmp_path)
    with pytest.raises(ConfigurationError, match="is not empty"):
        create_configuration(tmp_path)
    with pytest.raises(ConfigurationError, match="exists"):
        create_configuration(tmp_path / "db.properties")
