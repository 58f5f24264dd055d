"""A simulated deployment that `conform serve` runs, with a live profile of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from fixtures.cloud.cloudstack import CloudStackClient

PROJECT = Path(__file__).parents[2]


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
        file.write_text("\n\n".join(kept), "utf-8")
        return file

    def conform(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `conform` with these arguments in a process of its own."""
        return subprocess.run(
            conform_command(*arguments),
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def resource_ids(self) -> list[str]:
        """The ids (of key pairs the names) of all resources of the user's account."""
        listed = (
            ("listVirtualMachines", "virtualmachine"),
            ("listVolumes", "volume"),
            ("listSnapshots", "snapshot"),
            ("listPublicIpAddresses", "publicipaddress"),
            ("listSSHKeyPairs", "sshkeypair"),
            ("listSecurityGroups", "securitygroup"),
        )
        identifiers = [
            str(thing.get("id") or thing["name"])
            for name, item in listed
            for thing in self.cloud.list(name, item)
            if thing.get("name") != "default" and thing.get("state") != "Destroyed"
            if thing.get("type") != "ROOT"  # goes with its instance
        ]
        images = self.cloud.list("listTemplates", "template", templatefilter="self")
        return sorted(identifiers + [str(image["id"]) for image in images])


def conform_command(*arguments: str) -> list[str]:
    """The command line of `conform` with these arguments."""
    return [sys.executable, "-m", "tools.conform", *arguments]


def environment() -> dict[str, str]:
    """An environment in which such a process finds the project from any directory."""
    return {**os.environ, "PYTHONPATH": str(PROJECT), "COLUMNS": "200"}


@contextmanager
def serve_deployment(folder: Path) -> Iterator[ServedDeployment]:
    """Serve a deployment until the end of the block."""
    words = conform_command("serve", "--write-profile", str(folder / "served.toml"))
    with subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            served = ServedDeployment(json.loads(process.stdout.readline()), folder)
            with closing(served.cloud):
                yield served
        finally:
            process.terminate()
            process.wait(20)
