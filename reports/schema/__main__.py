"""Writes the schemas after a change of the classes."""

from __future__ import annotations

from reports.schema import build_schemas, schema_path, schema_text

for kind, schema in build_schemas().items():
    schema_path(kind).write_text(schema_text(schema), encoding="utf-8")
