"""Histories of failovers, stored in a run directory."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.model import Promise, UsageError
from fixtures.redaction.results import redact_history
from fixtures.redaction.secrets import Mask
from reports.record import histories
from reports.record.merge import merge_shards
from reports.record.run_file import load_run
from reports.record.selection import Shard
from reports.record.session import Recording
from reports.render.renderers import render
from tests.support.made_runs import keep, made_run, outcome
from tests.support.random_histories import random_history

CASE = "replication/F5/history/kill-9[ec2]"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of a stored history."""
    histories.save_history(tmp_path, CASE, random_history(1, Promise.ASYNCHRONOUS))
    return tmp_path / "histories/replication/F5/history/kill-9[ec2].jsonl"


def read(directory: Path, evidence: str = "any") -> object:
    """The stored history of the case."""
    return histories.load_history(directory, outcome(case=CASE, evidence=evidence))


@pytest.mark.parametrize("promise", Promise)
@pytest.mark.parametrize("nothing", [None, ()])
def test_histories_come_back_as_they_were(
    tmp_path: Path, promise: Promise, nothing: tuple[()] | None
) -> None:
    """What was observed is read again, and what was not observed stays so."""
    whole = random_history(3, promise)
    partial = replace(whole, final_items=nothing, jobs=nothing, usage=nothing, missing=None)
    for history in (whole, partial):
        evidence = histories.save_history(tmp_path, CASE, history)
        assert read(tmp_path, evidence) == history


def test_cases_judged_without_a_history_have_none(tmp_path: Path) -> None:
    """Most cases have no history."""
    assert read(tmp_path, evidence="") is None


def test_runs_store_the_histories_of_their_cases(tmp_path: Path) -> None:
    """A run stores each history, and its record has the digest."""
    history = random_history(2, Promise.ASYNCHRONOUS)
    recording = Recording(str(tmp_path), None, render)
    recording.begin({"name": "ours"}, {"cases": 2, "full": True}, 0)
    recording.append(outcome(case=CASE), history)
    recording.append(outcome())
    recording.end("")
    first, second = load_run(tmp_path).outcomes
    assert histories.load_history(tmp_path, first) == history
    assert (histories.load_history(tmp_path, second), second.evidence) == (None, "")


def without_end(data: bytes) -> bytes:
    return data[: data.rindex(b'{"line":"end"')]


def with_header(**changes: object) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        first, _, rest = data.partition(b"\n")
        return json.dumps(json.loads(first) | changes).encode() + b"\n" + rest

    return change


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda data: data[:0], ":1: not a"),
        (lambda data: data[:-30], "not a line of a history"),
        (without_end, "torn: it has no end"),
        (lambda data: data[: data.index(b"\n") + 1], "torn"),
        (lambda data: data.replace(b'"line":"lag"', b'"line":"leg"', 1), "does not belong there"),
        (lambda data: data.replace(b'"came":"ok"', b'"came":"fine"', 1), "'fine'"),
        (lambda data: data.replace(b'"client":', b'"who":', 1), "`client`"),
        (lambda data: b"\xff" + data, ":1: not a line"),
        (lambda data: data.replace(b"kill -9", b"SIGSTOP", 1), "was changed after the record"),
        (lambda data: data + b"{}\n", "does not belong there: 'end'"),
        (with_header(schema=2), "schema 2, this harness reads 1"),
        (with_header(promise="forever"), "'forever'"),
        (with_header(case="another/case[ec2]"), "another case"),
    ],
)
def test_bad_histories_are_one_line(
    file: Path, tmp_path: Path, damage: Callable[[bytes], bytes], complaint: str
) -> None:
    """A torn, foreign or changed history is refused, with its file and what is wrong with it."""
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(UsageError) as refused:
        read(tmp_path)
    text = str(refused.value)
    assert complaint in text
    assert text.startswith(str(file))
    assert "\n" not in text


def test_a_missing_history_is_named(tmp_path: Path) -> None:
    """A record without one of its histories cannot be judged again."""
    with pytest.raises(UsageError, match="cannot read the history: No such file"):
        read(tmp_path)


@pytest.mark.parametrize("case", ["../../run", "/etc/passwd", "a//b", "", "a/./b"])
def test_ids_of_cases_name_no_other_files(tmp_path: Path, case: str) -> None:
    """A record from elsewhere cannot name files outside of its directory."""
    with pytest.raises(UsageError, match="not the id of a case"):
        histories.load_history(tmp_path, outcome(case=case, evidence="any"))


def test_histories_keep_no_secrets(tmp_path: Path) -> None:
    """The texts of operations and commands are stored without secrets."""
    history = random_history(2, Promise.ASYNCHRONOUS)
    secret = "s3cr3t-of-the-replica"
    first = replace(history.operations[0], error=f"530 for {secret}", value=secret)
    step = replace(history.phases[0], text=f"MASTER_PASSWORD='{secret}'")
    history = replace(history, operations=(first, *history.operations[1:]), phases=(step,))
    assert history.final_items
    item = replace(history.final_items[0], value=secret)
    history = replace(history, final_items=(item,))
    clean = redact_history(Mask([secret]), history)
    histories.save_history(tmp_path, CASE, clean)
    text = histories.history_path(tmp_path, CASE).read_text()
    assert secret not in text
    assert text.count("***") == 4
    assert clean.operations[1:] == history.operations[1:]


def test_shards_bring_their_histories(tmp_path: Path) -> None:
    """Joined shards have the histories of each."""
    history = random_history(4, Promise.SEMI_SYNCHRONOUS)
    cases = [f"replication/F5/history/{name}[ec2]" for name in ("kill-9", "none")]
    whole = made_run([outcome(case=case) for case in cases]).header.plan
    for number in (1, 2):
        shard = Shard(number, 2)
        (case,) = shard.share(cases)
        directory = tmp_path / f"{number}"
        evidence = histories.save_history(directory, case, history)
        run = made_run(
            [outcome(case=case, evidence=evidence)], full=False, shard=str(shard), whole=whole
        )
        keep(run, directory)
    joined = merge_shards([tmp_path / "1", tmp_path / "2"], tmp_path / "all", render)
    assert {each.case for each in joined.outcomes} == set(cases)
    assert all(
        histories.load_history(tmp_path / "all", each) == history for each in joined.outcomes
    )
