"""Every check is able to fail: the whole contract is put to a bridge that lies in one thing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

import suites
from fixtures import profile
from fixtures.exercise import exercise
from fixtures.mapping import rows
from fixtures.model import Case, HarnessError, Requirement, Status, Verdict, matches_case
from fixtures.planning import cases
from fixtures.simulator.mutants import MUTANTS, planted
from fixtures.targets import Target
from suites.contract import Contract

SINS = {name: mutant for name, mutant in MUTANTS.items() if mutant.notices}
HARMLESS = {name: mutant for name, mutant in MUTANTS.items() if not mutant.notices}


def contracts() -> dict[str, type[Contract]]:
    """The suites by name."""
    modules = [
        import_module(f"suites.{path.stem}") for path in Path(suites.__path__[0]).glob("[!_]*.py")
    ]
    found = [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Contract) and value is not Contract
    ]
    return {contract.suite: contract for contract in found}


def planned(*kinds: str, driver: str = "raw") -> list[Case]:
    """The cases of these kinds, told by one driver whoever tells them usually."""
    contract = contracts()
    return [
        case
        for row in rows()
        for kind in kinds
        for requirement in contract[row.suite].demands(kind, row)
        for case in cases(row, _told_by(requirement, driver))
    ]


def _told_by(requirement: Requirement, driver: str) -> Requirement:
    return replace(requirement, drivers=(driver,))


DOCUMENTED = planned("documented-call")


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    """A simulated deployment to be lied about."""
    with Target(profile.load("simulated"), run="mutants") as running:
        yield running


def _verdicts(target: Target, name: str, wanted: list[Case]) -> dict[str, Verdict]:
    assert target.deployment is not None
    with planted(name, target.deployment):
        return {case.id: exercise(case, target).verdict for case in wanted}


def test_there_are_four_sins_for_each_row() -> None:
    """Silent, wrong command, wrong argument, one mutation too many: for each of the 38 rows."""
    assert len(SINS) == 4 * len(rows())
    actions = {row.action for row in rows()}
    assert {name.split("-")[-1] for name in SINS} == actions
    assert len(HARMLESS) >= 5


@pytest.mark.parametrize("name", SINS)
def test_a_lie_is_noticed(target: Target, name: str) -> None:
    """A lie about one translation turns that row red, names what is wrong, and no other row."""
    mutant = SINS[name]
    verdicts = _verdicts(target, name, DOCUMENTED)
    red = {case for case, verdict in verdicts.items() if verdict.status is not Status.PASSED}
    wanted = {
        case for case in verdicts if any(matches_case(pattern, case) for pattern in mutant.notices)
    }
    assert red == wanted, {case: verdicts[case].because for case in red ^ wanted}
    for case in red:
        assert verdicts[case].status is Status.FAILED
        assert mutant.names in verdicts[case].because


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_difference_survives(target: Target, name: str) -> None:
    """What a right bridge may do differently turns nothing red."""
    verdicts = _verdicts(target, name, [*DOCUMENTED, *planned("reply", "parameters")])
    red = {case: v.because for case, v in verdicts.items() if v.status is not Status.PASSED}
    assert not red


def test_an_unknown_mutant_is_named(target: Target) -> None:
    """A name that is no mutant is answered as such."""
    assert target.deployment is not None
    with (
        pytest.raises(HarnessError, match="unknown mutant 'honest'"),
        planted("honest", target.deployment),
    ):
        pass
