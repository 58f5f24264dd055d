"""Every check of a failover under load is able to fail: management servers that forget, double or
look in the wrong place, and an administrator who leaves a step out, on real database servers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.checkers.failover import check_failover
from fixtures.failover import PairPool
from fixtures.failover.load import LoadRunner
from fixtures.failover.load.run import SLIPS
from fixtures.model import FailoverScenario, Promise, Status, Verdict, matches_case
from fixtures.plan.mapping import rows
from fixtures.simulator.errors import ConfigurationError
from fixtures.simulator.mutations.catalogue import MUTANTS
from fixtures.simulator.mutations.failover import FORGETTING, KEEPS_OLD_HOST, databases
from suites.replication import TestReplication as Replication
from tests.support.databases import installation
from tests.support.planned_suites import cases
from tools.conform.main import main

KEYS = ("host", "username", "password")
# A kill may come in a moment in which a lie does no harm of its kind.
ATTEMPTS = 3
# What is noticed, as the findings call it.
NOTICED = {
    **{name: mutant.names for name, (mutant, _) in FORGETTING.items() if mutant.notices},
    **dict.fromkeys(SLIPS, "lost"),
}
HARMLESS = [*(name for name in FORGETTING if name not in NOTICED), "looks-around"]


@pytest.fixture(scope="module")
def theatre() -> Iterator[LoadRunner]:
    """Where histories are played."""
    installation()
    workshop = PairPool()
    yield LoadRunner(workshop)
    workshop.close()


def judged(theatre: LoadRunner, *mutants: str, attempt: int = 1) -> Verdict:
    """What is said of a failover after kill -9, if everybody lies so."""
    killed = FailoverScenario(Promise.SEMI_SYNCHRONOUS, "kill", attempt)
    return check_failover("nothing that was acknowledged is lost", theatre.run(killed, *mutants))


@pytest.mark.parametrize("name", NOTICED)
def test_a_lie_is_noticed(theatre: LoadRunner, name: str) -> None:
    """A management server that answers before the commit, retries commits, reads from a cache or
    keeps to the old host, and a promotion without the relay log: each is found, by its name."""
    told = ""
    for attempt in range(1, ATTEMPTS + 1):
        verdict = judged(theatre, name, attempt=attempt)
        told += f"{verdict.status}: {verdict.because}\n"
        if re.search(rf"(?m)^(F5: )?{NOTICED[name]}: ", verdict.because):
            assert verdict.status is Status.FAILED
            return
    pytest.fail(told)


def test_harmless_differences_survive(theatre: LoadRunner) -> None:
    """Lists in another order, further lists, slow commits, and a second attempt to connect before
    anything was sent: all together are nothing to find fault with."""
    assert {"turns-lists-around", "commits-slowly", "connects-again"} < set(HARMLESS)
    assert all(not MUTANTS[name].notices for name in HARMLESS)
    verdict = judged(theatre, *HARMLESS)
    assert (verdict.status, verdict.because) == (Status.PASSED, "")


def test_the_old_host_outlives_a_restart(tmp_path: Path) -> None:
    """The server that keeps to its old host has kept what its file said first, for itself alone;
    honest ones read it anew. A file that is of no use is refused all the same."""
    file = tmp_path / "db.properties"
    lines = (f"db.{which}.{key}" for which in ("cloud", "usage") for key in KEYS)
    file.write_text("\n".join(f"{line}=old" for line in lines))
    first = databases(file, [KEEPS_OLD_HOST])
    file.write_text(file.read_text().replace("host=old", "host=new"))
    assert databases(file, [KEEPS_OLD_HOST]) == first
    assert "@new" in databases(file).cloud
    assert [path.stat().st_mode & 0o077 for path in tmp_path.glob(".*")] == [0]
    empty = tmp_path / "empty"
    empty.touch()
    with pytest.raises(ConfigurationError, match="is missing"):
        databases(empty, [KEEPS_OLD_HOST])


def test_a_lie_about_a_file_needs_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    """A server that is to keep to its old host, and was given no file, says what it lacks."""
    assert main(["serve", "--mutant", KEEPS_OLD_HOST]) == 2
    assert "--db-properties FILE" in capsys.readouterr().err


def test_every_pattern_means_a_case() -> None:
    """What a mutant says will notice it is there."""
    planned = [
        case.id
        for demand in Replication.demands("history", rows())
        for case in cases(Replication.suite, demand)
    ]
    for mutant, _ in FORGETTING.values():
        for pattern in mutant.notices:
            assert any(matches_case(pattern, case) for case in planned)
