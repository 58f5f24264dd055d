"""The wrapper around tox, with a Python that only pretends: what it picks, makes and leaves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = ("dirname", "id", "mkdir", "mktemp", "readlink", "rm", "sed", "sh", "tr")

# Says yes to being suitable, makes "virtual environments" that echo, and notes each use.
PRETENDING = """#!/bin/sh
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


def pretend(checkout: Path, name: str) -> None:
    """Put a suitable Python of that name on PATH."""
    path = checkout / "bin" / name
    path.write_text(PRETENDING.replace("{real}", sys.executable))
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
    """What the wrapper made, finished or not."""
    return sorted(os.listdir(checkout / ".tox-wrapper"))


def test_starts_tox_in_the_checkout(checkout: Path) -> None:
    """From any folder, tox runs in the checkout with the arguments as given."""
    pretend(checkout, "python3")
    status, out, _ = run(checkout)
    assert (status, out) == (0, f"in {checkout}: -I -m tox run -e certify\n")


def test_later_starts_look_for_nothing(checkout: Path) -> None:
    """Once made, the environment is used as it is: no Python is asked anything before tox."""
    pretend(checkout, "python3")
    run(checkout)
    (checkout / "notes").unlink()
    assert run(checkout)[0] == 0
    assert not (checkout / "notes").exists()


def test_newer_python_is_preferred(checkout: Path) -> None:
    """An old python3 does not stand in the way of a suitable python3.12."""
    (checkout / "bin/python3").symlink_to(shutil.which("false") or "false")
    pretend(checkout, "python3.12")
    status, _, err = run(checkout)
    assert status == 0
    assert f"{checkout}/bin/python3.12" in err


def test_no_python(checkout: Path) -> None:
    """Without a suitable Python one line says so, and nothing is left behind."""
    status, out, err = run(checkout)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "Python >= 3.11 with venv" in err
    assert not (checkout / ".tox-wrapper").exists()


def test_named_python_that_does_not_suit(checkout: Path) -> None:
    """A PYTHON that is too old is not replaced by another in silence."""
    pretend(checkout, "python3")
    status, _, err = run(checkout, PYTHON="false")
    assert (status, err.count("\n")) == (2, 1)
    assert "PYTHON=false" in err


def test_named_python_gets_its_own_environment(checkout: Path) -> None:
    """Naming another Python does not disturb the environment that is there."""
    pretend(checkout, "python3")
    pretend(checkout, "python3.11")
    assert run(checkout)[0] == 0
    assert run(checkout, PYTHON="python3.11")[0] == 0
    assert len(environments(checkout)) == 2


def test_failed_first_start_leaves_nothing(checkout: Path) -> None:
    """If tox cannot be installed, the next start begins anew."""
    pretend(checkout, "python3")
    status, _, err = run(checkout, PIP_STATUS="1")
    assert status == 2
    assert "pip cannot install tox" in err
    assert environments(checkout) == []
    assert run(checkout)[0] == 0


def test_two_first_starts_at_once(checkout: Path) -> None:
    """Two first starts at the same time both succeed and share one environment."""
    pretend(checkout, "python3")
    both = [start(checkout) for _ in range(2)]
    finished = [process.communicate(timeout=30) for process in both]
    assert [process.returncode for process in both] == [0, 0], finished
    assert len(environments(checkout)) == 1


def test_python_that_went_away(checkout: Path) -> None:
    """An environment whose Python was removed is made again."""
    pretend(checkout, "python3")
    run(checkout)
    [made] = (checkout / ".tox-wrapper").iterdir()
    (made / "bin/python").unlink()
    (made / "bin/python").symlink_to("gone")
    assert run(checkout)[0] == 0
    assert len(environments(checkout)) == 1
