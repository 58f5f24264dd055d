"""The runbook of replication and failover: every step works, and every slip is noticed by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import fixtures.failover
from fixtures.checkers.runbook import check_runbook
from fixtures.failover import PairPool
from fixtures.failover.failover_steps import listed_addresses
from fixtures.failover.steps import StepsResult, run_steps
from fixtures.failover.transcript import Transcript
from fixtures.model import Exchange, Finding, Inconclusive, Runbook, Status
from fixtures.runners.cases import run_case
from fixtures.runners.runbook import run_simulated
from fixtures.runners.session import Session
from fixtures.targets.target import Target
from suites import replication as suite
from tests.support.planned_suites import runbook_cases

# One slip of each kind: in the servers' files, locks, threads, and clouds.
WRONG = (
    *("R2/wrong-section", "R6/lock-released", "R12/wrong-password", "F2/relay-log-skipped"),
    *("R13/database-left-out", "F4/uri-on-old-host", "F5/database-left-out"),
)

# What the transcript of a step must have; the other steps only check.
IN_TRANSCRIPT = {
    "R2": "edit my.cnf",
    "R4": "service mysql restart",
    "R9": "kill -9",
    "R10": "service mysql restart",
    "R5": "GRANT REPLICATION SLAVE ON *.*",
    "R6": "FLUSH TABLES WITH READ LOCK",
    "R7": "SHOW MASTER STATUS",
    "R8": "UNLOCK TABLES",
    "R11": "CHANGE MASTER TO",
    "R12": "START SLAVE",
    "R13": "MASTER_POS_WAIT",
    "F1": "service cloudstack-management stop",
    "F2": "RESET SLAVE ALL",
    "F3": "log in",
    "F4": "edit /etc/cloudstack/management/db.properties",
    "F5": "service cloudstack-management start",
    "F6": "CreateSecurityGroup later-management1",
}


def test_every_step_has_its_cases() -> None:
    """R1 to R15 and F1 to F6 each have a case as documented, and at least one with a slip."""
    steps = {*(f"R{number}" for number in range(1, 16)), *(f"F{number}" for number in range(1, 7))}
    keys = runbook_cases().keys()
    assert {key for key in keys if "/" not in key} == steps == set(suite.STEPS)
    assert {key.partition("/")[0] for key in keys if "/" in key} == steps == set(suite.SLIPS)


def test_every_slip_is_made_somewhere() -> None:
    """Every slip of the suite is made by the steps, and the other way round."""
    folder = Path(fixtures.failover.__file__).parent
    text = "".join(file.read_text("utf-8") for file in folder.glob("*.py"))
    slips = set(re.findall(r'"([RF]\d+/[a-z-]+)"', text))
    assert slips == {f"{step}/{slip}" for step, slips in suite.SLIPS.items() for slip in slips}


@pytest.mark.parametrize("key", sorted(suite.STEPS))
def test_what_is_documented_works(pair_pool: PairPool, key: str) -> None:
    """Each documented step does what the documentation says, on real servers."""
    result = run_simulated(runbook_cases()[key], pair_pool)
    verdict, observation = result.verdict, result.observation
    assert (verdict.status, verdict.because) == (Status.PASSED, "")
    assert observation is not None
    transcript = [exchange.request for exchange in observation.reply.exchange]
    if key in IN_TRANSCRIPT:
        assert any(IN_TRANSCRIPT[key] in request for request in transcript)
    else:
        assert not transcript


@pytest.mark.parametrize("key", WRONG)
def test_what_is_done_wrong_is_noticed(pair_pool: PairPool, key: str) -> None:
    """A slip is the first finding, by its name, and no password is in the transcript."""
    result = run_simulated(runbook_cases()[key], pair_pool)
    verdict, observation = result.verdict, result.observation
    step, _, slip = key.partition("/")
    assert verdict.status is Status.PASSED
    assert verdict.observed.startswith(f"{step}: {slip}: ")
    assert observation is not None
    transcript = "".join(exchange.request for exchange in observation.reply.exchange)
    assert "'password'" not in transcript
    assert "'wrong'" not in transcript


@pytest.mark.parametrize(
    ("value", "addresses"),
    [
        ("localhost,localhost", [("localhost", ""), ("localhost", "")]),
        ("10.1.1.1:3307", [("10.1.1.1", "3307")]),
        ("jdbc:mysql://one,two:3306/cloud?a=b", [("one", ""), ("two", "3306")]),
        ("jdbc:mysql://one/cloud", [("one", "")]),
        ("jdbc:mysql:replication://one:1,two:2/cloud", [("one", "1"), ("two", "2")]),
        ("", []),
    ],
)
def test_addresses_of_a_properties_file(value: str, addresses: list[tuple[str, str]]) -> None:
    """Every address in a URI or a list of replicas is found."""
    assert listed_addresses(value) == addresses


@pytest.mark.parametrize(
    ("slip", "found", "status"),
    [
        ("", [], Status.PASSED),
        ("", ["login-refused"], Status.FAILED),
        ("port-closed", ["port-closed"], Status.PASSED),
        ("port-closed", ["port-closed", "login-refused"], Status.PASSED),
        ("port-closed", ["login-refused", "port-closed"], Status.FAILED),
        ("port-closed", [], Status.FAILED),
    ],
)
def test_the_verdict_follows_the_findings(slip: str, found: list[str], status: Status) -> None:
    """As documented there may be no finding; a slip must be the first finding."""
    findings = [Finding("F3", name, "a text") for name in found]
    verdict = check_runbook("the port is open", Runbook("F3", slip), findings)
    assert verdict.status is status
    assert bool(verdict.because) is (status is Status.FAILED)


class _Context:
    """The context of three steps."""

    def __init__(self, slip: str = "") -> None:
        self.runbook, self.transcript = Runbook("three", slip), Transcript()


def _nothing(context: _Context) -> Iterator[Finding]:
    context.transcript.note("a step", "somewhere")
    yield from ()


def _something(context: _Context) -> Iterator[Finding]:
    context.transcript.note("a step", "somewhere")
    yield Finding("two", "broken", "it is broken")


THREE_STEPS = {"one": _nothing, "two": _something, "three": _nothing}


def test_what_comes_after_a_finding_was_not_reached() -> None:
    """Where a documented step has a finding, nothing can be said of those after it."""
    result = run_steps(THREE_STEPS, THREE_STEPS, _Context())
    assert result.of_step("one").findings == ()
    assert [finding.slip for finding in result.of_step("two").findings] == ["broken"]
    text = "^not reached, since step two failed: broken: it is broken$"
    with pytest.raises(Inconclusive, match=text):
        result.of_step("three")
    assert len(result.of_step("one").exchanges) == 1


def test_a_slip_must_be_noticed_at_its_own_step() -> None:
    """A finding before the slip's own step does not stop the run."""
    assert run_steps(THREE_STEPS, THREE_STEPS, _Context("slip")) == StepsResult(
        {name: (Exchange("DO", "somewhere", "a step", 0, ""),) for name in THREE_STEPS}, ()
    )


@pytest.mark.usefixtures("no_mariadb")
def test_without_mariadb_the_cases_are_not_claimed(target: Target) -> None:
    """Without MariaDB the cases are not claimed, with the reason."""
    with Session(target) as session:
        for key in ("F5", "R14/port-closed"):
            case = runbook_cases()[key]
            result = run_case(replace(case, capabilities=frozenset()), session)
            assert (result.verdict.status, result.observation) == (Status.NOT_CLAIMED, None)
            assert "apt-get install mariadb-server-core" in result.verdict.because
