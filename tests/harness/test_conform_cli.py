"""The command line of `conform`: its help and its errors."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tools.conform.main import COMMANDS, main


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
