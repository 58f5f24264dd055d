"""`conform suites`: the names that `--suite` takes."""

from __future__ import annotations

import argparse
import ast


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define no options."""


def execute(options: argparse.Namespace) -> int:
    """Print the name of each suite, and what it is about."""
    del options
    from fixtures.plan.suite_files import suite_files
    from reports.sanitize import cut
    from tools.conform.pytest_session import suites_directory

    for name, file in suite_files(suites_directory()).items():
        about = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
        paragraph = " ".join(about.split("\n\n")[0].split())
        print(f"{name}  {cut(paragraph, 110)}".rstrip())
    return 0
