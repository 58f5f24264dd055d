"""The harness as a pytest plugin: it treats only the tests of suites as cases."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]

# A test of a harness: its parameter is named as that of a suite's tests, and may even be a case.
OUTSIDE_THE_SUITES = """
import pytest
from tests.support.planned_suites import table_cases

@pytest.mark.parametrize("case", [*table_cases("documented-call")[:2], "text", None])
def test_with_a_parameter_named_case(case):
    pass
"""


def test_other_tests_are_no_cases(tmp_path: Path) -> None:
    """Tests outside the suites all run, whatever their parameters, and leave no record."""
    (tmp_path / "test_outside.py").write_text(OUTSIDE_THE_SUITES)
    ours = ["-p", "conftest", "-c", str(PROJECT / "pyproject.toml"), "--rootdir", str(tmp_path)]
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", *ours]
    # A run of `conform` in this process may have switched pytest's plugins off for its children.
    environment = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST")}
    run = subprocess.run(
        [*command, str(tmp_path)],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, ""), run.stdout
    assert "4 passed" in run.stdout
    assert "report" not in run.stdout
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["test_outside.py"]
