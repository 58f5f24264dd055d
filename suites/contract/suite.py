"""What a suite is: a class of tests, each of which is one kind of case.

`conftest.py` asks the class for what it demands of a kind, plans the cases, and puts them to the
target one by one: `test_reply` gets the cases of the kind `reply`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from fixtures.model import Case, ProcedureRequirement, Requirement, Row

Check = Callable[[Case], None]  # puts a case to the target; fails unless it passes


class Suite:
    """What is certified under one name: its `requirements`, or what `demands` makes of the rows."""

    suite: ClassVar[str]
    requirements: ClassVar[Sequence[Requirement | ProcedureRequirement]] = ()

    @classmethod
    def demands(
        cls, kind: str, rows: Sequence[Row]
    ) -> Iterator[Requirement | ProcedureRequirement]:
        """Everything of one kind that is demanded; `rows` are all rows of the documentation."""
        del rows
        return (demand for demand in cls.requirements if demand.kind == kind)
