"""The claim of a run: a pure function of its plan and its outcomes."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from fixtures.model import Claim, Footer, Header, Level, Outcome, Run, Status

FAILING = frozenset({Status.FAILED, Status.STALE_DEVIATION})
UNJUDGED = frozenset({Status.ERROR, Status.INCONCLUSIVE})
UNSUCCESSFUL = FAILING | UNJUDGED
DIGEST_PREFIX = 12  # characters of a digest that identify a plan to a reader

HOLDS = "holds"  # what is said of a part of the plan
UNUSABLE = "the target cannot be used"  # the beginning of why a run ended, if that is so

_EXIT_STATUS = {Claim.NOT_CONFORMANT: 1, Claim.INCOMPLETE: 3}  # of runs that do not hold


@dataclass(frozen=True, slots=True)
class Assessment:
    """A claim, and the reason for it."""

    claim: Claim
    because: str
    holds: bool = False  # no case that the run took counts against the target
    unusable: bool = False  # the profile was wrong: no case was run

    @property
    def word(self) -> str:
        """The claim as every rendering says it: a part of the plan in which all holds claims
        nothing of the whole, and is said to hold."""
        return HOLDS if self.holds and self.claim is Claim.INCOMPLETE else self.claim.value


def count_passed(outcomes: Sequence[Outcome]) -> tuple[int, int]:
    """How many cases passed, and how many were claimed."""
    seen = Counter(outcome.status for outcome in outcomes)
    return seen[Status.PASSED], len(outcomes) - seen[Status.NOT_CLAIMED]


def plan_digest(case_ids: Iterable[str]) -> str:
    """The SHA-256, in hex, of a set of case ids, whatever their order."""
    return hashlib.sha256("\n".join(sorted(case_ids)).encode()).hexdigest()


@lru_cache(maxsize=4)  # a record is assessed when it is read, and by each rendering
def _distinct_digest(case_ids: frozenset[str]) -> str:
    return plan_digest(case_ids)


def shard_name(header: Header) -> str:
    """`shard 2/4 of plan 0123456789ab`; empty if the run is not a shard."""
    shard, digest = header.plan.get("shard"), header.plan.get("whole", {}).get("digest", "")
    return f"shard {shard} of plan {digest[:DIGEST_PREFIX]}" if shard else ""


def status_counts(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """The number of cases in each status, with all statuses, in the order of `Status`."""
    seen = Counter(outcome.status for outcome in outcomes)
    return {status.value: seen[status] for status in Status}


def assess(header: Header, outcomes: Sequence[Outcome], interrupted: str = "") -> Assessment:
    """What a run may claim, and why; `interrupted`: why it stopped before its end."""
    gap = _missing_part(header, outcomes, interrupted)
    if gap:
        unusable = not outcomes and interrupted.startswith(UNUSABLE)
        return Assessment(Claim.INCOMPLETE, gap, unusable=unusable)
    seen = Counter(outcome.status for outcome in outcomes)
    if any(seen[status] for status in FAILING):
        return Assessment(Claim.NOT_CONFORMANT, _failure_reason(seen, len(outcomes)))
    unjudged = sum(seen[status] for status in UNJUDGED)
    if unjudged:
        because = f"{case_count(unjudged)} of {len(outcomes):,} could not be judged"
        return Assessment(Claim.INCOMPLETE, because)
    claimed = len(outcomes) - seen[Status.NOT_CLAIMED]
    if not claimed:
        return Assessment(
            Claim.INCOMPLETE, "the target claims none of the capabilities that the cases need"
        )
    if not header.plan.get("full", False):
        return Assessment(Claim.INCOMPLETE, _part_that_holds(header, seen, claimed), holds=True)
    known = seen[Status.KNOWN_DEVIATION]
    aside = (
        f"; {case_count(len(outcomes) - claimed)} not claimed" if claimed < len(outcomes) else ""
    )
    if known:
        because = f"{case_count(known)} of {claimed:,} deviated as listed, the others passed{aside}"
        return Assessment(Claim.WITH_DEVIATIONS, because, holds=True)
    return Assessment(Claim.CONFORMANT, f"all {case_count(claimed)} passed{aside}", holds=True)


def _part_that_holds(header: Header, seen: Counter[Status], claimed: int) -> str:
    """What of the plan was run and holds: `suite s3, 1,555 of 1,555 claimed`."""
    whole = header.plan.get("whole", {})
    if header.plan.get("shard") and whole.get("full"):
        part = f"{case_count(seen.total())} of {whole.get('cases', 0):,}"
        return f"{shard_name(header)}, {part}; merge them all"
    part = header.plan.get("narrowed") or "a part of the plan"
    level = header.plan.get("asked", {}).get("level", "")
    at_level = f" at level {level}" if level == Level.MUST else ""
    known = seen[Status.KNOWN_DEVIATION]
    aside = f", {known:,} of them deviated as listed" if known else ""
    return f"{part}{at_level}, {claimed:,} of {claimed:,} claimed{aside}"


def earned_claim(header: Header, outcomes: Sequence[Outcome], interrupted: str = "") -> Claim:
    """The claim alone; see `assess`."""
    return assess(header, outcomes, interrupted).claim


def took_whole_plan(run: Run) -> bool:
    """Whether the run took every case of the whole plan."""
    interrupted = "" if run.footer and not run.footer.interrupted else "interrupted"
    full = bool(run.header.plan.get("full", False))
    return full and not _missing_part(run.header, run.outcomes, interrupted)


def assess_run(run: Run) -> Assessment:
    """What a recorded run may claim; one without a footer was cut short."""
    interrupted = "the record was cut short" if run.footer is None else run.footer.interrupted
    return assess(run.header, run.outcomes, interrupted)


def exit_status(assessment: Assessment) -> int:
    """The exit status of a run: 0 it holds, 1 it fails, 2 its target cannot be used, 3 it is
    incomplete.

    A shard or another part whose cases hold ends with 0, although it claims nothing of the whole.
    """
    if assessment.unusable:
        return 2
    return 0 if assessment.holds else _EXIT_STATUS[assessment.claim]


def make_footer(
    header: Header, outcomes: Sequence[Outcome], finished: str, interrupted: str = ""
) -> Footer:
    """The last line of a record; `finished`: ISO 8601 time."""
    verdict = earned_claim(header, outcomes, interrupted)
    return Footer(finished, status_counts(outcomes), verdict, interrupted)


def _missing_part(header: Header, outcomes: Sequence[Outcome], interrupted: str) -> str:
    """Why the outcomes are not those of the whole plan; empty if they are."""
    if interrupted:
        return f"stopped before its end: {interrupted}"
    if not outcomes:
        return "no case was run"
    ids = {outcome.case for outcome in outcomes}
    if len(ids) < len(outcomes):
        times = Counter(outcome.case for outcome in outcomes)
        doubles = sorted(case for case, number in times.items() if number > 1)
        return f"{case_count(len(doubles))} recorded more than once, the first is {doubles[0]}"
    planned = header.plan.get("cases")
    if planned != len(outcomes):
        return f"{planned} cases were planned and {len(outcomes)} recorded"
    digest = header.plan.get("digest")
    if digest and digest != _distinct_digest(frozenset(ids)):
        return "the recorded cases are not the planned ones (another digest)"
    return ""


def _failure_reason(seen: Counter[Status], total: int) -> str:
    parts = (
        [f"{case_count(seen[Status.FAILED])} of {total:,} failed"] if seen[Status.FAILED] else []
    )
    stale = seen[Status.STALE_DEVIATION]
    if stale:
        parts.append(
            "1 listed deviation is stale" if stale == 1 else f"{stale} listed deviations are stale"
        )
    return ", ".join(parts)


def case_count(number: int) -> str:
    """`1 case`, `1,234 cases`."""
    return "1 case" if number == 1 else f"{number:,} cases"
