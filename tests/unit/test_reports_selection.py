"""Shards of a plan: equal shares, judged alone, merged into the record of the whole run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fixtures.model import Claim, Footer, Header, Outcome, Run, Status, UsageError
from reports.record.canonical import canonical_record
from reports.record.claim import assess_run, exit_status, make_footer
from reports.record.merge import merge_shards
from reports.record.run_file import FILE, load_run
from reports.record.selection import RunOptions, RunScope, Shard, plan_header
from reports.render.renderers import FOLDERS, RENDERERS, render
from tests.support.made_runs import FINISHED, ROWS, STARTED, keep, outcome
from tools.conform.main import main

DRIVERS = ("boto", "boto3", "command", "soap")
CASES = [outcome(kind=f"case-{number}", driver=driver) for number in range(5) for driver in DRIVERS]


def a_shard(number: int, of: int, cases: Sequence[Outcome] = CASES, narrowed: str = "") -> Run:
    """One shard's run of a plan of these cases."""
    part = RunScope(Shard(number, of))
    chosen = part.select([case.case for case in cases])
    header = Header(
        run=f"run-{number}",
        harness={"version": "0.1.0", "commit": "0123456789ab"},
        target={"name": "staging", "endpoint": "http://127.0.0.1:7080/awsapi"},
        plan=plan_header(chosen, part, RunOptions(shard=f"{number}/{of}"), narrowed, ROWS),
        seed=7,
        started=STARTED,
    )
    mine = [case for case in cases if case.case in chosen.selected]
    return Run(header, tuple(mine), make_footer(header, mine, FINISHED))


def the_whole(cases: Sequence[Outcome] = CASES, narrowed: str = "") -> Run:
    """The same plan in one run."""
    header = a_shard(1, 1, cases).header
    chosen = RunScope().select([case.case for case in cases])
    header = replace(header, plan=plan_header(chosen, RunScope(), RunOptions(), narrowed, ROWS))
    return Run(header, tuple(cases), make_footer(header, cases, FINISHED))


def write_runs(tmp_path: Path, *runs: Run) -> list[Path]:
    """The runs as directories."""
    return [keep(run, tmp_path / f"shard-{number}") for number, run in enumerate(runs, 1)]


@given(some.sets(some.text("abc[]/", min_size=1), min_size=1), some.integers(1, 9))
def test_every_case_is_in_exactly_one_shard(cases: set[str], of: int) -> None:
    """For any number of shards each case is run by one of them, and none has two more than another;
    the order of the cases does not matter."""
    shares = [Shard(number, of).share(cases) for number in range(1, of + 1)]
    assert sorted(case for share in shares for case in share) == sorted(cases)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1
    assert shares == [Shard(number, of).share(sorted(cases)) for number in range(1, of + 1)]


@pytest.mark.parametrize("of", [2, 3, 4, 5])
def test_every_shard_gets_as_much_of_a_slow_driver(of: int) -> None:
    """Each shard runs an equal part of the cases of each driver."""
    for driver in DRIVERS:
        each = [
            sum(case.driver == driver for case in a_shard(number, of).outcomes)
            for number in range(1, of + 1)
        ]
        assert max(each) - min(each) <= 1


@pytest.mark.parametrize("text", ["0/4", "5/4", "2", "a/b", "1/0", "-1/4", "2/4/6", "01/4", "²/4"])
def test_a_malformed_shard_is_refused(text: str) -> None:
    """A malformed shard is an error."""
    with pytest.raises(UsageError, match="give I/N, such as 2/4"):
        Shard.parse(text)


def test_a_shard_without_a_case_is_refused() -> None:
    """More shards than cases are an error, since a job without a case proves nothing."""
    part = RunScope(Shard(21, 21))
    with pytest.raises(UsageError, match="the plan has only 20 cases"):
        part.select([case.case for case in CASES])


def test_a_shard_that_holds_is_green_and_claims_nothing() -> None:
    """A job of a CI matrix succeeds when its shard holds; its record claims nothing of the
    whole, and says which shard of which plan it was."""
    assessment = assess_run(a_shard(2, 4))
    digest = the_whole().header.plan["digest"]
    assert (assessment.claim, exit_status(assessment)) == (Claim.INCOMPLETE, 0)
    assert assessment.because.startswith(f"shard 2/4 of plan {digest[:12]}, 5 cases of 20")
    assert assessment.word == "holds"


