"""Fixtures of the tests of the harness."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def extra_profile() -> str:
    """The profile of `served` with a shorter wait for resources that do not appear."""
    return "\n[timeouts]\nappear = 1\n"
