"""Writes the published schemas after a change of the nouns."""

from __future__ import annotations

from reports.schema import schema_path, schema_text, schemas

for kind, schema in schemas().items():
    schema_path(kind).write_text(schema_text(schema), encoding="utf-8")
