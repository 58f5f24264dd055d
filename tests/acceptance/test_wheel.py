"""The project installed as an ordinary wheel."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.support.command_runs import ROOT

# Names that other projects use for modules of theirs.
GENERAL_NAMES = {"conftest", "conftest.py", "fixtures", "reports", "suites", "tests", "tools"}


def _run(*words: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment into which only the wheel is installed; what it depends on is found among
    what is installed here."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-cache-dir")
    built = _run(*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", folder, ROOT)
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    home = folder / "environment"
    venv.create(home, with_pip=False)
    (packages,) = home.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(f"{Path(pytest.__file__).parents[1]}\n", "utf-8")
    installed = _run(
        *pip, "--python", home / "bin" / "python", "install", "--no-deps", "--no-index", wheel
    )
    assert installed.returncode == 0, installed.stderr
    return home


def test_no_general_name_is_installed(environment: Path) -> None:
    """Every module lies in a package with the project's name."""
    (packages,) = environment.glob("lib/python*/site-packages")
    names = {path.name for path in packages.iterdir()}
    assert "awsapi_conformance" in names
    assert not names & GENERAL_NAMES


def test_conform_runs_from_any_directory(environment: Path, tmp_path: Path) -> None:
    """`conform` certifies in a directory of another pytest project, and puts its results there."""
    (tmp_path / "conftest.py").write_text("raise SystemExit('the conftest of another project')\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (tmp_path / "fixtures.py").write_text("raise SystemExit('a module of another project')\n")
    ended = _run(
        environment / "bin" / "conform", "run", "-n", "2", "--suite", "zones", cwd=tmp_path
    )
    assert "✓" in ended.stdout, ended.stdout + ended.stderr
    assert "✗" not in ended.stdout
    assert (tmp_path / "reports" / "out" / "latest" / "report.html").exists()
    shown = _run(environment / "bin" / "conform", "show", "latest", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr


def test_the_ec2_commands_run(environment: Path, tmp_path: Path) -> None:
    """The commands are installed under their names, and find their package."""
    ended = _run(environment / "bin" / "ec2-describe-images", "--help", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "List images" in ended.stdout
