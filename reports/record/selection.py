"""The cases that a run takes: all that are planned, a shard, or those that did not pass in another
run; and of these, the cases that a resumed run still has to run.

The selection depends on the ids of the cases alone, so that every process that collects the plan
makes the same one.
"""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from fixtures.model import Run, UsageError
from reports.record.claim import UNSUCCESSFUL, plan_digest
from reports.record.run_file import FILE, count_attempts, load_run

EMPTY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shard:
    """One of `of` parts of the plan, counted from 1."""

    index: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """The shard that `2/4` means; `UsageError` for any other text."""
        found = re.fullmatch(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})", text)
        if found is None or int(found[1]) > int(found[2]):
            raise UsageError(f"--shard {text!r}: give I/N, such as 2/4, with I from 1 to N")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.index}/{self.of}"

    def share(self, cases: Iterable[str]) -> frozenset[str]:
        """The shard's cases. Each driver's cases are dealt evenly to the shards, because some
        drivers are much slower than others."""
        dealt = sorted(cases, key=lambda case: (case.rpartition("[")[2], case))
        return frozenset(dealt[self.index - 1 :: self.of])


@dataclass(frozen=True, slots=True)
class Selection:
    """The cases that the options select, those of the shard, and those still to be run."""

    planned: tuple[str, ...]
    selected: tuple[str, ...]
    remaining: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunScope:
    """What a run leaves out of the cases that its other options select."""

    shard: Shard | None = None
    only: frozenset[str] | None = None  # the cases that did not pass in the run `rerun_of`
    rerun_of: str = ""
    recorded: frozenset[str] = EMPTY  # cases recorded before the run was resumed
    attempt: int = 1  # the number of this session of the run, from 1

    @classmethod
    def from_options(cls, shard: str, rerun_failed: str, resume: str) -> RunScope:
        """The scope of the options: `I/N`, a run of which to rerun failures, a run to resume; each
        may be empty.

        Raises:
            UsageError: an option is wrong, or a run cannot be read; names it.
        """
        before = load_run(Path(rerun_failed)) if rerun_failed else None
        outcomes = load_run(Path(resume)).outcomes if resume else ()
        return cls(
            shard=Shard.parse(shard) if shard else None,
            only=unsuccessful_cases(before) if before else None,
            rerun_of=before.header.run if before else "",
            recorded=frozenset(outcome.case for outcome in outcomes),
            attempt=1 + count_attempts(Path(resume) / FILE) if resume else 1,
        )

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self.shard is None and self.only is None and self.attempt == 1

    def select(self, cases: Sequence[str]) -> Selection:
        """The selection of these cases, in their order; `UsageError` if no case is left."""
        chosen = [case for case in cases if self.only is None or case in self.only]
        if cases and not chosen:
            raise UsageError(f"no case that did not pass in run {self.rerun_of} is in the plan")
        if self.shard is not None:
            share = self.shard.share(chosen)
            if chosen and not share:
                raise UsageError(f"--shard {self.shard}: the plan has only {len(chosen)} cases")
            taken = tuple(case for case in chosen if case in share)
        else:
            taken = tuple(chosen)
        left = tuple(case for case in taken if case not in self.recorded)
        return Selection(tuple(chosen), taken, left)


REPEATED_SUITES = frozenset({"replication", "usage"})  # whose runs differ from time to time


