"""The recipes of docs/recipes.md, followed literally in a copy of the project."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/recipes.md").read_text("utf-8")
PARTS = ("conftest.py", "fixtures", "pyproject.toml", "reports", "suites", "tools", "tox.ini")
PATCHES = {
    title: re.findall(r"```diff\n(.*?)```", text, re.DOTALL)[0]
    for title, text in re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project without what runs have left in it."""
    ignore = shutil.ignore_patterns("__pycache__", "out")
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, tmp_path / part, ignore=ignore)
        else:
            shutil.copy(ROOT / part, tmp_path / part)
    return tmp_path


def follow(project: Path, *titles: str) -> None:
    """Apply the patches of these recipes."""
    for title in titles:
        command = ["git", "apply", "--recount", "--unidiff-zero", "-"]
        subprocess.run(command, cwd=project, input=PATCHES[title], text=True, check=True)


def conform(project: Path, *words: str) -> tuple[int, str]:
    """The exit status and the output of a command in that copy."""
    command = [sys.executable, "-m", "tools.conform", *words]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("title", PATCHES)
def test_a_recipe_touches_one_new_file_and_one_line(title: str) -> None:
    """Adding a row, a client, a suite or a report is one new file and at most one line."""
    changed = PATCHES[title].partition("\n--- a/")[2]
    added = re.findall(r"^\+(?!\+\+ )", changed, re.MULTILINE)
    assert PATCHES[title].count("--- /dev/null") == 1
    assert PATCHES[title].count("--- a/") == len(added) <= 1


def test_a_row_and_its_suite(project: Path) -> None:
    """A new row has the cases of every row and those of its suite, and they hold."""
    follow(project, "A mapping row", "A suite")
    status, _ = conform(project, "run", "--suite", "tags", "-n", "1", "--out", "runs")
    record = (project / "runs/latest/run.jsonl").read_text()
    assert '"case":"tags/DescribeTags/documented-call[boto3]"' in record
    assert '"case":"tags/DescribeTags/reply/of-one-resource[boto]"' in record
    assert '"status":"failed"' not in record
    assert status == 0


def test_a_client(project: Path) -> None:
    """A new client gets the requirements that name no drivers, and passes what it sends."""
    follow(project, "A client")
    conform(project, "run", "--suite", "zones", "-n", "1", "--out", "runs")
    record = (project / "runs/latest/run.jsonl").read_text()
    assert '"case":"zones/DescribeAvailabilityZones/documented-call[renamed]"' in record
    assert '"status":"failed"' not in record


def test_a_report(project: Path) -> None:
    """A new report is written beside the others, by the run and by `conform report`."""
    follow(project, "A report")
    conform(project, "run", "--suite", "passwords", "-n", "1", "--out", "runs")
    written = project / "runs/latest/failures.txt"
    assert written.read_text() == ""
    written.unlink()
    assert conform(project, "report", "runs/latest")[0] == 0
    assert written.read_text() == ""
