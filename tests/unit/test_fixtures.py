"""The fixtures of the tests: those that several modules use are in a `conftest.py`, once."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
# What a module defines itself to get another deployment, target or server than most.
OPTIONS = {"deployment_options", "target_profile", "extra_profile", "database_url"}


def fixtures_of(path: Path) -> Iterator[ast.FunctionDef]:
    """The fixtures that a module defines."""
    for node in ast.parse(path.read_text("utf-8")).body:
        decorators = getattr(node, "decorator_list", ())
        if any(ast.unparse(each).startswith("pytest.fixture") for each in decorators):
            assert isinstance(node, ast.FunctionDef)
            yield node


def test_shared_fixtures_are_not_defined_again() -> None:
    """No module has a fixture of its own with the name of a shared one, but for the options."""
    again = []
    for path in sorted(TESTS.rglob("*.py")):
        shared = {
            fixture.name
            for folder in path.relative_to(TESTS).parents
            if (conftest := TESTS / folder / "conftest.py").exists() and conftest != path
            for fixture in fixtures_of(conftest)
        }
        again += [
            f"{path.relative_to(TESTS)}:{fixture.lineno} {fixture.name}"
            for fixture in fixtures_of(path)
            if fixture.name in shared - OPTIONS
        ]
    assert not again, "\n".join(again)


def test_equal_fixtures_are_shared() -> None:
    """No two modules define the same fixture."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(TESTS.rglob("*.py")):
        for fixture in fixtures_of(path):
            text = "\n".join(map(ast.unparse, fixture.body[1:]))
            places[f"{fixture.name}: {text}"].append(str(path.relative_to(TESTS)))
    twice = [f"{text}\n{', '.join(found)}" for text, found in places.items() if found[1:]]
    assert not twice, "\n".join(twice)
