"""`conform run`, `certify` and `plan`, on a project of test suites."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import textwrap
from pathlib import Path

import pytest

from fixtures.model import Run
from reports.record.run_file import load_run
from reports.render.renderers import FOLDERS, RENDERERS
from tests.support.conform_processes import (
    PROJECT,
    await_record,
    conform_command,
    environment,
    run_conform,
)

# A project of its own: a test's name is its outcome, and a target's name is its defect.
CONFTEST = """
import json, pathlib, pytest
from fixtures.model import HarnessError, Status, Unreachable, UsageError
from reports.record.claim import make_footer
from reports.record.run_directory import publish
from reports.record.run_file import FILE, RunWriter
from reports.render.renderers import render
from tests.support.made_runs import header, outcome

STOPPED = []

def pytest_addoption(parser):
    for name in ("--target", "--level", "--conform-out", "--conform-plan", "--seed"):
        parser.addoption(name)
    parser.addoption("--suite", action="append", default=[])

def pytest_collection_finish(session):
    config = session.config
    if config.getoption("--suite") == ["nonsense"]:
        raise pytest.UsageError("unknown suite nonsense: there are made_up")
    if config.getoption("--target") == "broken":
        raise UsageError("broken.toml: unknown key")
    if config.getoption("--target") == "gone":
        raise Unreachable("http://127.0.0.1:1: connection refused")
    if config.getoption("--target") == "defect":
        raise RuntimeError("we made a mistake")
    names = [item.name for item in session.items]
    if plan := config.getoption("--conform-plan"):
        facts = dict(level="must", suite="made_up", source="")
        lines = [dict(facts, id=name, text=f"about {name}") for name in names]
        pathlib.Path(plan).write_text("".join(json.dumps(line) + "\\n" for line in lines))
        return
    directory = pathlib.Path(config.getoption("--conform-out"))
    config.writer = RunWriter(directory / FILE)
    narrowed = bool(config.getoption("--suite") or config.option.keyword)
    config.outcomes = []
    config.head = header([outcome(case=name) for name in names], full=not narrowed)
    config.writer.write(config.head)
    config.listener = config.pluginmanager.get_plugin("conform-progress")
    config.listener.on_start(config.head, len(names))

@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item):
    status = Status(item.name.removeprefix("test_").partition("__")[0])
    done = outcome(status, case=item.name)
    item.config.outcomes.append(done)
    item.config.writer.write(done)
    item.config.listener.on_outcome(done)

def pytest_keyboard_interrupt():
    STOPPED.append("by the user")

def pytest_sessionfinish(session):
    config = session.config
    if hasattr(config, "writer"):
        why = "".join(STOPPED[:1])
        last = make_footer(config.head, config.outcomes, "2026-11-21T22:15:09+00:00", why)
        config.writer.write(last)
        directory = pathlib.Path(config.getoption("--conform-out"))
        render(directory)
        publish(directory)
        config.listener.on_finish(last)
