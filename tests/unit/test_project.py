"""Rules for the project's own files: size, layers, comments, repeatable installs."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PACKAGES = ("fixtures", "reports", "suites", "tools")
TEXT = {".css", ".html", ".ini", ".j2", ".json", ".md", ".py", ".sh", ".toml", ".txt", ".yml", ""}
UNTRACKED = {"build", "dist", "out", "__pycache__"}


def files() -> list[Path]:
    """Our text files, whether git knows them yet or not."""
    return [
        path
        for path in sorted(ROOT.rglob("*"))
        if path.suffix in TEXT
        and path.name != ".git"  # a file in a linked worktree, with a path of this machine
        and path.is_file()
        and not any(_foreign(folder) for folder in path.relative_to(ROOT).parts[:-1])
    ]


def _foreign(folder: str) -> bool:
    """Whether a folder contains only what tools write."""
    hidden = folder.startswith(".") and folder != ".ci"
    return hidden or folder in UNTRACKED or folder.endswith(".egg-info")


@cache
def sources() -> dict[Path, ast.Module]:
    """Our Python modules, parsed."""
    return {p: ast.parse(p.read_text("utf-8")) for p in files() if p.suffix == ".py"}


def lines() -> Iterator[tuple[str, str]]:
    """Each line of the project with its place, without those of this file, which spells what is
    forbidden."""
    for path in files():
        if path != Path(__file__):
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                yield f"{path.relative_to(ROOT)}:{number}", line


def imported_packages(tree: ast.Module) -> set[str]:
    """The top-level names of all imports of a module, at any depth."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add((node.module or ".").partition(".")[0])
    return names


def test_modules_are_short() -> None:
    """No module is longer than 400 lines, no function longer than 40."""
    long = [
        f"{path.relative_to(ROOT)}: {count} lines"
        for path in sources()
        if (count := len(path.read_text("utf-8").splitlines())) > 400
    ]
    long += [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {count} lines"
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (count := (node.end_lineno or 0) - node.lineno + 1) > 40
    ]
    assert not long, "\n".join(long)


def test_modules_have_docstrings_and_names() -> None:
    """Every module begins with a docstring, and none has a generic name."""
    mute = [
        str(path) for path, tree in sources().items() if tree.body and not ast.get_docstring(tree)
    ]
    nameless = [
        str(path.relative_to(ROOT))
        for path in sources()
        if {"utils", "util", "helpers", "common", "manager", "misc"}
        & {*path.relative_to(ROOT).with_suffix("").parts}
    ]
    assert not mute + nameless, "\n".join(mute + nameless)


def test_tests_have_requirements() -> None:
    """Every test of the harness begins with its requirement as a docstring."""
    mute = [
        f"{path.name}:{node.lineno} {node.name}"
        for path, tree in sources().items()
        if path.is_relative_to(ROOT / "tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert not mute, "\n".join(mute)


def test_the_model_needs_the_standard_library_only() -> None:
    """The model can be imported by any tool that has Python and nothing else."""
    model = {path: tree for path, tree in sources().items() if path.parent.name == "model"}
    assert model
    for tree in model.values():
        assert imported_packages(tree) <= sys.stdlib_module_names


def test_imports_of_conftest() -> None:
    """The plugin of pytest imports fixtures and reports, but neither suites nor commands."""
    assert not imported_packages(sources()[ROOT / "conftest.py"]) & {"suites", "tools", "tests"}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the packages in a folder, with the contracts of our pyproject.toml."""
    command = (
        "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    )
    return subprocess.run(
        [sys.executable, "-c", command], cwd=folder, capture_output=True, text=True, check=False
    )


def test_layers_hold() -> None:
    """No module imports one of a higher layer."""
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("fixtures/model/cases.py", "import fixtures.profile"),
        ("fixtures/checkers/translation.py", "import fixtures.plan.mapping"),
        ("fixtures/checkers/translation.py", "import fixtures.profile"),
        ("fixtures/plan/mapping/__init__.py", "import fixtures.simulator"),
        ("fixtures/clients/__init__.py", "from fixtures.plan import mapping"),
        ("fixtures/simulator/__init__.py", "from fixtures.plan.mapping import rows"),
        ("fixtures/simulator/__init__.py", "from fixtures.checkers import translation"),
        ("fixtures/resources/kinds.py", "import fixtures.setup.recipes"),
        ("fixtures/targets/target.py", "import fixtures.runners.cases"),
        ("fixtures/targets/target.py", "import reports"),
        ("suites/__init__.py", "import fixtures.checkers.translation"),
        ("reports/__init__.py", "import fixtures.checkers.translation"),
        ("tools/__init__.py", "import suites.contract"),
    ],
)
def test_layers_notice(tmp_path: Path, module: str, line: str) -> None:
    """An import across the layers is noticed and named, also in a module that is new."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "out")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / module).open("a") as file:
        file.write(f"\n{line}\n")
    done = lint_imports(tmp_path)
    name = module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    assert done.returncode == 1
    assert re.search(rf"{name} -> \w+", done.stdout), done.stdout


def test_ignores_are_explained() -> None:
    """A comment that silences a checker names what and why on the same line."""
    silenced = re.compile(r"#\s*(type: ignore|noqa|pragma)\b(?P<rest>.*)")
    explained = re.compile(
        r"(\[[\w, -]+\]|: ?[A-Z]+\d+(, ?[A-Z]+\d+)*|: [\w ]+)\s+(#|—|-)\s*\w{2,}"
    )
    bare = [
        place
        for place, line in lines()
        if place.partition(":")[0].endswith(".py")
        and (found := silenced.search(line))
        and not explained.match(found["rest"])
    ]
    assert not bare, "\n".join(bare)


def test_waits_are_explained() -> None:
    """Every sleep has a comment with the reason why it does not wait for an event."""
    unexplained = []
    for path, tree in sources().items():
        text = path.read_text("utf-8").splitlines()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("sleep"):
                around = text[max(node.lineno - 2, 0) : node.end_lineno]
                if not any("#" in line for line in around):
                    unexplained.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not unexplained, "\n".join(unexplained)


def test_nothing_unfinished_or_private() -> None:
    """No file contains a note to finish it later, or a path of a developer's machine."""
    forbidden = re.compile(
        r"\b(TODO|FIXME|XXX|NotImplementedError)\b|(?<![\w.})*])/(home|root|Users|work)/\w"
    )
    found = [f"{place}: {line}" for place, line in lines() if forbidden.search(line)]
    assert not found, "\n".join(found)


def test_installs_repeat() -> None:
    """Everything that the project declares is pinned, at a release that the declaration allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    declared = [
        *project["dependencies"],
        *(line for extra in extras for line in extra),
        "tox>=4.20",
    ]
    pins = {
        canonicalize_name(line.partition("==")[0]): line.partition("==")[2]
        for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
        if not line.startswith("#")
    }
    needed = [Requirement(text) for text in declared]
    loose = [
        str(requirement)
        for requirement in needed
        if requirement.name != project["name"]
        and not requirement.specifier.contains(pins.get(canonicalize_name(requirement.name), "0"))
    ]
    assert not loose, "\n".join(loose)
    assert all(re.fullmatch(r"\d[\w.]*", version) for version in pins.values())
