"""Failovers under load on real database servers: what clients do and note, what the nemesis does,
what is looked at afterwards, and that the judge passes it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from fixtures import profile
from fixtures.checkers.failover import check_failover
from fixtures.database import NoDatabase, Server
from fixtures.failover import PairPool
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
    Case,
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
from fixtures.plan.mapping import rows
from fixtures.plan.planning import repeat_case
from fixtures.runners.cases import run_case
from fixtures.runners.failover import run_simulated
from fixtures.runners.session import Session
from fixtures.targets.target import Target
from suites import replication as suite
from tests.support.databases import installation
from tests.support.planned_suites import cases

BLOW = {"cut": "cut", "full": "disk full", "behind": "behind"}


@pytest.fixture(scope="module")
def theatre() -> Iterator[LoadRunner]:
    """Where histories are played."""
    installation()
    workshop = PairPool()
    yield LoadRunner(workshop)
    workshop.close()


def planned() -> dict[tuple[str, str], Case]:
    """The cases of histories by promise and nemesis."""
    demanded = suite.TestReplication.demands("history", rows())
    found = [case for demand in demanded for case in cases("replication", demand)]
    abouts = [case.scenario for case in found]
    assert all(isinstance(about, FailoverScenario) for about in abouts)
    keys = [(a.promise, a.nemesis) for a in abouts if isinstance(a, FailoverScenario)]
    return dict(zip(keys, found, strict=True))


def changes(told: History) -> list[Operation]:
    """The calls that change something, and were acknowledged."""
    return [
        one
        for one in told.operations
        if one.result is OpResult.OK and one.op_kind is not OpKind.READ
    ]


def test_every_nemesis_meets_every_promise() -> None:
    """Each disaster is tried with asynchronous and with semi-synchronous replication."""
    assert set(planned()) == {(promise, name) for promise in Promise for name in NEMESES}
    assert set(suite.NEMESES) == set(NEMESES)


def test_what_is_acknowledged_semi_synchronously_is_kept(theatre: LoadRunner) -> None:
    """With semi-synchronous replication nothing that was acknowledged is lost when the primary is
    killed amid jobs, all of which come to an end; everybody can write again within two seconds."""
    case = planned()[Promise.SEMI_SYNCHRONOUS, "jobs"]
    result = run_simulated(case, theatre)
    verdict, told = result.verdict, result.history
    assert (verdict.status, verdict.because) == (Status.PASSED, "")
    assert told is not None
    assert not told.fell_back
    assert verdict.measured["lost"] == []
    assert verdict.measured["acknowledged"] >= MIN_CHANGES
    when = failover_window(told)
    assert when is not None
    assert min(one.ended for one in changes(told) if one.began > when.began) - when.began < 2
    assert all(job.done for job in told.jobs or ())
    assert {one.kind for one in told.operations} == set(ITEM_KINDS)
    assert {one.client for one in told.operations} == {"c0", "c1", "c2", "c3"}


def test_what_is_lost_asynchronously_is_what_the_log_has(theatre: LoadRunner) -> None:
    """With asynchronous replication and a cut line, what was acknowledged is lost; exactly that is
    in the old primary's binary log and was never on the new one, and a judge who is told nothing of
    that log does not let it pass."""
    # On a machine that is busy otherwise, nothing may come through in the moment that there is.
    for attempt in (1, 2, 3):
        told = theatre.run(FailoverScenario(Promise.ASYNCHRONOUS, "cut", attempt))
        verdict = check_failover("", told)
        assert (verdict.status, verdict.because) == (Status.PASSED, "")
        if lost := verdict.measured["lost"]:
            break
    assert lost
    logged = {name for names in told.missing or () for name in names}
    assert {text.split()[1].rstrip(":") for text in lost} <= logged
    struck = next(one.began for one in told.phases if one.name == BLOW["cut"])
    late = {
        one.name
        for one in told.operations
        if one.op_kind is not OpKind.READ and one.ended >= struck
    }
    assert logged <= late
    ignorant = check_failover("", replace(told, missing=()))
    assert ignorant.status is Status.FAILED
    assert ignorant.because.startswith("lost: ")


@pytest.mark.parametrize("nemesis", ["behind", "full"])
def test_the_nemesis_strikes_before_the_failover(theatre: LoadRunner, nemesis: str) -> None:
    """A replica that is behind and a full disk show in the history, before the documented steps in
    their order, and the judge passes it."""
    told = theatre.run(FailoverScenario(Promise.ASYNCHRONOUS, nemesis))
    verdict = check_failover("", told)
    assert (verdict.status, verdict.because) == (Status.PASSED, "")
    names = [moment.name for moment in told.phases]
    assert names == [BLOW[nemesis], "kill -9", *(f"F{number}" for number in range(1, 7))]
    struck = told.phases[0]
    if nemesis == "behind":
        behind = [lag.transactions for lag in told.lags if struck.began < lag.at <= struck.ended]
        assert max(lag or 0 for lag in behind) > 0
    else:
        during = [one for one in told.operations if struck.began < one.began <= struck.ended]
        assert any(one.result is OpResult.UNKNOWN for one in during)


def test_the_log_tells_what_it_was_about() -> None:
    """What only the old primary has is told by the names in its binary log, of what was deleted,
    too, and by ids that were answered; transactions that replicated are left out."""
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
        (had,) = old.sql("SELECT @@gtid_binlog_pos AS position")
        new.sql(f"SET GLOBAL gtid_slave_pos = '{had['position']}'")
        old.restart()
        with old.session() as session:
            session.sql("SET SESSION binlog_format = ROW")
            session.sql("DELETE FROM kept.things WHERE id = 1")
            session.sql(f"INSERT INTO kept.things VALUES (2, '{identifier}')")
        assert missing_transactions(old, new, [volume]) == (
            ("c0-keypair-0007",),
            ("c1-volume-0003",),
        )


def test_a_slow_line_loses_what_it_holds() -> None:
    """What a slow line still holds when the primary dies never arrives; what the replica says is
    not slowed; a cut line lets nobody through."""
    heard, answered = bytearray(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as primary, ExitStack() as stack:
        link = Link(int(primary.getsockname()[1]))
        stack.callback(link.close)
        replica = stack.enter_context(socket.create_connection(("127.0.0.1", link.port)))
        there, _ = primary.accept()
        there.sendall(b"early ")
        heard += replica.recv(99)
        link.delay(0.2)
        replica.sendall(b"ack")
        assert there.recv(99) == b"ack"
        there.sendall(b"slow ")
        started = time.monotonic()
        heard += replica.recv(99)
        assert time.monotonic() - started > 0.1
        there.sendall(b"lost")
        # What the primary has just said must be in the line before it dies.
        answered.wait(0.05)
        there.close()
        assert replica.recv(99) == b""
        assert bytes(heard) == b"early slow "
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
def test_only_who_blames_the_caller_refuses(reply: Ec2Reply, expected: OpResult) -> None:
    """A call was refused if an answer says that it was the caller's mistake, or if there was no
    connection; a server's own failure leaves open what it did."""
    assert op_result(reply) is expected


