"""What was measured (`measured.toml`) and why some leaves cannot be covered (`reasons.toml`)."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from reports.record.run_directory import write_atomically
from tools.coverage.documents import Alteration
from tools.coverage.leaves import Area, Leaf

MEASURED = Path(__file__).with_name("measured.toml")
REASONS = Path(__file__).with_name("reasons.toml")
_HEAD = """\
# Which case fails if a leaf is altered: "" if none does. Written by `python -m tools.coverage
# measure`; not edited by hand.
"""

LeafKey = tuple[str, str, str]
"""Area, group and name of a leaf."""


class Measured(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The case that fails if a leaf is altered; empty: none; None: there was nothing to alter.

    A leaf that no case meets was `added`; of the others, another value was sent and none. `since`:
    the EC2 version in which it was measured, if not the first.
    """

    changed: str | None = None
    left_out: str | None = None
    added: str | None = None
    version: str = ""

    @property
    def case(self) -> str:
        """The case that notices another value than the right one, or that the leaf is there though
        it should not be; empty if there is none."""
        return self.changed or self.added or ""

    def of(self, alteration: Alteration) -> str:
        """The case that notices an alteration; empty if there is none."""
        return getattr(self, alteration.name.lower()) or ""


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why no case can notice another value of some leaves: those of an area that match one of the
    patterns (`GROUP LEAF`, with `*`)."""

    area: Area
    leaves: list[str]
    text: str

    def applies(self, key: LeafKey) -> bool:
        """Whether it is about this leaf."""
        area, group, name = key
        return self.area == area and any(
            fnmatchcase(f"{group} {name}", pattern) for pattern in self.leaves
        )


def leaf_key(leaf: Leaf) -> LeafKey:
    """The key of a leaf in the results."""
    return leaf.area, leaf.group, leaf.name


def read_measured() -> dict[LeafKey, Measured]:
    """What was measured, in the order of the file."""
    tables = tomllib.loads(MEASURED.read_text("utf-8"))
    return {
        (area, group, name): msgspec.convert(entry, Measured)
        for area, groups in tables.items()
        for group, leaves in groups.items()
        for name, entry in leaves.items()
    }


def write_measured(results: Mapping[LeafKey, Measured]) -> None:
    """Write the file."""
    lines, heading = [_HEAD], ("", "")
    for (area, group, name), entry in results.items():
        if heading != (area, group):
            heading = (area, group)
            lines.append(f"\n[{area}.{_quoted(group)}]")
        fields = ", ".join(
            f"{field} = {_quoted(value)}" for field, value in msgspec.to_builtins(entry).items()
        )
        lines.append(f"{_quoted(name)} = {{ {fields} }}")
    write_atomically(MEASURED, ("\n".join(lines) + "\n").encode())


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def read_reasons() -> list[Reason]:
    """The reasons, in the order of the file."""
    entries = tomllib.loads(REASONS.read_text("utf-8"))["reason"]
    return msgspec.convert(entries, list[Reason])


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was measured, and the reasons."""

    measured: Mapping[LeafKey, Measured]
    reasons: Iterable[Reason]

    @classmethod
    def read(cls) -> Coverage:
        """The project's."""
        return cls(read_measured(), read_reasons())

    @property
    def named_cases(self) -> frozenset[str]:
        """The ids of the cases that notice an altered leaf."""
        entries = self.measured.values()
        return frozenset(
            case
            for entry in entries
            for case in (entry.changed, entry.left_out, entry.added)
            if case
        )

    def reason(self, key: LeafKey) -> str:
        """Why no case notices another value of the leaf; empty if there is no reason."""
        return next((reason.text for reason in self.reasons if reason.applies(key)), "")

    def uncovered_leaves(self) -> list[LeafKey]:
        """The leaves without a case and without a reason."""
        return [
            key for key, entry in self.measured.items() if not entry.case and not self.reason(key)
        ]

    def unused_reasons(self) -> list[str]:
        """The patterns of reasons that are about no leaf without a case."""
        open_leaves = [
            f"{area} {group} {name}"
            for (area, group, name), entry in self.measured.items()
            if not entry.case
        ]
        return [
            f"{reason.area} {pattern}"
            for reason in self.reasons
            for pattern in reason.leaves
            if not any(fnmatchcase(leaf, f"{reason.area} {pattern}") for leaf in open_leaves)
        ]
