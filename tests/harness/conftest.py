"""Fixtures of the tests of the harness."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from fixtures.database import NoDatabase
from tests.support.browser_pages import write_page
from tests.support.made_reports import RUN
from tools.browser.chromium import NoBrowser, open_browser


@pytest.fixture(scope="module")
def extra_profile() -> str:
    """The profile of `served` with a shorter wait for resources that do not appear."""
    return "\n[timeouts]\nappear = 1\n"


@pytest.fixture
def no_mariadb(monkeypatch: pytest.MonkeyPatch) -> None:
    """No MariaDB is found."""

    def find(*_: object) -> None:
        raise NoDatabase("no server here, `apt-get install mariadb-server-core` would help")

    monkeypatch.setattr("fixtures.database.Installation.find", find)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's chromium; skips the tests where there is none."""
    try:
        with open_browser() as running:
            yield running
    except NoBrowser as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of `run_with_findings`."""
    return write_page(tmp_path_factory.mktemp("page"), RUN)
