"""Private MariaDB servers: found or downloaded, started, disturbed, and removed without a rest."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from fixtures.database import Installation, NoDatabase, Server, data_directory, debian_packages
from fixtures.database.installation import cache_folder
from fixtures.database.polling import wait_until
from fixtures.model import HarnessError, UsageError
from tests.support.databases import installation

# Starts a server, prints its folder and process id, and is killed before it can stop it.
KILLED_OWNER = """
import os, signal
from fixtures.database import Installation, Server
server = Server(Installation.find(), "left").start()
print(server.folder, server.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def server() -> Iterator[Server]:
    """A running server."""
    with Server(installation(), "one", {"log_bin": "mysql-bin", "server_id": 7}) as server:
        yield server


def test_settings_of_the_option_file_are_in_force_after_a_restart(server: Server) -> None:
    """Settings in a server's own my.cnf are in force from its next start on."""
    query = "SELECT @@server_id AS id, @@log_bin AS log, @@bind_address AS address"
    assert server.sql(query) == [{"id": 7, "log": 1, "address": "127.0.0.1"}]
    server.configure({"server_id": 8, "log_bin": None})
    assert server.sql("SELECT @@server_id AS id") == [{"id": 7}]
    server.restart()
    assert server.sql(query) == [{"id": 8, "log": 0, "address": "127.0.0.1"}]


def test_committed_rows_survive_a_kill(server: Server) -> None:
    """A killed server comes back with all committed rows, at the same port."""
    server.sql("CREATE DATABASE kept")
    server.sql("CREATE TABLE kept.numbers (id INT PRIMARY KEY)")
    server.sql("INSERT INTO kept.numbers VALUES (:one), (:two)", one=1, two=2)
    port = server.port
    server.kill()
    assert server.pid is None
    with pytest.raises(DBAPIError):
        server.sql("SELECT 1")
    server.start()
    assert server.sql("SELECT COUNT(*) AS n FROM kept.numbers") == [{"n": 2}]
    assert server.sql("SELECT @@port AS port") == [{"port": port}]


def test_a_paused_server_continues(server: Server) -> None:
    """A paused server continues when it is resumed; it can also be closed while paused."""
    with server.session() as session:
        server.pause()
        server.resume()
        assert session.sql("SELECT 1 AS one") == [{"one": 1}]
    server.pause()
    server.close()
    assert not server.folder.exists()


def test_only_the_administrator_can_connect(server: Server) -> None:
    """The administrator connects through a socket in a private folder, and no other way."""
    assert server.folder.stat().st_mode & 0o077 == 0
    users = server.sql("SELECT CONCAT(user, '@', host) AS name FROM mysql.user WHERE is_role = 'N'")
    assert {row["name"] for row in users} <= {"root@localhost", "mariadb.sys@localhost"}


def test_a_lock_ends_with_its_session(server: Server) -> None:
    """A lock is held as long as its session, and not longer."""
    with server.session() as first:
        first.sql("FLUSH TABLES WITH READ LOCK")
        with server.session() as second:
            second.sql("SET lock_wait_timeout = 0")
            with pytest.raises(DBAPIError, match="1205"):
                second.sql("CREATE DATABASE later")
    server.sql("CREATE DATABASE later")


def test_nothing_is_left_when_the_owner_is_killed() -> None:
    """After `kill -9` of the process that started it, a server and its files are gone as well."""
    installation()
    done = subprocess.run(
        [sys.executable, "-c", KILLED_OWNER],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    folder, pid = done.stdout.split()
    assert wait_until(lambda: not Path(folder).exists(), 10)
    assert wait_until(lambda: not _runs(int(pid)), 10)


def _runs(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_a_server_that_does_not_start_says_why() -> None:
    """The error for an unknown option has the text of the server's log."""
    server = Server(installation(), "odd", {"no_such_option": 1})
    with pytest.raises(HarnessError, match=r"odd does not start: .*no_such_option"):
        server.start()
    server.close()
    assert not server.folder.exists()


def test_a_changed_data_directory_is_created_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cached data directory that was changed is not used."""
    found = installation()
    monkeypatch.setattr(data_directory, "cache_folder", lambda: tmp_path)
    data_directory._ensure_cached.cache_clear()
    data_directory.copy_new(found, tmp_path / "first")
    (home,) = tmp_path.glob("data-*")
    (home / "data/ibdata1").write_bytes(b"spoilt")
    data_directory._ensure_cached.cache_clear()
    data_directory.copy_new(found, tmp_path / "second")
    assert (tmp_path / "second/ibdata1").stat().st_size == (
        tmp_path / "first/ibdata1"
    ).stat().st_size
    data_directory._ensure_cached.cache_clear()


@pytest.mark.parametrize("place", ["/nowhere/mariadbd", sys.executable])
def test_the_profile_s_server_must_be_one(place: str) -> None:
    """A path in the profile that is no MariaDB server is a usage error."""
    with pytest.raises(UsageError, match=r"\[database\] server"):
        Installation.find(place)


def test_without_mariadb_the_error_says_what_would_help(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without MariaDB and apt, the error has the reason and what would help; nothing is left."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("fixtures.database.installation.MORE_FOLDERS", ())
    with pytest.raises(NoDatabase, match=r"no apt-get here.*apt-get install mariadb-server-core"):
        Installation.find()
    assert not (tmp_path / "cache").exists()


def test_a_mirror_that_does_not_answer_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the packages cannot be downloaded, the error has apt's text, and nothing incomplete is
    left in the cache."""
    package = debian_packages.PACKAGE
    for name in ("apt-get", "apt-cache", "dpkg"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        answer = f"echo '{package} - the server'; echo 'Inst {package} (1)'"
        lost = 'case "$*" in *download*) echo "E: mirror is away" >&2; exit 100;; esac'
        program.write_text(f"#!/bin/sh\n{lost}\n{answer}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    lines: list[str] = []
    with pytest.raises(debian_packages.FetchError, match="mirror is away"):
        debian_packages.fetch(tmp_path / "cache" / "mariadb", lines.append)
    assert [*(tmp_path / "cache").iterdir()] == []
    assert lines == [f"downloading MariaDB, once and without root: {package}"]


def test_the_cache_folder_follows_xdg(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache is below XDG_CACHE_HOME, or ~/.cache if that is not set."""
    monkeypatch.setenv("XDG_CACHE_HOME", "/elsewhere")
    assert cache_folder() == Path("/elsewhere/awsapi-conformance")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder() == Path.home() / ".cache/awsapi-conformance"
