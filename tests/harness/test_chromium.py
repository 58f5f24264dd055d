"""The machine's chromium, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.bench import reports
from tools.browser.chromium import NoBrowser, find_chromium


def test_a_missing_chromium_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where there is no chromium, the text says how to get one; where there is one, it is found."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoBrowser, match="apt-get install chromium"):
        find_chromium()
    program = tmp_path / "chromium-browser"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert find_chromium() == str(program)


def test_the_bench_says_that_pages_are_not_opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a chromium the bench measures a page's size, and says what it does not measure."""
    monkeypatch.setenv("PATH", str(tmp_path))
    page = tmp_path / "report.html"
    page.write_bytes(b"x" * 2_000_000)
    (size,) = reports.measure_page_file(page, 10_000)
    assert (size.ours, size.unit, size.is_missed) == (2.0, "MB", False)
    assert "is not opened: no chromium" in capsys.readouterr().err
