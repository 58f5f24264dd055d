"""The published JSON Schemas of the record."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from reports.record.run_file import FILE
from reports.schema import build_schemas, schema_path, schema_text
from tests.support.made_runs import every_status, keep, made_run


def test_published_schemas_are_up_to_date() -> None:
    """The published schemas are those of the records that are written."""
    for kind, schema in build_schemas().items():
        assert schema_path(kind).read_text("utf-8") == schema_text(schema), (
            "run python -m reports.schema"
        )


def test_records_are_valid_against_the_published_schemas(tmp_path: Path) -> None:
    """Every line of a record is valid against the schema of its kind."""
    record = keep(made_run(every_status(), interrupted="by the user"), tmp_path) / FILE
    kinds = set()
    for line in record.read_text("utf-8").splitlines():
        fields = json.loads(line)
        kinds.add(fields["kind"])
        jsonschema.validate(fields, json.loads(schema_path(fields["kind"]).read_text("utf-8")))
    assert kinds == {"header", "outcome", "footer"}


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("outcome", {"status": "splendid"}),
        ("outcome", {"seconds": "long"}),
        ("outcome", {"remark": "unheard of"}),
        ("footer", {"claim": "fine"}),
        ("header", {"seed": None}),
    ],
)
def test_schemas_refuse_what_is_no_record(
    tmp_path: Path, kind: str, change: dict[str, object]
) -> None:
    """The schemas refuse unknown fields, other types and unknown values."""
    record = keep(made_run(every_status()), tmp_path) / FILE
    lines = map(json.loads, record.read_text("utf-8").splitlines())
    fields = next(line for line in lines if line["kind"] == kind) | change
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(fields, json.loads(schema_path(kind).read_text("utf-8")))
