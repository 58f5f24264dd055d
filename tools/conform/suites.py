"""`conform suites`: the names that `--suite` takes."""

from __future__ import annotations

import argparse
import ast
from collections.abc import Iterator
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define no options."""


def execute(options: argparse.Namespace) -> int:
    """Print the name of each suite, and what it is about."""
    del options
    from reports.sanitize import cut
    from tools.conform.pytest_session import suites_directory

    for name, file in sorted(suite_files(suites_directory())):
        about = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
        paragraph = " ".join(about.split("\n\n")[0].split())
        print(f"{name}  {cut(paragraph, 110)}".rstrip())
    return 0


def suite_files(directory: Path) -> Iterator[tuple[str, Path]]:
    """The suites below a directory, each a module or a package, and their files."""
    for file in directory.glob("[!_]*.py"):
        yield file.stem, file
    for file in directory.glob("*/__init__.py"):
        if file.parent.name != "contract":  # what the suites are written in
            yield file.parent.name, file
