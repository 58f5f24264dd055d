"""pytest's `--alluredir`, which allure-pytest defines: what is written there are our results, a
function of the record, so that they say nothing else than every other rendering.

allure-pytest's own would call a known deviation passed.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path

_OWN, _THEIRS = "conform_allure_directory", "allure_report_dir"


def take_allure_directory(options: argparse.Namespace) -> None:
    """Take `--alluredir` from allure-pytest, before it is configured."""
    if directory := getattr(options, _THEIRS, None):
        setattr(options, _OWN, directory)
        setattr(options, _THEIRS, None)


def renderer(options: argparse.Namespace) -> Callable[[Path], object]:
    """Renders a run directory, and Allure's results where `--alluredir` wants them."""
    from reports.render.renderers import ALLURE, render  # takes long to load; workers do without

    def render_run(directory: Path) -> None:
        render(directory)
        if wanted := getattr(options, _OWN, None):
            shutil.copytree(directory / ALLURE, wanted, dirs_exist_ok=True)

    return render_run
