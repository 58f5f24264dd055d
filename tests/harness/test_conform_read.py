"""`conform show`, `report` and `compare`."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from fixtures.model import Status
from reports.record.run_file import FILE, RunWriter
from reports.render import renderers, summary
from reports.render.renderers import FOLDERS, RENDERERS
from tests.support.conform_processes import conform_command, environment
from tests.support.made_runs import every_status, header, keep, made_run, outcome
from tools.conform import recorded_runs
from tools.conform.main import main


@pytest.fixture
def run_directory(tmp_path: Path) -> Path:
    """A run directory with one case in each status."""
    return keep(made_run(every_status()), tmp_path / "20261121T221500Z-ab12cd")


def test_show_prints_one_case_in_full(
    run_directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Requirement, both sides, the calls, the exchange and how to repeat are there."""
    assert main(["show", str(run_directory), "volumes/AttachVolume/case-1[boto3]"]) == 0
    text = capsys.readouterr().out
    for part in (
        "✗ volumes/AttachVolume/case-1[boto3]  failed, 12 ms",
        "AttachVolume is carried out by attachVolume\nmust: table 11\n",
        "answered; attachVolume(id=v1, virtualmachineid=i1) once",
        "answered; no state-changing call",
        "attachVolume: missing",
        "listVolumes id=v1  → 200",
        "POST http://127.0.0.1:7080/awsapi\n  Action=AttachVolume&VolumeId=v1\n  → 200\n",
        "conform run --target simulated -- -k AttachVolume",
    ):
        assert part in text


