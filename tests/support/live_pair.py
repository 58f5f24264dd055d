"""What a live deployment with a replica looks like from outside: a real pair of database servers, a
management server in another process, and small shell scripts by which its machines are worked."""

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
from tests.support.served_deployments import conform_command, environment

ADMINISTRATOR = "overseer"
PASSWORD = "an administrator's, told to nobody"
# One at a time: the machine does it and says how it went.
SCRIPT = """#!/bin/sh
echo "$1" >{folder}/asked
read said <{folder}/told
echo "$said" >&2
test "$said" = done
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
named = "grep -E '^db\\\\.(cloud|usage)\\\\.(host|port)=' {file}"
start = "{folder}/work start"
kill = "{folder}/work kill"
retire = "{folder}/work retire"
restore = "{folder}/work restore"
limit = 60
"""


class LivePair:
    """A pair, its management server, and the profile that says how to work them."""

    def __init__(self, workshop: PairPool, at: LocalFailover, folder: Path) -> None:
        self._workshop, self.at, self.folder = workshop, at, folder
        self.done: list[str] = []  # what the scripts were told to do
        self.file = at.management_servers[0].file
        self._ports = [_free_port() for _ in range(3)]
        self._serving: subprocess.Popen[str] | None = None
        self._acts: dict[str, Callable[[], object]] = {
            "stop": self.stop,
            "promote": self._promote,
            "restart": at.replica.restart,
            "start": self.start,
            "kill": at.primary.kill,
            "retire": lambda: at.primary.sql("SET GLOBAL read_only = 1"),
            "restore": self.restore,
        }
        for pipe in ("asked", "told"):
            os.mkfifo(folder / pipe)
        script = folder / "work"
        script.write_text(SCRIPT.format(folder=folder))
        script.chmod(0o700)
        (folder / "password").write_text(at.password)
        self.profile = folder / "live.toml"

    def describe(self) -> None:
        """Add the failover to the profile, which the management server wrote when it started."""
        claimed = ("replication", "disasters")
        text = re.sub(rf"(?m)^({'|'.join(claimed)}) = .*$", "", self.profile.read_text())
        claims = "".join(f"\n{name} = true" for name in claimed)
        text = text.replace("[capabilities]", f"[capabilities]{claims}")
        text += FAILOVER.format(
            primary=self.at.primary.port,
            replica=self.at.replica.port,
            ec2=self._ports[0],
            administrator=ADMINISTRATOR,
            folder=self.folder,
            file=self.file,
        )
        self.profile.write_text(text)

    def work(self) -> None:
        """What the machines do, until they are told to end."""
        while True:
            act = (self.folder / "asked").read_text().strip()
            if act == "end":
                return
            self.done.append(act)
            try:
                self._acts[act]()
            except Exception as trouble:  # noqa: BLE001  # the script's caller is told
                self._say(f"{act}: {trouble}")
            else:
                self._say("done")

    def _say(self, words: str) -> None:
        told(self.folder / "told", words)

    def start(self) -> None:
        """Serve, on the same ports every time."""
        ports = zip(("ec2", "api", "integration"), self._ports, strict=True)
        self._serving = subprocess.Popen(
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
        assert self._serving.stdout is not None
        json.loads(self._serving.stdout.readline())

    def stop(self) -> None:
        """Stop serving."""
        if self._serving is not None:
            self._serving.terminate()
            self._serving.communicate(timeout=20)
            self._serving = None

    def restore(self) -> None:
        """Everything as it was at first."""
        self.stop()
        at, prepared = self.at, self._workshop.prepared_pair
        for server, origin in ((at.primary, prepared.primary), (at.replica, prepared.replica)):
            server.kill()
            shutil.rmtree(server.data)
            shutil.copytree(origin, server.data)
        at.replica.configure({"read_only": 1, "log_bin": None, "skip_slave_start": 1})
        for server in (at.primary, at.replica):
            server.start()
        at.replica.configure({"skip_slave_start": None})
        follow_primary(at.replica, at.primary, at.primary.port)
        self.let_in()
        at.management_servers[0].set_database_port(at.primary.port)
        self.start()

    def let_in(self) -> None:
        """Make the administrator who comes from elsewhere."""
        user = f"'{ADMINISTRATOR}'@'{NETWORK}'"
        self.at.primary.sql(f'CREATE USER {user} IDENTIFIED BY "{PASSWORD}"')
        self.at.primary.sql(f"GRANT ALL ON *.* TO {user}")
        wait_until_caught_up(self.at.replica, self.at.primary)

    def _promote(self) -> None:
        for statement in ("STOP SLAVE", "RESET SLAVE ALL"):
            self.at.replica.sql(statement)
        self.at.replica.configure({"read_only": None, "log_bin": "mysql-bin"})


@contextmanager
def live_pair(workshop: PairPool, folder: Path) -> Iterator[LivePair]:
    """A live deployment with a replica, at work."""
    with ExitStack() as stack:
        at = stack.enter_context(workshop.replicating_pair(Runbook("F2")))
        pair = LivePair(workshop, at, folder)
        pair.let_in()
        stack.callback(pair.stop)
        pair.start()
        pair.describe()
        worker = threading.Thread(target=pair.work, daemon=True)
        worker.start()
        try:
            yield pair
        finally:
            told(folder / "asked", "end")
            worker.join(TIMEOUT)


def told(pipe: Path, words: str) -> None:
    """Write a line to whoever reads there, or nowhere if nobody comes to read."""

    def written() -> bool:
        try:
            opened = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # nobody reads there yet
            return False
        os.write(opened, f"{words}\n".encode())
        os.close(opened)
        return True

    wait_until(written, TIMEOUT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
