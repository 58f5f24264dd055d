"""What changed between two runs: a pure function of their records, by case id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fixtures.model import Outcome, Run, Status
from reports.record.canonical import stable_call, stable_text
from reports.record.causes import group_findings
from reports.record.claim import UNSUCCESSFUL, assess_run

SLOWER_TIMES = 2.0
SLOWER_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Change:
    """A case whose result changed; a run without the case has no status."""

    case: str
    before: Status | None
    after: Status | None
    because: str = ""
    expected: str = ""
    observed: str = ""


@dataclass(frozen=True, slots=True)
class CallChange:
    """A case with other CloudStack calls: those of the old run only, those of the new run only."""

    case: str
    without: tuple[str, ...]
    besides: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slowdown:
    """A case that takes at least twice as long as before, and 50 ms more; seconds."""

    case: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One of the two runs."""

    run: str
    target: str
    claim: str  # the word of its assessment
    cases: int


@dataclass(frozen=True, slots=True)
class NewFinding:
    """What regressed cases of the new run have in common, and their ids."""

    title: str
    extent: str
    level: str
    is_security: bool
    cases: tuple[str, ...]  # with those that follow from it


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences between an old and a new run."""

    old: ComparedRun
    new: ComparedRun
    broken: tuple[Change, ...]  # passed and does not now; or did not fail, and fails now
    fixed: tuple[Change, ...]
    added: tuple[Change, ...]
    gone: tuple[Change, ...]
    otherwise: tuple[Change, ...]  # another status or reason, neither broken nor fixed
    calls: tuple[CallChange, ...]
    slower: tuple[Slowdown, ...]
    findings: tuple[NewFinding, ...]  # of the broken cases, and of new ones that fail

    @property
    def regressions(self) -> tuple[Change, ...]:
        """What must not be released: broken cases, new ones that fail, missing ones that passed."""
        failing = (change for change in self.added if change.after in UNSUCCESSFUL)
        lost = (change for change in self.gone if change.before is Status.PASSED)
        return (*self.broken, *failing, *lost)


def compare(old: Run, new: Run) -> Comparison:
    """Compare two runs, in the order of the new one; missing cases in that of the old one."""
    before = {outcome.case: outcome for outcome in old.outcomes}
    after = {outcome.case: outcome for outcome in new.outcomes}
    both = [(before[case], after[case]) for case in after if case in before]
    broken = [_change(a, b) for a, b in both if _is_broken(a.status, b.status)]
    fixed = [_change(a, b) for a, b in both if _is_fixed(a.status, b.status)]
    named = {change.case for change in (*broken, *fixed)}
    otherwise = [_change(a, b) for a, b in both if b.case not in named and _differs(a, b)]
    calls = (_call_change(a, b) for a, b in both)
    regressed = {change.case for change in broken} | (after.keys() - before.keys())
    return Comparison(
        old=_compared_run(old),
        new=_compared_run(new),
        broken=tuple(broken),
        fixed=tuple(fixed),
        added=tuple(_change(None, o) for case, o in after.items() if case not in before),
        gone=tuple(_change(o, None) for case, o in before.items() if case not in after),
        otherwise=tuple(otherwise),
        calls=tuple(found for found in calls if found),
        slower=tuple(
            Slowdown(b.case, a.seconds, b.seconds)
            for a, b in both
            if b.seconds >= SLOWER_TIMES * a.seconds and b.seconds - a.seconds >= SLOWER_SECONDS
        ),
        findings=tuple(_new_findings(o for case, o in after.items() if case in regressed)),
    )


def _new_findings(outcomes: Iterable[Outcome]) -> Iterator[NewFinding]:
    for finding in group_findings(outcomes):
        yield NewFinding(
            finding.title,
            finding.extent,
            finding.level,
            finding.is_security,
            tuple(outcome.case for outcome in finding.all_outcomes),
        )


def _is_broken(before: Status, after: Status) -> bool:
    if before is Status.PASSED:
        return after is not Status.PASSED
    return before not in UNSUCCESSFUL and after in UNSUCCESSFUL


def _is_fixed(before: Status, after: Status) -> bool:
    return before is not Status.PASSED and after is Status.PASSED


def _differs(before: Outcome, after: Outcome) -> bool:
    same = stable_text(before.because) == stable_text(after.because)
    return before.status is not after.status or not same


def _change(before: Outcome | None, after: Outcome | None) -> Change:
    last = after or before
    assert last is not None  # for mypy: a change has at least one side
    return Change(
        last.case,
        before.status if before else None,
        after.status if after else None,
        last.because,
        last.expected,
        last.observed,
    )


def _call_change(before: Outcome, after: Outcome) -> CallChange | None:
    """Compare the calls of two outcomes, whatever their order, which is up to the bridge."""
    was, now = _count_calls(before.calls), _count_calls(after.calls)
    if was == now:
        return None
    return CallChange(after.case, tuple((was - now).elements()), tuple((now - was).elements()))


def _count_calls(calls: Iterable[Mapping[str, Any]]) -> Counter[str]:
    return Counter(map(stable_call, calls))


def _compared_run(run: Run) -> ComparedRun:
    target = str(run.header.target.get("name", ""))
    return ComparedRun(run.header.run, target, assess_run(run).word, len(run.outcomes))
