"""MariaDB for tests, which are skipped, with the reason, where there is none."""

from __future__ import annotations

from functools import cache

import pytest

from fixtures.database import Installation, NoDatabase, Server


@cache
def _find() -> Installation | str:
    try:
        return Installation.find()
    except NoDatabase as error:
        return str(error)


def installation() -> Installation:
    """The MariaDB to test with, downloaded if necessary; skips the test where there is none."""
    found = _find()
    if isinstance(found, str):
        pytest.skip(found)
    return found


def create_cloud_user(server: Server) -> None:
    """Create a database user `cloud` with the password `cloud`."""
    server.sql("CREATE USER 'cloud'@'127.0.0.%' IDENTIFIED BY 'cloud'")
    server.sql("GRANT ALL ON *.* TO 'cloud'@'127.0.0.%'")
