"""The parts of a record that are equal in two runs of the same: texts without ids and times,
headers about the same plan and target, and the canonical record.

Two runs of the same plan have the same canonical record if and only if the target behaved alike. It
leaves out what differs in any two runs: time and place, the number of sessions, shards or
processes, the duration of a case, the exchange on the wire, the reads that a bridge makes in
whatever order, and the names and ids of resources made for a case.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from fixtures.model import Header, Outcome, Run, is_lookup
from reports.sanitize import replace_surrogates

_MASKS = (
    (re.compile(r"[A-Za-z0-9+/]{100,}=*"), "<key>"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE), "<uuid>"),
    (re.compile(r"\b([0-9a-f]{2}:){5,}[0-9a-f]{2}\b", re.IGNORECASE), "<fingerprint>"),
    (re.compile(r"\b\d{8}T\d{6}Z-[0-9a-f]{6}\b"), "<run>"),
    (
        re.compile(r"\bcf-[0-9a-z]*-?[0-9a-z]+-\d+", re.IGNORECASE),
        "<name>",
    ),  # see `fixtures.resources.names`
    (re.compile(r"\b\d{1,3}(\.\d{1,3}){3}\b"), "<address>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d([T ][\d:.+Z-]+)?"), "<time>"),
    (re.compile(r"\b(?=\w*\d)[0-9a-f]{6,}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"\d{4,}"), "<number>"),
)


def stable_text(text: str) -> str:
    """The text with placeholders for names, ids, addresses, times and long numbers."""
    for pattern, name in _MASKS:
        text = pattern.sub(name, text)
    return text


def stable_call(call: Mapping[str, Any]) -> str:
    """A recorded CloudStack call as `command(name=value, …)`, sorted by name, values stable."""
    params: Mapping[str, Any] = call.get("params", {})
    texts = (f"{name}={stable_text(str(value))}" for name, value in sorted(params.items()))
    return f"{call['command']}({', '.join(texts)})"


def header_difference(there: Header, here: Header, *, shards: bool = False) -> str:
    """The first difference of two headers that should be about the same; empty if there is none.

    `shards`: they may be of different shards of the same plan.
    """
    for name, (before, now) in _compared_values(there, here, shards=shards).items():
        if before != now:
            return f"{name}: {_value_text(before)} there, {_value_text(now)} here"
    return ""


def header_differences(old: Header, new: Header) -> Iterator[str]:
    """What two runs that are compared are not the same in."""
    for name, (before, now) in _compared_values(old, new, shards=True).items():
        if before != now:
            yield f"{name}: {_value_text(before)} in the old run, {_value_text(now)} in the new"


def _compared_values(there: Header, here: Header, *, shards: bool) -> dict[str, tuple[Any, Any]]:
    pairs: dict[str, tuple[Any, Any]] = {
        "another harness": (_harness_text(there), _harness_text(here)),
        "another schema": (there.schema, here.schema),
    }
    names = (there.target.get("name"), here.target.get("name"))
    pairs["another target"] = names
    for key in sorted({*there.target, *here.target}):
        what = f"another target than {_value_text(names[0])}, its {key}"
        pairs[what] = (there.target.get(key), here.target.get(key))
    pairs["another seed"] = (there.seed, here.seed)
    pairs["another plan"] = (whole_plan(there).get("digest"), whole_plan(here).get("digest"))
    if not shards:
        pairs["another shard"] = (there.plan.get("shard"), here.plan.get("shard"))
        pairs["another part"] = (there.plan.get("digest"), here.plan.get("digest"))
    return pairs


def whole_plan(header: Header) -> Mapping[str, Any]:
    """The plan that a run takes, or, if the run is a shard, the plan of which it is one."""
    whole: Mapping[str, Any] = header.plan.get("whole", header.plan)
    return whole


def _harness_text(header: Header) -> str:
    return " ".join(str(value) for value in header.harness.values() if value)


def _value_text(value: object) -> str:
    text = "none" if value is None else str(value) or "none"
    return text[:12] if re.fullmatch("[0-9a-f]{64}", text) else text


def canonical_record(run: Run) -> list[dict[str, Any]]:
    """The target and plan of a run, then each case, sorted by case id."""
    header = run.header
    plan = {key: header.plan.get(key) for key in ("digest", "cases", "full", "narrowed")}
    described = {
        "harness": header.harness,
        "target": header.target,
        "plan": plan,
        "seed": header.seed,
    }
    return [
        described,
        *map(_canonical_case, sorted(run.outcomes, key=lambda outcome: outcome.case)),
    ]


def canonical_digest(run: Run) -> str:
    """The SHA-256, in hex, of the canonical record."""
    encoded = msgspec.json.encode(replace_surrogates(canonical_record(run)), order="deterministic")
    return hashlib.sha256(encoded).hexdigest()


def _canonical_case(outcome: Outcome) -> dict[str, Any]:
    fields = {
        name: getattr(outcome, name)
        for name in ("case", "level", "status", "requirement", "source")
    }
    texts = {name: stable_text(getattr(outcome, name)) for name in ("because", "expected")}
    changes = [stable_call(call) for call in outcome.calls if not is_lookup(call["command"])]
    return fields | texts | {"calls": changes}
