"""The record of a run: written line by line, verified when it is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fixtures.model import Run, Status, UsageError
from reports.record.run_file import FILE, RunWriter, encode_line, load_run
from tests.support.made_runs import every_status, header, keep, lying_footer, made_run, outcome

Lines = list[bytes]


def _lines(directory: Path) -> Lines:
    return (directory / FILE).read_bytes().splitlines(keepends=True)


def test_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Nothing of a run is lost or changed between writing and reading it."""
    run = made_run(every_status())
    directory = keep(run, tmp_path)
    assert load_run(directory) == run
    assert load_run(directory / FILE) == run


def test_each_line_says_its_kind_first_and_vouches_for_the_one_before(tmp_path: Path) -> None:
    """A record can be read with line tools, and its lines cannot be changed one by one."""
    lines = _lines(keep(made_run(every_status()), tmp_path))
    kinds = [next(iter(json.loads(line).items())) for line in lines]
    assert kinds == [("kind", "header"), *[("kind", "outcome")] * 7, ("kind", "footer")]
    assert "previous" not in json.loads(lines[0])
    assert all(len(json.loads(line)["previous"]) == 64 for line in lines[1:])


def test_interrupted_record_is_valid_at_every_line(tmp_path: Path) -> None:
    """Wherever a run is killed between two lines, what it has written can be read."""
    run = made_run(every_status())
    path = tmp_path / FILE
    with RunWriter(path) as writer:
        writer.write(run.header)
        for number, item in enumerate(run.outcomes, 1):
            writer.write(item)
            assert load_run(path) == Run(run.header, run.outcomes[:number], None)


@given(some.integers(min_value=1))
def test_torn_last_line_is_left_out(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    """A line that was not written completely is left out, the others are read."""
    run = made_run(every_status())
    directory = keep(run, tmp_path_factory.mktemp("torn"))
    lines = _lines(directory)
    last = lines[-1]
    lines[-1] = last[: -(cut % (len(last) - 2)) - 2]
    (directory / FILE).write_bytes(b"".join(lines))
    assert load_run(directory) == Run(run.header, run.outcomes, None)


def test_last_newline_may_be_missing(tmp_path: Path) -> None:
    """A record that lost only its last newline, in an editor for instance, is whole."""
    run = made_run(every_status())
    path = keep(run, tmp_path) / FILE
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert load_run(path) == run


TAMPERINGS: dict[str, tuple[Callable[[Lines], Lines], str]] = {
    "changed": (lambda x: [*x[:2], x[2].replace(b"failed", b"passed"), *x[3:]], ":4: the line bef"),
    "removed": (lambda x: [*x[:2], *x[3:]], ":3: the line before was changed"),
    "swapped": (lambda x: [x[0], x[2], x[1], *x[3:]], ":2: the line before was changed"),
    "not JSON": (lambda x: [*x[:3], b"nonsense\n", *x[3:]], ":4: not a line of a record"),
    "not UTF-8": (lambda x: [*x[:3], b'{"kind": "\xff"}\n', *x[3:]], ":4: not a line of a record"),
    "blank line": (lambda x: [*x[:1], b"\n", *x[1:]], ":2: not a line of a record"),
    "other kind": (lambda x: [*x[:-1], b'{"kind":"note"}\n'], ":9: unknown kind of line: 'note'"),
    "no header": (lambda x: [b'{"kind":"note"}\n', *x[1:]], ":1: unknown kind of line: 'note'"),
    "empty": (lambda _: [], ":1: not a record"),
    "torn header": (lambda x: [x[0][:30]], ":1: not a record"),
    "later schema": (
        lambda x: [x[0].replace(b'"schema":1', b'"schema":2'), *x[1:]],
        ":1: schema 2, this harness reads 1",
    ),
    "field missing": (
        lambda x: [x[0].replace(b'"seed":7,', b""), *x[1:]],
        "missing required field `seed`",
    ),
    "unknown status": (
        lambda x: [*x[:-1], x[-1].replace(b'"conformant"', b'"fine"').replace(b"not-", b"")],
        ":9: ",
    ),
}


@pytest.mark.parametrize(("tamper", "complaint"), TAMPERINGS.values(), ids=TAMPERINGS)
def test_damaged_record_is_refused_by_line(
    tmp_path: Path, tamper: Callable[[Lines], Lines], complaint: str
) -> None:
    """A record that was changed is refused, in one line that names the file and the line."""
    directory = keep(made_run(every_status()), tmp_path)
    (directory / FILE).write_bytes(b"".join(tamper(_lines(directory))))
    with pytest.raises(UsageError) as refusal:
        load_run(directory)
    assert complaint in str(refusal.value)
    assert str(directory / FILE) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_footer_must_be_what_the_outcomes_say(tmp_path: Path) -> None:
    """A footer with another claim than that of the outcomes is refused."""
    bad = outcome(Status.FAILED)
    run = Run(header([bad]), (bad,), lying_footer())
    with pytest.raises(UsageError, match="footer's counts"):
        load_run(keep(run, tmp_path))


def test_nothing_may_follow_a_footer(tmp_path: Path) -> None:
    """A line after the footer is refused."""
    run = made_run([outcome()])
    with RunWriter(tmp_path / FILE) as writer:
        for line in (run.header, *run.outcomes, run.footer, *run.outcomes):
            assert line is not None
            writer.write(line)
    with pytest.raises(UsageError, match=r":4: there is more after the footer"):
        load_run(tmp_path)


@given(some.data())
def test_no_byte_of_a_record_can_be_changed(
    tmp_path_factory: pytest.TempPathFactory, data: some.DataObject
) -> None:
    """Whatever byte of a record is changed, the footer's included, it is refused."""
    directory = keep(made_run([outcome(), outcome(Status.FAILED)]), tmp_path_factory.mktemp("run"))
    file = directory / FILE
    content = bytearray(file.read_bytes())
    place = data.draw(some.integers(0, len(content) - 2))  # the last newline may be missing
    before = content[place]
    content[place] = data.draw(some.integers(0, 255).filter(lambda byte: byte != before))
    file.write_bytes(content)
    with pytest.raises(UsageError):
        load_run(directory)


@pytest.mark.parametrize("more", [b"x", b"{}", b"\n", b"{}\n", b'{"kind":"outc', b" \n", b"\0"])
def test_garbage_after_the_footer_is_refused(tmp_path: Path, more: bytes) -> None:
    """Whatever stands after the footer, torn or whole, is not the record's."""
    file = keep(made_run([outcome()]), tmp_path) / FILE
    file.write_bytes(file.read_bytes() + more)
    with pytest.raises(UsageError, match="there is more after the footer"):
        load_run(tmp_path)


def test_missing_record_is_named(tmp_path: Path) -> None:
    """A directory without a record is named in the error."""
    with pytest.raises(UsageError, match=r"run\.jsonl: cannot read the record: No such file"):
        load_run(tmp_path)


def test_record_is_never_overwritten(tmp_path: Path) -> None:
    """A second run cannot write over the record of the first."""
    keep(made_run([outcome()]), tmp_path)
    with pytest.raises(UsageError, match=r"run\.jsonl: cannot write the record: File exists"):
        RunWriter(tmp_path / FILE)


@given(some.text(some.characters(codec=None), max_size=40))
def test_any_text_of_a_target_can_be_recorded(text: str) -> None:
    """Whatever a target sends, halves of surrogate pairs included, the record stays JSON."""
    assert json.loads(encode_line(outcome(observed=text)))["kind"] == "outcome"
