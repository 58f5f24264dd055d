"""The pictures of a report for the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tools.browser.pictures import PICTURES, main, take_pictures


def test_pictures_are_taken_by_a_command(report: Path, tmp_path: Path, browser: Browser) -> None:
    """A command takes the documentation's pictures of a run's report, each of moderate size."""
    files = take_pictures(browser, report, tmp_path / "pictures")
    assert [file.name for file in files] == [*PICTURES]
    for file in files:
        assert file.read_bytes().startswith(b"\x89PNG")
        assert file.stat().st_size < 300_000


def test_pictures_of_no_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A directory without a report is named."""
    assert main([str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"pictures: {tmp_path}/report.html: there is no report\n"
