"""What changed between two runs: a pure function of their records, by case id.

Each case is reported once: as broken, fixed, drifted and so on, or, where its verdict and reason
are the same, for the CloudStack calls behind it. A case that one of the runs does not have is *new*
or *gone* where that run took its whole plan to the end, and *not run* where it did not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fixtures.model import Level, Outcome, Run, Status
from reports.record.canonical import header_differences, stable_call, stable_text
from reports.record.causes import group_findings
from reports.record.claim import UNSUCCESSFUL, assess_run, took_whole_plan
from reports.record.durations import SlowerFamily, slower_families

_SAME_FAILURE = UNSUCCESSFUL | {Status.KNOWN_DEVIATION}  # statuses whose reason may drift


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
class ComparedRun:
    """One of the two runs."""

    run: str
    target: str
    claim: str  # the word of its assessment
    cases: int


@dataclass(frozen=True, slots=True)
class FindingChange:
    """What cases of one section have in common, and their ids."""

    section: str  # broken, new, fixed or drifted
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
    warnings: tuple[str, ...]  # why the runs are not of the same thing
    broken: tuple[Change, ...]  # passed and does not now; or did not fail, and fails now
    fixed: tuple[Change, ...]
    drifted: tuple[Change, ...]  # the same failure for another reason
    otherwise: tuple[Change, ...]  # another status, neither broken nor fixed
    added: tuple[Change, ...]
    gone: tuple[Change, ...]
    not_run: tuple[Change, ...]  # by the run that lacks them, which did not take its whole plan
    calls: tuple[CallChange, ...]
    slower: tuple[SlowerFamily, ...]
    findings: tuple[FindingChange, ...]
    is_cut_short: bool  # the new run ended before its end

    @property
    def regressions(self) -> tuple[Change, ...]:
        """What must not be released: broken cases, new ones that fail, missing ones that passed."""
        failing = (change for change in self.added if change.after in UNSUCCESSFUL)
        lost = (change for change in self.gone if change.before is Status.PASSED)
        return (*self.broken, *failing, *lost)

    @property
    def is_inconclusive(self) -> bool:
        """Whether there may be regressions that nobody saw: the new run ended before cases that
        passed in the old one."""
        passed = any(change.before is Status.PASSED for change in self.not_run)
        return self.is_cut_short and passed


def compare(old: Run, new: Run) -> Comparison:
    """Compare two runs, in the order of the new one; missing cases in that of the old one."""
    before = {outcome.case: outcome for outcome in old.outcomes}
    after = {outcome.case: outcome for outcome in new.outcomes}
    both = [(before[case], after[case]) for case in after if case in before]
    changes: dict[str, list[Change]] = {name: [] for name in ("broken", "fixed", "drifted")}
    changes["otherwise"] = []
    for was, now in both:
        if section := _section(was, now):
            changes[section].append(_change(was, now))
    named = {change.case for found in changes.values() for change in found}
    calls = (_call_change(was, now) for was, now in both if now.case not in named)
    only_new = [_change(None, each) for case, each in after.items() if case not in before]
    only_old = [_change(each, None) for case, each in before.items() if case not in after]
    added = only_new if _has_all(old, new) else []
    gone = only_old if _has_all(new, old) else []
    not_run = [*(only_new if not added else ()), *(only_old if not gone else ())]
    cases = {name: {each.case for each in found} for name, found in changes.items()}
    return Comparison(
        old=_compared_run(old),
        new=_compared_run(new),
        warnings=tuple(_warnings(old, new)),
        **{name: tuple(found) for name, found in changes.items()},
        added=tuple(added),
        gone=tuple(gone),
        not_run=tuple(not_run),
        calls=tuple(found for found in calls if found),
        slower=slower_families(both),
        findings=(
            *_findings("broken", new, cases["broken"]),
            *_findings("new", new, {change.case for change in added}),
            *_findings("drifted", new, cases["drifted"]),
            *_findings("fixed", old, cases["fixed"]),
        ),
        is_cut_short=bool(new.footer is None or new.footer.interrupted),
    )


def _has_all(run: Run, other: Run) -> bool:
    """Whether the run took all that the other may have taken: its whole plan, at its level."""
    levels = {each.header.plan.get("asked", {}).get("level") for each in (run, other)}
    narrower = len(levels) > 1 and Level.MUST in levels
    at_must = run.header.plan.get("asked", {}).get("level") == Level.MUST
    return took_whole_plan(run) and not (narrower and at_must)


def _warnings(old: Run, new: Run) -> Iterator[str]:
    """How the runs differ in what they are about, and where one is not whole."""
    yield from header_differences(old.header, new.header)
    for name, run in (("old", old), ("new", new)):
        if not took_whole_plan(run):
            yield f"the {name} run is not whole: {assess_run(run).because}"


def _findings(section: str, run: Run, cases: set[str]) -> Iterator[FindingChange]:
    """The findings of these cases of a run."""
    for finding in group_findings(outcome for outcome in run.outcomes if outcome.case in cases):
        yield FindingChange(
            section,
            finding.title,
            finding.extent,
            finding.level,
            finding.is_security,
            tuple(outcome.case for outcome in finding.all_outcomes),
        )


def _section(before: Outcome, after: Outcome) -> str:
    """Where a case belongs that both runs have; empty if verdict and reason are the same."""
    was, now = before.status, after.status
    if was is now:
        if now not in _SAME_FAILURE or stable_text(before.because) == stable_text(after.because):
            return ""
        return "drifted"
    if now is Status.PASSED:
        return "fixed"
    if was is Status.PASSED or (was not in UNSUCCESSFUL and now in UNSUCCESSFUL):
        return "broken"
    return "otherwise"


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
