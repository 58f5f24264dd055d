"""Runs over releases: what the database keeps of them, and what it tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fixtures.model import Claim, Outcome, Run, Status, UsageError
from reports.history.page import flaky_lines, trend_lines, trend_page
from reports.history.pictures import badge
from reports.history.store import add_run, open_store
from reports.history.trends import failure_share, flaky_cases, load_trend, targets
from tests.support.made_runs import every_status, made_run, outcome

BAD = outcome(Status.FAILED, kind="filters", because="reply: empty")
WORSE = outcome(Status.FAILED, kind="rejections", security=True, because="reply: answered")


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'history.sqlite'}"


def release(number: int, outcomes: Sequence[Outcome], commit: str = "c", **plan: Any) -> Run:
    """The run of a release; later numbers are later."""
    run = made_run(outcomes, **plan)
    header = replace(
        run.header,
        run=f"run-{number}",
        started=f"2026-0{number}-01T00:00:00.000+00:00",
        harness={"version": f"{number}.0", "commit": commit},
    )
    return replace(run, header=header)


def add(url: str, *runs: Run) -> None:
    """Add runs, each once."""
    with open_store(url) as connection:
        for run in runs:
            assert add_run(connection, run)


def test_a_run_is_added_once(url: str) -> None:
    """The same run added again changes nothing, and is told."""
    run = release(1, every_status())
    add(url, run)
    with open_store(url) as connection:
        assert not add_run(connection, run)
        assert targets(connection) == ["staging"]
        (found,) = load_trend(connection, "staging").runs
    assert found.total.passed == 1
    assert found.total.claimed == len(every_status()) - 1
    assert found.claim == Claim.NOT_CONFORMANT


def test_the_first_bad_run_of_a_finding(url: str) -> None:
    """A finding of the latest run names the run since which it is there, and the last without it;
    a part of the plan, which did not look, is neither."""
    good = [replace(BAD, status=Status.PASSED, because=""), outcome()]
    bad = [BAD, outcome()]
    part = release(3, [outcome()], full=False, narrowed="suite volumes")
    runs = [release(1, bad), release(2, good), part, release(4, bad), release(5, [*bad, WORSE])]
    add(url, *reversed(runs))
    with open_store(url) as connection:
        trend = load_trend(connection, "staging")
    assert [run.name for run in trend.runs] == [f"run-{number}" for number in range(1, 6)]
    security, finding = trend.findings
    assert security.is_security
    assert (security.first_bad, security.last_good) == ("run-5", "run-4")
    assert (finding.first_bad, finding.last_good, finding.runs) == ("run-4", "run-2", 3)
    text = "\n".join(trend_lines(trend))
    assert "since run-4; run-2 did not have it" in text
    assert "run-3  3.0 (c)  holds (a part)" in text


def test_cases_that_change_their_mind(url: str) -> None:
    """A case that passed and failed on one plan and commit is named with how sure that is; one that
    changed with the commit is not."""
    passed = replace(BAD, status=Status.PASSED, because="")
    runs = [release(number, [BAD if number == 3 else passed, outcome()]) for number in (1, 2, 3)]
    fixed = [
        release(4, [outcome(Status.FAILED)], commit="old"),
        release(5, [outcome()], commit="n"),
    ]
    add(url, *runs, *fixed)
    with open_store(url) as connection:
        (case,) = flaky_cases(connection, "staging")
    assert (case.case, case.runs, case.failures) == (BAD.case, 3, 1)
    assert 0 < case.low < 1 / 3 < case.high < 1
    assert "failed in 1 of 3 runs" in next(flaky_lines([case]))


@pytest.mark.parametrize(
    ("failures", "runs", "low", "high"), [(1, 2, 0.09, 0.91), (3, 12, 0.09, 0.53), (0, 9, 0, 0.30)]
)
def test_confidence(failures: int, runs: int, low: float, high: float) -> None:
    """Few runs say little: the interval is wide."""
    assert failure_share(failures, runs) == pytest.approx((low, high), abs=0.01)


def test_a_run_without_an_end_is_not_added(url: str) -> None:
    """What was cut off says nothing of a release; nothing of it is kept."""
    run = release(1, every_status())
    with pytest.raises(UsageError, match="the record has no end"), open_store(url) as connection:
        add_run(connection, replace(run, footer=None))
    with open_store(url) as connection:
        assert targets(connection) == []


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ("nonsense", "no database of SQLAlchemy"),
        ("oracle+nothing://x", "no database of SQLAlchemy"),
        ("sqlite:////nowhere/at/all.sqlite", "cannot be used: unable to open"),
        ("mysql+pymysql://u:secret@127.0.0.1:1/x", "cannot be used"),
    ],
)
def test_unusable_databases(wrong: str, complaint: str) -> None:
    """A database that cannot be used is one line, without its password."""
    with pytest.raises(UsageError, match=complaint) as refusal, open_store(wrong):
        pass
    assert "secret" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_no_history(tmp_path: Path) -> None:
    """Another file is refused and stays as it is."""
    file = tmp_path / "x.sqlite"
    file.write_bytes(b"not a database" * 100)
    with pytest.raises(UsageError, match="cannot be used"), open_store(f"sqlite:///{file}"):
        pass
    assert file.read_bytes() == b"not a database" * 100


def test_names_on_the_page_are_inert(url: str) -> None:
    """Whatever a target is called or says, the page and the badge are well-formed and inert."""
    evil = "<script>alert(1)</script>\x1b[1m"
    run = release(1, [replace(BAD, because=f"reply: {evil}", suite=evil)])
    run = replace(run, header=replace(run.header, target={"name": evil}, run=evil))
    add(url, run)
    with open_store(url) as connection:
        (target,) = targets(connection)
        page = trend_page(load_trend(connection, target), flaky_cases(connection, target))
    for text in (page, badge(run)):
        assert "<script" not in text
        assert "\x1b" not in text
    assert "&lt;script&gt;" in badge(run)


@pytest.mark.parametrize(
    ("status", "words"),
    [(Status.PASSED, "conformant, 1/1"), (Status.FAILED, "not-conformant, 0/1")],
)
def test_badge(status: Status, words: str) -> None:
    """The badge says the claim and the counts."""
    assert f"staging: {words}" in badge(made_run([outcome(status)]))
