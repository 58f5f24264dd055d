"""Files in memory: readable by the processes of this user, and gone with their maker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.clients.cli.memory_file import memory_file

KILLED = """
import os, signal, sys
from pathlib import Path
from fixtures.clients.cli.memory_file import memory_file
with memory_file("key.pem", "secret", Path(sys.argv[1])) as path:
    print(path, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_another_process_reads_it(tmp_path: Path) -> None:
    """A command that is started reads the file by its path; nothing is in the file system."""
    with memory_file("key.pem", "secret", tmp_path) as path:
        assert subprocess.check_output(["cat", path]) == b"secret"
        assert Path(path).is_file()
        assert not list(tmp_path.iterdir())
    assert not Path(path).exists()


def test_nothing_is_left_after_a_kill(tmp_path: Path) -> None:
    """If the process is killed, the file is gone with it."""
    words = [sys.executable, "-c", KILLED, str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    assert not Path(done.stdout.strip()).exists()
    assert not list(tmp_path.iterdir())


def test_without_memory_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a system without files in memory, only the owner can read it."""
    monkeypatch.delattr(os, "memfd_create")
    with memory_file("key.pem", "secret", tmp_path) as path:
        assert Path(path).read_text() == "secret"
        assert Path(path).stat().st_mode & 0o777 == 0o600
