"""`conform rejudge`: new verdicts from the histories of a run, without its target."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fixtures.checkers.failover import check_failover
from fixtures.checkers.judgement import judge
from fixtures.checkers.translation import check_translation
from fixtures.model import (
    Ec2Reply,
    Expectation,
    History,
    Observation,
    Outcome,
    Pattern,
    Promise,
    ReplyKind,
    Run,
    Status,
    Visibility,
)
from fixtures.redaction.results import redact_verdict
from fixtures.redaction.secrets import Mask
from fixtures.runners.kept_judgements import keep_judgement
from reports.record import histories, judgements
from reports.record.judgements import append_judgement
from reports.record.run_file import FILE, load_run
from tests.support.made_runs import every_status, keep, made_run, outcome
from tests.support.random_histories import random_history
from tools.conform.main import main

CASE = "replication/F5/history/{}[ec2]"
GOOD = random_history(5, Promise.SEMI_SYNCHRONOUS)
BAD = replace(GOOD, final_items=(GOOD.final_items or ())[1:])  # an acknowledged item is lost


def case_with_history(directory: Path, name: str, history: History, **changes: Any) -> Outcome:
    """The outcome of a case that was judged by a history, which is saved in the run directory."""
    case = CASE.format(name)
    verdict = check_failover("It loses nothing.", history)
    judged = outcome(
        verdict.status,
        case=case,
        requirement="It loses nothing.",
        because=verdict.because,
        expected=verdict.expected,
        observed=verdict.observed,
        measured=verdict.measured,
        evidence=histories.save_history(directory, case, history),
    )
    return replace(judged, **changes)


def files(directory: Path) -> dict[str, str]:
    """The digests of all files in a directory, by their paths."""
    return {
        str(file.relative_to(directory)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in directory.rglob("*")
        if file.is_file()
    }


def test_unchanged_verdicts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Judged again by the same harness, all verdicts are the same; the record is unchanged."""
    good, bad = case_with_history(tmp_path, "a", GOOD), case_with_history(tmp_path, "b", BAD)
    assert (good.status, bad.status) == (Status.PASSED, Status.FAILED)
    keep(made_run([good, bad, outcome()]), tmp_path)
    before = files(tmp_path)
    assert main(["rejudge", str(tmp_path)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "2 cases judged again, none otherwise; 1 that no checker judged, as recorded",
        "not-conformant: 1 case of 3 failed",
    ]
    assert files(tmp_path) == before


ENDINGS = {"passed": 0, "failed": 1, "stale deviation": 1, "inconclusive": 3}


@pytest.mark.parametrize(
    ("observed", "recorded", "now"),
    [
        (BAD, Status.PASSED, "failed"),
        (GOOD, Status.FAILED, "passed"),
        (replace(GOOD, usage=None), Status.PASSED, "inconclusive"),
        (GOOD, Status.KNOWN_DEVIATION, "stale deviation"),
        (BAD, Status.STALE_DEVIATION, "stale deviation"),
    ],
)
def test_verdicts_may_change(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    observed: History,
    recorded: Status,
    now: str,
) -> None:
    """If the checker's verdict differs from the record, both are printed; the exit status follows
    from the new verdicts."""
    old = case_with_history(tmp_path, "a", observed, status=recorded, because="an old reason")
    keep(made_run([old]), tmp_path)
    assert main(["rejudge", str(tmp_path)]) == ENDINGS[now]
    assert f"{old.case}  {recorded.replace('_', ' ')} → {now}" in capsys.readouterr().out


def test_known_deviations_stay_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A failure that was a known deviation, and is the same now, is a known deviation still."""
    known = case_with_history(tmp_path, "a", BAD, status=Status.KNOWN_DEVIATION)
    known = replace(known, because=f"{known.because}\nknown: accepted")
    keep(made_run([known]), tmp_path)
    assert main(["rejudge", str(tmp_path)]) == 0
    assert "1 case judged again, none otherwise" in capsys.readouterr().out


def test_out_writes_another_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --out the new verdicts are written as another run, whose header names the old run and
    harness, and which can be judged again."""
    old, new = tmp_path / "old", tmp_path / "new"
    judged = case_with_history(old, "a", BAD, status=Status.PASSED, because="", measured={})
    keep(made_run([judged, outcome()]), old)
    before = files(old)
    assert main(["rejudge", str(old), "--out", str(new)]) == 1
    assert files(old) == before
    run = load_run(new)
    assert (run.header.run, run.header.plan["rejudged"]["run"]) == (
        "new",
        "20261121T221500Z-ab12cd",
    )
    assert [o.status for o in run.outcomes] == [Status.FAILED, Status.PASSED]
    assert run.outcomes[0].measured["lost"]
    assert (new / "report.html").is_file()
    assert main(["rejudge", str(new)]) == 1
    assert main(["show", str(new)]) == 0
    assert "rejudged  1 case of run 20261121T221500Z-ab12cd, by " in capsys.readouterr().out
    assert main(["rejudge", str(old), "--out", str(new)]) == 2
    assert "exists already" in capsys.readouterr().err


def test_a_run_of_which_nothing_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The outcomes of a run of which nothing is kept stay, and the output says so."""
    keep(made_run(every_status()), tmp_path)
    assert main(["rejudge", str(tmp_path)]) == 1
    first_line = "0 cases judged again, none otherwise; 7 that no checker judged, as recorded\n"
    assert capsys.readouterr().out.startswith(first_line)


def test_an_incomplete_run_stays_incomplete(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A record without a footer is incomplete after it is judged again, whatever its verdicts."""
    run = made_run([case_with_history(tmp_path, "a", GOOD)])
    keep(Run(run.header, run.outcomes, None), tmp_path)
    assert main(["rejudge", str(tmp_path)]) == 3
    assert "incomplete: stopped before its end" in capsys.readouterr().out


SECRET = "Pa55word-of-the-instance"


def case_with_judgement(
    directory: Path, name: str, size: Any, wanted: Any = 3, **changes: Any
) -> Outcome:
    """The outcome of a case about a reply's size, whose judgement is kept in the run directory."""
    expectation = Expectation("It stops.", fields={"size": Pattern.of(wanted)})
    reply = Ec2Reply(ReplyKind.ANSWERED, body={"size": size, "PasswordData": SECRET})
    visibility = Visibility(True, True)
    observation = Observation(reply, (), visibility=visibility)
    judgement = judge(check_translation, expectation, observation)
    mask = Mask()
    mask.add(SECRET)
    verdict = replace(redact_verdict(mask, judgement.verdict), **changes)
    kept = keep_judgement(mask, judgement, verdict)
    assert kept is not None
    case = f"instances/StopInstances/reply/{name}[boto]"
    line = append_judgement(directory, case, kept)
    return outcome(
        verdict.status,
        case=case,
        because=verdict.because,
        expected=verdict.expected,
        observed=verdict.observed,
        judgement=line,
    )


def test_cases_that_checkers_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a run's checkers were asked can be asked again, whatever was passed or failed."""
    cases = [case_with_judgement(tmp_path, str(size), size) for size in (3, 4, "three", None)]
    assert {each.status for each in cases} == {Status.PASSED, Status.FAILED}
    keep(made_run(cases), tmp_path)
    assert main(["rejudge", str(tmp_path)]) == 1
    assert capsys.readouterr().out.startswith("4 cases judged again, none otherwise\n")


def test_a_checker_that_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a change of a checker, exactly the cases that it judges otherwise are named."""
    keep(made_run([case_with_judgement(tmp_path, str(size), size) for size in (3, 4)]), tmp_path)
    monkeypatch.setattr("fixtures.checkers.translation.fits", lambda _, found: found != 3)
    assert main(["rejudge", str(tmp_path)]) == 1
    assert capsys.readouterr().out.splitlines()[:5] == [
        "✗ instances/StopInstances/reply/3[boto]  passed → failed",
        "    reply: size is 3, expected '3'",
        "✓ instances/StopInstances/reply/4[boto]  failed → passed",
        "2 cases judged again, 2 otherwise",
        "not-conformant: 1 case of 2 failed",
    ]


def test_what_capped_a_verdict_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pass that a control made inconclusive stays inconclusive, unless it fails now; findings
    that are not the checker's stay beside its own."""
    capped = case_with_judgement(
        tmp_path, "capped", 3, status=Status.INCONCLUSIVE, because="the list is empty"
    )
    wrong = "reply: size is 4, expected '3'\nan instance was destroyed"
    more = case_with_judgement(tmp_path, "more", 4, because=wrong)
    keep(made_run([capped, more]), tmp_path)
    assert main(["rejudge", str(tmp_path)]) == 1
    assert capsys.readouterr().out.startswith("2 cases judged again, none otherwise\n")
    monkeypatch.setattr("fixtures.checkers.translation.fits", lambda *_: False)
    assert main(["rejudge", str(tmp_path)]) == 1
    output = capsys.readouterr().out
    assert "reply/capped[boto]  inconclusive → failed" in output
    assert "2 cases judged again, 1 otherwise" in output


def test_a_reply_that_cannot_be_kept() -> None:
    """A reply that botocore reads as something that no record can hold is judged all the same."""
    reply = Ec2Reply(ReplyKind.ANSWERED, body={"size": object()})
    judgement = judge(check_translation, Expectation("It stops."), Observation(reply, ()))
    assert keep_judgement(Mask(), judgement, judgement.verdict) is None


def test_what_depends_on_a_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A verdict on a secret, which no run keeps, stays as recorded, and the output names it."""
    case = case_with_judgement(tmp_path, "secret", SECRET, {"matches": "Pa55.*"})
    assert case.status is Status.PASSED
    keep(made_run([case]), tmp_path)
    assert main(["rejudge", str(tmp_path)]) == 0
    output = capsys.readouterr().out
    assert f"{case.case}: cannot be judged again: it depends on a secret" in output
    assert "0 cases judged again, none otherwise\n" in output


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda _: b"", "of 1 cases there is no line as it was written"),
        (lambda data: data.replace(b"passed", b"failed"), "no line as it was written"),
        (lambda data: data[:-30], "no line as it was written"),
        (None, "cannot read the judgements"),
    ],
)
def test_judgements_that_were_changed(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    spoil: Callable[[bytes], bytes] | None,
    complaint: str,
) -> None:
    """Judgements that are missing or not as they were written are refused in one line."""
    keep(made_run([case_with_judgement(tmp_path, "3", 3)]), tmp_path)
    file = tmp_path / judgements.FILE
    if spoil is None:
        file.unlink()
    else:
        file.write_bytes(spoil(file.read_bytes()))
    assert main(["rejudge", str(tmp_path)]) == 2
    assert complaint in capsys.readouterr().err


def rewritten(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def rewrite(directory: Path) -> None:
        record = directory / FILE
        record.write_bytes(change(record.read_bytes()))

    return rewrite


def history(directory: Path) -> Path:
    return histories.history_path(directory, CASE.format("a"))


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda path: (path / FILE).unlink(), "cannot read the record"),
        (lambda path: history(path).unlink(), "cannot read the history"),
        (lambda path: history(path).write_bytes(history(path).read_bytes()[:-40]), "history"),
        (lambda path: history(path).write_text("[]\n"), ":1: not a line of a history"),
        (rewritten(lambda data: data.replace(b'"schema":1', b'"schema":2')), "schema 2"),
        (rewritten(lambda data: data.replace(b'"passed"', b'"failed"', 1)), "was changed"),
        (rewritten(lambda data: data[:10]), "not a record"),
        (rewritten(lambda data: data.replace(b'"outcome"', b'"income"')), "'income'"),
    ],
)
def test_an_unusable_record_is_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    spoil: Callable[[Path], None],
    complaint: str,
) -> None:
    """A wrong directory, a torn file or another record is refused, and nothing is written."""
    directory = tmp_path / "run"
    keep(made_run([case_with_history(directory, "a", GOOD)]), directory)
    spoil(directory)
    assert main(["rejudge", str(directory), "--out", str(tmp_path / "new")]) == 2
    output = capsys.readouterr()
    assert complaint in output.err
    assert output.err.count("\n") == 1
    assert output.out == ""
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_record_cannot_name_files_outside_of_its_directory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A case id of a record from elsewhere cannot lead to files outside of its directory."""
    foreign = replace(case_with_history(tmp_path, "a", GOOD), case="../../elsewhere")
    keep(made_run([foreign]), tmp_path)
    assert json.loads((tmp_path / FILE).read_text().splitlines()[1])["case"] == foreign.case
    assert main(["rejudge", str(tmp_path)]) == 2
    assert "not the id of a case" in capsys.readouterr().err
