"""The suite `usage` on a live target, whose usage servers bill by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fixtures import profile
from fixtures.model import Case, NotAvailable, Status, UsageScenario, Verdict
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.targets.target import Target
from fixtures.usage.live import live_story
from suites.usage.amounts import TestAmounts as Amounts
from suites.usage.servers import TestServers as Servers
from tests.support.planned_suites import cases
from tests.support.served_deployments import serve_deployment

KINDS = {
    Amounts: ("bill", "ranges", "owners", "generated", "calendar", "switched-off"),
    Servers: ("servers", "late", "processes"),
}
PLAN = {
    case.id: case
    for suite, kinds in KINDS.items()
    for kind in kinds
    for demand in suite.demands(kind, ())
    for case in cases("usage", demand)
}
BILLS = "usage/listUsageRecords/bill/{}[boto3]"
TABLE = "\n[usage]\npatience = {}\nuse = 0.5\nclock_error = 0.05\n"


@contextmanager
def live_target(folder: Path, *options: str) -> Iterator[Path]:
    """The profile of a deployment with a usage server."""
    database = f"sqlite:///{folder}/cloud.db"
    with serve_deployment(folder, "--db", database, "--usage", "1", *options) as served:
        yield served.profile


def run(file: Path, table: str, *chosen: Case) -> dict[str, Verdict]:
    """The verdicts on cases, with a table of the profile; nothing is left of what they create."""
    described = file.with_name("live.toml")
    described.write_text(file.read_text("utf-8") + table, "utf-8")
    with Target(profile.load(str(described)), run="live") as target, Session(target) as session:
        verdicts = {case.id: run_case(case, session).verdict for case in chosen}
    assert target.leftovers == []
    return verdicts


def test_what_is_used_is_billed(tmp_path: Path) -> None:
    """Things are used for a moment, and found in the records when the servers have billed them."""
    names = ("everything-within-a-day", "restarted-in-use")
    chosen = [PLAN[BILLS.format(name)] for name in names]
    with live_target(tmp_path) as file:
        verdicts = run(file, TABLE.format(20), *chosen)
    assert {verdict.status for verdict in verdicts.values()} == {Status.PASSED}, verdicts
    for verdict in verdicts.values():
        assert "running (type 1)" in verdict.expected
        assert "allocated (type 2)" in verdict.observed


def test_what_is_not_billed_in_time(tmp_path: Path) -> None:
    """Without usage servers nothing is billed, which is a finding once the patience is over."""
    case = PLAN[BILLS.format("address-within-a-day")]
    with serve_deployment(tmp_path) as served:
        verdict = run(served.profile, TABLE.format(0.5), case)[case.id]
    assert verdict.status is Status.FAILED
    assert "not billed: address (type 3) of" in verdict.because


def test_what_is_needed(tmp_path: Path) -> None:
    """Other stories are not claimed, each with its reason; neither is any without the table."""
    reasons = {
        BILLS.format("address-over-midnight"): "needs 20 hours, or a clock that is moved",
        BILLS.format("sanity-check"): "needs settings that usage servers read",
        "usage/listUsageRecords/owners/volumes[boto3]": "what other users use is not tracked",
        "usage/listUsageRecords/servers/kill-2[raw]": "needs",
        "usage/listUsageRecords/late/skewed-stop[raw]": "usage events that the harness holds back",
        "usage/listUsageRecords/calendar/month-1[raw]": "needs",
        "usage/listUsageRecords/processes/pause[raw]": "needs",
    }
    chosen = [PLAN[case] for case in reasons]
    address = PLAN[BILLS.format("address-within-a-day")]
    with serve_deployment(tmp_path) as served:
        verdicts = run(served.profile, TABLE.format(0.5), *chosen)
        assert {verdict.status for verdict in verdicts.values()} == {Status.NOT_CLAIMED}, verdicts
        for case, reason in reasons.items():
            assert reason in verdicts[case].because
        for table, reason in {
            "": "has no [usage] with `patience`",
            "\n[usage]\npatience = 1\nuse = 3\n": "3 s are too few to be seen where clocks may",
        }.items():
            verdict = run(served.profile, table, address)[address.id]
            assert (verdict.status, reason in verdict.because) == (Status.NOT_CLAIMED, True)


def test_every_story_is_decided() -> None:
    """Of all stories those remain that only use something, and there are enough of them."""
    remaining = set()
    for case in PLAN.values():
        assert isinstance(case.scenario, UsageScenario)
        with suppress(NotAvailable):
            live_story(case.scenario, 60.0)
            remaining.add(case.id.split("/")[2])
    assert remaining == {"bill"}
