"""The words of the code: what classes and functions may be called, and which words are not used."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("fixtures", "reports", "suites", "tools")
ALONE = {"simulator"}  # packages of fixtures whose own packages are looked at one by one

# Participles that do not end in -ed; and words that do, or look like one, but are verbs or nouns.
IRREGULAR = frozenset(
    [
        "asked",
        "begun",
        "bound",
        "broken",
        "brought",
        "built",
        "caught",
        "chosen",
        "done",
        "drawn",
        "driven",
        "found",
        "given",
        "gone",
        "got",
        "heard",
        "held",
        "hidden",
        "kept",
        "known",
        "laid",
        "lent",
        "lost",
        "made",
        "meant",
        "met",
        "paid",
        "seen",
        "sent",
        "shown",
        "sold",
        "spoken",
        "spent",
        "stood",
        "struck",
        "stuck",
        "taken",
        "taught",
        "thought",
        "thrown",
        "told",
        "torn",
        "understood",
        "won",
        "woven",
        "written",
    ]
)
VERBS = frozenset(["embed", "feed", "need", "seed", "shed", "speed"])

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> Iterator[tuple[Path, ast.Module]]:
    """Each module outside the tests, by its path from the root, parsed."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text("utf-8"))


def package_of(module: Path) -> str:
    """`fixtures/clients/ec2/raw_driver.py` → `fixtures.clients`."""
    folders = module.parts[:-1]
    return ".".join(folders[:3] if ALONE & {*folders[:2]} else folders[:2])


def public_functions(body: list[ast.stmt], within: str = "") -> Iterator[tuple[str, Function]]:
    """Functions and methods that are neither private nor properties."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from public_functions(node.body, f"{within}{node.name}.")
        elif isinstance(node, Function) and not (node.name.startswith("_") or is_property(node)):
            yield within + node.name, node


def is_property(node: Function) -> bool:
    """Whether a method is read like an attribute, as `closed` is."""
    return any("property" in ast.unparse(each) for each in node.decorator_list)


def is_bare_participle(name: str) -> bool:
    """Whether a name is nothing but `told`, `given`, `wanted`: of what, and by whom?"""
    return name in IRREGULAR or (bool(re.fullmatch(r"[a-z]{2,}ed", name)) and name not in VERBS)


@pytest.mark.parametrize(
    ("name", "bare"),
    [("told", True), ("wanted", True), ("signed_url", False), ("seed", False), ("sign", False)],
)
def test_bare_participles_are_recognised(name: str, bare: bool) -> None:
    """A participle alone is one, a verb or a participle with its noun is not."""
    assert is_bare_participle(name) is bare


def test_functions_say_what_they_return_or_do() -> None:
    """No public function is named by a bare participle."""
    bare = [
        f"{path}:{node.lineno} {name}"
        for path, tree in modules()
        for name, node in public_functions(tree.body)
        if is_bare_participle(node.name)
    ]
    assert not bare, "\n".join(bare)


def test_a_class_name_means_one_thing() -> None:
    """No two classes of one name inside a package."""
    places: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places[package_of(path), node.name].append(f"{path}:{node.lineno}")
    twice = [f"{name}: {', '.join(found)}" for (_, name), found in places.items() if found[1:]]
    assert not twice, "\n".join(twice)


def test_actors_have_names() -> None:
    """Code and texts name the client, bridge, proxy or operator that they are about."""
    unnamed = re.compile(r"\b(told|somebody|nobody|whoever|anybody)\b")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if unnamed.search(line)
    ]
    assert len(found) < 30, "\n".join(found)
