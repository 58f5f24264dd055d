"""Runs of the real suites against a hostile endpoint and a correct CloudStack."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from fixtures.simulator.deployment import Deployment
from tests.support.conform_processes import run_conform
from tests.support.seeded_users import seeded_user

TIMEOUT = 1.0  # seconds


def write_profile(folder: Path, deployment: Deployment, ec2: str, **user: str) -> Path:
    """A live profile of the deployment's CloudStack with another EC2 endpoint."""
    alice = seeded_user(deployment)
    for name in ("certificate", "private_key"):
        (folder / f"{name}.pem").write_text(user.get(name) or getattr(alice, name), "ascii")
    tables: dict[str, dict[str, object]] = {
        "endpoint": {"ec2": ec2},
        "user": {
            "access_key": alice.access_key,
            "secret_key": alice.secret_key,
            "certificate": str(folder / "certificate.pem"),
            "private_key": str(folder / "private_key.pem"),
        },
        "cloudstack": {
            "url": deployment.cloudstack_url,
            "api_key": alice.access_key,
            "secret_key": alice.secret_key,
        },
        "timeouts": {"connect": TIMEOUT, "request": TIMEOUT},
        "capabilities": {"query": True, "soap": True, "passwords": True, "elastic_ip": True},
    }
    lines = ['name = "hostile"', 'kind = "live"']
    for table, values in tables.items():
        lines += [
            f"[{table}]",
            *(f"{name} = {json.dumps(value)}" for name, value in values.items()),
        ]
    file = folder / "p.toml"
    file.write_text("\n".join(lines), "utf-8")
    return file


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`conform run` with the profile; its run directory is `out/latest`."""
    return run_conform(folder, "run", "--target", "p.toml", "--out", "out", *words)
