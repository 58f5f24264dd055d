"""Fixtures of the tests of the harness."""

from __future__ import annotations

import pytest

from fixtures.database import NoDatabase


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
