"""`conform serve`: the simulated deployment as a server for whoever wants to try a client."""

from __future__ import annotations

import argparse
import json
import signal
import socket
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from sqlalchemy.exc import SQLAlchemyError

from fixtures import profile
from fixtures.model import HarnessError, UsageError
from fixtures.simulator.control_endpoint import PATH as ORDERS
from fixtures.simulator.deployment import API_PATH, Deployment, DeploymentOptions
from fixtures.simulator.errors import ConfigurationError, SimulatorError
from fixtures.simulator.management import properties
from reports.record.run_directory import write_atomically

if TYPE_CHECKING:
    from fixtures.simulator.mutations.mutation import Mutation

INSTANCE_TYPE = "m1.small"
ADMIN = "admin"
USERS = ("user", "other_user")
KEYS, PEMS = ("access_key", "secret_key"), ("certificate", "private_key")


def serve(options: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM; one line of JSON says when and where."""
    try:
        return _serve(options)
    except ConfigurationError as unusable:
        raise UsageError(str(unusable)) from unusable
    except SimulatorError as trouble:
        raise HarnessError(str(trouble)) from trouble


def _serve(options: argparse.Namespace) -> int:
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
    mutation = _mutation(options)
    cloudstack_url, api_log = _observer_endpoints(options)
    wanted = replace(
        _database_options(options, mutation),
        ec2_port=options.ec2_port,
        api_port=options.api_port,
        integration_port=options.integration_port,
        storage_root=options.storage,
        cloudstack_url=cloudstack_url,
        api_log=api_log,
    )
    with ExitStack() as stack:
        try:
            deployment = stack.enter_context(Deployment(wanted))
        except (SQLAlchemyError, ModuleNotFoundError) as trouble:  # no such database, or driver
            option = "--db" if options.db_properties is None else "--db-properties"
            raise UsageError(f"the database of {option} cannot be used: {trouble}") from trouble
        if mutation is not None:
            stack.enter_context(mutation.apply(deployment))
        told = _connection_details(deployment)
        if options.write_profile:
            observer = _observer_table(options.observer, told, cloudstack_url, api_log)
            told["profile"] = str(_write_profile(options.write_profile, told, observer))
        print(json.dumps(told), flush=True)
        deployment.run_until(stopped.wait)
    return 0


def _mutation(options: argparse.Namespace) -> Mutation | None:
    if options.mutant is None:
        return None
    from fixtures.simulator.mutations.catalogue import find_mutation

    return find_mutation(options.mutant)


def _database_options(options: argparse.Namespace, mutation: Mutation | None) -> DeploymentOptions:
    """The deployment's options for its databases."""
    read = properties.read if mutation is None else mutation.read_databases
    if read is not properties.read and options.db_properties is None:
        raise UsageError(
            f"--mutant {options.mutant} changes how a db.properties is read: --db-properties FILE"
        )
    if options.db_properties is not None:
        named = read(options.db_properties)
        return DeploymentOptions(database_url=named.cloud, usage_url=named.usage)
    if options.db is not None:
        return DeploymentOptions(database_url=options.db)
    return DeploymentOptions()


def _observer_endpoints(options: argparse.Namespace) -> tuple[str | None, Path | None]:
    """Where the bridge sends its calls and where CloudStack logs them, so that the observer which
    the profile names will find them; the bridge calls nobody before it is asked itself."""
    url, log, profile = options.cloudstack_url, options.api_log, options.write_profile
    if options.observer and profile is None:
        raise UsageError("--observer is for the profile that --write-profile writes")
    if options.observer == "proxy":
        parts = urlsplit(url or _unused_url())
        if parts.scheme != "http" or not parts.hostname or not parts.port:
            raise UsageError("a proxy is asked by http and a port: --cloudstack-url http://H:P/…")
        return parts.geturl(), log
    if options.observer == "api-log" and log is None:
        log = profile.absolute().with_suffix(".apilog")
    return url, log and log.absolute()


def _unused_url() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}{API_PATH}"


def _observer_table(
    kind: str | None, told: dict[str, Any], url: str | None, log: Path | None
) -> dict[str, Any]:
    """The profile's `[observer]`."""
    match kind:
        case "proxy":
            return {
                "kind": kind,
                "listen": urlsplit(url or "").netloc,
                "upstream": told["cloudstack"],
            }
        case "api-log":
            return {"kind": kind, "path": str(log)}
    return {"kind": kind or "none"}


def _connection_details(deployment: Deployment) -> dict[str, Any]:
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


def _write_profile(path: Path, told: dict[str, Any], observer: dict[str, Any]) -> Path:
    """A live profile that leads here, readable by its owner only since it holds the keys; the
    users' certificates and private keys are files beside it."""
    absolute = path.absolute()
    users = dict(zip(USERS, told["users"], strict=False))
    files = {
        (user, pem): absolute.with_suffix(f".{user}.{pem}.pem") for user in USERS for pem in PEMS
    }
    me = users["user"]
    tables: dict[str, dict[str, Any]] = {
        "endpoint": {"ec2": told["ec2"], "s3": told["s3"]},
        **{
            name: {key: user[key] for key in KEYS} | {pem: str(files[name, pem]) for pem in PEMS}
            for name, user in users.items()
        },
        "cloudstack": {
            "url": told["cloudstack"],
            "api_key": me["access_key"],
            "secret_key": me["secret_key"],
            "orders": urljoin(told["integration"], ORDERS),
        },
        "observer": observer,
        "world": told["world"],
        "capabilities": profile.load("simulated").capabilities,
    }
    lines = ['name = "served"', 'kind = "live"', 'api_version = "2010-11-15"']
    for table, values in tables.items():
        # strings and booleans are written alike in JSON and TOML
        lines += ["", f"[{table}]", *(f"{k} = {json.dumps(v)}" for k, v in values.items())]
    write_atomically(absolute, ("\n".join(lines) + "\n").encode(), private=True)
    for (name, pem), file in files.items():
        write_atomically(file, users[name][pem].encode(), private=True)
    return absolute
