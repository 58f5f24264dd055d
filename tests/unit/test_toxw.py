"""The wrapper around tox, with a fake Python: which one it chooses, and what it creates."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = ("dirname", "id", "mkdir", "mktemp", "readlink", "rm", "sed", "sh", "tr")

# Suits every check, creates "virtual environments" that echo, and records each use.
FAKE_PYTHON = """#!/bin/sh
echo "$@" | head -n 1 >>"$NOTES"
case "$*" in
"-I -c"*ensurepip*) echo "$0" ;;
"-I -m venv "*) mkdir -p "$4/bin" && cp "$NOTES.inner" "$4/bin/python" ;;
*) exec {real} "$@" ;;
esac
"""
INNER = """#!/bin/sh
case "$*" in
*" pip "*) exit "${PIP_STATUS:-0}" ;;
*) echo "in $PWD: $*" ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the wrapper and its pins, and a PATH of its own in `bin`."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools/toxw", tmp_path / "tools")
    shutil.copy(ROOT / "constraints.txt", tmp_path)
    (tmp_path / "bin").mkdir()
    for name in (*COMMANDS, "cp", "head"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or name)
    (tmp_path / "notes.inner").write_text(INNER)
    (tmp_path / "notes.inner").chmod(0o755)
    return tmp_path


def add_fake_python(checkout: Path, name: str) -> None:
    """Put a suitable Python of that name on PATH."""
    path = checkout / "bin" / name
    path.write_text(FAKE_PYTHON.replace("{real}", sys.executable))
    path.chmod(0o755)


def start(checkout: Path, **extra: str) -> subprocess.Popen[str]:
    """Start the wrapper from another folder."""
    return subprocess.Popen(
        [checkout / "tools/toxw", "run", "-e", "certify"],
        cwd="/",
        env={"PATH": f"{checkout}/bin", "NOTES": f"{checkout}/notes", **extra},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(checkout: Path, **extra: str) -> tuple[int, str, str]:
    """Run the wrapper: exit status, standard output, standard error."""
    process = start(checkout, **extra)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def environments(checkout: Path) -> list[str]:
    """The environments of the wrapper, complete or not."""
    return sorted(os.listdir(checkout / ".tox-wrapper"))


def test_starts_tox_in_the_checkout(checkout: Path) -> None:
    """From any folder, tox runs in the checkout with the same arguments."""
    add_fake_python(checkout, "python3")
    status, out, _ = run(checkout)
    assert (status, out) == (0, f"in {checkout}: -I -m tox run -e certify\n")


def test_later_starts_do_not_search(checkout: Path) -> None:
    """An existing environment is used as it is: no Python is run before tox."""
    add_fake_python(checkout, "python3")
    run(checkout)
    (checkout / "notes").unlink()
    assert run(checkout)[0] == 0
    assert not (checkout / "notes").exists()


def test_newer_python_is_preferred(checkout: Path) -> None:
    """A suitable python3.12 is found although python3 is too old."""
    (checkout / "bin/python3").symlink_to(shutil.which("false") or "false")
    add_fake_python(checkout, "python3.12")
    status, _, err = run(checkout)
    assert status == 0
    assert f"{checkout}/bin/python3.12" in err


def test_no_python(checkout: Path) -> None:
    """Without a suitable Python the error is one line, and nothing is left behind."""
    status, out, err = run(checkout)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "Python >= 3.11 with venv" in err
    assert not (checkout / ".tox-wrapper").exists()


def test_an_unsuitable_named_python(checkout: Path) -> None:
    """A PYTHON that is too old is an error, and not replaced by another."""
    add_fake_python(checkout, "python3")
    status, _, err = run(checkout, PYTHON="false")
    assert (status, err.count("\n")) == (2, 1)
    assert "PYTHON=false" in err


def test_named_python_gets_its_own_environment(checkout: Path) -> None:
    """With another PYTHON another environment is created beside the existing one."""
    add_fake_python(checkout, "python3")
    add_fake_python(checkout, "python3.11")
    assert run(checkout)[0] == 0
    assert run(checkout, PYTHON="python3.11")[0] == 0
    assert len(environments(checkout)) == 2


def test_failed_first_start_leaves_nothing(checkout: Path) -> None:
    """If tox cannot be installed, the next start creates the environment again."""
    add_fake_python(checkout, "python3")
    status, _, err = run(checkout, PIP_STATUS="1")
    assert status == 2
    assert "pip cannot install tox" in err
    assert environments(checkout) == []
    assert run(checkout)[0] == 0


def test_two_first_starts_at_once(checkout: Path) -> None:
    """Two first starts at the same time both succeed and share one environment."""
    add_fake_python(checkout, "python3")
    both = [start(checkout) for _ in range(2)]
    finished = [process.communicate(timeout=30) for process in both]
    assert [process.returncode for process in both] == [0, 0], finished
    assert len(environments(checkout)) == 1


def test_a_removed_python(checkout: Path) -> None:
    """An environment whose Python was removed is created again."""
    add_fake_python(checkout, "python3")
    run(checkout)
    [environment] = (checkout / ".tox-wrapper").iterdir()
    (environment / "bin/python").unlink()
    (environment / "bin/python").symlink_to("gone")
    assert run(checkout)[0] == 0
    assert len(environments(checkout)) == 1
