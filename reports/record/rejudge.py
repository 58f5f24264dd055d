"""The verdicts of a run again, by what is kept beside its record, without the target.

Cases of which nothing is kept, since no checker judged them, keep their recorded outcome.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fixtures.model import (
    HarnessError,
    History,
    KeptJudgement,
    Outcome,
    Run,
    Status,
    UsageError,
    Verdict,
)
from reports.record.claim import make_footer
from reports.record.histories import FOLDER, load_history
from reports.record.judgements import FILE as JUDGEMENTS
from reports.record.judgements import asked_text, load_judgements
from reports.record.run_directory import assemble
from reports.record.run_file import FILE, load_run, write_run

JudgeHistory = Callable[[str, History], Verdict]  # of a requirement and a history
JudgeAgain = Callable[[str], Verdict]  # of what a checker was asked, as the run kept it


@dataclass(frozen=True, slots=True)
class Checkers:
    """Today's checkers."""

    judge_history: JudgeHistory
    judge_again: JudgeAgain  # raises HarnessError if it cannot read what was asked


@dataclass(frozen=True, slots=True)
class Rejudgement:
    """A run judged again: with the new verdicts, the outcomes that were judged, before and after,
    and why other cases could not be judged, by their ids."""

    run: Run
    judged: tuple[tuple[Outcome, Outcome], ...]
    unreadable: Mapping[str, str]

    @property
    def changed(self) -> tuple[tuple[Outcome, Outcome], ...]:
        """The outcomes whose status or reason differs, before and after."""
        return tuple(
            (before, now)
            for before, now in self.judged
            if (before.status, before.because) != (now.status, now.because)
        )

    @property
    def unjudged_count(self) -> int:
        """The number of cases that keep their recorded outcome."""
        return len(self.run.outcomes) - len(self.judged) - len(self.unreadable)


def rejudge(directory: Path, checkers: Checkers, harness: Mapping[str, str]) -> Rejudgement:
    """Judge a run again by what its directory keeps, which is not changed. `harness`: version and
    commit of the harness that judges now.

    Raises:
        UsageError: there is no valid record, or what it vouches for is missing or damaged; names
            the file.
    """
    run = load_run(directory)
    beside = directory if directory.is_dir() else directory.parent
    kept = load_judgements(beside, {outcome.case: outcome for outcome in run.outcomes})
    outcomes: list[Outcome] = []
    judged, unreadable = [], dict[str, str]()
    for outcome in run.outcomes:
        outcomes.append(outcome)
        try:
            now = _judged_again(outcome, beside, kept.get(outcome.case), checkers)
        except UsageError:
            raise
        except HarnessError as error:
            unreadable[outcome.case] = str(error)
            continue
        if now is not None:
            outcomes[-1] = now
            judged.append((outcome, now))
    plan: dict[str, Any] = {
        **run.header.plan,
        "rejudged": {"run": run.header.run, "harness": dict(harness), "cases": len(judged)},
    }
    header = replace(run.header, plan=plan)
    last = run.footer
    if last is not None:
        ended = make_footer(header, outcomes, last.finished, last.interrupted)
        last = replace(ended, attempts=last.attempts)
    return Rejudgement(Run(header, tuple(outcomes), last), tuple(judged), unreadable)


def _judged_again(
    outcome: Outcome, beside: Path, kept: KeptJudgement | None, checkers: Checkers
) -> Outcome | None:
    """The outcome by what is kept of the case; None if there is nothing."""
    if kept is not None:
        if kept.hidden:
            raise HarnessError("it depends on a secret, which no run keeps")
        return _by_judgement(outcome, kept, checkers.judge_again(asked_text(kept)))
    if (history := load_history(beside, outcome)) is not None:
        verdict = checkers.judge_history(outcome.requirement, history)
        return _rejudged_outcome(outcome, verdict)
    return None


def _by_judgement(outcome: Outcome, kept: KeptJudgement, verdict: Verdict) -> Outcome:
    """The outcome with the checker's verdict now."""
    if kept.final is kept.status and kept.added is not None:
        verdict = replace(verdict, because=f"{verdict.because}{kept.added}")
    elif verdict.status is kept.status:
        return outcome  # a control, or what was not seen, has made another one of the checker's
    return _rejudged_outcome(outcome, verdict)


def write_rejudged(
    rejudged: Rejudgement, directory: Path, out: Path, render: Callable[[Path], object]
) -> Run:
    """Write a run judged again into the new run directory `out`, with what `directory` keeps;
    `render` writes the reports. Returns the run as written.

    Raises:
        UsageError: `out` exists or cannot be written; nothing is written then.
    """
    out = out.resolve()  # the new run is called after it
    run = replace(rejudged.run, header=replace(rejudged.run.header, run=out.name))
    with assemble(out) as made:
        write_run(run, made / FILE)
        beside = directory if directory.is_dir() else directory.parent
        if (beside / FOLDER).is_dir():
            shutil.copytree(beside / FOLDER, made / FOLDER)
        if (beside / JUDGEMENTS).is_file():
            shutil.copy(beside / JUDGEMENTS, made / JUDGEMENTS)
        render(made)
    return run


def _rejudged_outcome(before: Outcome, verdict: Verdict) -> Outcome:
    """The outcome with the new verdict.

    The list of known deviations is not recorded, but the status of each listed case is: it stays a
    known deviation if it fails as before, else it becomes a stale one.
    """
    now = replace(
        before,
        status=verdict.status,
        because=verdict.because,
        expected=verdict.expected,
        observed=verdict.observed,
        measured=verdict.measured,
    )
    if before.status not in (Status.KNOWN_DEVIATION, Status.STALE_DEVIATION):
        return now
    if verdict.status is Status.FAILED and verdict.because in before.because:
        return replace(now, status=before.status, because=before.because)
    if verdict.status is Status.FAILED:
        because = f"listed as a known deviation, but fails otherwise now:\n{verdict.because}"
    elif verdict.status is Status.PASSED:
        because = "listed as a known deviation, but it passes now"
    else:
        return now
    return replace(now, status=Status.STALE_DEVIATION, because=because)
