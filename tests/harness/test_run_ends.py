"""Runs that cannot show anything end, as incomplete and with the reason."""

from __future__ import annotations

import os
import re
import socket
import sys
from contextlib import closing
from pathlib import Path

from tests.support.conform_processes import PROJECT, conform_command, run_process
from tests.support.served_deployments import ServedDeployment


def test_a_bridge_that_bypasses_the_proxy_ends_the_run(
    served: ServedDeployment, tmp_path: Path
) -> None:
    """The reads are answered and no call is seen: nothing fails, and the reason is printed."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    observer = f'kind = "proxy"\nlisten = "{listen}"\n'
    observer += f'upstream = "{served.announcement["cloudstack"]}"'
    text = served.profile.read_text("utf-8")
    assert 'kind = "none"' in text
    file = tmp_path / "bypassed.toml"
    file.write_text(text.replace('kind = "none"', observer), "utf-8")
    out = tmp_path / "out"
    ended = served.conform(
        "run", "--target", str(file), "--suite", "zones", "-n", "1", "--out", str(out)
    )
    assert ended.returncode == 3, ended.stderr
    assert "do not pass the profile's [observer]" in ended.stdout + ended.stderr
    record = out / "latest" / "run.jsonl"
    statuses = re.findall(r'"status":"(\w+)"', record.read_text("utf-8"))
    assert statuses == ["inconclusive"] * 2


DEFECTIVE = """
import sys
from fixtures.targets.target import Target
from tools.conform.main import main

def fail(target):
    raise KeyError("teammate")

Target.__enter__ = fail
sys.exit(main(sys.argv[1:]))
"""


def test_a_defect_before_the_first_case_is_the_reason(tmp_path: Path) -> None:
    """The run is incomplete and says why, instead of having no outcomes without any reason."""
    words = ["run", "--suite", "zones", "-n", "1", "--out", str(tmp_path)]
    ended = run_process([sys.executable, "-c", DEFECTIVE, *words])
    assert ended.returncode == 3, ended.stderr
    assert "a defect of the harness at " in ended.stdout + ended.stderr
    assert "KeyError: 'teammate'" in ended.stdout + ended.stderr


FAILING = """
from fixtures.model import HarnessError, Scenario
from fixtures.runners import cases

def fail(*_):
    raise HarnessError("nothing works")

cases.RUNNERS[Scenario] = fail
"""


def test_cases_that_fail_alike_are_counted_over_all_processes(tmp_path: Path) -> None:
    """The first hundred of the run, whichever process ran them: each of two has fewer."""
    (tmp_path / "failing.py").write_text(FAILING, "utf-8")
    paths = f"{PROJECT}{os.pathsep}{tmp_path}"
    words = ["run", "--suite", "zones", "-n", "2", "--out", str(tmp_path / "out")]
    ended = run_process(conform_command(*words, "--", "-p", "failing"), PROJECT, PYTHONPATH=paths)
    assert ended.returncode == 3, ended.stderr
    assert "the first 100 cases all ended alike: nothing works" in ended.stdout + ended.stderr
    record = tmp_path / "out" / "latest" / "run.jsonl"
    assert record.read_text("utf-8").count('"status":"error"') < 134
