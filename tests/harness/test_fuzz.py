"""Fuzzing: what must hold of answers is noticed where it does not, and what is found is kept."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from fixtures.simulator.asgi_http import XML, HttpReply
from fixtures.simulator.bridge.hooks import Hooks
from tools import figures
from tools.fuzz.main import fuzz, main
from tools.fuzz.mutation import Mutator
from tools.fuzz.served import Answer, served_deployment
from tools.fuzz.targets import S3Target

LISTING = {"method": "GET", "path": "/"}


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (HttpReply(200, "<a>", XML), "an ill-formed document"),
        (HttpReply(500, "sorry"), "status 500"),
        (HttpReply(400, "<Error/>", XML), ""),
        (HttpReply(200, "<a/>", XML), ""),
    ],
    ids=["ill-formed", "defect", "refusal", "answer"],
)
def test_answers_that_must_not_be(reply: HttpReply, problem: str) -> None:
    """Defects and documents that cannot be read are findings; refusals are none."""
    with served_deployment() as served:
        served.deployment.bridge.hooks = (Hooks(page=lambda _: reply),)
        answer = S3Target(served).try_sample(LISTING)
    assert answer.problem.startswith(problem)
    assert bool(answer.problem) == bool(problem)


def test_refusals_that_change_something() -> None:
    """A refusal after which the state is another one is a finding."""
    with served_deployment() as served:
        target = S3Target(served)
        hooks = served.deployment.bridge.hooks
        assert not target.try_sample({"method": "PUT", "path": "/kept"}).problem
        refusal = HttpReply(403, "<Error/>", XML)
        served.deployment.bridge.hooks = (Hooks(page=lambda _: refusal),)
        served.deployment.management.add_account("carol-of-the-test")
        assert "changed the state" in target.try_sample(LISTING).problem
        served.deployment.bridge.hooks = hooks
        assert not target.try_sample(LISTING).problem


class Parity:
    """A target that fails for texts of an odd length."""

    seeds = ({"text": "ab"},)

    def try_sample(self, sample: dict[str, str]) -> Answer:
        """A problem for every odd length."""
        length = sum(map(len, sample.values()))
        return Answer(str(length % 5), "odd" if length % 2 else "")


def test_findings_and_corpus_are_kept(tmp_path: Path) -> None:
    """Each problem is a finding once, with the sample; new kinds of answers join the corpus."""
    result = fuzz("parity", Parity(), 0.2, 7, tmp_path)
    assert (result.findings, result.kinds) == (1, 5)
    (finding,) = (tmp_path / "findings").iterdir()
    sample = msgspec.json.decode(finding.read_bytes(), type=dict[str, str])
    assert sum(map(len, sample.values())) % 2 == 1
    assert len(list((tmp_path / "corpus").iterdir())) == 5


def test_mutations_are_reproducible() -> None:
    """The same seed makes the same samples, which UTF-8 can hold."""
    corpus = [{"a": "text", "header:b": "1"}, {"c": ""}]
    samples = [[Mutator(3).mutate(corpus) for _ in range(50)] for _ in range(2)]
    assert samples[0] == samples[1]
    mutator = Mutator(5)
    for _ in range(2000):
        for name, value in mutator.mutate(corpus).items():
            (name + value).encode()


def test_unknown_targets_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """One clear line names the targets that there are."""
    assert main(["nonsense"]) == 2
    assert "query, soap, s3, cloudstack, record" in capsys.readouterr().err


def test_sections_of_figures(tmp_path: Path) -> None:
    """A command replaces its own section, and leaves those of others."""
    file = tmp_path / "figures.md"
    for title, text in (("One", "a"), ("Two", "b"), ("One", "c")):
        figures.write_section(title, "command", [text], file)
    lines = file.read_text().splitlines()
    assert lines.count("## One") == lines.count("## Two") == 1
    assert "a" not in lines
    assert {"b", "c"} <= set(lines)
