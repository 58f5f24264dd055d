"""The suites, planned without pytest: for tests that run cases themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path

import suites
from fixtures.clients import support as clients
from fixtures.model import Case, ExcludedCase, ProcedureRequirement, Requirement, Scenario
from fixtures.plan.mapping import rows
from fixtures.plan.planning import plan
from suites.contract.table_suite import KINDS, TableSuite


@lru_cache(maxsize=1)
def contracts() -> dict[str, type[TableSuite]]:
    """The suites by name."""
    files = sorted(Path(suites.__path__[0]).glob("[!_]*.py"))
    return {
        value.suite: value
        for module in (import_module(f"suites.{path.stem}") for path in files)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, TableSuite) and value is not TableSuite
    }


def cases(suite: str, demanded: Requirement | ProcedureRequirement) -> Iterator[Case]:
    """The cases of a suite's requirement, one for each of its drivers that can send it."""
    return (planned for planned in plan(suite, demanded, clients) if isinstance(planned, Case))


def planned(*kinds: str, driver: str = "") -> list[Case]:
    """The cases of these kinds (all by default), by their own drivers or all by one."""
    return [
        case
        for suite, contract in contracts().items()
        for kind in kinds or KINDS
        for requirement in contract.demands(kind, rows())
        for case in cases(suite, replace(requirement, drivers=(driver,)) if driver else requirement)
    ]


def scenario(case: Case) -> Scenario:
    """The scenario of a case that has one."""
    assert isinstance(case.scenario, Scenario)
    return case.scenario


def excluded_cases() -> list[ExcludedCase]:
    """The cases that are not planned since a client cannot send or show them."""
    return [
        excluded
        for suite, contract in contracts().items()
        for kind in KINDS
        for requirement in contract.demands(kind, rows())
        for excluded in plan(suite, requirement, clients)
        if isinstance(excluded, ExcludedCase)
    ]
