"""`conform failover`: the documented failover by hand, filled in with a profile's values.

For each step, what must be so before it, what is to be done, and what must be so afterwards: the
checks are those that the suite `replication` makes on servers of its own.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from fixtures import profile
from fixtures.failover.remote import render_command
from fixtures.model import UsageError
from fixtures.profile import MYSQL_PORT, Command, Failover, parse_host_port


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the runbook."""

    name: str
    title: str
    before: tuple[str, ...]
    commands: tuple[str, ...]
    after: tuple[str, ...]


def failover(options: argparse.Namespace) -> int:
    """Print the runbook."""
    described = profile.load(options.target)
    told = described.failover
    if told is None:
        raise UsageError(f"{options.target}: the failover of a profile is told in [failover]")
    print(f"Failover of {described.name}, by hand", end="\n\n")
    for step in (make(told) for make in STEPS):
        print(f"{step.name}  {step.title}")
        for word, lines in (("before", step.before), ("do", step.commands), ("after", step.after)):
            for line in lines:
                print(f"    {word:8}{line}")
        print()
    for line in _around(told):
        print(line)
    return 0


def _around(told: Failover) -> Iterator[str]:
    """What is no step of the runbook."""
    limits = ", ".join(f"{step} {limit:g} s" for step, limit in sorted(told.limits.items()))
    yield f"Each command may take {told.limit:g} s{limits and f' ({limits})'}."
    yield "With --allow-destructive a run that claims replication carries this out, and checks it."
    if told.kill is not None:
        yield f"Before it, the primary is killed: {_said('kill', _host(told.primary), told)}"
    if told.restore is not None:
        yield f"After it, it can be put back: {_said('restore', _host(told.primary), told)}"


def _stopping(told: Failover) -> Step:
    return Step(
        "F1",
        "Stop every management server",
        (f"decide that {told.primary} is not coming back by itself",),
        tuple(_said("stop", host, told) for host in told.management),
        (
            *(
                f"{host}: {told.ec2.replace('{host}', host)} refuses connections"
                for host in told.management
            ),
            "the usage servers, which read the same db.properties, are stopped too",
            f"{told.primary}, if it still answers: SHOW PROCESSLIST shows no user {told.user}",
        ),
    )


def _promoting(told: Failover) -> Step:
    status = _mysql(told.replica, "-e 'SHOW SLAVE STATUS\\G'")
    return Step(
        "F2",
        "Make the replica the primary, and restart it",
        (
            f"{status}: Exec_Master_Log_Pos = Read_Master_Log_Pos and Relay_Master_Log_File = "
            "Master_Log_File; until then wait, or what was read is lost",
            "its my.cnf says no read_only, and log_bin, so that it can feed a replica of its own",
        ),
        (
            _said("promote", _host(told.replica), told),
            _said("restart", _host(told.replica), told),
        ),
        (f"{status}: empty", _mysql(told.replica, "-e 'SELECT @@read_only': 0")),
    )


def _opening(told: Failover) -> Step:
    login = _mysql(told.replica, f"-u {told.user} -p cloud")
    port = parse_host_port(told.replica, "[failover]")[1]
    return Step(
        "F3",
        "Let the management servers in",
        (),
        (f"open port {port} of {_host(told.replica)} to {', '.join(told.management)}",),
        tuple(f"{host}: {login}: logs in" for host in told.management),
    )


def _naming(told: Failover) -> Step:
    host, port = parse_host_port(told.replica, "[failover]")
    named = f"db.cloud and db.usage are at {host}:{port}"
    return Step(
        "F4",
        "Name the new primary in every db.properties",
        (),
        tuple(_said("edit", host, told) for host in told.management),
        tuple(f"{_said('named', host, told)}: {named}" for host in told.management),
    )


def _starting(told: Failover) -> Step:
    return Step(
        "F5",
        "Start the management servers",
        (f"F4 is done on {', '.join(told.management)}",),
        tuple(_said("start", host, told) for host in told.management),
        (
            *(f"{host}: {told.ec2.replace('{host}', host)} answers" for host in told.management),
            "what was there before is there: DescribeInstances, DescribeSecurityGroups",
            f"what is made through each of them is on {told.replica}",
            "start the usage servers",
        ),
    )


def _keeping(told: Failover) -> Step:
    return Step(
        "F6",
        "Keep the old primary from being written",
        (),
        (
            f"before {_host(told.primary)} starts again: read_only=1 in its my.cnf",
            *(() if told.retire is None else (_said("retire", _host(told.primary), told),)),
        ),
        (
            _mysql(told.primary, "-e 'SELECT @@read_only': 1, or no answer"),
            f"@@gtid_binlog_pos grows on {told.replica} only",
        ),
    )


STEPS = (_stopping, _promoting, _opening, _naming, _starting, _keeping)


def _said(step: Command, host: str, told: Failover) -> str:
    """A command of the profile for a machine."""
    return render_command(getattr(told, step), host, told)


def _host(address: str) -> str:
    return parse_host_port(address, "[failover]")[0]


def _mysql(address: str, arguments: str) -> str:
    """A command that asks a database server."""
    host, port = parse_host_port(address, "[failover]")
    return f"mysql -h {host}{'' if port == MYSQL_PORT else f' -P {port}'} {arguments}"
