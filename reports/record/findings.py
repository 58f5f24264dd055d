"""The findings of a run: its failures grouped by cause. See `causes` for how they are found."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from fixtures.model import Level, Outcome, Status
from reports.record.claim import FAILING, case_count
from reports.record.reasons import one_line_reason, reply_contradiction
from reports.record.signatures import differences

STEP = re.compile(r"(?:[a-z][\w-]*: )?(?P<action>[A-Z]\w+)(?: by \w+)?: ")  # of an S3 story
_NAMED = 3  # actions that a title names


@dataclass(frozen=True)
class Finding:
    """Cases that fail for one cause, the clearest example first."""

    cause: str  # the difference, without values and names
    outcomes: tuple[Outcome, ...]
    consequences: tuple[Finding, ...] = ()  # findings that follow from this one

    @property
    def example(self) -> Outcome:
        """The case that shows it."""
        return self.outcomes[0]

    @property
    def id(self) -> str:
        """A name that is the same in another run, valid in a URL."""
        own = {*self.rows} <= {*self.actions}  # else it is of cases that need the action at fault
        kinds = map(str, (self.is_security, self.is_judged, own))
        text = "\n".join((*self.actions, self.cause, *kinds))
        return f"finding-{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:10]}"

    @property
    def is_security(self) -> bool:
        """Whether the cases are about security."""
        return self.example.security

    @property
    def is_judged(self) -> bool:
        """Whether the target was wrong; otherwise the cases could not be judged."""
        return self.example.status in FAILING

    @cached_property
    def level(self) -> Level:
        """`must` if the documentation demands what one of the cases does."""
        return Level.MUST if self.count_of_level(Level.MUST) else Level.SHOULD

    def count_of_level(self, level: Level) -> int:
        """The number of its cases at a level."""
        return sum(outcome.level == level for outcome in self.outcomes)

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions at fault, of which the cases of others may be about."""
        return tuple(sorted(set(map(action_at_fault, self.outcomes))))

    @property
    def rows(self) -> tuple[str, ...]:
        """The actions that it is about."""
        return tuple(sorted({outcome.row for outcome in self.outcomes}))

    @property
    def clients(self) -> tuple[str, ...]:
        """The clients that show it, by name."""
        return tuple(sorted({outcome.driver for outcome in self.outcomes}))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its cases, such as `filters`."""
        return tuple(sorted({case_kind(outcome) for outcome in self.outcomes}))

    @property
    def subject(self) -> str:
        """The actions at fault, in words: `DescribeImages`, `38 actions (AttachVolume, …)`."""
        actions = self.actions
        if len(actions) <= _NAMED:
            return ", ".join(actions)
        return f"{len(actions)} actions ({', '.join(actions[:_NAMED])}, …)"

    @property
    def reason(self) -> str:
        """The example's difference and its effect, in one line."""
        text = one_line_reason(self.example)
        step = STEP.match(text)
        return text[step.end() :] if step and step["action"] in self.actions else text

    @property
    def title(self) -> str:
        """What is wrong, in one line."""
        kinds = f" ({self.kinds[0]})" if len(self.kinds) == 1 else ""
        return f"{self.subject}{kinds}: {self.reason}"

    @property
    def extent(self) -> str:
        """`192 cases, 4 clients`."""
        number = len(self.clients)
        return f"{case_count(len(self.outcomes))}, {number} client{'s' * (number != 1)}"

    @property
    def contradiction(self) -> str:
        """How the example's reply contradicts what CloudStack answered; empty if it does not."""
        return reply_contradiction(self.example)

    @property
    def all_outcomes(self) -> tuple[Outcome, ...]:
        """Its cases, and those of its consequences."""
        return (
            *self.outcomes,
            *(outcome for finding in self.consequences for outcome in finding.all_outcomes),
        )


@dataclass(frozen=True, slots=True)
class LevelCount:
    """How many cases of a level the target claims, and how many of them hold."""

    level: Level
    passed: int
    claimed: int

    def __str__(self) -> str:
        name = "Documented" if self.level is Level.MUST else "Amazon's"
        return f"{name}: {self.passed:,} of {self.claimed:,} hold"


@dataclass(frozen=True, slots=True)
class RunFindings:
    """What a run found, the most important first; consequences stand under their causes."""

    findings: tuple[Finding, ...]
    documented: LevelCount
    amazon: LevelCount

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """The findings and their consequences, each after its cause."""
        return tuple(_with_consequences(self.findings))

    @property
    def headline(self) -> str:
        """`39 findings in 343 cases; 2 cases could not be judged`."""
        judged = sum(len(f.outcomes) for f in self.all_findings if f.is_judged)
        unjudged = sum(len(f.outcomes) for f in self.all_findings if not f.is_judged)
        number = sum(finding.is_judged for finding in self.findings)
        parts = [f"{number:,} finding{'s' * (number != 1)} in {case_count(judged)}"]
        if unjudged:
            parts.append(f"{case_count(unjudged)} could not be judged")
        return "; ".join(parts if number or not unjudged else parts[1:])

    @property
    def levels(self) -> str:
        """`Documented: 109 of 122 hold; Amazon's: 568 of 898`, of those that are claimed."""
        shown = [count for count in (self.documented, self.amazon) if count.claimed]
        return "; ".join(map(str, shown))


def count_levels(outcomes: Sequence[Outcome]) -> tuple[LevelCount, LevelCount]:
    """How many cases of the documented and of Amazon's are claimed, and how many passed."""
    claimed = Counter(o.level for o in outcomes if o.status is not Status.NOT_CLAIMED)
    passed = Counter(o.level for o in outcomes if o.status is Status.PASSED)
    must, should = Level.MUST, Level.SHOULD
    return (
        LevelCount(must, passed[must.value], claimed[must.value]),
        LevelCount(should, passed[should.value], claimed[should.value]),
    )


def case_kind(outcome: Outcome) -> str:
    """The kind of a case, the third part of its id: `filters`."""
    parts = outcome.case.rpartition("[")[0].split("/")
    return parts[2] if len(parts) > 2 else ""


def action_at_fault(outcome: Outcome) -> str:
    """The action whose reply or effect is wrong: that of the step of a story, else the row's."""
    step = STEP.match(differences(outcome))
    return step["action"] if step else outcome.row


def _with_consequences(findings: Iterable[Finding]) -> Iterator[Finding]:
    for finding in findings:
        yield finding
        yield from _with_consequences(finding.consequences)
