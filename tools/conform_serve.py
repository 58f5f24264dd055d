"""`conform serve`: the simulated deployment as a server for whoever wants to try a client."""

from __future__ import annotations

import argparse
import json
import signal
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from fixtures.model import UsageError
from fixtures.simulator.deployment import Deployment, DeploymentOptions
from reports.outdir import write_whole

INSTANCE_TYPE = "m1.small"
ADMIN = "admin"
CLAIMED = ("query", "soap", "elastic_ip", "passwords", "second_account")  # by a written profile


def serve(options: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM; one line of JSON says when and where."""
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    ports = [
        port for port in (options.ec2_port, options.api_port, options.integration_port) if port
    ]
    if len(ports) != len(set(ports)):
        raise UsageError(
            f"each interface needs a port of its own, not {', '.join(map(str, ports))}"
        )
    wanted = DeploymentOptions(
        ec2_port=options.ec2_port,
        api_port=options.api_port,
        integration_port=options.integration_port,
        cloudstack_url=options.cloudstack_url,
        database_url=DeploymentOptions().database_url if options.db is None else options.db,
    )
    with ExitStack() as stack:
        try:
            deployment = stack.enter_context(Deployment(wanted))
        except (SQLAlchemyError, ModuleNotFoundError) as trouble:  # no such database, or driver
            raise UsageError(f"the database of --db cannot be used: {trouble}") from trouble
        if options.mutant is not None:
            from fixtures.simulator.mutants import planted

            stack.enter_context(planted(options.mutant, deployment))
        told = _told(deployment)
        if options.write_profile:
            told["profile"] = str(_write_profile(options.write_profile, told))
        print(json.dumps(told), flush=True)
        deployment.run_until(stopped.wait)
    return 0


def _told(deployment: Deployment) -> dict[str, Any]:
    """What a client needs to know, users before the administrator; certificates and private keys
    are PEM texts."""
    users = [
        {
            "name": user.name,
            "access_key": user.access_key,
            "secret_key": user.secret_key,
            "certificate": user.certificate,
            "private_key": user.private_key,
        }
        for user in sorted(deployment.users, key=lambda user: user.name == ADMIN)
    ]
    world = deployment.world
    return {
        "ec2": deployment.ec2_url,
        "s3": deployment.s3_url,
        "cloudstack": deployment.cloudstack_url,
        "integration": deployment.integration_url,
        "users": users,
        "world": {
            "zone": world.zone_name,
            "image": world.template_id,
            "instance_type": INSTANCE_TYPE,
        },
        "profile": None,
    }


def _write_profile(path: Path, told: dict[str, Any]) -> Path:
    """A live profile that leads here, readable by its owner only since it holds the keys; the
    user's certificate and private key are files beside it."""
    me, other = told["users"][:2]
    absolute = path.absolute()
    files = {name: absolute.with_suffix(f".{name}.pem") for name in ("certificate", "private_key")}
    tables: dict[str, dict[str, Any]] = {
        "endpoint": {"ec2": told["ec2"], "s3": told["s3"]},
        "user": {
            **{name: me[name] for name in ("access_key", "secret_key")},
            **{name: str(file) for name, file in files.items()},
        },
        "other_user": {name: other[name] for name in ("access_key", "secret_key")},
        "cloudstack": {
            "url": told["cloudstack"],
            "api_key": me["access_key"],
            "secret_key": me["secret_key"],
        },
        "world": told["world"],
        "capabilities": dict.fromkeys(CLAIMED, True),
    }
    lines = ['name = "served"', 'kind = "live"', 'api_version = "2010-11-15"']
    for table, values in tables.items():
        # strings and booleans are written alike in JSON and TOML
        lines += ["", f"[{table}]", *(f"{k} = {json.dumps(v)}" for k, v in values.items())]
    write_whole(absolute, ("\n".join(lines) + "\n").encode(), private=True)
    for name, file in files.items():
        write_whole(file, me[name].encode(), private=True)
    return absolute
