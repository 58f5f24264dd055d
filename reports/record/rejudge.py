"""The verdicts of a run again, by the histories beside its record, without the target.

Cases without a history keep their recorded verdict.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fixtures.model import History, Outcome, Run, Status, Verdict
from reports.record.claim import make_footer
from reports.record.histories import FOLDER, load_history
from reports.record.run_directory import assemble
from reports.record.run_file import FILE, load_run, write_run

Judge = Callable[[str, History], Verdict]  # of a requirement and a history


@dataclass(frozen=True, slots=True)
class Rejudgement:
    """A run judged again: with the new verdicts, and the outcomes that were judged, before and
    after."""

    run: Run
    judged: tuple[tuple[Outcome, Outcome], ...]

    @property
    def unjudged_count(self) -> int:
        """The number of cases that keep their recorded verdict."""
        return len(self.run.outcomes) - len(self.judged)


def rejudge(directory: Path, judge: Judge, harness: Mapping[str, str]) -> Rejudgement:
    """Judge the histories in a run directory again, which is not changed. `harness`: version and
    commit of the harness that judges now.

    Raises:
        UsageError: there is no valid record, or a history that it vouches for is missing or
            damaged; names the file.
    """
    run = load_run(directory)
    beside = directory if directory.is_dir() else directory.parent
    outcomes, judged = [], []
    for outcome in run.outcomes:
        if (history := load_history(beside, outcome)) is None:
            outcomes.append(outcome)
            continue
        now = _rejudged_outcome(outcome, judge(outcome.requirement, history))
        outcomes.append(now)
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
    return Rejudgement(Run(header, tuple(outcomes), last), tuple(judged))


def write_rejudged(
    rejudged: Rejudgement, directory: Path, out: Path, render: Callable[[Path], object]
) -> Run:
    """Write a run judged again into the new run directory `out`, with the histories of `directory`;
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
