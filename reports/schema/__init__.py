"""The JSON Schemas of the lines of `run.jsonl`; `python -m reports.schema` writes the files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from fixtures.model import Footer, Header, Outcome

HERE = Path(__file__).parent
_CLASSES: dict[str, Any] = {"header": Header, "outcome": Outcome, "footer": Footer}
_DIGEST = {"type": "string", "pattern": "^[0-9a-f]{64}$"}  # SHA-256
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def build_schemas() -> dict[str, dict[str, Any]]:
    """The schema of each kind of line, derived from the classes that are written there."""
    _, definitions = msgspec.json.schema_components(
        list(_CLASSES.values()), ref_template="#/$defs/{name}"
    )
    schemas: dict[str, dict[str, Any]] = {}
    for kind, cls in _CLASSES.items():
        body = dict(definitions[cls.__name__])
        properties = {"kind": {"const": kind}} | body["properties"]
        if kind != "header":
            properties["previous"] = _DIGEST
        if kind == "footer":
            properties["seal"] = _DIGEST
        own = [name for name in ("previous", "seal") if name in properties]
        schemas[kind] = {
            "$schema": _DIALECT,
            "title": f"run.jsonl: {kind}",
            "description": body.get("description", ""),
            "type": "object",
            "properties": properties,
            "required": ["kind", *body["required"], *own],
            "additionalProperties": False,
            "$defs": _used_definitions(properties, definitions),
        }
    return schemas


def schema_text(schema: dict[str, Any]) -> str:
    """A schema as its file has it."""
    return json.dumps(schema, indent=2) + "\n"


def schema_path(kind: str) -> Path:
    """The file of the schema of a kind of line."""
    return HERE / f"{kind}.json"


def _used_definitions(properties: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    mentioned = json.dumps(properties)
    return {name: body for name, body in definitions.items() if f'#/$defs/{name}"' in mentioned}
