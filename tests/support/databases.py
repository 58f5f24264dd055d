"""MariaDB for tests: where none can be had, they are skipped with the reason."""

from __future__ import annotations

from functools import cache

import pytest

from fixtures.database import Installation, NoDatabase, Server


@cache
def _found() -> Installation | str:
    try:
        return Installation.find()
    except NoDatabase as lacking:
        return str(lacking)


def installation() -> Installation:
    """The MariaDB to test with, fetched if need be; skips the test where there is none."""
    found = _found()
    if isinstance(found, str):
        pytest.skip(found)
    return found


def open_to_clouds(server: Server) -> None:
    """Let a user `cloud` with the password `cloud` come to a server."""
    server.sql("CREATE USER 'cloud'@'127.0.0.%' IDENTIFIED BY 'cloud'")
    server.sql("GRANT ALL ON *.* TO 'cloud'@'127.0.0.%'")
