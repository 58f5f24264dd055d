"""Run directories: `<root>/<run-id>/`, and the link `<root>/latest` to the last one."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from fixtures.model import UsageError

ROOT = Path("reports", "out")  # of the working directory
LATEST = "latest"
PRIVATE = 0o700  # mode of run directories: evidence may tell much of a deployment


def create(root: Path = ROOT, now: datetime | None = None) -> Path:
    """Make an empty run directory, named after the UTC time and six random hex digits.

    Raises:
        UsageError: the root cannot be written; nothing is left behind then.
    """
    instant = (now or datetime.now(UTC)).astimezone(UTC)
    root = root.absolute()
    run = root / f"{instant:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    link = root / LATEST
    try:
        if link.exists() and not link.is_symlink():
            raise UsageError(f"{link}: exists and is not a link; give another --out than {root}")
        root.mkdir(parents=True, exist_ok=True)
        run.mkdir(mode=PRIVATE)
    except OSError as error:
        raise UsageError(f"{root}: cannot write runs there: {error.strerror}") from error
    return run


def publish(run: Path) -> None:
    """Point the link `latest` at a run directory, atomically."""
    fresh = run.parent / f".{LATEST}-{run.name}"
    try:
        fresh.symlink_to(run.name, target_is_directory=True)
        fresh.replace(run.parent / LATEST)
    except OSError as error:
        raise UsageError(
            f"{run.parent / LATEST}: cannot change the link: {error.strerror}"
        ) from error


def check_writable(folder: Path) -> None:
    """Raises `UsageError`, which names the folder, if no file can be created in it."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UsageError(f"{folder}: cannot write there: {error.strerror}") from error


def discard(run: Path) -> None:
    """Remove a run directory in which nothing was recorded."""
    shutil.rmtree(run)


@contextlib.contextmanager
def assemble(out: Path) -> Iterator[Path]:
    """A new directory to fill, which is renamed to `out` at the end.

    Raises:
        UsageError: `out` exists and is not empty, or cannot be written; nothing is left then.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out}: exists already, give the name of a new directory")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=out.parent) as scratch:
            made = Path(scratch) / out.name
            made.mkdir(mode=PRIVATE)
            yield made
            made.replace(out)
    except OSError as error:
        raise UsageError(f"{out}: cannot write: {error.strerror}") from error


def write_atomically(path: Path, content: bytes, private: bool = False) -> None:
    """Write a file as a whole or not at all; `private`: only its owner may read it.

    Raises:
        UsageError: it cannot be written; names it.
    """
    fresh = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        fresh.touch(mode=0o600 if private else 0o666)
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):  # it may never have been made
            fresh.unlink()
        raise UsageError(f"{path}: cannot write: {error.strerror}") from error


def replace_folder(path: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write a directory with these files, by name, in place of the one that is there.

    Raises:
        UsageError: it cannot be written; names it.
    """
    fresh = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        for name, content in files:
            (fresh / name).write_bytes(content)
        shutil.rmtree(path, ignore_errors=True)
        fresh.replace(path)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise UsageError(f"{path}: cannot write: {error.strerror}") from error
