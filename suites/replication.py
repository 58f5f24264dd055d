"""A replica for the management server's database, and the failover to it by hand: each documented
step, done as documented and with each possible slip, on two database servers; and failovers while
clients are at work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from fixtures.model import (
    Case,
    FailoverScenario,
    Level,
    ProcedureRequirement,
    Promise,
    Requirement,
    Row,
    Runbook,
    documentation,
)
from suites.contract.suite import Suite

SETTING_UP = documentation.DATABASE_REPLICATION.cite()
FAILING_OVER = documentation.FAILOVER.cite()
CUSTOM = "good practice, not in the documentation"

# What is done at each documented step, and what must be so afterwards.
STEPS: dict[str, str] = {
    "R1": "The primary is a new server without data, so that the replica lacks nothing.",
    "R2": "The primary's my.cnf has log_bin=mysql-bin and server_id=1 in [mysqld].",
    "R3": "Every server has a server_id of its own: the primary 1, the replica 2.",
    "R4": "After its restart the settings are in force: the primary writes a binary log.",
    "R5": "A user cloud-repl may replicate, from the replica's network, and nothing more.",
    "R6": "While the read lock is held in one session, no other session can write.",
    "R7": "SHOW MASTER STATUS, in a second session, returns a file and a position.",
    "R8": "After UNLOCK TABLES every session can write again.",
    "R9": "The replica's server starts with its machine, and continues to replicate by itself.",
    "R10": "After its restart the replica has the server_id and InnoDB settings of its my.cnf.",
    "R11": "After CHANGE MASTER TO the replica begins at the file and position that were noted.",
    "R12": "After START SLAVE both threads of the replica run without error.",
    "R13": "What is written on the primary is on the replica, row by row.",
    "R14": "The replica's port takes the connections that a failover will need.",
    "R15": "The replica is read-only, so that only the primary writes there.",
    "F1": "All management and usage servers are stopped: none answers or holds a connection.",
    "F2": "The replica, all its relay log applied, becomes a writable primary and is restarted.",
    "F3": "The new primary's port is open to the management servers, and their user may log in.",
    "F4": "db.properties of every management server names the new primary, for both databases.",
    "F5": "The management servers, started again, have all data, and write to the new primary.",
    "F6": "When the old primary is back, nothing writes to it.",
}
# What can be done wrong, by the step whose check must notice it.
SLIPS: dict[str, dict[str, str]] = {
    "R1": {"primary-not-empty": "A primary that holds data already is noticed before it is used."},
    "R2": {
        "wrong-section": "Settings written below another section than [mysqld] are noticed.",
        "setting-missing": "A my.cnf without log_bin is noticed.",
    },
    "R3": {"same-server-id": "Two servers with the same server_id are noticed."},
    "R4": {"not-restarted": "A primary that was not restarted after the edit is noticed."},
    "R5": {
        "grant-for-another-network": "A replication user for another network is noticed.",
        "grant-missing": "A replication user without REPLICATION SLAVE is noticed.",
        "grant-too-wide": "A replication user with more than REPLICATION SLAVE is noticed.",
    },
    "R6": {"lock-released": "A read lock that ended with its session, too early, is noticed."},
    "R7": {
        "no-binary-log": "A primary that writes no binary log has no position to note.",
        "binlog-do-db": "A primary that logs one database only is noticed.",
    },
    "R8": {"still-locked": "A read lock that was never released is noticed."},
    "R9": {"not-started": "A replica that does not continue by itself after a restart is noticed."},
    "R10": {
        "setting-missing": "A replica's my.cnf without one of its settings is noticed.",
        "not-restarted": "A replica that was not restarted after the edit is noticed.",
    },
    "R11": {
        "threads-running": "CHANGE MASTER TO while the threads run is refused with that reason.",
        "wrong-log-file": "Another log file than the one noted is noticed.",
        "wrong-log-position": "Another position than the one noted is noticed.",
    },
    "R12": {
        "not-started": "A replica whose threads were never started is noticed.",
        "wrong-password": "A wrong password of the replication user is named as the cause.",
        "wrong-address": "An address without a primary is named as the cause.",
        "grant-for-another-network": "A user for another network is named as the cause.",
        "same-server-id": "A replica with the primary's server_id stops with that reason.",
        "wrong-log-file": "A replica that begins at a missing log file stops with that reason.",
        "wrong-log-position": "A replica that begins at a wrong position stops with that reason.",
        "replicate-do-db": "A replica that takes one database only is noticed.",
        "replicate-ignore-db": "A replica that ignores the usage database is noticed.",
        "replicate-wild-ignore-table": "A replica that ignores tables of usage is noticed.",
    },
    "R13": {
        "database-left-out": "A database of the cloud that is not replicated is noticed, by name.",
        "replica-diverged": "A replica that already has a row of the primary stops with an error.",
        "not-on-replica": "Data from before the noted position, not copied, is noticed as missing.",
    },
    "R14": {"port-closed": "A replica whose port is closed is noticed before it is needed."},
    "R15": {"read-only-forgotten": "A replica that is not read-only is noticed."},
    "F1": {
        "management-running": "A management server that was left running is noticed.",
        "usage-running": "A usage server that was left running is noticed.",
    },
    "F2": {
        "relay-log-skipped": "A replica promoted before it applied all that it read is noticed.",
        "still-a-replica": "A new primary that is still a replica of the old one is noticed.",
        "still-read-only": "A new primary that is still read-only is noticed.",
        "replicate-ignore-db": "A new primary that ignored a database until now is noticed.",
    },
    "F3": {
        "port-closed": "A new primary whose port is closed is noticed.",
        "login-refused": "A new primary without the management servers' user is noticed.",
    },
    "F4": {
        "db-properties-unchanged": "One of two management servers with its old file is noticed.",
        "usage-on-old-host": "A usage database left on the old host is noticed.",
        "usage-file-unchanged": "A usage server whose file is a copy of the old one is noticed.",
        "uri-on-old-host": "A db.cloud.uri that still names the old primary is noticed.",
        "slaves-on-old-host": "A db.cloud.slaves that still names the old primary is noticed.",
    },
    "F5": {
        "not-started": "A management server that was not started again is noticed.",
        "still-on-old-host": "A management server that still uses the dead primary is noticed.",
        "usage-not-started": "A usage server that was not started again is noticed.",
        "database-left-out": "What was written to a database and did not come along is noticed.",
        "writes-on-old-primary": "A management server that writes to the old primary is noticed.",
    },
    "F6": {
        "old-primary-writable": "An old primary that comes back writable is noticed.",
        "two-writers": "Management servers that write to two primaries are noticed.",
    },
}
UNDOCUMENTED = frozenset({"R15", "F6"})
# What each kind of replication promises to clients.
PROMISES: dict[Promise, str] = {
    Promise.SEMI_SYNCHRONOUS: "nothing that was acknowledged is lost",
    Promise.ASYNCHRONOUS: "nothing is lost but what the old primary's binary log alone has",
}
# What happens to the primary while clients are at work.
NEMESES: dict[str, str] = {
    "none": "A planned failover",
    "kill": "After kill -9 of the primary",
    "stop": "After the primary stopped answering",
    "cut": "After the connection between primary and replica was cut",
    "lag": "After kill -9 of the primary, with a slow connection to the replica",
    "behind": "After kill -9 of the primary, with a replica that had not applied all it had read",
    "full": "After the primary's disk was full",
    "jobs": "After kill -9 of the primary amid asynchronous jobs",
}
# Those that need no capability `disasters`: each takes two seconds.
ALWAYS = {
    (Promise.SEMI_SYNCHRONOUS, "kill"),
    (Promise.SEMI_SYNCHRONOUS, "jobs"),
    (Promise.ASYNCHRONOUS, "cut"),
}


class TestReplication(Suite):
    """R1 to R15, setting up; F1 to F6, failing over, by themselves and under load."""

    suite = "replication"

    def test_documented(self, case: Case, check: Callable[[Case], None]) -> None:
        """The step, done as documented, does what the documentation says."""
        check(case)

    def test_wrong(self, case: Case, check: Callable[[Case], None]) -> None:
        """The step, done wrong, is noticed and named."""
        check(case)

    def test_history(self, case: Case, check: Callable[[Case], None]) -> None:
        """A failover while clients are at work keeps what the databases promise."""
        check(case)

    @classmethod
    def demands(
        cls, kind: str, rows: Sequence[Row]
    ) -> Iterator[Requirement | ProcedureRequirement]:
        """The steps, the slips, or failovers under load."""
        del rows
        if kind == "history":
            yield from (_history(promise, nemesis) for promise in PROMISES for nemesis in NEMESES)
            return
        for step, text in STEPS.items():
            if kind == "documented":
                yield _demand(kind, step, "", text)
            else:
                yield from (_demand(kind, step, *slip) for slip in SLIPS[step].items())


def _demand(kind: str, step: str, slip: str, text: str) -> ProcedureRequirement:
    documented = SETTING_UP if step.startswith("R") else FAILING_OVER
    return ProcedureRequirement(
        row=step,
        kind=kind,
        name=slip,
        text=text,
        procedure=Runbook(step, slip),
        drivers=("sql",),
        level=Level.SHOULD if slip or step in UNDOCUMENTED else Level.MUST,
        capabilities=frozenset({"replication"}),
        source=CUSTOM if step in UNDOCUMENTED else documented,
    )


def _history(promise: Promise, nemesis: str) -> ProcedureRequirement:
    disasters = () if (promise, nemesis) in ALWAYS else ("disasters",)
    return ProcedureRequirement(
        row=promise,
        kind="history",
        name=nemesis,
        text=f"{NEMESES[nemesis]}: {PROMISES[promise]}.",
        procedure=FailoverScenario(promise, nemesis),
        drivers=("ec2",),
        capabilities=frozenset({"replication", *disasters}),
        source=CUSTOM,
    )
