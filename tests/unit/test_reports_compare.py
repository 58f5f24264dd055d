"""What changed between two runs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from fixtures.model import Outcome, Run, Status
from reports.record.claim import plan_digest
from reports.record.compare import CallChange, Change, Comparison, compare
from reports.render.comparison import as_html, as_json, as_markdown, as_text
from tests.support.made_runs import made_run, outcome

ID = "0a1b2c3d-0000-4000-8000-{:012d}"


def _pair(before: Status, after: Status) -> Comparison:
    return compare(made_run([outcome(before)]), made_run([outcome(after)]))


def _with_calls(*calls: dict[str, Any]) -> Run:
    return made_run([outcome(calls=calls)])


def _call(command: str, **params: str) -> dict[str, Any]:
    return {"command": command, "params": params, "status": 200}


@pytest.mark.parametrize("bad", sorted(set(Status) - {Status.PASSED}))
def test_case_that_passed_and_does_not_any_more_is_broken(bad: Status) -> None:
    """A case that passed and does not any more is a regression, a dropped claim too."""
    comparison = _pair(Status.PASSED, bad)
    assert [(c.before, c.after) for c in comparison.broken] == [(Status.PASSED, bad)]
    assert comparison.regressions == comparison.broken


@pytest.mark.parametrize("before", [Status.NOT_CLAIMED, Status.KNOWN_DEVIATION])
def test_accepted_case_that_fails_now_is_broken(before: Status) -> None:
    """A deviation that got worse, and a new claim that fails, are regressions."""
    assert _pair(before, Status.FAILED).regressions


@pytest.mark.parametrize("before", sorted(set(Status) - {Status.PASSED}))
def test_case_that_passes_now_is_fixed(before: Status) -> None:
    """A case that passes now and did not before is fixed, and no regression."""
    comparison = _pair(before, Status.PASSED)
    assert len(comparison.fixed) == 1
    assert not comparison.regressions


def test_regressions_are_grouped_into_findings() -> None:
    """Thirty cases that broke for one cause, and new ones that fail like them, are one line in
    every format; a case that failed before is not in it."""
    old = [outcome(kind=f"case-{n}") for n in range(30)]
    before = outcome(Status.FAILED, kind="before")
    new = [outcome(Status.FAILED, kind=f"case-{n}") for n in range(31)]
    comparison = compare(made_run([*old, before]), made_run([*new, before]))
    broken, added = comparison.findings
    assert (broken.section, broken.extent) == ("broken", "30 cases, 1 client")
    assert (added.section, added.extent) == ("new", "1 case, 1 client")
    assert {*broken.cases, *added.cases} == {each.case for each in new}
    line = "must, 30 cases, 1 client: AttachVolume: attachVolume was not called"
    assert f"broken (30)\n  {line}\n" in as_text(comparison, colour=False)
    assert f"## Broken (30)\n\n- {line}: " in as_markdown(comparison)
    assert "AttachVolume: attachVolume was not called" in as_html(comparison)
    assert json.loads(as_json(comparison))["findings"][0]["level"] == "must"


def test_same_run_twice_shows_nothing() -> None:
    """Two runs that differ only in ids, times and addresses are the same."""
    runs = [
        made_run(
            [
                outcome(
                    Status.FAILED,
                    because=f"attachVolume: id is {ID.format(n)}",
                    calls=(_call("attachVolume", id=ID.format(n), ip=f"10.1.1.{n}"),),
                    seconds=0.01 + n / 100,
                )
            ]
        )
        for n in (1, 2)
    ]
    comparison = compare(*runs)
    assert not any(
        (
            comparison.broken,
            comparison.fixed,
            comparison.drifted,
            comparison.otherwise,
            comparison.calls,
            comparison.slower,
        )
    )


def test_generated_names_are_no_difference() -> None:
    """Calls that differ in names with the run's id and a number are the same calls."""
    runs = []
    for name, suffix in (("20261121T221500Z-ab12cd", "00z-ab12cd-1"), ("x-f00f00", "f00f00-17")):
        run = _with_calls(_call("createSecurityGroup", name=f"cf-{suffix}"))
        runs.append(replace(run, header=replace(run.header, run=name)))
    assert not compare(*runs).calls


