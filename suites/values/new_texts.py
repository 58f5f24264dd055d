"""Names and descriptions of what is created: texts reach CloudStack whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixtures.model import CallPattern, Pattern, Requirement
from suites.contract.dsl import passes
from suites.values.catalogue import ALL_TEXTS, IMAGE_NAMES, TEXTS
from suites.values.value_suite import CLIENTS, SDK, ValueSuite

# Texts that a client's encoding, or a bridge's decoding, is likely to change.
ENCODED = ("plus", "percent-encoded", "ampersand", "markup", "tilde", "asterisk", "accent", "emoji")
# Action → the argument, and the parameter of the documented call that it becomes.
DESCRIPTIONS: Mapping[str, tuple[str, str]] = {
    "CreateImage": ("Description", "displaytext"),
    "RegisterImage": ("Description", "displaytext"),
    "CreateSecurityGroup": ("Description", "description"),
}
# Action → the argument that becomes the documented call's `name`, and the reply's field.
NAMES: Mapping[str, tuple[str, str]] = {
    "CreateKeyPair": ("KeyName", "KeyName"),
    "ImportKeyPair": ("KeyName", "KeyName"),
    "CreateSecurityGroup": ("GroupName", ""),
    # Not CreateImage: with the run's prefix its names are longer than CloudStack allows.
    "RegisterImage": ("Name", ""),
}
# What is odd about these is lost behind the prefix that the run's names have.
NOT_IN_NAMES = frozenset({"digits", "word", "leading-blank"})
MOST_CHANGED = ("plus", "percent-encoded", "markup", "accent")
CHANGED = (*MOST_CHANGED, "upper-case", "blanks", "trailing-blank")


def _descriptions() -> Iterator[Requirement]:
    for action, (argument, parameter) in DESCRIPTIONS.items():
        for name, text in ALL_TEXTS.items():
            yield passes(
                action,
                f"{argument}-{name}",
                f"{argument} reaches CloudStack whole, or is refused ({name}).",
                drivers=CLIENTS if name in ENCODED else SDK,
                arguments={argument: text},
                parameters={parameter: text},
                or_refused=name not in TEXTS,
            )
    for name in CHANGED:
        text = ALL_TEXTS[name]
        change = {"id": Pattern.of("{image.id}"), "displaytext": Pattern.of(text)}
        yield passes(
            "ModifyImageAttribute",
            f"Description-{name}",
            f"A new description reaches CloudStack whole, or is refused ({name}).",
            drivers=SDK,
            arguments={"LaunchPermission": None, "Description": {"Value": text}},
            call_optional=True,
            around=(CallPattern("updateTemplate", change),),
            state={"image.displaytext": text},
            or_refused=name not in TEXTS,
        )


def _names() -> Iterator[Requirement]:
    for action, (argument, field) in NAMES.items():
        for name, text in {**ALL_TEXTS, **(IMAGE_NAMES if argument == "Name" else {})}.items():
            if name in NOT_IN_NAMES:
                continue
            whole = f"{{unique.name}}{text}"
            yield passes(
                action,
                f"{argument}-{name}",
                f"{argument} reaches CloudStack whole, or is refused ({name}).",
                drivers=_senders(action, name),
                arguments={argument: whole},
                parameters={"name": whole},
                fields={field: whole} if field else {},
                or_refused=name not in IMAGE_NAMES,
            )


def _senders(action: str, name: str) -> tuple[str, ...]:
    """Every client where its own rules count; of images, whose names have few signs, boto3."""
    if action == "RegisterImage":
        return SDK
    return (
        CLIENTS if name in (MOST_CHANGED if action == "CreateSecurityGroup" else ENCODED) else SDK
    )


class TestNewTexts(ValueSuite):
    """Names and descriptions of new resources."""

    requirements = (*_descriptions(), *_names())
