"""Run directories and the link to the latest."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures.model import UsageError
from reports.record import run_directory


def test_run_directory_is_named_after_its_time(tmp_path: Path) -> None:
    """The name of a run is its start in UTC and random digits."""
    now = datetime(2026, 11, 21, 22, 15, tzinfo=UTC)
    first, second = (run_directory.create(tmp_path / "out", now) for _ in range(2))
    assert re.fullmatch(r"20261121T221500Z-[0-9a-f]{6}", first.name)
    assert first != second
    assert not any(first.iterdir())


def test_run_directories_are_private(tmp_path: Path) -> None:
    """Evidence tells much of a deployment: only its owner may read a run's directory."""
    with run_directory.assemble(tmp_path / "merged") as made:
        (made / "file").touch()
    for directory in (run_directory.create(tmp_path), tmp_path / "merged"):
        assert directory.stat().st_mode & 0o777 == 0o700


def test_latest_points_at_the_last_published_run(tmp_path: Path) -> None:
    """`latest` is switched from one run to the next and leaves nothing else behind."""
    first, second = run_directory.create(tmp_path), run_directory.create(tmp_path)
    for run in (first, second):
        run_directory.publish(run)
        assert (tmp_path / "latest").resolve() == run.resolve()
    assert {path.name for path in tmp_path.iterdir()} == {first.name, second.name, "latest"}


def test_unwritable_root_is_named(tmp_path: Path) -> None:
    """A root that cannot be written is named in the error."""
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(UsageError, match=r"file/out: cannot write runs there: Not a directory"):
        run_directory.create(blocked / "out")
    assert blocked.read_text() == "in the way"


def test_directory_called_latest_is_not_replaced(tmp_path: Path) -> None:
    """A directory named `latest` is an error before the run, and is not changed."""
    (tmp_path / "latest").mkdir()
    with pytest.raises(UsageError, match="latest: exists and is not a link"):
        run_directory.create(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["latest"]


def test_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """A file that cannot be replaced stays as it was, without a half-written one beside it."""
    target = tmp_path / "report.html"
    target.mkdir()
    with pytest.raises(UsageError, match=r"report\.html: cannot write"):
        run_directory.write_atomically(target, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    run_directory.write_atomically(tmp_path / "summary.md", b"new")
    assert (tmp_path / "summary.md").read_bytes() == b"new"


def test_discarded_run_is_gone(tmp_path: Path) -> None:
    """A run that never began leaves no directory."""
    run = run_directory.create(tmp_path)
    (run / "allure-results").mkdir()
    run_directory.discard(run)
    assert not list(tmp_path.iterdir())
