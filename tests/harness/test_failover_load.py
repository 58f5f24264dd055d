"""Failovers under load on real database servers: clients, nemesis, final state, and the verdict on
their histories."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import ExitStack
from dataclasses import replace

import pytest

from fixtures.checkers.failover import check_failover
from fixtures.database import NoDatabase, Server
from fixtures.failover.load import LoadRunner
from fixtures.failover.load.binary_log import missing_transactions
from fixtures.failover.load.clients import op_result
from fixtures.failover.load.link import Link
from fixtures.failover.load.nemesis import NEMESES
from fixtures.failover.load.operations import ITEM_KINDS
from fixtures.failover.load.operations.item import item_name
from fixtures.failover.load.operations.volumes import SIZES, volume_name, volume_size
from fixtures.failover.load.workload import MIN_CHANGES
from fixtures.failover.prefetch import PARALLEL, Prefetcher
from fixtures.failover.setup_steps import PRIMARY_SETTINGS, REPLICA_SETTINGS
from fixtures.model import (
    Ec2Reply,
    FailoverScenario,
    History,
    Operation,
    OpKind,
    OpResult,
    Promise,
    ReplyKind,
    Status,
    failover_window,
)
from fixtures.plan.planning import repeat_case
from fixtures.runners.cases import run_case
from fixtures.runners.failover import run_simulated
from fixtures.runners.session import Session
from fixtures.targets.target import Target
from suites import replication as suite
from tests.support.databases import installation
from tests.support.planned_suites import failover_cases, runbook_cases

STRIKES = {"cut": "cut", "full": "disk full", "behind": "behind"}


def changes(history: History) -> list[Operation]:
    """The acknowledged writes."""
    return [
        call
        for call in history.operations
        if call.result is OpResult.OK and call.op_kind is not OpKind.READ
    ]


def test_every_nemesis_meets_every_promise() -> None:
    """Each disaster is tried with asynchronous and with semi-synchronous replication."""
    assert set(failover_cases()) == {(promise, name) for promise in Promise for name in NEMESES}
    assert set(suite.NEMESES) == set(NEMESES)


def test_what_is_acknowledged_semi_synchronously_is_kept(load_runner: LoadRunner) -> None:
    """With semi-synchronous replication nothing that was acknowledged is lost when the primary is
    killed amid jobs; all jobs end, and clients can write again within two seconds."""
    case = failover_cases()[Promise.SEMI_SYNCHRONOUS, "jobs"]
    result = run_simulated(case, load_runner)
    verdict, history = result.verdict, result.history
    assert (verdict.status, verdict.because) == (Status.PASSED, "")
    assert history is not None
    assert not history.fell_back
    assert verdict.measured["lost"] == []
    assert verdict.measured["acknowledged"] >= MIN_CHANGES
    window = failover_window(history)
    assert window is not None
    later = (call.ended for call in changes(history) if call.began > window.began)
    assert min(later) - window.began < 2
    assert all(job.done for job in history.jobs or ())
    assert {call.kind for call in history.operations} == set(ITEM_KINDS)
    assert {call.client for call in history.operations} == {"c0", "c1", "c2", "c3"}


def test_asynchronous_replication_loses_what_the_log_has(load_runner: LoadRunner) -> None:
    """With asynchronous replication and a cut link, acknowledged writes are lost; exactly those are
    in the old primary's binary log and never were on the new one. Without the log, the checker does
    not pass the history."""
    # On a busy machine, there may be no write in the short time between the cut and the failover.
    for attempt in (1, 2, 3):
        history = load_runner.run(FailoverScenario(Promise.ASYNCHRONOUS, "cut", attempt))
        verdict = check_failover("", history)
        assert (verdict.status, verdict.because) == (Status.PASSED, "")
        if lost := verdict.measured["lost"]:
            break
    assert lost
    logged = {name for names in history.missing or () for name in names}
    assert {text.split()[1].rstrip(":") for text in lost} <= logged
    struck = next(phase.began for phase in history.phases if phase.name == STRIKES["cut"])
    late = {
        call.name
        for call in history.operations
        if call.op_kind is not OpKind.READ and call.ended >= struck
    }
    assert logged <= late
    without_log = check_failover("", replace(history, missing=()))
    assert without_log.status is Status.FAILED
    assert without_log.because.startswith("lost: ")


@pytest.mark.parametrize("nemesis", ["behind", "full"])
def test_the_nemesis_strikes_before_the_failover(load_runner: LoadRunner, nemesis: str) -> None:
    """A replica that is behind and a full disk show in the history, before the documented steps in
    their order, and the checker passes it."""
    history = load_runner.run(FailoverScenario(Promise.ASYNCHRONOUS, nemesis))
    verdict = check_failover("", history)
    assert (verdict.status, verdict.because) == (Status.PASSED, "")
    names = [phase.name for phase in history.phases]
    assert names == [STRIKES[nemesis], "kill -9", *(f"F{number}" for number in range(1, 7))]
    struck = history.phases[0]
    if nemesis == "behind":
        behind = [lag.transactions for lag in history.lags if struck.began < lag.at <= struck.ended]
        assert max(lag or 0 for lag in behind) > 0
    else:
        during = [c for c in history.operations if struck.began < c.began <= struck.ended]
        assert any(call.result is OpResult.UNKNOWN for call in during)


def test_missing_transactions_have_the_names_of_their_items() -> None:
    """A transaction that only the old primary has is known by the names in its binary log, also of
    deleted items, or by the ids that creates returned; replicated transactions are left out."""
    identifier = "0f556b12-4091-437e-a377-b2c4a8e565f8"
    volume = Operation(
        "c1",
        "CreateVolume",
        OpKind.CREATE,
        "volume",
        "c1-volume-0003",
        0,
        0,
        OpResult.OK,
        id=identifier,
    )
    with ExitStack() as stack:
        old = stack.enter_context(Server(installation(), "old", PRIMARY_SETTINGS))
        new = stack.enter_context(Server(installation(), "new", REPLICA_SETTINGS))
        old.sql("CREATE DATABASE kept")
        old.sql("CREATE TABLE kept.things (id INT PRIMARY KEY, name VARCHAR(99)) ENGINE=InnoDB")
        old.sql("INSERT INTO kept.things VALUES (1, 'c0-keypair-0007')")
        (row,) = old.sql("SELECT @@gtid_binlog_pos AS position")
        new.sql(f"SET GLOBAL gtid_slave_pos = '{row['position']}'")
        old.restart()
        with old.session() as session:
            session.sql("SET SESSION binlog_format = ROW")
            session.sql("DELETE FROM kept.things WHERE id = 1")
            session.sql(f"INSERT INTO kept.things VALUES (2, '{identifier}')")
        assert missing_transactions(old, new, [volume]) == (
            ("c0-keypair-0007",),
            ("c1-volume-0003",),
        )


def test_a_delayed_link_loses_what_it_holds() -> None:
    """What a delayed link holds when the primary dies never arrives; what the replica sends is not
    delayed; a cut link accepts no connection."""
    received, never = bytearray(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as primary, ExitStack() as stack:
        link = Link(int(primary.getsockname()[1]))
        stack.callback(link.close)
        replica = stack.enter_context(socket.create_connection(("127.0.0.1", link.port)))
        end, _ = primary.accept()
        end.sendall(b"early ")
        received += replica.recv(99)
        link.delay(0.2)
        replica.sendall(b"ack")
        assert end.recv(99) == b"ack"
        end.sendall(b"slow ")
        started = time.monotonic()
        received += replica.recv(99)
        assert time.monotonic() - started > 0.1
        end.sendall(b"lost")
        # What the primary sent last must be in the link before it dies.
        never.wait(0.05)
        end.close()
        assert replica.recv(99) == b""
        assert bytes(received) == b"early slow "
        link.cut()
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", link.port))


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Ec2Reply(ReplyKind.ANSWERED, http_status=200), OpResult.OK),
        (
            Ec2Reply(ReplyKind.FAULT, code="InvalidGroup.Duplicate", http_status=400),
            OpResult.REFUSED,
        ),
        (Ec2Reply(ReplyKind.FAULT, code="InternalError", http_status=500), OpResult.UNKNOWN),
        (Ec2Reply(ReplyKind.REFUSED), OpResult.REFUSED),
        (Ec2Reply(ReplyKind.GARBLED), OpResult.UNKNOWN),
        (Ec2Reply(ReplyKind.TIMED_OUT), OpResult.UNKNOWN),
    ],
)
def test_only_a_refusal_that_blames_the_caller_is_certain(
    reply: Ec2Reply, expected: OpResult
) -> None:
    """A call was refused if the answer blames the caller, or if there was no connection; after a
    failure of the server, its effect is unknown."""
    assert op_result(reply) is expected


def test_a_volume_is_identified_by_its_size() -> None:
    """No two volumes of a history have the same size, and a size has one name."""
    names = [item_name(f"c{c}", "volume", number) for c in range(4) for number in range(1, SIZES)]
    sizes = [volume_size(name) for name in names]
    assert len(set(sizes)) == len(names)
    assert [volume_name(size) for size in sizes] == names
    assert 1 <= min(sizes) <= max(sizes) <= 1024
    assert volume_name(1) == ""


def test_histories_are_repeated_and_nothing_else() -> None:
    """A repeated history is a case of its own each time, with its number; other cases, whose result
    is always the same, are run once."""
    (case, *_) = failover_cases().values()
    repeated = [*repeat_case(case, 3)]
    assert [each.id for each in repeated] == [
        f"replication/semi-synchronous/history/none/{attempt}[ec2]" for attempt in (1, 2, 3)
    ]
    assert [each.scenario for each in repeated if isinstance(each.scenario, FailoverScenario)] == [
        replace(case.scenario, attempt=attempt)
        for attempt in (1, 2, 3)
        if isinstance(case.scenario, FailoverScenario)
    ]
    assert [*repeat_case(case, 1)] == [case]
    step = runbook_cases()["R1"]
    assert [*repeat_case(step, 3)] == [step]


@pytest.mark.usefixtures("no_mariadb")
def test_without_mariadb_a_history_is_not_claimed(target: Target) -> None:
    """Without MariaDB the histories are not claimed, with the reason."""
    (case, *_) = failover_cases().values()
    with Session(target) as session:
        result = run_case(replace(case, capabilities=frozenset()), session)
    assert (result.verdict.status, result.history) == (Status.NOT_CLAIMED, None)
    assert "apt-get install mariadb-server-core" in result.verdict.because


def test_results_are_prefetched_and_computed_once() -> None:
    """The next expected results are computed along with the one that is needed, each only once; an
    exception is raised when its result is needed."""
    started: list[int] = []

    def work(number: int) -> int:
        started.append(number)
        if number == 9:
            raise NoDatabase("none")
        return -number

    prefetcher = Prefetcher(work)
    prefetcher.expect([*range(10), 3])
    assert prefetcher.result(0) == 0
    assert [prefetcher.result(number) for number in (0, 1, 2, 5, 5)] == [0, -1, -2, -5, -5]
    assert prefetcher.result(20) == -20
    with pytest.raises(NoDatabase):
        prefetcher.result(9)
    prefetcher.close()
    assert len(started) == len(set(started))
    assert set(started) >= {0, 1, 2, 5, 9, 20}
    assert max(set(started) - {9, 20}) < 5 + PARALLEL
