"""The documentation agrees with the code that it describes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
PLACE = re.compile(r"`((?:fixtures|suites|reports|tools|tests|docs|conftest)[\w./-]*/?[\w.-]*)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_places_that_pages_name_are_there(page: Path) -> None:
    """Each file and folder that a page names exists, and each link leads somewhere."""
    text = page.read_text("utf-8")
    named = {
        place
        for place in PLACE.findall(text)
        if "/" in place and not place.startswith(("reports/out", "tools/toxw run"))
    }
    missing = {place for place in named if not (ROOT / place).exists()}
    missing |= {
        target
        for target in re.findall(r"\]\(([^)#]+)\)", text)
        if "://" not in target and not (page.parent / target).exists()
    }
    assert not missing


def test_the_picture_of_the_imports_is_the_contract() -> None:
    """docs/architecture.md draws the layers of fixtures/ as import-linter keeps them."""
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    layers = next(
        contract["layers"]
        for contract in linter["contracts"]
        if contract.get("containers") == ["fixtures"]
    )
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    drawn = page.split("fixtures/ ══", 1)[1].split("\n ═══", 1)[0].splitlines()[1:]
    packages = {word for layer in layers for word in layer.replace("|", " ").split()}
    rows = [{*re.findall(r"\w+", line)} & packages for line in drawn]
    # A row's description may use a package's name as a word: only the first names count.
    for layer, line, row in zip(layers, drawn, rows, strict=True):
        names = layer.replace("|", " ").split()
        assert {*names} <= row
        assert re.match(rf"\s+{names[0]}\b", line)


def test_packages_are_few() -> None:
    """There are at most 22 packages, so that a newcomer sees all of them at a glance."""
    rooms = [
        path
        for top in ("fixtures", "tools", "reports", "suites")
        for path in (ROOT / top).iterdir()
        if (path / "__init__.py").exists()
    ]
    fixtures = [room for room in rooms if room.parent.name == "fixtures"]
    assert len(fixtures) <= 22