def test_show_takes_enough_of_an_id(
    run_directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A part of an id that only one case has is enough."""
    assert main(["show", str(run_directory), "CASE-3"]) == 0
    assert "volumes/AttachVolume/case-3[boto3]" in capsys.readouterr().out


def test_show_replaces_control_characters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Text of a target cannot control the terminal."""
    evil = "\x1b]0;title\x07[bold]\u202e"
    keep(made_run([outcome(Status.FAILED, observed=evil, because=evil)]), tmp_path)
    assert main(["show", str(tmp_path), "documented"]) == 0
    assert "␛]0;title␇[bold]<U+202E>" in capsys.readouterr().out


def test_show_of_a_run_that_is_still_going_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that another process is writing is said to be running, and claims nothing yet."""
    cases = [outcome(), outcome(Status.FAILED, kind="reply")]
    with RunWriter(tmp_path / FILE) as writer:
        writer.write(header(cases))
        writer.write(cases[0])
        assert main(["show", str(tmp_path)]) == 0
        shown = capsys.readouterr().out
        assert shown.startswith("running: 1 of 2 cases so far\n")
        assert "incomplete" not in shown
    assert main(["show", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("incomplete: stopped before its end")


def test_show_of_a_file(run_directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The record itself stands for its directory; another file is no run."""
    assert main(["show", str(run_directory / FILE)]) == 0
    assert f"report:   {run_directory}/report.html\n" in capsys.readouterr().out
    (run_directory / "profile.toml").write_text("x")
    assert main(["show", str(run_directory / "profile.toml")]) == 2
    message = "profile.toml: neither a run directory nor its run.jsonl\n"
    assert capsys.readouterr().err.endswith(message)


@pytest.mark.parametrize(
    ("case", "complaint"),
    [
        ("case", "'case' fits 7 cases: volumes/AttachVolume/case-0[boto], "),
        ("volumes/AttachVolume/cas-1[boto3]", "close to it: volumes/AttachVolume/case-1[boto3]"),
        ("zzz", "no case 'zzz' in run 20261121T221500Z-ab12cd\n"),
    ],
)
def test_show_of_an_unclear_case_names_close_ones(
    run_directory: Path, case: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A text that matches no case, or several, is an error that names similar or matching cases."""
    assert main(["show", str(run_directory), case]) == 2
    output = capsys.readouterr()
    assert complaint in output.err
    assert output.err.count("\n") == 1
    assert output.out == ""


def test_report_renders_again(run_directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run directory gets its reports again from the record alone."""
    assert main(["report", str(run_directory)]) == 0
    assert capsys.readouterr().out == f"{run_directory / 'report.html'}\n"
    names = {path.name for path in run_directory.iterdir()}
    assert names == {"run.jsonl", *RENDERERS, *FOLDERS}


def test_long_runs_are_read_quickly(
    run_directory: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What takes long on a record of many cases is made when it is asked for: the digest of the
    canonical record, and the thousands of files for Allure."""
    assert main(["show", str(run_directory), "--canonical"]) == 0
    digest = capsys.readouterr().out
    assert re.fullmatch("[0-9a-f]{64}\n", digest)
    assert main(["show", str(run_directory)]) == 0
    assert digest in capsys.readouterr().out
    monkeypatch.setattr(summary, "CANONICAL_CASES", 0)
    monkeypatch.setattr(renderers, "MOST_FILES", 0)
    assert main(["show", str(run_directory)]) == 0
    assert "see `conform show DIR --canonical`" in capsys.readouterr().out
    assert main(["report", str(run_directory)]) == 0
    assert not (run_directory / "allure-results").exists()
    assert main(["report", "--allure", str(run_directory)]) == 0
    assert (run_directory / "allure-results").is_dir()


def test_runs_are_found_by_name(
    run_directory: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Runs in `reports/out` are found by their name from any directory."""
    monkeypatch.setattr(recorded_runs, "ROOT", tmp_path)
    assert main(["report", run_directory.name]) == 0


@pytest.mark.parametrize(
    "words", [["show", "x"], ["report"], ["compare", "."]], ids=lambda words: words[0]
)
def test_unusable_directory_is_one_line(
    words: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A directory without a record, or one that does not exist, is named; nothing is written."""
    monkeypatch.chdir(tmp_path)
    for directory in (tmp_path, tmp_path / "nowhere"):
        assert main([words[0], str(directory), *words[1:]]) == 2
        output = capsys.readouterr()
        assert output.err.count("\n") == 1
        assert str(directory) in output.err or words[0] == "compare"
        assert output.out == ""
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("status", "ending"), [(Status.PASSED, 0), (Status.FAILED, 1), (Status.ERROR, 1)]
)
def test_compare_exits_1_on_regressions(
    tmp_path: Path, status: Status, ending: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """A release job can gate on `conform compare`."""
    old = keep(made_run([outcome()]), tmp_path / "old")
    new = keep(made_run([outcome(status)]), tmp_path / "new")
    assert main(["compare", str(old), str(new)]) == ending
    assert ("broken (1)" in capsys.readouterr().out) is bool(ending)


def test_compare_of_a_run_that_ended_early(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A gate is not green over cases that an interrupted run did not come to; a record without an
    end is not compared at all."""
    cases = [outcome(), outcome(kind="reply")]
    old = keep(made_run(cases), tmp_path / "old")
    new = keep(made_run(cases[:1], interrupted="by the user"), tmp_path / "new")
    assert main(["compare", str(old), str(new)]) == 3
    assert "No regressions seen, but the new run ended before its end" in capsys.readouterr().out
    record = new / FILE
    record.write_bytes(b"".join(record.read_bytes().splitlines(keepends=True)[:-1]))
    assert main(["compare", str(old), str(new)]) == 2
    assert "the record has no end: the run was cut off" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("form", "start"),
    [("text", "1 regression\n"), ("markdown", "# 1 regression\n"), ("html", "<!DOCTYPE html>")],
)
def test_compare_formats(
    tmp_path: Path, form: str, start: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A comparison as text, Markdown and a page."""
    old = keep(made_run([outcome()]), tmp_path / "old")
    new = keep(made_run([outcome(Status.FAILED)]), tmp_path / "new")
    assert main(["compare", str(old), str(new), "--format", form]) == 1
    assert capsys.readouterr().out.startswith(start)


def test_compare_in_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Programs read the comparison as JSON."""
    old = keep(made_run([outcome()]), tmp_path / "old")
    new = keep(made_run([outcome(Status.FAILED)]), tmp_path / "new")
    assert main(["compare", str(old), str(new), "--format", "json"]) == 1
    fields = json.loads(capsys.readouterr().out)
    assert fields["regressions"] == ["volumes/AttachVolume/documented-call[boto3]"]
    assert fields["broken"][0]["after"] == "failed"


def test_compare_refuses_an_empty_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run without cases cannot be compared."""
    empty = keep(made_run([]), tmp_path / "empty")
    assert main(["compare", str(empty), str(empty)]) == 2
    assert "no case was recorded" in capsys.readouterr().err


def test_output_may_be_cut_off(tmp_path: Path) -> None:
    """`conform show … | head -1` ends without an error."""
    big = outcome(observed="x\n" * 200_000)
    keep(made_run([big]), tmp_path)
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer) as closed:
        done = subprocess.run(
            conform_command("show", str(tmp_path), "documented"),
            env=environment(),
            stdout=closed,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, b"")
