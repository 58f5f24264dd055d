"""Wrong usage, as customers expect it: one line that names the mistake, exit 2, no files left."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from fixtures import profile
from fixtures.model import Status, UsageError
from reports.record.run_file import FILE
from tests.support.conform_processes import conform_command, environment, run_conform
from tests.support.made_runs import every_status, keep, made_run, outcome
from tools.conform.main import main

LIVE = 'name = "mine"\nkind = "live"\n'
ENDPOINT = '[endpoint]\nec2 = "http://127.0.0.1:1/awsapi"\n'
MISSING = '[user]\naccess_key = { env = "CONFORM_NOT_SET" }\nsecret_key = "s"\n'

BROKEN = {
    "not TOML": ("name = ", "p.toml: not TOML"),
    "empty": ("", "p.toml: name: is missing"),
    "unknown key": (
        'name = "x"\nkind = "simulated"\ncolour = 1\n',
        "p.toml: line 3: colour: unknown key; there are actions, ",
    ),
    "unknown kind": ('name = "x"\nkind = "dead"\n', "p.toml: line 2: kind: 'dead' is not allowed"),
    "wrong type": (
        'name = 3\nkind = "simulated"\n',
        "p.toml: line 1: name: must be text, not a number: 3",
    ),
    "no endpoint": (LIVE, "p.toml: a live profile needs [endpoint]"),
    "no secret": (LIVE + ENDPOINT + MISSING, "environment variable CONFORM_NOT_SET is not set"),
}


def _usage_error(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The error of `conform`: one line, no other output, exit 2."""
    assert main(words) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("conform: ")
    assert output.err.count("\n") == 1
    return output.err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--target", "nonsense"], "unknown target 'nonsense': neither a file nor one of"),
        (
            ["--suite", "nonsense"],
            "unknown suite nonsense: there are accounts, addresses, enablement, ",
        ),
        (["--level", "nonsense"], "argument --level: invalid choice: 'nonsense'"),
    ],
)
def test_the_thing_that_is_wrong_is_named(tmp_path: Path, words: list[str], complaint: str) -> None:
    """If I mistype a target, a suite or a level, you tell me which in one line, and what there is;
    my disk and my last run stay as they were."""
    done = run_conform(tmp_path, "run", "--out", "out", *words)
    assert done.returncode == 2
    assert done.stderr.startswith(f"conform: {complaint}")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert not list(tmp_path.glob("out/*"))


@pytest.mark.parametrize(("text", "complaint"), BROKEN.values(), ids=BROKEN)
def test_a_broken_profile_is_named_by_file_and_key(
    tmp_path: Path, text: str, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If my profile is broken you tell me its file and what is wrong in it, before any case."""
    monkeypatch.delenv("CONFORM_NOT_SET", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.toml").write_text(text)
    with pytest.raises(UsageError) as refusal:
        profile.load("p.toml")
    assert complaint in str(refusal.value)
    assert "p.toml" in str(refusal.value)


@pytest.mark.parametrize("place", ["file", "file/below", "/dev/null"])
def test_an_unusable_output_directory_is_named(
    tmp_path: Path,
    place: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If nothing can be written where I want my runs, you say so and where, and begin nothing."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("mine")
    complaint = _usage_error(capsys, "run", "--suite", "zones", "--out", place)
    assert f"{place}: cannot write runs there: " in complaint
    assert (tmp_path / "file").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_two_ports_of_a_server_cannot_be_one(tmp_path: Path) -> None:
    """If I give two interfaces of the served deployment the same port, you tell me in one line."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    done = run_conform(tmp_path, "serve", "--ec2-port", port, "--api-port", port)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert port in done.stderr


def test_no_profile_is_written_for_a_server_that_does_not_start(tmp_path: Path) -> None:
    """If the port is in use, no profile is left with the address of another server."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = run_conform(tmp_path, "serve", "--ec2-port", port, "--write-profile", "p.toml")
    assert (done.returncode, done.stdout) == (2, "")
    assert not list(tmp_path.iterdir())


def test_an_empty_target_is_no_target(tmp_path: Path) -> None:
    """`--target "$CLOUD"` with CLOUD unset must not certify the simulated deployment instead."""
    done = run_conform(tmp_path, "plan", "--target", "", "--suite", "zones")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


GARBAGE = {
    "noise": b"\x00\xff\xfe\n\x80",
    "nothing": b"",
    "an object": b"{}\n",
    "a list": b"[]\n",
    "too deep": b"[" * 50_000,
    "too deep, ended": b'{"kind":' + b"[" * 50_000 + b"\n",
}


@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE)
@pytest.mark.parametrize("command", ["report", "show", "compare"])
def test_garbage_is_no_record(
    tmp_path: Path, content: bytes, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is no record is named in one line, and nothing is written."""
    (tmp_path / FILE).write_bytes(content)
    more = {"show": ["volumes/x"], "compare": [str(tmp_path)]}.get(command, [])
    assert FILE in _usage_error(capsys, command, str(tmp_path), *more)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("change", ["cut out", "changed"])
def test_a_record_that_was_tampered_with_is_refused(
    tmp_path: Path, change: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """If a failure was removed from a record, or changed to a pass, it is not rendered."""
    directory = keep(made_run(every_status()), tmp_path / "run")
    lines = (directory / FILE).read_bytes().splitlines(keepends=True)
    lines[2] = b"" if change == "cut out" else lines[2].replace(b'"failed"', b'"passed"')
    (directory / FILE).write_bytes(b"".join(lines))
    for words in (["report", str(directory)], ["compare", str(directory), str(directory)]):
        assert "the line before was changed, or lines were removed" in _usage_error(capsys, *words)
    assert [path.name for path in directory.iterdir()] == [FILE]


def test_a_record_cut_short_is_still_worth_something(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If the machine died in the middle of a run, I can render what there is, and it is called
    incomplete; it is not compared, since what was not reached would look like a regression."""
    passes = [outcome(kind=f"case-{number}") for number in range(4)]
    whole = keep(made_run(passes), tmp_path / "whole")
    short = keep(made_run(passes), tmp_path / "short")
    lines = (whole / FILE).read_bytes().splitlines(keepends=True)
    (short / FILE).write_bytes(b"".join(lines[:3]) + lines[3][:40])
    assert main(["report", str(short)]) == 0
    assert "incomplete" in (short / "summary.md").read_text("utf-8")
    assert main(["compare", str(whole), str(short)]) == 2
    assert "the record has no end" in capsys.readouterr().err


def test_a_case_is_shown_whatever_the_locale(tmp_path: Path) -> None:
    """On a terminal without Unicode I still see the case, without a complaint."""
    keep(made_run([outcome(Status.FAILED, requirement="AttachVolume → 卷")]), tmp_path)
    plain = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii:replace", "PYTHONUTF8": "0"}
    done = run_conform(tmp_path, "show", str(tmp_path), "documented", **plain)
    assert (done.returncode, done.stderr) == (0, "")
    assert "? volumes/AttachVolume/documented-call[boto3]  failed" in done.stdout


def test_a_full_disk_is_no_verdict(tmp_path: Path) -> None:
    """If what I redirect to is full, the exit status does not say that my cloud failed."""
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    keep(made_run([outcome()]), tmp_path)
    with full.open("w") as stream:
        done = subprocess.run(
            conform_command("compare", str(tmp_path), str(tmp_path)),
            env=environment(),
            stdout=stream,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 3
    assert done.stderr.startswith("conform: ")
    assert done.stderr.count("\n") == 1
