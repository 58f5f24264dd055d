"""Which cases passed, against those that may."""

from __future__ import annotations

from collections.abc import Mapping

from fixtures.model import Status, Verdict, matches_case


def assert_only(verdicts: Mapping[str, Verdict], reasons: Mapping[str, str]) -> None:
    """Only cases with a reason (by a pattern of ids) pass, and each reason has a case; none ends
    with an error."""
    statuses = {verdict.status for verdict in verdicts.values()}
    assert statuses <= {Status.PASSED, Status.FAILED, Status.INCONCLUSIVE}
    passed = [case for case, verdict in verdicts.items() if verdict.status is Status.PASSED]
    covered = {case for case in passed for pattern in reasons if matches_case(pattern, case)}
    assert set(passed) == covered, sorted(set(passed) - covered)
    assert all(any(matches_case(pattern, case) for case in passed) for pattern in reasons)
