"""Names, descriptions and tags of what exists: texts come back whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fixtures.model import Requirement
from suites.contract.dsl import answers
from suites.values.catalogue import ALL_TEXTS
from suites.values.value_suite import SDK, ValueSuite

# Texts that a bridge is likely to change when it writes a reply.
WRITTEN = ("plus", "percent-encoded", "ampersand", "markup", "blanks", "accent", "chinese")

FEW = ("plus", "markup", "accent")  # a snapshot takes an instance


@dataclass(frozen=True, slots=True)
class ShownText:
    """A reply that shows texts: the recipe of what has them, and the fields (JMESPath) with the
    attributes that they show (none: the text itself)."""

    action: str
    recipe: str
    fields: Mapping[str, str]
    names: tuple[str, ...] = WRITTEN


SHOWN_TEXTS = (
    ShownText(
        "DescribeImages",
        "image:own",
        {"Images[0].Name": "{image.name}", "Images[0].Description": "{image.displaytext}"},
    ),
    ShownText(
        "DescribeSecurityGroups",
        "group",
        {
            "SecurityGroups[0].GroupName": "{group.name}",
            "SecurityGroups[0].Description": "{group.description}",
        },
    ),
    ShownText("DescribeKeyPairs", "keypair", {"KeyPairs[0].KeyName": "{keypair.name}"}),
    ShownText("DescribeVolumes", "volume:tagged", {"Volumes[0].Tags[0].Value": ""}),
    ShownText("DescribeVolumes", "volume:tag-key", {"Volumes[0].Tags[0].Key": ""}),
    ShownText("DescribeSnapshots", "snapshot:tagged", {"Snapshots[0].Tags[0].Value": ""}, FEW),
)


def _texts() -> Iterator[Requirement]:
    for shown in SHOWN_TEXTS:
        role, _, what = shown.recipe.partition(":")
        label = what if "tag" in what else "texts"
        for name in shown.names:
            text = ALL_TEXTS[name]
            yield answers(
                shown.action,
                f"{label}-{name}",
                f"What has an odd text is shown with the whole of it ({name}).",
                drivers=SDK,
                needs={role: f"{shown.recipe}={text}"},
                fields={path: attribute or text for path, attribute in shown.fields.items()},
                own_resources=True,  # else lists grow with every text
            )


def _odd_texts() -> Iterator[Requirement]:
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


class TestShownTexts(ValueSuite):
    """Texts of what exists."""

    requirements = (*_texts(), *_odd_texts())
