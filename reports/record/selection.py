"""Which of the planned cases a run takes: all of them, a shard, or what did not pass before; and
what of that a resumed run still has to do.

Everybody who collects the plan, in whatever process, comes to the same answer: it depends on the
ids of the cases alone.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from fixtures.model import Outcome, Run, UsageError
from reports.record.claim import FAILING, UNJUDGED, plan_digest
from reports.record.run_file import FILE, count_attempts, load_run

EMPTY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shard:
    """One of so many parts that together are the plan; counted from 1."""

    index: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """`2/4`; anything else is a `UsageError`."""
        found = re.fullmatch(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})", text)
        if found is None or int(found[1]) > int(found[2]):
            raise UsageError(f"--shard {text!r}: give I/N, such as 2/4, with I from 1 to N")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.index}/{self.of}"

    def share(self, cases: Iterable[str]) -> frozenset[str]:
        """Its share of the cases, which are dealt driver by driver: some cost much more than
        others, and every shard gets as many of them."""
        dealt = sorted(cases, key=lambda case: (case.rpartition("[")[2], case))
        return frozenset(dealt[self.index - 1 :: self.of])


@dataclass(frozen=True, slots=True)
class Selection:
    """The cases that the options of a run ask for, those that it takes, those still to be run."""

    planned: tuple[str, ...]
    selected: tuple[str, ...]
    remaining: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunScope:
    """How a run takes less than everything that its options ask for."""

    shard: Shard | None = None
    only: frozenset[str] | None = None  # what did not pass in the run `again`
    rerun_of: str = ""
    recorded: frozenset[str] = EMPTY  # recorded already, before the run was resumed
    attempt: int = 1  # which session of the same run this is

    @classmethod
    def from_options(cls, shard: str, rerun_failed: str, resume: str) -> RunScope:
        """As the options say: `I/N`, a run to rerun from, one to resume; each may be empty.

        `UsageError` names what cannot be used.
        """
        before = load_run(Path(rerun_failed)) if rerun_failed else None
        broken_off = load_run(Path(resume)) if resume else None
        return cls(
            shard=Shard.parse(shard) if shard else None,
            only=unsuccessful_cases(before) if before else None,
            rerun_of=before.header.run if before else "",
            recorded=frozenset(one.case for one in broken_off.outcomes) if broken_off else EMPTY,
            attempt=1 + count_attempts(Path(resume) / FILE) if resume else 1,
        )

    @property
    def is_whole(self) -> bool:
        """Nothing is left out."""
        return self.shard is None and self.only is None and self.attempt == 1

    def select(self, cases: Sequence[str]) -> Selection:
        """What is to be taken of these cases, in their order; `UsageError` if that is nothing."""
        chosen = [case for case in cases if self.only is None or case in self.only]
        if cases and not chosen:
            raise UsageError(
                f"none of the cases that did not pass in run {self.rerun_of} is planned"
            )
        if self.shard is not None:
            share = self.shard.share(chosen)
            if chosen and not share:
                raise UsageError(f"--shard {self.shard}: the plan has only {len(chosen)} cases")
            taken = tuple(case for case in chosen if case in share)
        else:
            taken = tuple(chosen)
        left = tuple(case for case in taken if case not in self.recorded)
        return Selection(tuple(chosen), taken, left)


class RunOptions(msgspec.Struct, frozen=True, omit_defaults=True):
    """The options that choose what a run takes, as its record keeps them."""

    target: str = ""
    suite: tuple[str, ...] = ()
    level: str = ""
    keyword: str = ""
    marks: str = ""
    deselect: tuple[str, ...] = ()
    shard: str = ""
    rerun_failed: str = ""
    repeat: int = 1

    @classmethod
    def from_namespace(cls, options: argparse.Namespace) -> RunOptions:
        """Of pytest's own options and ours."""
        return cls(
            target=options.target,
            suite=tuple(options.suite),
            level=options.level,
            keyword=options.keyword,
            marks=options.markexpr,
            deselect=tuple(options.deselect or ()),
            shard=options.shard,
            rerun_failed=options.rerun_failed,
            repeat=options.repeat,
        )

    def pytest_arguments(self) -> list[str]:
        """The same as pytest's arguments."""
        options = {
            "--target=": [self.target],
            "--suite=": self.suite,
            "--level=": [self.level],
            "-k": [self.keyword],
            "-m": [self.marks],
            "--deselect=": self.deselect,
            "--shard=": [self.shard],
            "--rerun-failed=": [self.rerun_failed],
            "--repeat=": [str(self.repeat)] if self.repeat > 1 else [],
        }
        return [f"{name}{value}" for name, values in options.items() for value in values if value]

    def narrowing(self, missing: Iterable[str], nodes: Iterable[str], again: str) -> str:
        """By what the run takes less than the whole plan: suites without a case, pytest's node ids,
        options, the run whose failures are run again. Empty if it does not."""
        chosen = {
            "without": ", ".join(missing),
            "-k": self.keyword,
            "-m": self.marks,
            "--deselect": " ".join(self.deselect),
            "only": " ".join(nodes),
            "only what failed in run": again,
        }
        return "; ".join(f"{how} {what}" for how, what in chosen.items() if what)


def plan_header(
    chosen: Selection,
    part: RunScope,
    asked: RunOptions,
    narrowed: str,
    rows: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    """A plan as the header of a record tells it: its cases, the options that chose them, by what
    they leave something out (empty: nothing), the documented rows that the plan is about."""
    whole = {
        "digest": plan_digest(chosen.planned),
        "cases": len(chosen.planned),
        "full": not narrowed,
        "narrowed": narrowed,
    }
    around = {"asked": msgspec.to_builtins(asked), "again": part.rerun_of, "rows": list(rows)}
    if part.shard is None:
        return whole | around
    told = "; ".join(filter(None, (f"shard {part.shard}", narrowed)))
    taken = {"digest": plan_digest(chosen.selected), "cases": len(chosen.selected)}
    shard = {"full": False, "narrowed": told, "shard": str(part.shard), "whole": whole}
    return taken | shard | around


def recorded_options(run: Run) -> RunOptions:
    """The options with which a run was begun, as far as its record tells."""
    try:
        return msgspec.convert(run.header.plan.get("asked", {}), RunOptions)
    except msgspec.ValidationError as unusable:
        raise UsageError(f"run {run.header.run}: its options cannot be read: {unusable}") from None


def unsuccessful_cases(run: Run) -> frozenset[str]:
    """The cases of a run that did not pass and that no profile excuses; `UsageError` if there are
    none."""
    found = frozenset(outcome.case for outcome in run.outcomes if _is_unsuccessful(outcome))
    if not found:
        raise UsageError(f"run {run.header.run}: no case failed, there is nothing to run again")
    return found


def _is_unsuccessful(outcome: Outcome) -> bool:
    return outcome.status in FAILING | UNJUDGED
