"""The command line of `conform`: its help and its errors."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import pytest

from fixtures import profile
from reports.record.run_file import load_run
from tests.support.conform_processes import run_conform
from tools.conform.examples import EXAMPLES
from tools.conform.main import COMMANDS, command_parser, main


@pytest.mark.parametrize("words", [[], *([command] for command in COMMANDS)])
def test_every_command_explains_itself(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """`--help` works everywhere and exits with 0."""
    with pytest.raises(SystemExit) as ending:
        main([*words, "--help"])
    assert ending.value.code == 0
    text = capsys.readouterr().out
    assert text.startswith(" ".join(["usage: conform", *words]))
    assert words or all(command in text for command in COMMANDS)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "conform: the following arguments are required: COMMAND (see conform --help)\n"),
        (["rnu"], "conform: argument COMMAND: invalid choice: 'rnu'"),
        (["run", "--sweet", "x"], "conform: unrecognized arguments: --sweet x"),
        (["show"], "conform: the following arguments are required: DIR"),
        (["merge", "x"], "conform: the following arguments are required: --out"),
        (["run", "--resume", "x", "--rerun-failed", "y"], "conform: argument --rerun-failed: not"),
        (["plan", "--", "-k", "x"], "conform: only `conform run` takes arguments after --\n"),
        (["compare", "a", "b", "--format", "pdf"], "conform: argument --format: invalid choice"),
        (["serve", "--api-port", "65536"], "conform: argument --api-port: not a port: '65536'"),
        (["serve", "--ec2-port", "http"], "conform: argument --ec2-port: not a port: 'http'"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong usage is an error of one line."""
    assert main(words) == 2
    output = capsys.readouterr()
    assert output.err.startswith(complaint)
    assert output.err.count("\n") == 1
    assert output.out == ""


def test_examples_are_shown_and_can_be_used(capsys: pytest.CaptureFixture[str]) -> None:
    """The help of every command has examples of it, whose options it takes."""
    assert EXAMPLES.keys() == COMMANDS.keys()
    for name, examples in EXAMPLES.items():
        with pytest.raises(SystemExit):
            main([name, "--help"])
        shown = capsys.readouterr().out
        for example in examples:
            assert f"  {example}\n" in shown
            words = shlex.split(example)
            assert words[:2] == ["conform", name]
            options = command_parser(name).parse_args(words[1 : [*words, "--"].index("--")])
            assert options is not None


def test_options_are_not_abbreviated(capsys: pytest.CaptureFixture[str]) -> None:
    """A part of an option's name is an error, so that a later option cannot change its meaning."""
    assert main(["run", "--sui", "zones"]) == 2
    assert "unrecognized arguments: --sui zones" in capsys.readouterr().err


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    """The version and the commit that a report names can be asked for."""
    assert main(["--version"]) == 0
    assert re.fullmatch(r"conform \S+( \([0-9a-f]{12}(-dirty)?\))?\n", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("mutants", {"silent-StopInstances", "awsapi-4.4"}),
        ("suites", {"zones", "volumes", "s3", "usage"}),
        ("capabilities", profile.CAPABILITIES),
    ],
)
def test_names_are_listed(
    command: str, names: Collection[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """What options and profiles take by name can be listed, each with what it is."""
    assert main([command]) == 0
    lines = capsys.readouterr().out.splitlines()
    listed = {line.split("  ")[0] for line in lines}
    assert listed >= set(names)
    assert "contract" not in listed
    assert all(line.split("  ", 1)[1] for line in lines)


def test_help_is_quick() -> None:
    """The command line answers before anything heavy is imported."""
    code = (
        "import sys, tools.conform.main\n"
        "try: tools.conform.main.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    heavy = {"pytest", "rich", "msgspec", "jinja2", "lxml", "asyncio", "sqlalchemy", "uvicorn"}
    assert not heavy & set(done.stderr.split())


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["run", "--out", ""], "argument --out: the path is empty"),
        (["run", "--out", "x" * 300], ": cannot write runs there: File name too long"),
        (["run", "--draft-deviations", "nowhere/x.toml"], "/nowhere: cannot write there: No such"),
        (["run", "--draft-deviations", "x" * 300], ": cannot write: File name too long"),
        (["run", "--", "--collect-only"], "--collect-only runs no case: `conform plan` lists what"),
        (["run", "--", "-k", "nothingmatches"], "no case matches these options"),
        (["run", "--repeat", "3", "--suite", "zones"], "--repeat: only cases of the suites"),
        (["run", "--case", "zones/x"], "--case: there is no case 'zones/x'"),
    ],
)
def test_what_cannot_run_says_why(tmp_path: Path, words: list[str], complaint: str) -> None:
    """Options with which nothing can be run or written are found before the first case: one line
    that names the option or the place, exit 2, and nothing is left behind."""
    done = run_conform(tmp_path, *words)
    assert done.returncode == 2
    assert done.stderr.startswith("conform: ")
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert not list(tmp_path.rglob("run.jsonl"))


def test_one_case_can_be_run_again(tmp_path: Path) -> None:
    """The command that a failure prints repeats exactly that case, from any directory."""
    case = "zones/DescribeAvailabilityZones/documented-call[boto]"
    done = run_conform(tmp_path, "run", "--case", case, "--out", "out")
    assert done.returncode == 0
    assert f"\nholds: case {case}, 1 of 1 claimed\n" in done.stdout
    (outcome,) = load_run(tmp_path / "out" / "latest").outcomes
    assert shlex.split(outcome.repeat) == [
        "conform",
        "run",
        "--case",
        case,
        "--target",
        "simulated",
    ]
