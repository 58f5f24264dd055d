"""Names and descriptions of what is created: texts reach CloudStack whole, and come back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixtures.model import Requirement
from suites.contract.dsl import answers, passes
from suites.values.catalogue import BEYOND_ASCII, TEXTS, UNSETTLED
from suites.values.value_suite import CLIENTS, SDK, ValueSuite

# Texts that a client's encoding, or a bridge's decoding, is likely to change.
ENCODED = ("plus", "percent-encoded", "ampersand", "markup", "tilde", "asterisk", "accent", "emoji")
# Action → the argument, and the parameter of the documented call that it becomes.
DESCRIPTIONS: Mapping[str, tuple[str, str]] = {
    "CreateImage": ("Description", "displaytext"),
    "RegisterImage": ("Description", "displaytext"),
    "CreateSecurityGroup": ("Description", "description"),
}
NAMES: Mapping[str, tuple[str, str]] = {
    "CreateKeyPair": ("KeyName", "name"),
    "ImportKeyPair": ("KeyName", "name"),
}  # not those of images: with the run's prefix they are longer than CloudStack allows
# What is odd about these is lost behind the prefix that the run's names have.
NOT_IN_NAMES = frozenset({"digits", "word", "leading-blank"})


def _texts() -> Iterator[Requirement]:
    allowed = {**TEXTS, **BEYOND_ASCII}
    for action, (argument, parameter) in DESCRIPTIONS.items():
        for name, text in {**allowed, **UNSETTLED}.items():
            yield passes(
                action,
                f"{argument}-{name}",
                f"{argument} reaches CloudStack whole, or is refused ({name}).",
                drivers=CLIENTS if name in ENCODED else SDK,
                arguments={argument: text},
                parameters={parameter: text},
                or_refused=name in UNSETTLED or name in BEYOND_ASCII,
            )
    for action, (argument, parameter) in NAMES.items():
        for name, text in {**allowed, **UNSETTLED}.items():
            if name in NOT_IN_NAMES:
                continue
            whole = f"{{unique.name}}{text}"
            yield passes(
                action,
                f"{argument}-{name}",
                f"{argument} reaches CloudStack whole, or is refused ({name}).",
                drivers=CLIENTS if name in ENCODED else SDK,
                arguments={argument: whole},
                parameters={parameter: whole},
                fields={"KeyName": whole},
                or_refused=True,
            )


def _texts_that_come_back() -> Iterator[Requirement]:
    for action, recipe, field in (
        ("DescribeSecurityGroups", "group:odd-text", "SecurityGroups[0].Description"),
        ("DescribeImages", "image:odd-text", "Images[0].Description"),
    ):
        kind = recipe.partition(":")[0]
        attribute = "description" if kind == "group" else "displaytext"
        yield answers(
            action,
            "odd-text",
            "A description with every odd character comes back whole.",
            needs={kind: recipe},
            fields={field: f"{{{kind}.{attribute}}}"},
        )


class TestNewTexts(ValueSuite):
    """Names and descriptions of new resources."""

    requirements = (*_texts(), *_texts_that_come_back())
