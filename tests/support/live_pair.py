"""A live deployment with a replica, as the harness sees it: a real pair of database servers, a
management server in another process, and shell commands that operate its machines."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from fixtures.database.polling import wait_until
from fixtures.failover import PairPool
from fixtures.failover.local import LocalFailover
from fixtures.failover.pair_pool import follow_primary
from fixtures.failover.replication_state import TIMEOUT, wait_until_caught_up
from fixtures.failover.setup_steps import NETWORK
from fixtures.model import Runbook
from tests.support.conform_processes import conform_command, environment

ADMINISTRATOR = "overseer"
PASSWORD = "an administrator's, in no record"
# Sends a command to the test process, and waits for its result.
SCRIPT = """#!/bin/sh
echo "$1" >{folder}/command
read result <{folder}/result
echo "$result" >&2
test "$result" = done
"""
FAILOVER = """
[failover]
primary = "127.0.0.1:{primary}"
replica = "127.0.0.1:{replica}"
management = ["management1"]
ec2 = "http://127.0.0.1:{ec2}/awsapi"
administrator = "{administrator}"
administrator_password = {{ env = "ADMINISTRATOR_PASSWORD" }}
password = {{ file = "{folder}/password" }}
stop = "{folder}/work stop"
promote = "{folder}/work promote"
restart = "{folder}/work restart"
edit = "sed -i -E 's/^(db\\\\.(cloud|usage)\\\\.port)=.*/\\\\1={{port}}/' {file}"
named = "grep -E '^db\\\\.(cloud|usage)\\\\.(host|port|uri|slaves)=' {file}"
start = "{folder}/work start"
kill = "{folder}/work kill"
retire = "{folder}/work retire"
restore = "{folder}/work restore"
limit = 60
"""


class LivePair:
    """A pair, its management server, and the profile with the commands to operate them."""

    def __init__(self, pool: PairPool, failover: LocalFailover, folder: Path) -> None:
        self._pool, self.failover, self.folder = pool, failover, folder
        self.commands_run: list[str] = []  # in their order
        self.file = failover.management_servers[0].file
        self._ports = [_free_port() for _ in range(3)]
        self._process: subprocess.Popen[str] | None = None
        self._actions: dict[str, Callable[[], object]] = {
            "stop": self.stop,
            "promote": self._promote,
            "restart": failover.replica.restart,
            "start": self.start,
            "kill": failover.primary.kill,
            "retire": lambda: failover.primary.sql("SET GLOBAL read_only = 1"),
            "restore": self.restore,
        }
        for pipe in ("command", "result"):
            os.mkfifo(folder / pipe)
        script = folder / "work"
        script.write_text(SCRIPT.format(folder=folder))
        script.chmod(0o700)
        (folder / "password").write_text(failover.password)
        self.profile = folder / "live.toml"

    def write_profile(self) -> None:
        """Add the failover to the profile that the management server wrote when it started."""
        claimed = ("replication", "disasters")
        text = re.sub(rf"(?m)^({'|'.join(claimed)}) = .*$", "", self.profile.read_text())
        claims = "".join(f"\n{name} = true" for name in claimed)
        text = text.replace("[capabilities]", f"[capabilities]{claims}")
        text += FAILOVER.format(
            primary=self.failover.primary.port,
            replica=self.failover.replica.port,
            ec2=self._ports[0],
            administrator=ADMINISTRATOR,
            folder=self.folder,
            file=self.file,
        )
        self.profile.write_text(text)

    def run_commands(self) -> None:
        """Run the commands that the scripts send, until the command `end`."""
        while True:
            command = (self.folder / "command").read_text().strip()
            if command == "end":
                return
            self.commands_run.append(command)
            try:
                self._actions[command]()
            except Exception as error:  # noqa: BLE001  # goes to the script's caller
                self._report(f"{command}: {error}")
            else:
                self._report("done")

    def _report(self, text: str) -> None:
        write_line(self.folder / "result", text)

    def start(self) -> None:
        """Start the management server, on the same ports every time."""
        ports = zip(("ec2", "api", "integration"), self._ports, strict=True)
        self._process = subprocess.Popen(
            conform_command(
                "serve",
                *("--db-properties", str(self.file), "--storage", str(self.folder / "objects")),
                *([] if self.profile.exists() else ["--write-profile", str(self.profile)]),
                *(word for name, port in ports for word in (f"--{name}-port", str(port))),
            ),
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        json.loads(self._process.stdout.readline())

    def stop(self) -> None:
        """Stop the management server."""
        if self._process is not None:
            self._process.terminate()
            self._process.communicate(timeout=20)
            self._process = None

    def restore(self) -> None:
        """Bring back the first state."""
        self.stop()
        failover, prepared = self.failover, self._pool.prepared_pair
        for server, origin in (
            (failover.primary, prepared.primary),
            (failover.replica, prepared.replica),
        ):
            server.kill()
            shutil.rmtree(server.data)
            shutil.copytree(origin, server.data)
        failover.replica.configure({"read_only": 1, "log_bin": None, "skip_slave_start": 1})
        for server in (failover.primary, failover.replica):
            server.start()
        failover.replica.configure({"skip_slave_start": None})
        follow_primary(failover.replica, failover.primary, failover.primary.port)
        self.create_administrator()
        failover.management_servers[0].set_database_port(failover.primary.port)
        self.start()

    def create_administrator(self) -> None:
        """Create the administrator that the profile names."""
        user = f"'{ADMINISTRATOR}'@'{NETWORK}'"
        self.failover.primary.sql(f'CREATE USER {user} IDENTIFIED BY "{PASSWORD}"')
        self.failover.primary.sql(f"GRANT ALL ON *.* TO {user}")
        wait_until_caught_up(self.failover.replica, self.failover.primary)

    def _promote(self) -> None:
        for statement in ("STOP SLAVE", "RESET SLAVE ALL"):
            self.failover.replica.sql(statement)
        self.failover.replica.configure({"read_only": None, "log_bin": "mysql-bin"})


@contextmanager
def live_pair(pool: PairPool, folder: Path) -> Iterator[LivePair]:
    """A live deployment with a replica, running."""
    with ExitStack() as stack:
        failover = stack.enter_context(pool.replicating_pair(Runbook("F2")))
        pair = LivePair(pool, failover, folder)
        pair.create_administrator()
        stack.callback(pair.stop)
        pair.start()
        pair.write_profile()
        worker = threading.Thread(target=pair.run_commands, daemon=True)
        worker.start()
        try:
            yield pair
        finally:
            write_line(folder / "command", "end")
            worker.join(TIMEOUT)


def write_line(pipe: Path, text: str) -> None:
    """Write a line into a named pipe, or give up if it has no reader in time."""

    def written() -> bool:
        try:
            opened = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # no reader yet
            return False
        os.write(opened, f"{text}\n".encode())
        os.close(opened)
        return True

    wait_until(written, TIMEOUT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
