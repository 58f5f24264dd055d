"""What the suites of the catalogue have in common: their name, their kinds of cases, who sends."""

from __future__ import annotations

from typing import ClassVar

from fixtures.model import Case, Requirement
from suites.contract.suite import Check, Suite

SDK, RAW = ("boto3",), ("raw",)
CLIENTS = ("boto", "boto3", "soap", "command")
BAD_VALUE = frozenset(  # the codes for a value that cannot be meant
    {
        *("InvalidParameterValue", "MissingParameter", "InvalidParameterCombination"),
        *("ValidationError", "InvalidParameter", "InvalidInput"),
    }
)


class ValueSuite(Suite):
    """The values of one type, over every parameter of that type."""

    suite = "values"
    requirements: ClassVar[tuple[Requirement, ...]]

    def test_parameters(self, case: Case, check: Check) -> None:
        """A value arrives at CloudStack as it was sent."""
        check(case)

    def test_reply(self, case: Case, check: Check) -> None:
        """A value comes back as CloudStack has it."""
        check(case)

    def test_filters(self, case: Case, check: Check) -> None:
        """A filter finds a value as CloudStack has it."""
        check(case)

    def test_rejections(self, case: Case, check: Check) -> None:
        """A value that cannot be meant is refused, and nothing is changed."""
        check(case)
