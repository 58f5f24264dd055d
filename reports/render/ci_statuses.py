"""The statuses of cases in the words of the formats that CI systems read.

They have fewer words than the record: what could not be judged is never passed, and neither is a
known deviation. The record's own status stands beside the word wherever a format has room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fixtures.model import Status


@dataclass(frozen=True, slots=True)
class CiStatus:
    """A status in each format."""

    junit: str  # the element in a `testcase`; empty for none
    allure: str
    ctrf: str


_FAILED = CiStatus("failure", "failed", "failed")
_BROKEN = CiStatus("error", "broken", "other")
_SKIPPED = CiStatus("skipped", "skipped", "skipped")

CI_STATUSES: Mapping[Status, CiStatus] = {
    Status.PASSED: CiStatus("", "passed", "passed"),
    Status.FAILED: _FAILED,
    Status.STALE_DEVIATION: _FAILED,
    Status.ERROR: _BROKEN,
    Status.INCONCLUSIVE: _BROKEN,
    Status.NOT_CLAIMED: _SKIPPED,
    Status.KNOWN_DEVIATION: _SKIPPED,
}
