"""Private MariaDB servers: where they come from, how they live, that nothing is left of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from fixtures.database import Installation, NoDatabase, Server, fetching, sealed
from fixtures.database.installation import cache_folder
from fixtures.model import HarnessError, UsageError
from tests.support.databases import installation

# Starts a server, says where it is, and is killed before it can end anything.
CARELESS = """
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


def _until(so: Callable[[], bool]) -> bool:
    latest = time.monotonic() + 10
    while not so() and time.monotonic() < latest:
        time.sleep(0.01)  # the other side is no child of ours, nobody tells us
    return so()


def test_a_server_goes_by_its_option_file(server: Server) -> None:
    """What is written into a server's own my.cnf counts from its next start on."""
    asked = "SELECT @@server_id AS id, @@log_bin AS log, @@bind_address AS address"
    assert server.sql(asked) == [{"id": 7, "log": 1, "address": "127.0.0.1"}]
    server.configure({"server_id": 8, "log_bin": None})
    assert server.sql("SELECT @@server_id AS id") == [{"id": 7}]
    server.restart()
    assert server.sql(asked) == [{"id": 8, "log": 0, "address": "127.0.0.1"}]


def test_what_was_committed_outlives_a_kill(server: Server) -> None:
    """A server that was killed comes back with everything that was committed, at the same port."""
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


def test_a_paused_server_goes_on(server: Server) -> None:
    """A paused server answers nobody, and goes on where it was; it can also be stopped then."""
    with server.session() as session:
        server.pause()
        server.resume()
        assert session.sql("SELECT 1 AS one") == [{"one": 1}]
    server.pause()
    server.close()
    assert not server.folder.exists()


def test_only_who_may_come_comes(server: Server) -> None:
    """The administrator comes through the socket, in a folder of its own, and no other way."""
    assert server.folder.stat().st_mode & 0o077 == 0
    users = server.sql("SELECT CONCAT(user, '@', host) AS name FROM mysql.user WHERE is_role = 'N'")
    assert {row["name"] for row in users} <= {"root@localhost", "mariadb.sys@localhost"}


def test_a_session_takes_what_it_holds_with_it(server: Server) -> None:
    """A lock is held as long as its session, and not longer."""
    with server.session() as first:
        first.sql("FLUSH TABLES WITH READ LOCK")
        with server.session() as second:
            second.sql("SET lock_wait_timeout = 0")
            with pytest.raises(DBAPIError, match="1205"):
                second.sql("CREATE DATABASE later")
    server.sql("CREATE DATABASE later")


def test_nothing_is_left_when_the_owner_is_killed() -> None:
    """After `kill -9` of whoever started it, a server and its files are gone as well."""
    installation()
    done = subprocess.run(
        [sys.executable, "-c", CARELESS], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    folder, pid = done.stdout.split()
    assert _until(lambda: not Path(folder).exists())
    assert _until(lambda: not _runs(int(pid)))


def _runs(pid: int) -> bool:
    """Whether a process is there and no corpse that nobody has collected."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_a_server_that_does_not_start_says_why() -> None:
    """An option that the server does not know is told with the words of its own log."""
    server = Server(installation(), "odd", {"no_such_option": 1})
    with pytest.raises(HarnessError, match=r"odd does not start: .*no_such_option"):
        server.start()
    server.close()
    assert not server.folder.exists()


def test_a_spoilt_seal_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cached data directory that somebody has changed is not used."""
    found = installation()
    monkeypatch.setattr(sealed, "cache_folder", lambda: tmp_path)
    sealed._provide.cache_clear()
    sealed.lay(found, tmp_path / "first")
    (home,) = tmp_path.glob("data-*")
    (home / "data/ibdata1").write_bytes(b"spoilt")
    sealed._provide.cache_clear()
    sealed.lay(found, tmp_path / "second")
    assert (tmp_path / "second/ibdata1").stat().st_size == (
        tmp_path / "first/ibdata1"
    ).stat().st_size
    sealed._provide.cache_clear()


@pytest.mark.parametrize("place", ["/nowhere/mariadbd", sys.executable])
def test_the_profile_s_server_must_be_one(place: str) -> None:
    """A path in the profile that is no MariaDB server is a mistake of the profile, told so."""
    with pytest.raises(UsageError, match=r"\[database\] server"):
        Installation.find(place)


def test_where_there_is_none_it_says_what_would_help(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without MariaDB and without apt, the reason is told and what would help; nothing is left."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("fixtures.database.installation.BESIDE_PATH", ())
    with pytest.raises(NoDatabase, match=r"no apt-get here.*apt-get install mariadb-server-core"):
        Installation.find()
    assert not (tmp_path / "cache").exists()


def test_a_mirror_that_does_not_answer_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the packages cannot be downloaded, apt's own words are told, and nothing half-made is
    left in the cache."""
    for name in ("apt-get", "apt-cache", "dpkg"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        answer = f"echo '{fetching.PACKAGE} - the server'; echo 'Inst {fetching.PACKAGE} (1)'"
        lost = 'case "$*" in *download*) echo "E: mirror is away" >&2; exit 100;; esac'
        program.write_text(f"#!/bin/sh\n{lost}\n{answer}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    told: list[str] = []
    with pytest.raises(fetching.NotFetched, match="mirror is away"):
        fetching.fetch(tmp_path / "cache" / "mariadb", told.append)
    assert [*(tmp_path / "cache").iterdir()] == []
    assert told == [f"fetching MariaDB, once and without root: {fetching.PACKAGE}"]


def test_the_cache_is_where_caches_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is fetched is kept below XDG_CACHE_HOME, or ~/.cache if that is not said."""
    monkeypatch.setenv("XDG_CACHE_HOME", "/elsewhere")
    assert cache_folder() == Path("/elsewhere/awsapi-conformance")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder() == Path.home() / ".cache/awsapi-conformance"
