"""How the findings of a failover under load name the mutations of its management servers."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kills.expected.expectation import Expected

HISTORIES = ("replication/*/history/*",)

FAILOVER: Mapping[str, Expected] = {
    "answers-before-commit": Expected(HISTORIES, "lost"),
    "retries-commits": Expected(HISTORIES, "doubled"),
    "serves-stale-reads": Expected(HISTORIES, "stale"),
    "keeps-old-host": Expected(HISTORIES, "still-on-old-host"),
}
