"""`conform history` and `conform badge`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.database import Server
from fixtures.model import Status
from tests.support.databases import installation
from tests.support.made_runs import keep, made_run, outcome
from tools.conform.main import main


def kept(directory: Path, name: str, status: Status) -> str:
    """A run directory with a run of one case."""
    run = made_run([outcome(status)])
    return str(keep(replace(run, header=replace(run.header, run=name)), directory / name))


def test_two_releases(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two releases are added, and then the trend, the page, what is flaky, and the badge."""
    monkeypatch.chdir(tmp_path)
    assert main(["history", "trend"]) == 2
    assert "there is no history yet" in capsys.readouterr().err
    runs = [kept(tmp_path, "one", Status.PASSED), kept(tmp_path, "two", Status.FAILED)]
    assert main(["history", "add", *runs]) == 0
    assert main(["history", "add", runs[1]]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "one: added",
        "two: added",
        "two: is there already",
    ]
    assert main(["history", "trend", "--html", "trend.html"]) == 0
    output = capsys.readouterr().out
    assert "staging: 2 runs" in output
    assert "since two; one did not have it" in output
    assert (tmp_path / "trend.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert main(["history", "flaky"]) == 0
    assert "failed in 1 of 2 runs of commit 0123456789ab" in capsys.readouterr().out
    assert main(["badge", runs[1], "--out", "badge.svg"]) == 0
    assert "not-conformant, 0/1" in (tmp_path / "badge.svg").read_text("utf-8")


def test_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A target that has no runs, a directory without a record, an action that does not exist: one
    line each, and nothing is half-added."""
    monkeypatch.chdir(tmp_path)
    good = kept(tmp_path, "one", Status.PASSED)
    for words in (
        ["history"],
        ["history", "shrink"],
        ["history", "add", good, "nowhere"],
        ["history", "flaky"],
        ["badge", "nowhere"],
    ):
        assert main(words) == 2, words
        assert capsys.readouterr().err.count("\n") == 1
    assert main(["history", "add", good]) == 0
    assert capsys.readouterr().out == "one: added\n"
    assert main(["history", "trend", "--target", "other"]) == 2
    assert "no run of 'other' was added; there are: staging" in capsys.readouterr().err


def test_a_database_of_a_team(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The history may be in MariaDB: the same runs tell the same there."""
    runs = [kept(tmp_path, "one", Status.PASSED), kept(tmp_path, "two", Status.FAILED)]
    with Server(installation(), "history") as server:
        server.sql("CREATE DATABASE conform")
        server.sql("GRANT ALL ON conform.* TO 'team'@'%' IDENTIFIED BY 'secret'")
        database = ["history", "--database", server.url("team", "secret", "conform")]
        assert main([*database, "add", *runs]) == 0
        assert main([*database, "trend"]) == 0
        assert "since two; one did not have it" in capsys.readouterr().out
        assert main([*database, "flaky"]) == 0
        assert "failed in 1 of 2 runs" in capsys.readouterr().out
