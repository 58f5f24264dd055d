"""The failover of a live deployment, by the commands that its profile names: carried out, looked
at, and refused where nobody has allowed it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from fixtures import profile
from fixtures.failover import PairPool
from fixtures.failover.commands import Shell
from fixtures.failover.failover_steps import STEPS
from fixtures.model import (
    Case,
    FailoverScenario,
    HarnessError,
    Promise,
    Runbook,
    Status,
    UsageError,
)
from fixtures.plan.mapping import rows
from fixtures.runners.case_result import CaseResult
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.targets.target import Target
from suites.replication import TestReplication as Replication
from tests.harness.test_conform_failover import LIVE
from tests.support.databases import installation
from tests.support.live_pair import PASSWORD, LivePair, live_pair
from tests.support.planned_suites import cases

PLANNED = {
    (case.scenario.step, case.scenario.slip): case
    for kind in ("documented", "wrong")
    for demand in Replication.demands(kind, rows())
    for case in cases("replication", demand)
    if isinstance(case.scenario, Runbook)
}


HISTORIES = {
    (case.scenario.promise, case.scenario.nemesis): case
    for demand in Replication.demands("history", rows())
    for case in cases("replication", demand)
    if isinstance(case.scenario, FailoverScenario)
}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePair]:
    """A live deployment with a replica."""
    installation()
    workshop = PairPool()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ADMINISTRATOR_PASSWORD", PASSWORD)
        with live_pair(workshop, tmp_path_factory.mktemp("live")) as pair:
            yield pair
    workshop.close()


def put(pair: LivePair, *wanted: Case, destructive: bool = True) -> list[CaseResult]:
    """What becomes of these cases."""
    with (
        Target(profile.load(str(pair.profile)), run="live") as target,
        Session(target, allow_destructive=destructive) as session,
    ):
        done = [run_case(case, session) for case in wanted]
    assert target.leftovers == []
    return done


def test_nothing_is_stopped_that_nobody_allowed(pair: LivePair) -> None:
    """Without --allow-destructive no command is carried out; what only makes sense on servers of
    our own is not claimed in any case. Each says why."""
    some = [PLANNED[key] for key in (("F1", ""), ("F6", ""), ("F2", "still-read-only"), ("R5", ""))]
    told = [done.verdict for done in put(pair, *some, destructive=False)]
    assert {verdict.status for verdict in told} == {Status.NOT_CLAIMED}
    assert "--allow-destructive" in told[0].because
    assert "--allow-destructive" in told[1].because
    assert "simulated deployment only" in told[2].because
    assert "simulated deployment only" in told[3].because
    assert pair.done == []


def test_after_a_failure_nothing_is_begun_again(pair: LivePair) -> None:
    """What breaks in the middle of the failover is the error of all of its cases; it is not carried
    out a second time."""
    broken, count = pair.profile.with_name("broken.toml"), pair.folder / "stopped"
    text = re.sub(r"(?m)^kill = .*$", "", pair.profile.read_text())
    broken.write_text(re.sub(r"(?m)^stop = .*$", f'stop = "echo x >>{count}; false"', text))
    with (
        Target(profile.load(str(broken)), run="broken") as target,
        Session(target, allow_destructive=True) as session,
    ):
        verdicts = [run_case(PLANNED[step, ""], session).verdict for step in ("F1", "F2")]
    assert [verdict.status for verdict in verdicts] == [Status.ERROR] * 2
    assert {verdict.because for verdict in verdicts} == {
        f"[failover] stop: exit 1: no output: echo x >>{count}; false"
    }
    assert count.read_text() == "x\n"


def test_the_profile_s_commands_fail_over(pair: LivePair) -> None:
    """F1 to F6 are carried out once, by the profile's commands in their order, and pass; the
    management server works with the new primary then, what was made on the way is gone, and no
    password is told."""
    done = put(pair, *(PLANNED[step, ""] for step in STEPS))
    assert [(one.verdict.status, one.verdict.because) for one in done] == [(Status.PASSED, "")] * 6
    assert pair.done == ["kill", "stop", "promote", "restart", "start"]
    said = "".join(str(one) for one in done)
    assert "sed -i -E" in said
    assert f"={pair.at.replica.port}" in pair.file.read_text()
    assert PASSWORD not in said
    assert pair.at.password not in said
    left = "SELECT name FROM cloud.security_group WHERE removed IS NULL AND name LIKE 'cf-%'"
    assert pair.at.replica.sql(left) == []


def test_histories_take_place_on_a_live_deployment(pair: LivePair) -> None:
    """A live pair that can be put back fails over under load: what its primary promises is kept,
    and nothing of what clients made is left; the other promise, and disasters that there is no
    command for, are not claimed."""
    pair.restore()
    pair.done.clear()
    wanted = [
        HISTORIES[promise, nemesis]
        for promise, nemesis in (
            (Promise.ASYNCHRONOUS, "kill"),
            (Promise.SEMI_SYNCHRONOUS, "none"),
            (Promise.ASYNCHRONOUS, "cut"),
            (Promise.ASYNCHRONOUS, "none"),
        )
    ]
    killed, promised, cut, in_order = put(pair, *wanted)
    for one in (killed, in_order):
        assert one.history is not None
        assert not [moment.findings for moment in one.history.phases if moment.findings]
    # Nobody looks at a live primary's binary log: what a kill lost may be what it may lose.
    assert killed.verdict.status in (Status.PASSED, Status.INCONCLUSIVE), killed.verdict.because
    assert in_order.verdict.status is Status.PASSED, in_order.verdict.because
    steps = ["stop", "promote", "restart", "start"]
    assert pair.done == ["kill", *steps, "restore", *steps, "retire"]
    assert "replication is asynchronous" in promised.verdict.because
    assert "for the simulated deployment only" in cut.verdict.because
    left = "SELECT keypair_name FROM cloud.ssh_keypairs WHERE keypair_name LIKE 'cf-%'"
    assert pair.at.replica.sql(left) == []


def shell(**told: object) -> Shell:
    """Who carries out commands, of which some are these."""
    named = {"primary": "127.0.0.1", "replica": "127.0.0.1:3307", "management": ["m1.example"]}
    return Shell(msgspec.convert(named | told, profile.Failover))


def test_commands_are_filled_in() -> None:
    """A command gets the machine, quoted for the shell, and the address of the new primary."""
    assert shell(stop="echo {host} {new} {port}").run("stop", "m1; ls") == "m1; ls 127.0.0.1 3307\n"


@pytest.mark.parametrize(
    ("command", "limit", "told"),
    [
        ("echo no; echo 'no route to m1' >&2; exit 255", 5, "exit 255: no route to m1: echo no"),
        ("exit 3", 5, "exit 3: no output: exit 3"),
        ("sleep 60 & sleep 60", 0.2, "not done after 0.2 s: sleep 60 & sleep 60"),
    ],
)
def test_a_command_that_fails_is_told_in_a_line(command: str, limit: float, told: str) -> None:
    """A command that fails, or takes longer than its limit, ends the failover with one line that
    names it; nothing of it goes on."""
    began = time.monotonic()
    with pytest.raises(HarnessError) as broken:
        shell(start=command, limits={"start": limit}).run("start", "m1")
    assert str(broken.value).startswith(f"[failover] start: {told}")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('primary = "db:port"', "[failover] primary: 'db:port' is neither HOST nor HOST:PORT"),
        ('kil = "x"', "unknown field `kil`"),
        ("limits = { dance = 3 }", "dance"),
        ("limit = 0", "limit"),
        ("administrator_password = { env = 'NOBODY_SET_THIS' }", "NOBODY_SET_THIS is not set"),
        ("", "[failover] administrator_password is missing, replication is claimed"),
    ],
)
def test_an_unusable_failover_is_told(tmp_path: Path, said: str, told: str) -> None:
    """Unknown keys, addresses that are none, and missing secrets are told in one line that names
    the key and the file."""
    file = tmp_path / "staging.toml"
    lines = ['primary = "a"', 'replica = "b"', 'management = ["m"]']
    kept = [line for line in lines if line.partition(" ")[0] != said.partition(" ")[0]]
    file.write_text(
        LIVE + "[capabilities]\nreplication = true\n[failover]\n" + "\n".join([*kept, said])
    )
    with pytest.raises(UsageError) as unusable:
        profile.load(str(file))
    assert told in str(unusable.value)
    assert str(file) in str(unusable.value)
    assert "\n" not in str(unusable.value)