def test_a_volume_is_known_by_its_size() -> None:
    """No two volumes of a history have the same size, and a size tells whose volume it is."""
    names = [item_name(f"c{c}", "volume", number) for c in range(4) for number in range(1, SIZES)]
    sizes = [volume_size(name) for name in names]
    assert len(set(sizes)) == len(names)
    assert [volume_name(size) for size in sizes] == names
    assert 1 <= min(sizes) <= max(sizes) <= 1024
    assert volume_name(1) == ""


def test_histories_are_repeated_and_nothing_else() -> None:
    """A history that is repeated is another case each time, whose name tells which; what comes out
    the same every time is done once."""
    (case, *_) = planned().values()
    several = [*repeat_case(case, 3)]
    assert [one.id for one in several] == [
        f"replication/semi-synchronous/history/none/{attempt}[ec2]" for attempt in (1, 2, 3)
    ]
    assert [one.scenario for one in several if isinstance(one.scenario, FailoverScenario)] == [
        replace(case.scenario, attempt=attempt)
        for attempt in (1, 2, 3)
        if isinstance(case.scenario, FailoverScenario)
    ]
    assert [*repeat_case(case, 1)] == [case]
    demanded = next(suite.TestReplication.demands("documented", rows()))
    (step,) = cases("replication", demanded)
    assert [*repeat_case(step, 3)] == [step]


def test_without_mariadb_a_history_is_not_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no MariaDB can be had, the histories are not claimed, with the reason."""

    def none(*_: object) -> None:
        raise NoDatabase("no server here, `apt-get install mariadb-server-core` would help")

    monkeypatch.setattr("fixtures.database.Installation.find", none)
    (case, *_) = planned().values()
    with Target(profile.load("simulated"), run="failover") as target, Session(target) as session:
        result = run_case(replace(case, capabilities=frozenset()), session)
    assert (result.verdict.status, result.history) == (Status.NOT_CLAIMED, None)
    assert "apt-get install mariadb-server-core" in result.verdict.because


def test_work_is_begun_ahead_and_done_once() -> None:
    """What is expected next is begun along with what is asked for; nothing is done twice, and what
    went wrong is told to whoever asks for it."""
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        if number == 9:
            raise NoDatabase("none")
        return -number

    ahead = Prefetcher(work)
    ahead.expect([*range(10), 3])
    assert ahead.result(0) == 0
    assert [ahead.result(number) for number in (0, 1, 2, 5, 5)] == [0, -1, -2, -5, -5]
    assert ahead.result(20) == -20
    with pytest.raises(NoDatabase):
        ahead.result(9)
    ahead.close()
    assert len(begun) == len(set(begun))
    assert set(begun) >= {0, 1, 2, 5, 9, 20}
    assert max(set(begun) - {9, 20}) < 5 + PARALLEL
