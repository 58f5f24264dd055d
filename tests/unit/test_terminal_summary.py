"""The result of a run on a terminal: what to know, on one screen."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from fixtures.model import Run, Status
from reports.render.terminal_summary import SCREEN_LINES, print_run
from tests.support.made_runs import every_status, made_run, outcome

RUN_DIRECTORY = Path("/srv/runs/20261121T221500Z-ab12cd")


def screen(run: Run, *, running: bool = False) -> list[str]:
    """The lines on a terminal of 80 columns, without colours."""
    console = Console(file=io.StringIO(), width=80, highlight=False)
    with console.capture() as captured:
        print_run(console, run, RUN_DIRECTORY, running=running)
    return captured.get().splitlines()


def test_a_run_that_holds_is_three_lines_and_the_report() -> None:
    """The claim, the levels, the counts, and where the report is."""
    lines = screen(made_run([outcome(), outcome(kind="reply", level="should")]))
    assert lines == [
        "conformant: all 2 cases passed",
        "Documented: 1 of 1 hold; Amazon's: 1 of 1 hold",
        "✓ 2 passed",
        f"report:   {RUN_DIRECTORY}/report.html",
    ]


def test_however_much_is_wrong_the_result_fits_a_screen() -> None:
    """A hundred findings with long texts leave the claim and the most important on the screen."""
    cases = [
        outcome(
            Status.FAILED,
            kind=f"case-{number}-{client}",
            because=f"reply: Field{chr(65 + number % 26)}{chr(65 + number // 26)} is {'x' * 900},"
            f" expected {'y' * 900}",
        )
        for number in range(100)
        for client in ("a", "b")
    ]
    lines = screen(made_run(cases))
    assert len(lines) <= SCREEN_LINES
    assert lines[0] == "not-conformant: 200 cases of 200 failed"
    assert lines[2] == "100 findings in 200 cases:"
    assert lines[3].startswith("  ✗ must, 2 cases, 1 client: AttachVolume: FieldAA is xxx")
    assert any("more in the report" in line for line in lines)


def test_where_to_look_works_from_any_directory() -> None:
    """The command for the first example and the report are named by absolute paths."""
    lines = screen(made_run(every_status()))
    assert lines[-2].startswith(f"one case: conform show {RUN_DIRECTORY} 'volumes/AttachVolume/")
    assert lines[-1] == f"report:   {RUN_DIRECTORY}/report.html"


def test_one_finding_shows_both_sides() -> None:
    """Of a single cause, expected and observed are on the screen, too."""
    text = "\n".join(screen(made_run([outcome(Status.FAILED)])))
    assert "expected  answered; attachVolume(id=v1, virtualmachineid=i1) once" in text
    assert "observed  answered; no state-changing call" in text


def test_a_run_in_progress_claims_nothing() -> None:
    """The result of a run that is still going on is said to be that."""
    run = made_run([outcome(), outcome(Status.FAILED, kind="reply")], cases=40)
    lines = screen(run, running=True)
    assert lines[0] == "running: 2 of 40 cases so far"
    assert not any("conformant" in line or "report.html" in line for line in lines)
