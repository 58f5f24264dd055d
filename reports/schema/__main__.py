"""Writes the published schemas after a change of the nouns."""

from __future__ import annotations

from reports.schema import path, schemas, text

for kind, schema in schemas().items():
    path(kind).write_text(text(schema), encoding="utf-8")
