"""`conform failover`: the documented failover by hand, with a profile's values.

For each step: what must be so before it, what to do, and what must be so afterwards. The checks are
those that the suite `replication` makes on servers of its own.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from fixtures import profile
from fixtures.failover.commands import render_command
from fixtures.model import UsageError
from fixtures.profile import MYSQL_PORT, Failover, parse_host_port


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the runbook."""

    name: str
    title: str
    before: tuple[str, ...]
    commands: tuple[str, ...]
    after: tuple[str, ...]


def print_runbook(options: argparse.Namespace) -> int:
    """Print the runbook."""
    loaded = profile.load(options.target)
    config = loaded.failover
    if config is None:
        text = "the profile has no [failover], which names the servers and the commands"
        raise UsageError(f"{options.target}: {text}")
    print(f"Failover of {loaded.name}, by hand", end="\n\n")
    for step in (make(config) for make in STEPS):
        print(f"{step.name}  {step.title}")
        for word, lines in (("before", step.before), ("do", step.commands), ("after", step.after)):
            for line in lines:
                print(f"    {word:8}{line}")
        print()
    for line in _notes(config):
        print(line)
    return 0


def _notes(config: Failover) -> Iterator[str]:
    """What is printed after the steps."""
    limits = ", ".join(f"{step} {limit:g} s" for step, limit in sorted(config.limits.items()))
    primary = _host(config.primary)
    yield f"Each command may take {config.limit:g} s{limits and f' ({limits})'}."
    yield "A run with --allow-destructive, of a profile with the capability replication, does all"
    yield "of this, and checks it."
    if config.kill is not None:
        yield f"Before it, the run kills the primary: {render_command(config, 'kill', primary)}"
    if config.restore is not None:
        yield f"To restore the first state: {render_command(config, 'restore', primary)}"


def _stop(config: Failover) -> Step:
    return Step(
        "F1",
        "Stop every management server",
        (f"decide that {config.primary} is not coming back by itself",),
        tuple(render_command(config, "stop", host) for host in config.management),
        (
            *(
                f"{host}: {config.ec2.replace('{host}', host)} refuses connections"
                for host in config.management
            ),
            "the usage servers, which read the same db.properties, are stopped too",
            f"{config.primary}, if it still answers: SHOW PROCESSLIST shows no user {config.user}",
        ),
    )


def _promote(config: Failover) -> Step:
    status = _mysql(config.replica, "-e 'SHOW SLAVE STATUS\\G'")
    replica = _host(config.replica)
    return Step(
        "F2",
        "Make the replica the primary, and restart it",
        (
            f"{status}: Exec_Master_Log_Pos = Read_Master_Log_Pos and Relay_Master_Log_File = "
            "Master_Log_File; until then wait, or what the replica has read is lost",
            "Replicate_Do_DB, Replicate_Ignore_DB, Replicate_Wild_Ignore_Table and the like are "
            "empty: what they left out is lost",
            "its my.cnf has no read_only, and has log_bin: it can feed a replica of its own",
        ),
        tuple(render_command(config, step, replica) for step in ("promote", "restart")),
        (f"{status}: empty", _mysql(config.replica, "-e 'SELECT @@read_only': 0")),
    )


def _grant_access(config: Failover) -> Step:
    login = _mysql(config.replica, f"-u {config.user} -p cloud")
    host, port = parse_host_port(config.replica, "[failover]")
    return Step(
        "F3",
        "Let the management servers in",
        (),
        (f"open port {port} of {host} to {', '.join(config.management)}",),
        tuple(f"{server}: {login}: logs in" for server in config.management),
    )


def _edit_properties(config: Failover) -> Step:
    host, port = parse_host_port(config.replica, "[failover]")
    expected = f"db.cloud and db.usage are at {host}:{port}"
    return Step(
        "F4",
        "Name the new primary in every db.properties",
        (),
        tuple(render_command(config, "edit", server) for server in config.management),
        (
            *(
                f"{render_command(config, 'named', server)}: {expected}"
                for server in config.management
            ),
            f"no db.*.uri and no db.*.slaves names {config.primary}",
            "each usage server's db.properties is a link to that file, or says the same",
        ),
    )


def _start(config: Failover) -> Step:
    return Step(
        "F5",
        "Start the management servers",
        (f"F4 is done on {', '.join(config.management)}",),
        tuple(render_command(config, "start", host) for host in config.management),
        (
            *(
                f"{host}: {config.ec2.replace('{host}', host)} answers"
                for host in config.management
            ),
            "what was there before is there: DescribeInstances, DescribeSecurityGroups",
            f"what is created through each of them is on {config.replica}",
            "start the usage servers",
        ),
    )


def _retire(config: Failover) -> Step:
    primary = _host(config.primary)
    return Step(
        "F6",
        "Keep the old primary from being written",
        (),
        (
            f"before {primary} starts again: read_only=1 in its my.cnf",
            *(() if config.retire is None else (render_command(config, "retire", primary),)),
        ),
        (
            _mysql(config.primary, "-e 'SELECT @@read_only': 1, or no answer"),
            f"@@gtid_binlog_pos grows on {config.replica} only",
        ),
    )


STEPS = (_stop, _promote, _grant_access, _edit_properties, _start, _retire)


def _host(address: str) -> str:
    return parse_host_port(address, "[failover]")[0]


def _mysql(address: str, arguments: str) -> str:
    """A query of a database server, as a command."""
    host, port = parse_host_port(address, "[failover]")
    return f"mysql -h {host}{'' if port == MYSQL_PORT else f' -P {port}'} {arguments}"
