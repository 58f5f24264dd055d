"""`conform failover`: the documented failover by hand, filled in with a profile's values.

For each step, what must be so before it, what is to be done, and what must be so afterwards: the
checks are those that the suite `replication` makes on servers of its own.
"""

from __future__ import annotations

import argparse
import shlex
from dataclasses import dataclass

from fixtures import profile
from fixtures.model import UsageError
from fixtures.profile import Failover


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
    if described.failover is None:
        raise UsageError(f"{options.target}: the failover of a profile is told in [failover]")
    print(f"Failover of {described.name}, by hand", end="\n\n")
    for step in (make(described.failover) for make in STEPS):
        print(f"{step.name}  {step.title}")
        for word, lines in (("before", step.before), ("do", step.commands), ("after", step.after)):
            for line in lines:
                print(f"    {word:8}{line}")
        print()
    return 0


def _stopping(told: Failover) -> Step:
    return Step(
        "F1",
        "Stop every management server",
        (f"decide that {told.primary} is not coming back by itself",),
        tuple(_said(told.stop, host, told) for host in told.management),
        (
            *(f"{host}: ports 8080 and 7080 refuse" for host in told.management),
            "the usage servers, which read the same db.properties, are stopped too",
            f"{told.primary}, if it still answers: SHOW PROCESSLIST shows no user cloud",
        ),
    )


def _promoting(told: Failover) -> Step:
    status = f"mysql -h {told.replica} -e 'SHOW SLAVE STATUS\\G'"
    return Step(
        "F2",
        "Make the replica the primary, and restart it",
        (
            f"{status}: Exec_Master_Log_Pos = Read_Master_Log_Pos and Relay_Master_Log_File = "
            "Master_Log_File; until then wait, or what was read is lost",
            "its my.cnf says no read_only, and log_bin, so that it can feed a replica of its own",
        ),
        tuple(_said(text, told.replica, told) for text in (told.promote, told.restart)),
        (f"{status}: empty", f"mysql -h {told.replica} -e 'SELECT @@read_only': 0"),
    )


def _opening(told: Failover) -> Step:
    login = f"mysql -h {told.replica} -u cloud -p cloud"
    return Step(
        "F3",
        "Let the management servers in",
        (),
        (f"open port 3306 of {told.replica} to {', '.join(told.management)}",),
        tuple(f"{host}: {login}: logs in" for host in told.management),
    )


def _naming(told: Failover) -> Step:
    named = f"db.cloud.host and db.usage.host are {told.replica}"
    return Step(
        "F4",
        "Name the new primary in every db.properties",
        (),
        tuple(_said(told.edit, host, told) for host in told.management),
        tuple(f"{host}: {named}" for host in told.management),
    )


def _starting(told: Failover) -> Step:
    return Step(
        "F5",
        "Start the management servers",
        (f"F4 is done on {', '.join(told.management)}",),
        tuple(_said(told.start, host, told) for host in told.management),
        (
            *(f"{host}: ports 8080 and 7080 answer" for host in told.management),
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
        (f"before {told.primary} starts again: read_only=1 in its my.cnf",),
        (
            f"mysql -h {told.primary} -e 'SELECT @@read_only': 1, or no answer",
            f"@@gtid_binlog_pos grows on {told.replica} only",
        ),
    )


STEPS = (_stopping, _promoting, _opening, _naming, _starting, _keeping)


def _said(text: str, host: str, told: Failover) -> str:
    """A command of the profile for a machine."""
    return text.replace("{host}", shlex.quote(host)).replace("{new}", told.replica)