def test_case_that_fails_for_another_reason_is_listed() -> None:
    """A failure that changed its reason is listed, though it is no regression."""
    old = made_run([outcome(Status.FAILED)])
    new = made_run([outcome(Status.FAILED, because="attachVolume: sent twice")])
    comparison = compare(old, new)
    assert [change.because for change in comparison.drifted] == ["attachVolume: sent twice"]
    assert [finding.section for finding in comparison.findings] == ["drifted"]
    assert not comparison.regressions


@pytest.mark.parametrize(
    ("status", "regressed"), [(Status.PASSED, False), (Status.FAILED, True), (Status.ERROR, True)]
)
def test_new_case_that_fails_is_a_regression(status: Status, regressed: bool) -> None:
    """New cases are listed; those that fail are regressions."""
    old = made_run([outcome()])
    comparison = compare(old, made_run([outcome(), outcome(status, kind="reply")]))
    assert [change.case for change in comparison.added] == ["volumes/AttachVolume/reply[boto3]"]
    assert bool(comparison.regressions) is regressed


@pytest.mark.parametrize(("status", "regressed"), [(Status.PASSED, True), (Status.FAILED, False)])
def test_case_that_passed_and_is_gone_is_a_regression(status: Status, regressed: bool) -> None:
    """A case that passed and is missing now is a regression; others are not."""
    comparison = compare(
        made_run([outcome(), outcome(status, kind="reply")]), made_run([outcome()])
    )
    assert len(comparison.gone) == 1
    assert bool(comparison.regressions) is regressed


def test_other_cloudstack_calls_are_listed() -> None:
    """Another command, another parameter or another value behind the same verdict is shown."""
    comparison = compare(
        _with_calls(_call("listVolumes", id=ID.format(1)), _call("attachVolume", deviceid="2")),
        _with_calls(_call("attachVolume", deviceid="3"), _call("listVolumes", listall="true")),
    )
    (other,) = comparison.calls
    assert set(other.without) == {"listVolumes(id=<uuid>)", "attachVolume(deviceid=2)"}
    assert set(other.besides) == {"attachVolume(deviceid=3)", "listVolumes(listall=true)"}
    assert not comparison.regressions


def test_order_of_cloudstack_calls_does_not_matter() -> None:
    """Look-ups in another order are the same calls; one more of the same is not."""
    zones, volumes = _call("listZones"), _call("listVolumes")
    assert not compare(_with_calls(zones, volumes), _with_calls(volumes, zones)).calls
    assert compare(_with_calls(zones), _with_calls(zones, zones)).calls


def test_every_change_is_reported_once() -> None:
    """A pair with one change of each kind: each is in its own section, in no other, and what did
    not change is nowhere."""
    old = [
        outcome(kind="same"),
        outcome(kind="broken", calls=(_call("listVolumes"),)),
        outcome(Status.FAILED, kind="fixed"),
        outcome(Status.FAILED, kind="drifted"),
        outcome(Status.NOT_CLAIMED, kind="claimed"),
        outcome(kind="gone"),
        outcome(kind="calls", calls=(_call("attachVolume", id="1"),)),
    ]
    new = [
        outcome(kind="same"),
        outcome(Status.FAILED, kind="broken", calls=(_call("listZones"),)),
        outcome(kind="fixed"),
        outcome(Status.FAILED, kind="drifted", because="reply: refused"),
        outcome(Status.KNOWN_DEVIATION, kind="claimed"),
        outcome(kind="calls", calls=(_call("attachVolume", id="2"),)),
        outcome(kind="new"),
    ]
    found = compare(made_run(old), made_run(new))
    named: dict[str, tuple[Change | CallChange, ...]] = {
        "broken": found.broken,
        "fixed": found.fixed,
        "drifted": found.drifted,
        "claimed": found.otherwise,
        "gone": found.gone,
        "new": found.added,
        "calls": found.calls,
    }
    for kind, changes in named.items():
        assert [change.case for change in changes] == [f"volumes/AttachVolume/{kind}[boto3]"]
    assert not [*found.not_run, *found.slower]
    text = as_text(found, colour=False)
    assert "/same[" not in text
    assert all(text.count(f"/{kind}[") == 1 for kind in named), text
    assert found.warnings == (
        f"another plan: {_digest(old)} in the old run, {_digest(new)} in the new",
    )


