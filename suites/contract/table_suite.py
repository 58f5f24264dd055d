"""The contract that the suites of all eleven mapping tables inherit.

A table's suite lists requirements of its actions, each as what differs from the row's own scenario
(`fixtures/plan/mapping`); the contract adds what is required of every row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from fixtures.model import Case, Requirement, Row
from suites.contract import all_rows
from suites.contract.query_authentication import query_authentication
from suites.contract.reply_leaves import reply_leaves
from suites.contract.soap_authentication import soap_authentication
from suites.contract.suite import Check, Suite


class TableSuite(Suite):
    """The requirements on one mapping table."""

    replies: ClassVar[tuple[Requirement, ...]] = ()
    parameters: ClassVar[tuple[Requirement, ...]] = ()
    filters: ClassVar[tuple[Requirement, ...]] = ()
    rejections: ClassVar[tuple[Requirement, ...]] = ()

    def test_documented_call(self, case: Case, check: Check) -> None:
        """The EC2 call results in the documented CloudStack call, once per resource."""
        check(case)

    def test_reply(self, case: Case, check: Check) -> None:
        """The reply has Amazon's fields, states and codes, for the requested resources."""
        check(case)

    def test_parameters(self, case: Case, check: Check) -> None:
        """An EC2 parameter that CloudStack has a counterpart for reaches it with its value."""
        check(case)

    def test_filters(self, case: Case, check: Check) -> None:
        """A filter selects exactly the resources that match it."""
        check(case)

    def test_rejections(self, case: Case, check: Check) -> None:
        """A request that cannot succeed fails with Amazon's error code and changes nothing."""
        check(case)

    def test_authentication(self, case: Case, check: Check) -> None:
        """Only a request that a registered user has signed, in time, is carried out."""
        check(case)

    @classmethod
    def demands(cls, kind: str, rows: Sequence[Row]) -> Iterator[Requirement]:
        """The requirements of one kind on the table's rows."""
        for row in rows:
            if row.suite == cls.suite:
                yield from cls._of_row(kind, row)

    @classmethod
    def _of_row(cls, kind: str, row: Row) -> Iterator[Requirement]:
        match kind:
            case "documented-call":
                yield all_rows.documented_call(row)
            case "reply":
                yield all_rows.reply(row)
                yield from _of_action(row, cls.replies)
                yield from reply_leaves(row)
            case "parameters":
                yield from _of_action(row, cls.parameters)
            case "filters":
                yield from _of_action(row, cls.filters)
            case "rejections":
                yield from _of_action(row, cls.rejections)
                yield from all_rows.cloud_failures(row)
            case "authentication":
                yield from query_authentication(row)
                yield from soap_authentication(row)


KINDS = ("documented-call", "reply", "parameters", "filters", "rejections", "authentication")


def _of_action(row: Row, requirements: tuple[Requirement, ...]) -> Iterator[Requirement]:
    return (requirement for requirement in requirements if requirement.action == row.action)
