"""Fixtures that acceptance tests share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.served_deployments import Serve, ServedDeployment, serve_deployment


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Serves deployments by `conform serve` with the given options; each writes its profile,
    `served.toml`, to the test's directory."""
    with ExitStack() as stack:

        def start(*options: str) -> ServedDeployment:
            return stack.enter_context(serve_deployment(tmp_path, *options))

        yield start
