"""The entry points of the installed commands.

In a wheel the packages `fixtures`, `reports`, `suites` and `tools` lie inside this one, so that no
module with such a general name is put among the installed ones; in a checkout they are at its top.
A command finds them by the path of its own process alone.
"""

from __future__ import annotations

import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent


def _use_own_packages() -> None:
    """Let this process find the packages of the wheel, before any others of the same names."""
    if (_HERE / "fixtures").is_dir():
        sys.path.insert(0, str(_HERE))


def conform() -> int:
    """`conform`; returns the exit status."""
    _use_own_packages()
    from tools.conform.main import main

    return main()


def ec2() -> int:
    """An `ec2-*` command, by the name it was called with; returns the exit status."""
    _use_own_packages()
    from tools.ec2.main import main

    return main()
