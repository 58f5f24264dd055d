"""The shapes of the 38 replies, compared with those of moto, an independent implementation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from fixtures.model import Case, Parity, ProcedureRequirement, Row
from suites.contract.suite import Check, Suite


class TestParity(Suite):
    """One case for each documented action."""

    suite: ClassVar[str] = "parity"

    def test_shape(self, case: Case, check: Check) -> None:
        """boto3 reads the same keys, types and nesting as from moto's reply, apart from differences
        that Amazon's schema of the API version explains."""
        check(case)

    @classmethod
    def demands(cls, kind: str, rows: Sequence[Row]) -> Iterator[ProcedureRequirement]:
        """The shape of each row's reply."""
        for row in rows:
            yield ProcedureRequirement(
                row=row.action,
                kind=kind,
                name="",
                text=f"boto3 reads the reply to {row.action} with the same shape as moto's reply.",
                procedure=Parity(row.scenario),
                drivers=("boto3",),
                capabilities=row.capabilities | {"query"},
                source="moto, an independent implementation of Amazon's API",
            )