@pytest.mark.parametrize(
    ("status", "ending"), [(Status.FAILED, 1), (Status.ERROR, 3), (Status.KNOWN_DEVIATION, 0)]
)
def test_a_shard_that_does_not_hold_is_red(status: Status, ending: int) -> None:
    """A job fails if its shard has a failure, or a case that could not be judged."""
    victim = a_shard(1, 4).outcomes[0]
    cases = [replace(case, status=status) if case is victim else case for case in CASES]
    assert exit_status(assess_run(a_shard(1, 4, cases))) == ending
    assert exit_status(assess_run(a_shard(2, 4, cases))) == 0


def test_a_shard_of_a_narrowed_plan_claims_as_little_as_the_plan() -> None:
    """A shard of a narrowed plan that holds is said to hold, and names both parts."""
    assessment = assess_run(a_shard(1, 2, narrowed="-k volumes"))
    assert (assessment.claim, exit_status(assessment)) == (Claim.INCOMPLETE, 0)
    assert assessment.because == "shard 1/2; -k volumes, 10 of 10 claimed"


@pytest.mark.parametrize("status", Status)
def test_merged_shards_are_the_whole_run(tmp_path: Path, status: Status) -> None:
    """Merged in any order, shards have the record and the claim of the whole run."""
    cases = [replace(CASES[3], status=status), *CASES[:3], *CASES[4:]]
    directories = write_runs(tmp_path, *(a_shard(number, 4, cases) for number in (3, 1, 4, 2)))
    merged = merge_shards(directories, tmp_path / "merged", render)
    whole = the_whole(cases)
    assert canonical_record(merged) == canonical_record(whole)
    assert assess_run(merged) == assess_run(whole)
    assert load_run(tmp_path / "merged") == merged


def test_merged_run_names_its_shards(tmp_path: Path) -> None:
    """The merged record names its shards' runs, and lasts from the first start to the last end."""
    late = a_shard(2, 2)
    assert late.footer is not None
    late = Run(
        replace(late.header, started="2026-11-21T22:16:00+00:00"),
        late.outcomes,
        replace(late.footer, finished="2026-11-21T22:17:00+00:00"),
    )
    merged = merge_shards(write_runs(tmp_path, a_shard(1, 2), late), tmp_path / "merged", render)
    assert [shard["run"] for shard in merged.header.plan["shards"]] == ["run-1", "run-2"]
    assert merged.header.started == STARTED
    assert merged.footer is not None
    assert merged.footer.finished == "2026-11-21T22:17:00+00:00"
    assert merged.header.plan["rows"] == list(ROWS)


