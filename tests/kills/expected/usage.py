"""How the cases of usage name the mutations of usage servers."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kills.expected.expectation import Expected


def _fails(*names: str, text: str) -> Expected:
    return Expected(tuple(f"usage/listUsageRecords/{name}[*" for name in names), text)


USAGE: Mapping[str, Expected] = {
    "bills-late-days-again": _fails(
        *("late/stop", "late/delete", "late/another", "generated/rest-of-day"),
        text="billed twice: ",
    ),
    "orders-events-by-moment": _fails(
        "late/skewed-stop", "late/skewed-start", "late/skewed-delete", text="billed too long: "
    ),
    "copies-above-last-id": _fails("late/lower-id", text="not billed: volume"),
    "forgets-rest-of-day": _fails(
        "generated/rest-of-day", "generated/at-once", text="billed too short: "
    ),
    "queues-empty-jobs": _fails("servers/nothing-2", "ranges/hours", text="jobs without work: "),
    "writes-after-its-lease": _fails(
        "servers/pause-in-job-2", "servers/pause-in-job-3", text="billed twice: "
    ),
    "compares-clocks": _fails(
        "servers/fast-clock-2", "servers/slow-owner-3", text="two owners: server 1 took"
    ),
    "stays-in-its-year": _fails(
        "calendar/new-year-1", "calendar/first-of-january-2", text="not billed: "
    ),
    "last-type-decides": _fails("servers/fails-1", "servers/fails-6", text="billed too short: "),
    "closes-job-first": _fails(
        "servers/kill-second-step-2", "servers/kill-second-step-3", text="billed too short: "
    ),
    "bills-in-floats": _fails("ranges/week", text="billed too short: "),
    "checks-disks-as-hours": _fails("bill/sanity-check", text="false alert: "),
    "keeps-job-when-stopped": _fails(
        "servers/stop-before-job-2", "servers/stop-before-job-3", text="not billed: "
    ),
    "ignores-the-switch": _fails("switched-off/false", text="usage is switched off"),
    "bills-first-account": _fails(
        "owners/instances", "owners/volumes", text="billed to another account: "
    ),
}
