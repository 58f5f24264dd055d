"""The shapes of the 38 replies against those of an implementation that we had no hand in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from fixtures.model import Case, Parity, ProcedureRequirement, Row
from suites.contract.suite import Check, Suite


class TestParity(Suite):
    """One case for each documented action."""

    suite: ClassVar[str] = "parity"

    def test_shape(self, case: Case, check: Check) -> None:
        """boto3 sees the same keys, types and nesting as in moto's reply, but for what Amazon's
        schema of the API version explains."""
        check(case)

    @classmethod
    def demands(cls, kind: str, rows: Sequence[Row]) -> Iterator[ProcedureRequirement]:
        """The shape of each row's reply."""
        for row in rows:
            yield ProcedureRequirement(
                row=row.action,
                kind=kind,
                name="",
                text=f"boto3 reads {row.action}'s reply as it reads moto's to the same request.",
                procedure=Parity(row.scenario),
                drivers=("boto3",),
                capabilities=row.capabilities | {"query"},
                source="moto, an independent implementation of Amazon's API",
            )