def _digest(outcomes: list[Outcome]) -> str:
    return plan_digest(each.case for each in outcomes)[:12]


@pytest.mark.parametrize("narrowed", ["interrupted", "suite zones", "must"])
def test_cases_that_were_not_run_are_not_gone(narrowed: str) -> None:
    """Where a run stopped, took a part, or looked at the documented only, its missing cases are
    neither gone nor a regression, and the comparison says that it saw a part."""
    both = [outcome(kind="a"), outcome(kind="b")]
    old, new = made_run(both), made_run(both[:1])
    if narrowed == "interrupted":
        new = made_run(both[:1], interrupted="by the user")
    elif narrowed == "must":
        new = made_run(both[:1], asked={"level": "must"})
    else:
        new = made_run(both[:1], full=False, narrowed=narrowed)
    found = compare(old, new)
    assert [change.case for change in found.not_run] == [both[1].case]
    assert not found.gone
    assert not found.regressions
    assert found.is_inconclusive is (narrowed == "interrupted")
    assert "not run (1)" in as_text(found, colour=False)
    backwards = compare(new, old)
    assert [change.case for change in backwards.not_run] == [both[1].case]
    assert not backwards.added


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        ({"seed": 8}, "another seed: 7 in the old run, 8 in the new"),
        ({"harness": {"version": "2"}}, "another harness: 0.1.0"),
        ({"target": {"name": "other"}}, "another target: staging in the old run, other in the"),
    ],
)
def test_runs_of_something_else_are_told(changes: dict[str, Any], warning: str) -> None:
    """If the runs are of other targets, harnesses or seeds, every format says so."""
    run = made_run([outcome()])
    found = compare(run, replace(run, header=replace(run.header, **changes)))
    assert any(text.startswith(warning) for text in found.warnings)
    for text in (as_text(found, colour=False), as_markdown(found), as_html(found)):
        assert warning.partition(":")[0] in text


def test_markdown_has_room_in_a_comment() -> None:
    """However much changed, a pull request's comment holds it, and it says what has no room."""
    many = [outcome(kind=f"{n}-{'k' * 300}") for n in range(3000)]
    worse = [
        replace(each, status=Status.FAILED, because=f"reply: {chr(97 + n % 26) * 500}", row=f"R{n}")
        for n, each in enumerate(many)
    ]
    text = as_markdown(compare(made_run(many), made_run(worse)))
    assert len(text.encode()) <= 60_000
    assert " more in `report.html`" in text


def _busy() -> Comparison:
    evil = "<b>\x1b[1m|`"
    before: list[Outcome] = [
        outcome(),
        outcome(Status.FAILED, kind="fixed"),
        outcome(kind="gone"),
        outcome(kind="slow", calls=()),
    ]
    after = [
        outcome(Status.FAILED, because=evil),
        outcome(kind="fixed"),
        outcome(Status.FAILED, kind=evil),
        outcome(kind="slow", seconds=3.0),
    ]
    return compare(made_run(before), made_run(after))


def test_every_format_has_the_same_regressions() -> None:
    """Text, Markdown, a page and JSON name the same regressions."""
    comparison = _busy()
    texts = [as_text(comparison, colour=False), as_markdown(comparison), as_html(comparison)]
    for text in texts:
        assert "3 regressions" in text
        assert "volumes/AttachVolume/gone[boto3]" in text
        assert "\x1b" not in text
    assert "&lt;b&gt;" in texts[2]
    assert "<b>␛" not in texts[2]
    fields = json.loads(as_json(comparison))
    assert len(fields["regressions"]) == 3
    assert fields["old"]["claim"] == "not-conformant"


def test_text_without_changes_says_so() -> None:
    """The text of a comparison without changes says that nothing regressed."""
    run = made_run([outcome()])
    assert as_text(compare(run, run), colour=False).startswith("No regressions\n")
