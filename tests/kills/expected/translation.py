"""Which cases must notice that a documented translation is wrong: that row's, and no other."""

from __future__ import annotations

from collections.abc import Iterator

from fixtures.plan.mapping import rows
from fixtures.simulator.mutations.translation import STRAY_COMMAND
from fixtures.simulator.mutations.translation_table import TRANSLATIONS
from tests.kills.expected.expectation import Expected

KINDS = ("silent", "wrong-command", "wrong-argument", "one-too-many")


def _expectations() -> Iterator[tuple[str, Expected]]:
    falsified = {translation.action: translation.argument for translation in TRANSLATIONS}
    for row in rows():
        action, command = row.action, row.cloudstack_call.real
        texts = (command, command, falsified[action], STRAY_COMMAND)
        for kind, text in zip(KINDS, texts, strict=True):
            yield f"{kind}-{action}", Expected((f"*/{action}/documented-call[*]",), text)


TRANSLATION = dict(_expectations())
