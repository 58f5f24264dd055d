"""The canonical record, which is equal in runs whose target behaved alike, and only in those."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fixtures.model import Run, Status, UsageError
from reports.record.canonical import canonical_digest, header_difference
from reports.record.selection import RunScope, unsuccessful_cases
from tests.support.made_runs import every_status, keep, made_run, outcome
from tools.conform.main import main

CALLS = (
    {"command": "listVolumes", "params": {"id": "v1"}, "status": 200},
    {"command": "attachVolume", "params": {"name": "cf-00z-bbbb22gw1-3"}, "status": 200},
)
FINDING = "name is {}, id 0a1b2c3d-0000-4000-8000-{:012d}, at {}"
FIRST = FINDING.format("cf-00z-bbbb22gw1-3", 1, "2026-11-21T22:15:00Z")
SECOND = FINDING.format("cf-0z-aaaa11r2-18", 2, "2026-11-22T00:00:01Z")
RUN = made_run([outcome(Status.FAILED, because=FIRST, calls=CALLS), outcome(kind="reply")])

Change = Callable[[Run], Run]


def with_outcome(**fields: Any) -> Change:
    """The run with another outcome of the first case."""
    return lambda run: replace(
        run, outcomes=(replace(run.outcomes[0], **fields), *run.outcomes[1:])
    )


def with_header(**fields: Any) -> Change:
    """The run with another header."""
    return lambda run: replace(run, header=replace(run.header, **fields))


RENAMED = {"command": "attachVolume", "params": {"name": "cf-0z-aaaa11r2-18"}, "status": 200}
SAME: dict[str, Change] = {
    "order": lambda run: replace(run, outcomes=run.outcomes[::-1]),
    "run": with_header(run="joined", started="later"),
    "cut short": lambda run: replace(run, footer=None),
    "seconds": with_outcome(seconds=9.0),
    "wire": with_outcome(exchange=()),
    "observed": with_outcome(observed="answered; look-ups of its own"),
    "repeat": with_outcome(repeat="conform run"),
    "look-ups": with_outcome(calls=CALLS[1:]),
    "names in calls": with_outcome(calls=(CALLS[0], RENAMED)),
    "names, ids, times": with_outcome(because=SECOND),
}
OTHER: dict[str, Change] = {
    "status": with_outcome(status=Status.ERROR),
    "finding": with_outcome(because="attachVolume: id is wrong"),
    "expected": with_outcome(expected="attachVolume() twice"),
    "no change": with_outcome(calls=CALLS[:1]),
    "one change more": with_outcome(calls=(*CALLS, CALLS[1])),
    "case": with_outcome(case="volumes/x[boto]"),
    "level": with_outcome(level="should"),
    "seed": with_header(seed=8),
    "target": with_header(target={"name": "other"}),
    "harness": with_header(harness={"version": "9"}),
    "less": lambda run: replace(run, outcomes=run.outcomes[1:]),
}


@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
def test_what_differs_by_nature_is_left_out(change: Change) -> None:
    """Two runs of a target that behaved alike have the same canonical record."""
    assert canonical_digest(change(RUN)) == canonical_digest(RUN)


@pytest.mark.parametrize("change", OTHER.values(), ids=OTHER)
def test_what_the_target_did_is_not_left_out(change: Change) -> None:
    """Any other verdict, reason or change in CloudStack makes another canonical record."""
    assert canonical_digest(change(RUN)) != canonical_digest(RUN)


def test_headers_about_the_same_have_no_difference() -> None:
    """Time and place of a run are no difference; target and plan are."""
    other = with_header(run="another", started="later")(RUN).header
    assert header_difference(RUN.header, other) == ""
    other = with_header(harness={"version": "0.1.0", "commit": ""})(RUN).header
    assert (
        header_difference(RUN.header, other)
        == "another harness: 0.1.0 0123456789abcdef there, 0.1.0 here"
    )


def test_the_digest_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`conform show DIR` and the summary have the digest."""
    keep(RUN, tmp_path)
    assert main(["show", str(tmp_path)]) == 0
    line = f"canonical {canonical_digest(RUN)}"
    assert line in capsys.readouterr().out.splitlines()
    assert main(["report", str(tmp_path)]) == 0
    assert line.replace(" ", ": ") in (tmp_path / "summary.md").read_text("utf-8")


def test_only_what_did_not_pass_is_run_again(tmp_path: Path) -> None:
    """Cases that failed or could not be judged are run again, in the plan's order; not those
    that passed, that the target does not claim, or that are known to deviate."""
    run = made_run(every_status())
    again = {Status.FAILED, Status.ERROR, Status.INCONCLUSIVE, Status.STALE_DEVIATION}
    expected = [each.case for each in run.outcomes if each.status in again]
    part = RunScope.from_options("", str(keep(run, tmp_path)), "")
    assert part.select([each.case for each in run.outcomes]).remaining == tuple(expected)
    with pytest.raises(UsageError, match=r"no case that did not pass in run .* is in the plan"):
        part.select(["another"])


def test_there_may_be_nothing_to_run_again() -> None:
    """A run without a failure has nothing to run again, which is an error."""
    with pytest.raises(UsageError, match="no case failed, there is nothing to run again"):
        unsuccessful_cases(made_run([outcome()]))
