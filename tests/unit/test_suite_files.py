"""Which suites there are: a run is whole if it has the cases of all of them."""

from __future__ import annotations

from pathlib import Path

from fixtures.plan.suite_files import suite_files
from tests.support.planned_suites import all_cases

ROOT = Path(__file__).parents[2]


def test_every_suite_has_cases_and_every_case_a_suite() -> None:
    """The suites that a whole run must have are those that the cases are of, however many modules
    a suite has: otherwise no run would ever be whole."""
    files = suite_files(ROOT / "suites")
    assert set(files) == {case.suite for case in all_cases()}
    assert files["zones"].name == "zones.py"
    assert files["s3"] == ROOT / "suites/s3/__init__.py"


def test_a_suite_may_have_several_modules(tmp_path: Path) -> None:
    """A module beside others may add cases to a suite of another name."""
    (tmp_path / "bugs.py").write_text('class TestBugs:\n    suite = "bugs"\n')
    (tmp_path / "again.py").write_text('class TestAgain:\n    suite: ClassVar[str] = "bugs"\n')
    (tmp_path / "words.py").write_text('suite = "nothing"\n')
    assert suite_files(tmp_path) == {"bugs": tmp_path / "bugs.py"}
