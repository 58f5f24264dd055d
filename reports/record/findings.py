"""The findings of a run: its failures grouped by cause, a pure function of the record.

Cases belong to one finding if the same action is at fault and their first differences have the same
signature, without values and names. A difference that three or more actions have in common is one
finding, whatever the action. Security comes first, then what the documentation demands, then what
Amazon's API demands, then what could not be judged; in each, what most cases show. A finding that
follows from another stands under it: cases of other actions that need the one at fault.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from fixtures.model import Level, Outcome, Run, Status
from reports.record.claim import FAILING, UNSUCCESSFUL, case_count
from reports.record.reasons import one_line_reason, reply_contradiction, requested_range
from reports.record.signatures import differences, failure_signature

_STEP = re.compile(r"(?:[a-z][\w-]*: )?(?P<action>[A-Z]\w+)(?: by \w+)?: ")  # of an S3 story
COMMON_CAUSE = 3  # actions that show the same difference for one cause
_NAMED = 3  # actions that a title names
_OF_CONTENT = re.compile(r"\b(data|content)\b", re.IGNORECASE)  # the difference is in an object
_VALUE = re.compile(r"b?'[^']*'|b?\"[^\"]*\"|\[[^\]]*\]|\b\d{5,}\b")


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
    def signature(self) -> str:
        """The example's signature, as a deviation has it."""
        return failure_signature(differences(self.example))

    @property
    def id(self) -> str:
        """A name that is the same in another run, valid in a URL."""
        text = "\n".join((*self.actions, self.cause, str(self.is_security), str(self.is_judged)))
        return f"finding-{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:10]}"

    @property
    def is_security(self) -> bool:
        """Whether the cases are about security."""
        return is_security(self.example)

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
    def suites(self) -> tuple[str, ...]:
        """The suites of its cases."""
        return tuple(sorted({outcome.suite for outcome in self.outcomes}))

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
        step = _STEP.match(text)
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
        """`39 findings in 343 cases`; of what failed and of what could not be judged."""
        parts = []
        for judged, rest in ((True, ""), (False, " that could not be judged")):
            found = [finding for finding in self.findings if finding.is_judged is judged]
            if found or judged:
                number = sum(len(finding.all_outcomes) for finding in found)
                kind = "finding" if judged else "reason"
                plural = "s" * (len(found) != 1)
                parts.append(f"{len(found)} {kind}{plural} in {case_count(number)}{rest}")
        return ", ".join(parts)

    @property
    def levels(self) -> str:
        """`Documented: 109 of 122 hold; Amazon's: 568 of 898`, of those that are claimed."""
        shown = [count for count in (self.documented, self.amazon) if count.claimed]
        return "; ".join(map(str, shown))


def find_causes(run: Run) -> RunFindings:
    """The findings of a run."""
    bad = [outcome for outcome in run.outcomes if outcome.status in UNSUCCESSFUL]
    groups = _grouped(bad)
    found = sorted((_finding(group) for group in groups), key=_rank)
    return RunFindings(
        tuple(found), *(count_level(run.outcomes, level) for level in (Level.MUST, Level.SHOULD))
    )


def count_level(outcomes: Iterable[Outcome], level: Level) -> LevelCount:
    """How many cases of a level are claimed, and how many of them passed."""
    claimed = [o for o in outcomes if o.level == level and o.status is not Status.NOT_CLAIMED]
    return LevelCount(level, sum(o.status is Status.PASSED for o in claimed), len(claimed))


def is_security(outcome: Outcome) -> bool:
    """Whether a case is about security."""
    return bool(getattr(outcome, "security", False))


def case_kind(outcome: Outcome) -> str:
    """The kind of a case, the third part of its id: `filters`."""
    parts = outcome.case.rpartition("[")[0].split("/")
    return parts[2] if len(parts) > 2 else ""


def action_at_fault(outcome: Outcome) -> str:
    """The action whose reply or effect is wrong: that of the step of a story, else the row's."""
    step = _STEP.match(differences(outcome))
    return step["action"] if step else outcome.row


_Cause = tuple[bool, bool, str, bool]  # judged, security, the difference, of a part of an object


def _cause(outcome: Outcome) -> _Cause:
    """What cases of one cause have in common, whatever the action."""
    first, steps = _STEP.subn("reply: ", differences(outcome).partition("\n")[0], count=1)
    text = _VALUE.sub("…", failure_signature(first).replace(outcome.row, "…"))
    part = bool(steps and _OF_CONTENT.search(first) and requested_range(outcome.exchange))
    return outcome.status in FAILING, is_security(outcome), text, part


def _grouped(outcomes: Iterable[Outcome]) -> Iterator[list[Outcome]]:
    """Outcomes by their cause: a group for all actions, if they are several, or one for each."""
    causes: dict[_Cause, dict[str, list[Outcome]]] = {}
    for outcome in outcomes:
        actions = causes.setdefault(_cause(outcome), {})
        actions.setdefault(action_at_fault(outcome), []).append(outcome)
    for groups in causes.values():
        if len(groups) >= COMMON_CAUSE:
            yield [outcome for group in groups.values() for outcome in group]
        else:
            yield from groups.values()


def _finding(outcomes: Sequence[Outcome]) -> Finding:
    """A finding with the example first: at the highest level, and with the shortest text. The cases
    of other actions follow from those of the action at fault, if there are any."""
    own = [outcome for outcome in outcomes if action_at_fault(outcome) == outcome.row]
    if own and len(own) < len(outcomes):
        others = [outcome for outcome in outcomes if action_at_fault(outcome) != outcome.row]
        return replace(_finding(own), consequences=(_finding(others),))
    example = min(outcomes, key=lambda o: (o.level != Level.MUST, len(o.because), o.case))
    rest = (outcome for outcome in outcomes if outcome is not example)
    return Finding(_cause(example)[2], (example, *rest))


def _rank(finding: Finding) -> tuple[bool, bool, bool, int, str]:
    """Sort key: judged, about security, documented, then the number of cases."""
    return (
        not finding.is_judged,
        not finding.is_security,
        finding.level is not Level.MUST,
        -len(finding.all_outcomes),
        finding.example.case,
    )


def _with_consequences(findings: Iterable[Finding]) -> Iterator[Finding]:
    for finding in findings:
        yield finding
        yield from _with_consequences(finding.consequences)
