"""The suites, planned without pytest: for tests that run cases themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path

import suites
from fixtures.clients import support as clients
from fixtures.model import (
    Case,
    ExcludedCase,
    FailoverScenario,
    ProcedureRequirement,
    Promise,
    Requirement,
    Runbook,
    S3Scenario,
    Scenario,
)
from fixtures.plan.mapping import rows
from fixtures.plan.planning import plan
from suites.contract.suite import Suite
from suites.contract.table_suite import KINDS, TableSuite


def suite_classes() -> Iterator[type[Suite]]:
    """The classes of all suites."""
    root = Path(suites.__path__[0])
    for path in sorted(root.rglob("[!_]*.py")):
        module = import_module(".".join(("suites", *path.relative_to(root).with_suffix("").parts)))
        for name, value in vars(module).items():
            is_suite = isinstance(value, type) and issubclass(value, Suite)
            if is_suite and value.__module__ == module.__name__ and name.startswith("Test"):
                yield value


@cache
def all_cases() -> tuple[Case, ...]:
    """The cases of all suites."""
    return tuple(
        case
        for suite in suite_classes()
        for name in dir(suite)
        if name.startswith("test_")
        for requirement in suite.demands(name.removeprefix("test_").replace("_", "-"), rows())
        for case in cases(suite.suite, requirement)
    )


def cases(suite: str, demanded: Requirement | ProcedureRequirement) -> Iterator[Case]:
    """The cases of a suite's requirement, one for each of its drivers that can send it."""
    return (planned for planned in plan(suite, demanded, clients) if isinstance(planned, Case))


@cache
def contracts() -> dict[str, type[TableSuite]]:
    """The suites of the documentation's tables by name."""
    return {suite.suite: suite for suite in suite_classes() if issubclass(suite, TableSuite)}


def table_cases(*kinds: str, driver: str = "") -> list[Case]:
    """The cases of the tables of these kinds (all by default), by their own drivers or all by
    one."""
    return [
        case
        for suite, contract in contracts().items()
        for kind in kinds or KINDS
        for requirement in contract.demands(kind, rows())
        for case in cases(suite, replace(requirement, drivers=(driver,)) if driver else requirement)
    ]


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


def s3_cases() -> list[Case]:
    """The cases of the suite of S3."""
    return [case for case in all_cases() if isinstance(case.scenario, S3Scenario)]


def runbook_cases() -> dict[str, Case]:
    """The cases of the runbook, by `STEP` as documented and by `STEP/SLIP` with a slip."""
    return {
        f"{case.scenario.step}/{case.scenario.slip}".removesuffix("/"): case
        for case in all_cases()
        if isinstance(case.scenario, Runbook)
    }


def failover_cases() -> dict[tuple[Promise, str], Case]:
    """The cases of failovers under load by promise and nemesis."""
    return {
        (case.scenario.promise, case.scenario.nemesis): case
        for case in all_cases()
        if isinstance(case.scenario, FailoverScenario)
    }


def scenario(case: Case) -> Scenario:
    """The scenario of a case that has one."""
    assert isinstance(case.scenario, Scenario)
    return case.scenario
