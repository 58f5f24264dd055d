"""Every check of a failover under load is able to fail, on real database servers: management
servers lose, repeat or misplace changes, or the administrator leaves a step of the runbook out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fixtures.checkers.failover import check_failover
from fixtures.failover.load import LoadRunner
from fixtures.failover.load.run import SLIPS
from fixtures.model import FailoverScenario, Promise, Status, Verdict
from fixtures.plan.mapping import rows
from fixtures.simulator.errors import ConfigurationError
from fixtures.simulator.mutations import failover
from fixtures.simulator.mutations.catalogue import find_mutation, read_databases
from fixtures.simulator.mutations.mutation import Area
from suites.replication import TestReplication as Replication
from tests.kills.expected import EQUIVALENT, FAILOVER
from tests.support.planned_suites import cases
from tools.conform.main import main

KEYS = ("host", "username", "password")
# The primary may be killed at a moment in which a mutation does no harm of its kind.
ATTEMPTS = 3
# What must be noticed, and how the findings name it.
NOTICED = {
    **{name: expected.text for name, expected in FAILOVER.items()},
    **dict.fromkeys(SLIPS, "lost"),
}
SURVIVING = [
    *(each.name for each in failover.MUTATIONS if each.area is Area.EQUIVALENT),
    "looks-around",
]


def verdict_of(load_runner: LoadRunner, *mutants: str, attempt: int = 1) -> Verdict:
    """The verdict on a failover after kill -9, with these mutations of all management servers."""
    killed = FailoverScenario(Promise.SEMI_SYNCHRONOUS, "kill", attempt)
    return check_failover(
        "nothing that was acknowledged is lost", load_runner.run(killed, *mutants)
    )


@pytest.mark.parametrize("name", NOTICED)
def test_a_mutation_is_noticed(load_runner: LoadRunner, name: str) -> None:
    """A management server that answers before the commit, retries commits, reads from a cache or
    keeps to the old host, and a promotion without the relay log: each is found, by its name."""
    findings = ""
    for attempt in range(1, ATTEMPTS + 1):
        verdict = verdict_of(load_runner, name, attempt=attempt)
        findings += f"{verdict.status}: {verdict.because}\n"
        if re.search(rf"(?m)^(F5: )?{NOTICED[name]}: ", verdict.because):
            assert verdict.status is Status.FAILED
            return
    pytest.fail(findings)


def test_equivalent_mutations_survive(load_runner: LoadRunner) -> None:
    """Lists in another order, further lists, slow commits, and a second attempt to connect before
    anything was sent: all of them together fail nothing."""
    assert {"turns-lists-around", "commits-slowly", "connects-again"} < set(SURVIVING)
    assert set(SURVIVING) <= EQUIVALENT
    assert {each.name for each in failover.MUTATIONS} <= NOTICED.keys() | set(SURVIVING)
    verdict = verdict_of(load_runner, *SURVIVING)
    assert (verdict.status, verdict.because) == (Status.PASSED, "")


def test_the_old_host_outlives_a_restart(tmp_path: Path) -> None:
    """A server that keeps to its old host reads a copy of its first file, which only it may read;
    others read the file anew. An unusable file is refused all the same."""
    mutations = [find_mutation("keeps-old-host")]
    file = tmp_path / "db.properties"
    lines = (f"db.{which}.{key}" for which in ("cloud", "usage") for key in KEYS)
    file.write_text("\n".join(f"{line}=old" for line in lines))
    first = read_databases(file, mutations)
    file.write_text(file.read_text().replace("host=old", "host=new"))
    assert read_databases(file, mutations) == first
    assert "@new" in read_databases(file, ()).cloud
    assert [path.stat().st_mode & 0o077 for path in tmp_path.glob(".*")] == [0]
    empty = tmp_path / "empty"
    empty.touch()
    with pytest.raises(ConfigurationError, match="is missing"):
        read_databases(empty, mutations)


def test_a_mutation_of_a_file_needs_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    """A server that is to keep to its old host, but is given no file, names the missing option."""
    assert main(["serve", "--mutant", "keeps-old-host"]) == 2
    assert "--db-properties FILE" in capsys.readouterr().err


def test_every_pattern_matches_a_case() -> None:
    """What is expected to notice a mutation exists."""
    ids = [
        case.id
        for demand in Replication.demands("history", rows())
        for case in cases(Replication.suite, demand)
    ]
    assert not {
        name: found for name in FAILOVER if (found := FAILOVER[name].unmatched_patterns(ids))
    }