"""

SUITE = """
def test_passed(): print("chatter of a library")
def test_passed__again(): pass
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a suite of two cases that pass."""
    (tmp_path / "suites").mkdir()
    (tmp_path / "suites" / "__init__.py").write_text("")
    (tmp_path / "suites" / "test_made_up.py").write_text(textwrap.dedent(SUITE))
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-config --strict-markers\n")
    return tmp_path


def _python_path(project: Path) -> str:
    return f"{project}{os.pathsep}{PROJECT}"


def _conform(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run_conform(project, *words, PYTHONPATH=_python_path(project))


def _run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return _conform(project, "run", "-n", "1", "--out", "out", *words)


def _add(project: Path, *tests: str) -> None:
    with (project / "suites" / "test_made_up.py").open("a") as suite:
        suite.write("".join(f"\ndef {name}(): assert True\n" for name in tests))


def _record(project: Path) -> Run:
    return load_run(project / "out" / "latest")


def test_run_that_passes_leaves_everything_and_exits_0(project: Path) -> None:
    """A whole run that passes is conformant, its directory complete and `latest`."""
    done = _run(project, "--seed", "7")
    assert (done.returncode, done.stderr) == (0, "")
    assert "made_up" in done.stdout or "volumes: 2 cases" in done.stdout
    assert "conformant: all 2 cases passed" in done.stdout
    assert "chatter" not in done.stdout
    names = {path.name for path in (project / "out" / "latest").iterdir()}
    assert names == {"run.jsonl", *RENDERERS, *FOLDERS}
    assert len(list((project / "out" / "latest" / "allure-results").glob("*-result.json"))) == 2


def test_run_that_fails_shows_both_sides_and_exits_1(project: Path) -> None:
    """A failure is printed when it happens, and its finding at the end, with both sides."""
    _add(project, "test_failed")
    done = _run(project)
    assert done.returncode == 1
    assert done.stdout.count("✗ test_failed: attachVolume was not called") == 1
    assert "1 finding in 1 case:\n  ✗ must, 1 case, 1 client: AttachVolume" in done.stdout
    assert "expected  answered; attachVolume(id=v1, virtualmachineid=i1) once" in done.stdout
    assert "observed  answered; no state-changing call" in done.stdout
    assert "not-conformant: 1 case of 3 failed" in done.stdout


@pytest.mark.parametrize("words", [["--suite", "made_up"], ["--", "-k", "again"]])
def test_a_part_that_holds_exits_with_0(project: Path, words: list[str]) -> None:
    """A part of the plan in which all that is claimed holds is said to hold, not to conform."""
    done = _run(project, *words)
    assert done.returncode == 0
    assert "holds: a part of the plan, " in done.stdout
    assert "conformant" not in done.stdout


def test_a_job_of_github_actions_gets_annotations_and_summary(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In GitHub Actions the findings are annotations, and the summary is on the job's page."""
    _add(project, "test_failed")
    page = project / "step.md"
    page.write_text("before\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    done = _run(project)
    assert "\n::error title=must%2C 1 case%2C 1 client::AttachVolume" in done.stdout
    summary = (project / "out" / "latest" / "summary.md").read_text("utf-8")
    assert page.read_text("utf-8") == f"before\n{summary}"


def test_certify_runs_everything(project: Path) -> None:
    """`conform certify` runs the whole plan."""
    done = _conform(project, "certify", "-n", "1", "--out", "out")
    assert done.returncode == 0
    assert len(_record(project).outcomes) == 2
    assert _conform(project, "certify", "--suite", "made_up").returncode == 2


BAD_INPUT = {
    "suite": (["--suite", "nonsense"], 2, "conform: unknown suite nonsense: there are made_up"),
    "profile": (["--target", "broken"], 2, "conform: broken.toml: unknown key"),
    "unreachable": (
        ["--target", "gone"],
        3,
        "conform: http://127.0.0.1:1: connection refused",
    ),
    "our defect": (
        ["--target", "defect"],
        3,
        "conform: internal error at conftest.py:26: RuntimeError: we made a mistake",
    ),
    "pytest argument": (
        ["--", "--nonsense"],
        2,
        "conform: pytest: unrecognized arguments: --nonsense",
    ),
    "seed": (["--seed", "x"], 2, "conform: argument --seed: invalid int value: 'x'"),
    "repeat": (
        ["--repeat", "0"],
        2,
        "conform: argument --repeat: '0' is not a number from 1 to 9999",
    ),
    "level": (["--level", "may"], 2, "conform: argument --level: invalid choice: 'may'"),
}


@pytest.mark.parametrize(("words", "status", "complaint"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_one_line_and_leaves_nothing(
    project: Path, words: list[str], status: int, complaint: str
) -> None:
    """Unusable input is named in one line, and no run directory is left."""
    done = _run(project, *words)
    assert done.returncode == status
    assert done.stderr.startswith(complaint)
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert not list((project / "out").glob("*"))


def test_unwritable_output_directory_is_named(project: Path) -> None:
    """A run whose directory cannot be made ends before its first request."""
    (project / "out").write_text("in the way")
    done = _run(project)
    assert done.returncode == 2
    assert done.stderr == f"conform: {project}/out: cannot write runs there: File exists\n"


def test_suite_that_cannot_be_imported_is_named(project: Path) -> None:
    """A suite with an error is named, exit 3, and nothing is recorded."""
    (project / "suites" / "test_other.py").write_text("import nothing_of_that_name\n")
    done = _run(project)
    assert done.returncode == 3
    assert done.stderr.startswith("conform: suites/test_other.py: cannot be collected: ")
    assert "nothing_of_that_name" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("times", [1, 3])
def test_interrupted_run_is_a_valid_record(
    project: Path, number: signal.Signals, times: int
) -> None:
    """Ctrl-C in the middle, also twice, leaves a valid record that is incomplete, exit 3."""
    with (project / "suites" / "test_made_up.py").open("a") as suite:
        suite.write("\ndef test_passed__slowly():\n    import time\n    time.sleep(60)\n")
    running = subprocess.Popen(
        conform_command("run", "-n", "1", "--out", "out"),
        cwd=project,
        env=environment(PYTHONPATH=_python_path(project)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    await_record(running, project / "out", 3)
    for _ in range(times):
        running.send_signal(number)
    output, complaint = running.communicate(timeout=30)
    assert (running.returncode, complaint) == (3, "")
    assert "incomplete: stopped before its end: by the user" in output
    footer = _record(project).footer
    assert footer is not None
    assert footer.interrupted == "by the user"


def test_plan_lists_cases_with_a_digest(project: Path) -> None:
    """The plan names every case with its level, counts them by suite, and has the run's digest."""
    done = _conform(project, "plan")
    assert (done.returncode, done.stderr) == (0, "")
    assert "test_passed__again  must  about test_passed__again" in done.stdout
    assert "     2 made_up\n" in done.stdout
    _run(project)
    assert f"2 cases, digest {_record(project).header.plan['digest']}" in done.stdout


@pytest.mark.parametrize(("words", "status", "complaint"), list(BAD_INPUT.values())[:2])
def test_plan_of_bad_input_is_one_line(
    project: Path, words: list[str], status: int, complaint: str
) -> None:
    """`conform plan` reports errors as `conform run` does."""
    done = _conform(project, "plan", *words)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.startswith(complaint)


def test_run_survives_a_closed_pipe(project: Path) -> None:
    """`conform run | head -1` still records the whole run and exits by its claim."""
    _add(project, *(f"test_passed__{number}" for number in range(50)))
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer) as closed:
        done = subprocess.run(
            conform_command("run", "-n", "1", "--out", "out"),
            cwd=project,
            env=environment(PYTHONPATH=_python_path(project)),
            stdout=closed,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(_record(project).outcomes) == 52


def test_suites_are_found_from_any_directory(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The same cases run wherever the command is called from."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    command = ["run", "-n", "1", "--out", "out"]
    done = run_conform(elsewhere, *command, PYTHONPATH=_python_path(project))
    assert done.returncode == 0
    lines = (elsewhere / "out" / "latest" / "run.jsonl").read_text().splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["header", *["outcome"] * 2, "footer"]
