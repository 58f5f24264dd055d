"""What `conform serve` reports of its deployment: connection details, and a profile of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from fixtures import profile
from fixtures.simulator.control_endpoint import PATH as CONTROL_PATH
from fixtures.simulator.deployment import Deployment
from reports.record.run_directory import write_atomically

INSTANCE_TYPE = "m1.small"
ADMIN = "admin"
# Tables of the profile → the deployment's users.
USERS = {
    "user": "alice",
    "other_user": "bob",
    "users.teammate": "anna",
    "users.subdomain_user": "nora",
    "users.administrator": ADMIN,
    "users.disabled_user": "erin",
}
KEYS, PEMS = ("access_key", "secret_key"), ("certificate", "private_key")


def connection_details(deployment: Deployment) -> dict[str, Any]:
    """What a client needs: URLs, users (the administrator last), names of the zone, image and
    instance type. Certificates and private keys are PEM texts."""
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
        "integration": deployment.integration_url if deployment.has_integration else None,
        "users": users,
        "world": {
            "zone": world.zone_name,
            "image": world.template_id,
            "instance_type": INSTANCE_TYPE,
        },
        "profile": None,
    }


def observer_table(
    kind: str | None, details: dict[str, Any], url: str | None, log: Path | None
) -> dict[str, Any]:
    """The profile's `[observer]`; `url` is where the bridge sends its calls, `log` the API log."""
    match kind:
        case "proxy":
            return {
                "kind": kind,
                "listen": urlsplit(url or "").netloc,
                "upstream": details["cloudstack"],
            }
        case "api-log":
            return {"kind": kind, "path": str(log)}
    return {"kind": kind or "none"}


def write_profile(path: Path, details: dict[str, Any], observer: dict[str, Any]) -> Path:
    """Write a live profile of the deployment; returns its absolute path.

    The users' certificates and private keys are files beside it. Only the owner may read them and
    the profile, which has the keys.
    """
    absolute = path.absolute()
    known = {user["name"]: user for user in details["users"]}
    users = {table: known[name] for table, name in USERS.items()}
    files = {
        (table, pem): absolute.with_suffix(f".{table.rpartition('.')[2]}.{pem}.pem")
        for table in USERS
        for pem in PEMS
    }
    me = users["user"]
    tables: dict[str, dict[str, Any]] = {
        "endpoint": {
            "ec2": details["ec2"],
            "s3": details["s3"],
            "signature_versions": ["2", "4"],
        },
        **{
            name: {key: user[key] for key in KEYS} | {pem: str(files[name, pem]) for pem in PEMS}
            for name, user in users.items()
        },
        "cloudstack": {
            "url": details["cloudstack"],
            "api_key": me["access_key"],
            "secret_key": me["secret_key"],
            **_orders(details["integration"]),
        },
        "observer": observer,
        "world": details["world"],
        "capabilities": profile.load("simulated").capabilities,
    }
    write_atomically(absolute, _toml(tables).encode(), private=True)
    for (name, pem), file in files.items():
        write_atomically(file, users[name][pem].encode(), private=True)
    return absolute


def _orders(integration: str | None) -> dict[str, str]:
    """Where the control endpoint is, if there is one."""
    return {} if integration is None else {"orders": urljoin(integration, CONTROL_PATH)}


def _toml(tables: dict[str, dict[str, Any]]) -> str:
    lines = ['name = "served"', 'kind = "live"', 'api_version = "2010-11-15"']
    for table, values in tables.items():
        # JSON and TOML write strings and booleans alike
        lines += ["", f"[{table}]", *(f"{k} = {json.dumps(v)}" for k, v in values.items())]
    return "\n".join(lines) + "\n"