def test_merged_run_renders_as_any_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`conform merge` makes a run directory that every other command reads."""
    directories = write_runs(tmp_path, a_shard(1, 2), a_shard(2, 2))
    out = tmp_path / "deep" / "merged"
    assert main(["merge", *map(str, directories), "--out", str(out)]) == 0
    assert "conformant: all 20 cases passed" in capsys.readouterr().out
    names = {path.name for path in out.iterdir()}
    assert names == {FILE, *RENDERERS, *FOLDERS}
    assert len(list((out / "allure-results").glob("*-result.json"))) == 20
    assert [path.name for path in out.parent.iterdir()] == ["merged"]
    whole = keep(the_whole(), tmp_path / "whole")
    assert main(["report", str(out)]) == 0
    assert main(["show", str(out), "case-3[soap]"]) == 0
    assert main(["compare", str(whole), str(out)]) == 0


@pytest.mark.parametrize(
    ("status", "ending"), [(Status.PASSED, 0), (Status.FAILED, 1), (Status.INCONCLUSIVE, 3)]
)
def test_the_merged_run_is_a_gate(tmp_path: Path, status: Status, ending: int) -> None:
    """With --gate, a job that merges shards is green exactly if the whole run would be."""
    cases = [replace(CASES[0], status=status), *CASES[1:]]
    directories = write_runs(tmp_path, a_shard(1, 2, cases), a_shard(2, 2, cases))
    words = ["merge", *map(str, directories), "--out"]
    assert main([*words, str(tmp_path / "merged"), "--gate"]) == ending
    assert main([*words, str(tmp_path / "again")]) == 0


def without_footer(run: Run) -> Run:
    """A run whose process was killed."""
    return Run(run.header, run.outcomes, None)


def interrupted_run(run: Run) -> Run:
    """A run that was interrupted."""
    mine = run.outcomes[:2]
    return Run(run.header, mine, make_footer(run.header, mine, FINISHED, "by the user"))


def with_leftovers(run: Run) -> Footer:
    """The footer of a run that took all cases, and could not remove all that it made."""
    return make_footer(run.header, run.outcomes, FINISHED, "something was left behind")


def with_other_header(run: Run, **fields: Any) -> Run:
    """The same run with another header."""
    return Run(replace(run.header, **fields), run.outcomes, run.footer)


def other_cases(run: Run) -> Run:
    """A shard with the right number of cases, but not those of its share."""
    part = RunScope(Shard(2, 3))
    mine = [replace(case, case=f"{case.case}x") for case in run.outcomes]
    chosen = part.select([case.case for case in CASES])
    stolen = replace(chosen, selected=tuple(case.case for case in mine))
    header = replace(run.header, plan=plan_header(stolen, part, RunOptions(), "", ROWS))
    return Run(header, tuple(mine), make_footer(header, mine, FINISHED))


ONE, TWO, THREE = (a_shard(number, 3) for number in (1, 2, 3))
REFUSED: dict[str, tuple[Callable[[], list[Run]], str]] = {
    "a hole": (lambda: [ONE, THREE], "shard 2 of 3 is missing"),
    "two holes": (lambda: [THREE], "shard 1, 2 of 3 is missing"),
    "a double": (lambda: [ONE, TWO, THREE, TWO], "shard-2 and {}/shard-4: both shard 2/3"),
    "no shard": (lambda: [ONE, TWO, the_whole()], "shard-3: not a shard"),
    "killed": (
        lambda: [ONE, without_footer(TWO), THREE],
        "shard 2/3 is not complete, stopped before its end: the record was cut short: resume it",
    ),
    "interrupted": (
        lambda: [ONE, interrupted_run(TWO), THREE],
        "before its end: by the user: resume",
    ),
    "whole, but left something behind": (
        lambda: [ONE, replace(TWO, footer=with_leftovers(TWO)), THREE],
        "shard 2/3 is not complete, stopped before its end: something was left behind",
    ),
    "another number": (lambda: [a_shard(1, 2), a_shard(2, 3)], "cannot be merged, 1/2 and 2/3"),
    "another plan": (lambda: [a_shard(1, 3, CASES[1:]), TWO, THREE], "merged, another plan: "),
    "another target": (
        lambda: [
            ONE,
            with_other_header(TWO, target={**TWO.header.target, "endpoint": "http://x"}),
            THREE,
        ],
        "another target than staging, its endpoint: http://127.0.0.1:7080/awsapi there, http://x",
    ),
    "another harness": (
        lambda: [ONE, TWO, with_other_header(THREE, harness={"version": "0.2.0", "commit": ""})],
        "another harness: 0.1.0 0123456789ab there, 0.2.0 here",
    ),
    "another seed": (lambda: [ONE, TWO, with_other_header(THREE, seed=0)], "seed: 7 there, 0 here"),
    "other cases": (lambda: [ONE, other_cases(TWO), THREE], "not the cases of shard "),
}


@pytest.mark.parametrize(("runs", "complaint"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_a_whole_plan_is_refused(
    tmp_path: Path,
    runs: Callable[[], list[Run]],
    complaint: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A missing, doubled, unfinished or foreign shard is an error of one line, exit 2, and
    nothing is written."""
    directories = write_runs(tmp_path, *runs())
    before = sorted(tmp_path.rglob("*"))
    out = tmp_path / "merged"
    assert main(["merge", *map(str, directories), "--out", str(out)]) == 2
    complained = capsys.readouterr().err
    assert complaint.format(tmp_path) in complained
    assert complained.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_a_damaged_shard_is_refused(tmp_path: Path) -> None:
    """A shard whose chain of digests is broken is refused."""
    directories = write_runs(tmp_path, ONE, TWO, THREE)
    record = directories[1] / FILE
    record.write_bytes(record.read_bytes().replace(b'"passed"', b'"failed"', 1))
    with pytest.raises(UsageError, match=r"shard-2/run\.jsonl:3: the line before was changed"):
        merge_shards(directories, tmp_path / "merged", render)


def test_a_merged_run_replaces_nothing(tmp_path: Path) -> None:
    """A directory that is not empty is left alone; an empty one is used."""
    directories = write_runs(tmp_path, ONE, TWO, THREE)
    with pytest.raises(UsageError, match="exists already"):
        merge_shards(directories, directories[0], render)
    (tmp_path / "merged").mkdir()
    assert len(merge_shards(directories, tmp_path / "merged", render).outcomes) == len(CASES)
    with pytest.raises(UsageError, match="cannot write"):
        merge_shards(directories, directories[0] / FILE / "merged", render)
