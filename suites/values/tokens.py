"""Tokens of clients, by which a launch that is asked for again is not repeated."""

from __future__ import annotations

from collections.abc import Iterator

from fixtures.model import Requirement
from suites.contract.dsl import passes, rejects
from suites.values.catalogue import ALL_TEXTS
from suites.values.value_suite import BAD_VALUE, SDK, ValueSuite

TOKENS = ("plus", "percent-encoded", "markup", "upper-case", "slashes", "trailing-blank", "accent")
PLAIN = ("plus", "upper-case")  # of signs that Amazon's own tokens may well have


def _tokens() -> Iterator[Requirement]:
    texts = {name: f"{{unique.name}}{ALL_TEXTS[name]}" for name in TOKENS}
    texts["64-characters"] = "{unique.id}" + "t" * 28
    for name, token in texts.items():
        yield passes(
            "RunInstances",
            f"ClientToken-{name}",
            f"An instance is shown with the whole token of its launch, if with one ({name}).",
            drivers=SDK,
            arguments={"ClientToken": token},
            fields={"Instances[0].ClientToken": {"optional": [token]}},
            or_refused=name not in (*PLAIN, "64-characters"),
        )
    yield rejects(
        "RunInstances",
        "ClientToken-65-characters",
        "A token of more than 64 characters is refused.",
        BAD_VALUE,
        drivers=SDK,
        arguments={"ClientToken": "{unique.id}" + "t" * 29},
    )


class TestTokens(ValueSuite):
    """Tokens of clients."""

    requirements = tuple(_tokens())