class RunOptions(msgspec.Struct, frozen=True, omit_defaults=True):
    """The options that select what a run takes, as they are recorded."""

    target: str = ""
    suite: tuple[str, ...] = ()
    case: tuple[str, ...] = ()
    level: str = ""
    keyword: str = ""
    marks: str = ""
    deselect: tuple[str, ...] = ()
    shard: str = ""
    rerun_failed: str = ""
    repeat: int = 1

    @classmethod
    def from_namespace(cls, options: argparse.Namespace) -> RunOptions:
        """From the options of pytest's command line."""
        return cls(
            target=options.target,
            suite=tuple(options.suite),
            case=tuple(options.case),
            level=options.level,
            keyword=options.keyword,
            marks=options.markexpr,
            deselect=tuple(options.deselect or ()),
            shard=options.shard,
            rerun_failed=options.rerun_failed,
            repeat=options.repeat,
        )

    def takes(self, case: str) -> bool:
        """Whether --suite and --case, which may be empty, name this case."""
        suite = case.partition("/")[0]
        return (not self.suite or suite in self.suite) and (not self.case or case in self.case)

    def pytest_arguments(self) -> list[str]:
        """The options as arguments of pytest."""
        options = {
            "--target=": [self.target],
            "--suite=": self.suite,
            "--case=": self.case,
            "--level=": [self.level],
            "-k": [self.keyword],
            "-m": [self.marks],
            "--deselect=": self.deselect,
            "--shard=": [self.shard],
            "--rerun-failed=": [self.rerun_failed],
            "--repeat=": [str(self.repeat)] if self.repeat > 1 else [],
        }
        return [f"{name}{value}" for name, values in options.items() for value in values if value]

    def narrowing(
        self, suites: Collection[str], missing: Collection[str], nodes: Iterable[str], again: str
    ) -> str:
        """What narrows the run to less than the whole plan, in words; empty if nothing does.

        `suites`: those with a case; `missing`: those without; `nodes`: node ids of pytest; `again`:
        the run whose failures are run again.
        """
        few = len(suites) <= len(missing)
        if self.case:
            return f"case {', '.join(self.case)}"
        parts = {
            "suite" if len(suites) == 1 else "suites": ", ".join(suites) if missing and few else "",
            "without": "" if few else ", ".join(missing),
            "-k": self.keyword,
            "-m": self.marks,
            "--deselect": " ".join(self.deselect),
            "only": " ".join(nodes),
            "only what failed in run": again,
        }
        return "; ".join(f"{how} {what}" for how, what in parts.items() if what)


def check_cases(cases: Iterable[str], full_plan: Collection[str]) -> None:
    """Raises `UsageError` if there is no such case in the full plan (empty if it is not known)."""
    for case in cases if full_plan else ():
        if case not in full_plan:
            close = ", ".join(difflib.get_close_matches(case, full_plan, n=3, cutoff=0.4))
            raise UsageError(f"--case: there is no case {case!r}{close and f'; near it: {close}'}")


def check_repeat(options: RunOptions) -> None:
    """Raises `UsageError` if the run has nothing that `--repeat` repeats."""
    if options.repeat < 1:
        raise UsageError("--repeat must be at least 1")
    suites = {*options.suite} or {case.partition("/")[0] for case in options.case}
    if options.repeat > 1 and suites and not suites & REPEATED_SUITES:
        names = " and ".join(sorted(REPEATED_SUITES))
        raise UsageError(f"--repeat: only cases of the suites {names} are repeated")


def plan_header(
    selection: Selection,
    scope: RunScope,
    options: RunOptions,
    narrowed: str,
    rows: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    """A plan as the header of a record has it.

    `narrowed`: what narrows it (see `RunOptions.narrowing`); `rows`: the documented rows that its
    cases are about.
    """
    whole = {
        "digest": plan_digest(selection.planned),
        "cases": len(selection.planned),
        "full": not narrowed,
        "narrowed": narrowed,
    }
    around = {"asked": msgspec.to_builtins(options), "again": scope.rerun_of, "rows": list(rows)}
    if scope.shard is None:
        return whole | around
    narrowed_shard = "; ".join(filter(None, (f"shard {scope.shard}", narrowed)))
    taken = {"digest": plan_digest(selection.selected), "cases": len(selection.selected)}
    shard = {"full": False, "narrowed": narrowed_shard, "shard": str(scope.shard), "whole": whole}
    return taken | shard | around


def recorded_options(run: Run) -> RunOptions:
    """The options of a run, as recorded; `UsageError` if they cannot be read."""
    try:
        return msgspec.convert(run.header.plan.get("asked", {}), RunOptions)
    except msgspec.ValidationError as unusable:
        raise UsageError(f"run {run.header.run}: its options cannot be read: {unusable}") from None


def unsuccessful_cases(run: Run) -> frozenset[str]:
    """The cases of a run that failed or were not judged; `UsageError` if there are none."""
    cases = (outcome.case for outcome in run.outcomes if outcome.status in UNSUCCESSFUL)
    found = frozenset(cases)
    if not found:
        raise UsageError(f"run {run.header.run}: no case failed, there is nothing to run again")
    return found
