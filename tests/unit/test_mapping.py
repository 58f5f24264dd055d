"""The mapping tables: the documented rows, and the loader's errors."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fixtures.model import UsageError
from fixtures.plan.mapping import ROWS_PER_TABLE, TABLES, load_rows, rows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the eleven tables, which a test may change."""
    for file in TABLES.glob("*.toml"):
        shutil.copy(file, tmp_path)
    return tmp_path


def test_the_documented_rows() -> None:
    """All 38 rows of the 11 tables are loaded, in the documentation's order."""
    assert len(rows()) == 38
    assert tuple(sum(row.table == n for row in rows()) for n in range(1, 12)) == ROWS_PER_TABLE
    assert rows()[0].action == "AllocateAddress"
    assert rows()[-1].cloudstack_call.real == "detachVolume"


def test_misprints_keep_both_forms() -> None:
    """Of a misprinted name the row has both the printed and the correct spelling."""
    misprints = {
        (name.printed, name.real)
        for row in rows()
        for name in (row.ec2_command, row.soap_call, row.cloudstack_call)
        if name.printed != name.real
    }
    assert misprints == {
        ("ec2-diassociate-address", "ec2-disassociate-address"),
        ("DeleteTemplate", "deleteTemplate"),
        ("ec2-describe-volume", "ec2-describe-volumes"),
        ("DescribeVolume", "DescribeVolumes"),
    }


def _change(folder: Path, name: str, old: str, new: str) -> None:
    file = folder / name
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ('title = "Volumes"', 'title = "Volumes"\ncolour = "red"', "colour"),
        ("[row.call]", "[row.call]\ncommand = 'x'", "command"),
        ('soap_call = "AttachVolume"', "", "soap_call"),
        ('soap_call = "AttachVolume"', 'soap_call = "DetachVolume"', "DetachVolume occurs twice"),
        ('"ec2-attach-volume"', '"ec2-create-volume"', "ec2-create-volume occurs twice"),
        ("table = 11", "table = 10", "table 10 occurs twice"),
        ("table = 11", "table = 12", "table 11 is missing"),
        ("table = 11", "table = ", "11-volumes.toml"),
        ("State = [", "State = {colour = 1}\nOther = [", "not a pattern"),
    ],
)
def test_a_wrong_table_is_an_error(folder: Path, old: str, new: str, error: str) -> None:
    """Unknown keys, duplicates, a missing table and invalid TOML are errors that name them."""
    _change(folder, "11-volumes.toml", old, new)
    with pytest.raises(UsageError, match=error):
        load_rows(folder)


def test_another_number_of_rows_is_an_error(folder: Path) -> None:
    """A table must have as many rows as the documentation prints."""
    file = folder / "02-availability-zones.toml"
    text = file.read_text("utf-8")
    row = text[text.index("[[row]]") :].replace("Zones", "Places").replace("-zones", "-places")
    file.write_text(text + "\n" + row, "utf-8")
    with pytest.raises(UsageError, match="table 2 has 2 rows, the documentation prints 1"):
        load_rows(folder)


def test_a_missing_table_is_an_error(folder: Path) -> None:
    """All eleven tables must exist."""
    (folder / "07-key-pairs.toml").unlink()
    with pytest.raises(UsageError, match="mapping table 7 is missing"):
        load_rows(folder)
