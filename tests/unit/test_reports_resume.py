"""An interrupted run is resumed, and its outcomes are kept."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from fixtures.model import Run, UsageError
from reports.record.claim import make_footer
from reports.record.run_file import FILE, RunWriter, load_run, superseded_path
from reports.record.selection import RunOptions, RunScope, plan_header, recorded_options
from reports.record.session import Recording
from reports.render.renderers import render
from tests.support.made_runs import FINISHED, every_status, keep, made_run, outcome

WHOLE = made_run(every_status())


def kill_run(directory: Path, after: int) -> Path:
    """A run whose process was killed after this number of cases."""
    return keep(Run(WHOLE.header, WHOLE.outcomes[:after], None), directory)


def finish(directory: Path) -> Run:
    """Resume a record and write what the whole run would have written."""
    writer, run = RunWriter.resume(directory / FILE)
    with writer:
        for each in WHOLE.outcomes[len(run.outcomes) :]:
            writer.write(each)
        writer.write(make_footer(run.header, WHOLE.outcomes, FINISHED))
    return load_run(directory)


@settings(max_examples=30, deadline=None)  # files are written: a busy disk is no failure
@given(some.data())
def test_wherever_a_run_is_killed_it_comes_to_the_same_end(
    tmp_path_factory: pytest.TempPathFactory, data: some.DataObject
) -> None:
    """Whatever byte was the last to be written, also if the record was resumed before and
    killed again: the resumed record is valid, and is that of an uninterrupted run."""
    directory = keep(WHOLE, tmp_path_factory.mktemp("killed"))
    path = directory / FILE
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    for attempt in (1, 2):
        written = path.read_bytes()
        cut = data.draw(some.integers(first, len(written) - 2), label=f"cut {attempt}")
        path.write_bytes(written[:cut])
        assert finish(directory) == WHOLE
        assert path.read_bytes() == whole
        assert superseded_path(path, attempt).read_bytes() == written[:cut]


def test_an_interrupted_run_goes_on_before_its_footer(tmp_path: Path) -> None:
    """After Ctrl-C the record has a footer; the record with it is kept beside the resumed one."""
    mine = WHOLE.outcomes[:3]
    stopped = make_footer(WHOLE.header, mine, FINISHED, "by the user")
    keep(Run(WHOLE.header, mine, stopped), tmp_path)
    assert finish(tmp_path) == WHOLE
    assert load_run(superseded_path(tmp_path / FILE, 1)).footer == stopped


def test_a_header_alone_is_enough(tmp_path: Path) -> None:
    """A run that was killed before its first case can be resumed, even if the line was not
    ended."""
    path = kill_run(tmp_path, 0) / FILE
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert finish(tmp_path) == WHOLE


def test_what_ended_is_not_written_to(tmp_path: Path) -> None:
    """The record of a finished run cannot be resumed."""
    keep(WHOLE, tmp_path)
    with pytest.raises(UsageError, match="was finished, there is nothing to resume"):
        RunWriter.resume(tmp_path / FILE)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


HOLDER = """
import sys, pathlib
from reports.record.run_file import FILE, RunWriter
writer, run = RunWriter.resume(pathlib.Path(sys.argv[1]) / FILE)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def running_run(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """A run that another process is writing."""
    command = [sys.executable, "-c", HOLDER, str(kill_run(tmp_path, 3))]
    with subprocess.Popen(
        command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield tmp_path, process
        process.kill()


def test_a_run_that_is_still_going_on_is_left_alone(
    running_run: tuple[Path, subprocess.Popen[str]],
) -> None:
    """Two processes never write the same record; as soon as the first is killed, the second may."""
    directory, process = running_run
    before = (directory / FILE).read_bytes()
    with pytest.raises(UsageError, match="another process is still writing this run"):
        RunWriter.resume(directory / FILE)
    assert (directory / FILE).read_bytes() == before
    process.kill()
    process.wait()
    assert finish(directory) == WHOLE


def recording(directory: Path) -> tuple[Recording, dict[str, object]]:
    """A recording that has begun, and its plan."""
    chosen = RunScope().select([each.case for each in WHOLE.outcomes])
    plan = plan_header(chosen, RunScope(), RunOptions(), "", ())
    new = Recording(str(directory), None, render)
    new.begin({"name": "staging"}, plan, 7)
    return new, plan


def test_a_resumed_recording_has_its_number_of_sessions(tmp_path: Path) -> None:
    """The footer has the number of sessions; its claim is of all cases."""
    first, plan = recording(tmp_path)
    for each in WHOLE.outcomes[:2]:
        first.append(each)
    first.end("by the user")
    second = Recording(str(tmp_path), None, render)
    second.resume({"name": "staging"}, plan, 7)
    for each in WHOLE.outcomes[2:]:
        second.append(each)
    earned = second.end("")
    run = load_run(tmp_path)
    assert run.footer is not None
    assert (run.footer.attempts, run.footer.claim) == (2, earned.claim)
    assert run.outcomes == WHOLE.outcomes


def test_an_ended_recording_is_rendered_again_and_stays(tmp_path: Path) -> None:
    """A run that was killed while its reports were written gets them, and its record stays."""
    first, plan = recording(tmp_path)
    for each in WHOLE.outcomes:
        first.append(each)
    earned = first.end("")
    before = (tmp_path / FILE).read_bytes()
    (tmp_path / "report.html").unlink()
    again = Recording(str(tmp_path), None, render)
    again.resume({"name": "staging"}, plan, 7)
    assert again.end("") == earned
    assert (tmp_path / FILE).read_bytes() == before
    assert (tmp_path / "report.html").exists()


@pytest.mark.parametrize(
    ("target", "seed", "complaint"),
    [
        ({"name": "other"}, 7, "another target: staging there, other here"),
        ({"name": "staging", "settings": "x"}, 7, "its settings: none there, x here"),
        ({"name": "staging"}, 0, "another seed: 7 there, 0 here"),
    ],
)
def test_another_run_is_not_resumed(
    tmp_path: Path, target: dict[str, str], seed: int, complaint: str
) -> None:
    """A run is only resumed with the same target, plan and seed."""
    first, plan = recording(tmp_path)
    first.end("by the user")
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(UsageError, match=f"cannot be resumed, .*{complaint}"):
        Recording(str(tmp_path), None, render).resume(target, plan, seed)
    other = plan_header(RunScope().select(["a"]), RunScope(), RunOptions(), "", ())
    with pytest.raises(UsageError, match="another plan: "):
        Recording(str(tmp_path), None, render).resume({"name": "staging"}, other, 7)
    assert (tmp_path / FILE).read_bytes() == before
    assert not list(tmp_path.glob("run.*.jsonl"))


def test_options_are_recorded() -> None:
    """The options of a run are in its header, so that resuming it needs none of them."""
    options = RunOptions(
        suite=("volumes", "zones"), level="must", keyword="not -x", shard="1/2", repeat=50
    )
    run = made_run([outcome()], asked={"suite": ["volumes", "zones"], "level": "must"})
    assert recorded_options(run) == RunOptions(suite=options.suite, level="must")
    assert options.pytest_arguments() == [
        "--suite=volumes",
        "--suite=zones",
        "--level=must",
        "-knot -x",
        "--shard=1/2",
        "--repeat=50",
    ]
    with pytest.raises(UsageError, match="its options cannot be read"):
        recorded_options(made_run([outcome()], asked={"suite": 7}))
