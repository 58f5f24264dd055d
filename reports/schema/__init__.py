"""The JSON Schemas of the lines of `run.jsonl`; `python -m reports.schema` publishes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from fixtures.model import Footer, Header, Outcome

HERE = Path(__file__).parent
_NOUNS: dict[str, Any] = {"header": Header, "outcome": Outcome, "footer": Footer}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, dict[str, Any]]:
    """The schema of each kind of line, derived from the nouns that are written there."""
    _, definitions = msgspec.json.schema_components(
        list(_NOUNS.values()), ref_template="#/$defs/{name}"
    )
    made = {}
    for kind, noun in _NOUNS.items():
        body = dict(definitions[noun.__name__])
        properties = {"kind": {"const": kind}} | body["properties"]
        if kind != "header":
            properties["previous"] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
        made[kind] = {
            "$schema": _DIALECT,
            "title": f"run.jsonl: {kind}",
            "description": body.get("description", ""),
            "type": "object",
            "properties": properties,
            "required": ["kind", *body["required"], *(["previous"] if kind != "header" else [])],
            "additionalProperties": False,
            "$defs": _used(properties, definitions),
        }
    return made


def schema_text(schema: dict[str, Any]) -> str:
    """A schema as it is published."""
    return json.dumps(schema, indent=2) + "\n"


def schema_path(kind: str) -> Path:
    """Where the schema of a kind of line is published."""
    return HERE / f"{kind}.json"


def _used(properties: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    mentioned = json.dumps(properties)
    return {name: body for name, body in definitions.items() if f'#/$defs/{name}"' in mentioned}
