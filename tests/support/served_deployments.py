"""Simulated deployments that `conform serve` runs, with live profiles of them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from fixtures.cloud.cloudstack import CloudStackClient
from fixtures.simulator.seeded_user import User
from tests.support.account_resources import resource_ids
from tests.support.conform_processes import conform_command, environment, run_conform


class ServerProcess(NamedTuple):
    """A running `conform serve` or `conform record`, and the announcement that it printed: its
    addresses and, of a deployment, users and seed data."""

    process: subprocess.Popen[str]
    announcement: dict[str, Any]

    @property
    def s3_url(self) -> str:
        """The URL of its S3 endpoint."""
        return str(self.announcement["s3"])

    @property
    def users(self) -> tuple[User, ...]:
        """Its users."""
        names = ("name", "access_key", "secret_key")
        return tuple(User(*(user[name] for name in names)) for user in self.announcement["users"])


class ServedDeployment:
    """A deployment that another process serves: what it announced, its profile, and a CloudStack
    client of its user."""

    def __init__(self, announcement: dict[str, Any], folder: Path) -> None:
        self.announcement, self.folder = announcement, folder
        self.profile = Path(announcement["profile"])
        me = announcement["users"][0]
        self.cloud = CloudStackClient(
            announcement["cloudstack"], me["access_key"], me["secret_key"]
        )

    def profile_without(self, *tables: str) -> Path:
        """The same profile without some of its tables, in another file."""
        parts = self.profile.read_text("utf-8").split("\n\n")
        kept = [
            part for part in parts if not part.startswith(tuple(f"[{table}]" for table in tables))
        ]
        file = self.folder / f"without-{'-'.join(tables)}.toml"
        text = "\n\n".join(kept)
        if "cloudstack" in tables:  # which has the control endpoint
            text = text.replace("cloud_faults = true", "cloud_faults = false")
        file.write_text(text, "utf-8")
        return file

    def conform(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `conform` with these arguments in the directory of the profile."""
        return run_conform(self.folder, *arguments)

    def resource_ids(self) -> list[str]:
        """The ids (of key pairs the names) of all resources of the user's account."""
        return resource_ids(self.cloud)


Serve = Callable[..., ServedDeployment]


@contextmanager
def start_server(command: str, *options: str) -> Iterator[ServerProcess]:
    """Run a `conform` command that serves, `serve` or `record`, until the end of the block."""
    with subprocess.Popen(
        conform_command(command, *options),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, process.communicate(timeout=10)[1]
            yield ServerProcess(process, json.loads(line))
        finally:
            process.terminate()
            process.communicate(timeout=20)


@contextmanager
def serve_deployment(folder: Path, *options: str) -> Iterator[ServedDeployment]:
    """Serve a deployment, with its profile in the directory, until the end of the block."""
    with start_server("serve", "--write-profile", str(folder / "served.toml"), *options) as server:
        served = ServedDeployment(server.announcement, folder)
        with closing(served.cloud):
            yield served
