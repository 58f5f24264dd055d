"""Measures which case notices that a leaf is altered: the case passes on the reference bridge and
fails if the bridge alters just that leaf."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from fixtures.model import Case, S3Scenario, Scenario, Status, Verdict
from fixtures.plan.mapping import rows
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.targets.target import Target
from tools.coverage.alterable import Alterable
from tools.coverage.documents import Alteration
from tools.coverage.hooks import Visitor, Visits
from tools.coverage.leaves import Area, Leaf, all_leaves

COMMANDS = {row.action: row.cloudstack_call.real for row in rows()}
CLIENTS = ("boto3", "raw", "boto")  # a requirement is measured by the first of these that sends it
_FIRST_KINDS = ("reply", "documented-call", "parameters", "filters")


def measured_cases(cases: Iterable[Case]) -> list[Case]:
    """One case of each requirement that is one request or a story of S3."""
    chosen: dict[str, Case] = {}
    for case in cases:
        name = case.id.rpartition("[")[0]
        if isinstance(case.scenario, Scenario | S3Scenario) and case.driver in CLIENTS:
            other = chosen.get(name)
            if other is None or CLIENTS.index(case.driver) < CLIENTS.index(other.driver):
                chosen[name] = case
    return sorted(chosen.values(), key=_position)


def _position(case: Case) -> int:
    return _FIRST_KINDS.index(case.kind) if case.kind in _FIRST_KINDS else len(_FIRST_KINDS)


def sent_operations(cases: Iterable[Case]) -> frozenset[str]:
    """The S3 operations that cases send."""
    stories = [case.scenario for case in cases if isinstance(case.scenario, S3Scenario)]
    return frozenset(
        step.request.operation
        for story in stories
        for step in (*story.setup, *story.steps, *story.verify)
    )


@dataclass(frozen=True, slots=True)
class Meetings:
    """The cases, all of which pass, in whose replies or calls each leaf is, and those that meet its
    group."""

    leaves: Mapping[Leaf, Sequence[Case]]
    groups: Mapping[tuple[Area, str], Sequence[Case]]


class Meter:
    """Runs cases on a target whose bridge is in this process."""

    def __init__(self, target: Target, operations: frozenset[str]) -> None:
        """`operations`: the S3 operations by which replies are grouped."""
        self._target = target
        self._operations = operations

    def meetings(self, cases: Iterable[Case]) -> Meetings:
        """Run each case once, unaltered."""
        groups: dict[tuple[Area, str], list[Leaf]] = {}
        for leaf in all_leaves(self._operations):
            groups.setdefault((leaf.area, leaf.group), []).append(leaf)
        by_leaf: dict[Leaf, list[Case]] = {}
        by_group: dict[tuple[Area, str], list[Case]] = {}
        met: set[Leaf] = set()
        met_groups: set[tuple[Area, str]] = set()

        def record(met_thing: Alterable) -> None:
            met_groups.update(met_thing.groups)
            for group in met_thing.groups:
                met.update(leaf for leaf in groups.get(group, ()) if met_thing.has(leaf))

        with self._visits(record), Session(self._target) as session:
            for case in cases:
                met.clear()
                met_groups.clear()
                if run_case(case, session).verdict.status is not Status.PASSED:
                    continue
                for leaf in met:
                    by_leaf.setdefault(leaf, []).append(case)
                for group in met_groups:
                    by_group.setdefault(group, []).append(case)
        return Meetings(by_leaf, by_group)

    def noticing_cases(
        self, leaves: Iterable[Leaf], alteration: Alteration, cases: Iterable[Case]
    ) -> Mapping[Leaf, Case]:
        """The first case that fails if the bridge alters just that leaf, for the leaves that have
        one; `cases` pass otherwise.

        The leaves that are left are altered together first: a case that passes then notices none.
        """
        left, found = list(leaves), dict[Leaf, Case]()
        for case in cases:
            if not left:
                break
            if len(left) > 1 and self.status(case, left, alteration) is Status.PASSED:
                continue
            for leaf in list(left):
                if self.notices(case, leaf, alteration):
                    found[leaf] = case
                    left.remove(leaf)
        return found

    def notices(self, case: Case, leaf: Leaf, alteration: Alteration) -> bool:
        """Whether the case fails if the bridge alters just that leaf, and passes if it does not."""
        return (
            self.status(case, [leaf], alteration) is Status.FAILED
            and self.status(case, [], alteration) is Status.PASSED
        )

    def status(self, case: Case, leaves: Sequence[Leaf], alteration: Alteration) -> Status:
        """How the case ends while the bridge alters the leaves; passed if it met none of them."""
        verdict, altered = self.verdict(case, leaves, alteration)
        return verdict.status if altered or not leaves else Status.PASSED

    def verdict(
        self, case: Case, leaves: Sequence[Leaf], alteration: Alteration
    ) -> tuple[Verdict, bool]:
        """The verdict while the bridge alters the leaves, and whether it met any of them."""
        altered = False

        def alter(met: Alterable) -> None:
            nonlocal altered
            for leaf in leaves:
                if (leaf.area, leaf.group) in met.groups:
                    met.alter(leaf, alteration)
            altered = altered or met.altered

        with self._visits(alter), Session(self._target) as session:
            verdict = run_case(case, session).verdict
        if altered:
            self._target.invalidate_shared()
        return verdict, altered

    @contextmanager
    def _visits(self, visit: Visitor) -> Iterator[None]:
        deployment = self._target.deployment
        assert deployment is not None
        deployment.bridge.hooks = (Visits(visit, COMMANDS, self._operations).hooks(),)
        try:
            yield
        finally:
            deployment.bridge.hooks = ()
