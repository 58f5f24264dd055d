"""What a mutation must do to the cases of the plan: which fail, and what their findings contain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fixtures.model import matches_case


@dataclass(frozen=True, slots=True)
class Expected:
    """The cases that must fail under a mutation (patterns of their ids), and a text that the
    finding of each of them must contain."""

    cases: tuple[str, ...]
    text: str = ""

    def covers(self, case_id: str) -> bool:
        """Whether that case must fail."""
        return any(matches_case(pattern, case_id) for pattern in self.cases)

    def unmatched_patterns(self, case_ids: Iterable[str]) -> list[str]:
        """The patterns that match none of these cases."""
        ids = list(case_ids)
        return [
            pattern for pattern in self.cases if not any(matches_case(pattern, id_) for id_ in ids)
        ]


def fails(*groups: tuple[str, ...], text: str = "") -> Expected:
    """An expectation from groups of case patterns."""
    return Expected(tuple(pattern for group in groups for pattern in group), text)
