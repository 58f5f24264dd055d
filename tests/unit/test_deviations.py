"""Known deviations: lists in files, patterns without cases, drafts from a run."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from fixtures import profile
from fixtures.model import Claim, Outcome, Status, UsageError, Verdict
from fixtures.plan.deviations import apply_deviations, check_patterns, load_deviations
from reports.record.causes import find_causes
from reports.record.claim import assess_run
from reports.record.draft import draft_deviations, draft_entries
from reports.record.signatures import failure_signature
from tests.support.hostile_runs import run
from tests.support.made_runs import made_run, outcome
from tools.conform.main import main

TODAY = date(2026, 11, 22)
ENTRY = """
[[known_deviation]]
case = "{}"
signature = "deleteTemplate: missing"
reason = "fixed in 4.5"
expires = 2027-03-31
"""
SUITES = ("volumes", "zones")
PLANNED = ("volumes/AttachVolume/reply[boto]", "zones/DescribeAvailabilityZones/reply[boto]")


def _profile(folder: Path, lists: str, own: str = "") -> str:
    file = folder / "p.toml"
    file.write_text(f'name = "n"\nkind = "simulated"\ndeviations = {lists}\n{own}')
    return str(file)


def _load(file: str) -> profile.Profile:
    return load_deviations(profile.load(file), file)


def test_a_profile_names_lists(tmp_path: Path) -> None:
    """Lists are files beside the profile, or built-in ones; the profile's own entries come
    first."""
    (tmp_path / "more.toml").write_text(ENTRY.format("volumes/*"))
    named = _profile(tmp_path, '["more.toml", "awsapi-4.4"]', ENTRY.format("zones/*"))
    listed = _load(named).known_deviation
    assert [entry.case for entry in listed[:2]] == ["zones/*", "volumes/*"]
    assert len(listed) > 50


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (None, r"p\.toml: deviations: 'more\.toml' is neither a file nor one of awsapi-4\.4"),
        ("[[known_deviation", r"more\.toml: not TOML"),
        (ENTRY.format("a") + "colour = 1", r"more\.toml: .*colour"),
        (ENTRY.format(""), r"more\.toml: line \d+: \[known_\w+\] case: must not be"),
        (
            ENTRY.format("a").replace("fixed in 4.5", ""),
            r"more\.toml: .*\] reason: must not be empty",
        ),
        (ENTRY.format("a").replace("expires = 2027-03-31", ""), r"more\.toml: .*expires"),
        ("name = 'x'", r"more\.toml: .*name"),
    ],
)
def test_a_broken_list(tmp_path: Path, content: str | None, error: str) -> None:
    """The error for an unusable list names it and the fault."""
    if content is not None:
        (tmp_path / "more.toml").write_text(content)
    with pytest.raises(UsageError, match=error):
        _load(_profile(tmp_path, '["more.toml"]'))


def test_a_pattern_without_a_case(tmp_path: Path) -> None:
    """The error for a pattern without a case of the full plan names its file and number."""
    (tmp_path / "more.toml").write_text(ENTRY.format("volumes/*") + ENTRY.format("volumes/Atach*"))
    listed = _load(_profile(tmp_path, '["more.toml"]')).known_deviation
    error = r"more\.toml: \[\[known_deviation\]\] 2: case 'volumes/Atach\*' matches no case of the"
    with pytest.raises(UsageError, match=error):
        check_patterns(listed, PLANNED, SUITES)


@pytest.mark.parametrize(
    ("pattern", "planned", "unmatched"),
    [
        ("*/reply[boto]", PLANNED, False),
        ("volumes/AttachVolume/*", PLANNED[1:], False),  # that suite was not collected
        ("*/filters/x[*]", PLANNED[1:], False),  # a suite that was not collected may have it
        ("*/filters/x[*]", PLANNED, True),
        ("volumse/AttachVolume/*", PLANNED[1:], True),  # no suite has that name
        ("zones/DescribeZones/*", PLANNED[1:], True),
    ],
)
def test_patterns_of_suites_that_were_not_collected(
    pattern: str, planned: tuple[str, ...], unmatched: bool
) -> None:
    """If only some suites were collected, a pattern is an error unless it may match another
    one's."""
    entry = profile.KnownDeviation(case=pattern, signature="x", reason="x", expires=TODAY)
    if unmatched:
        with pytest.raises(UsageError, match="matches no case"):
            check_patterns([entry], planned, SUITES)
    else:
        check_patterns([entry], planned, SUITES)


def test_a_run_refuses_a_pattern_without_a_case(tmp_path: Path) -> None:
    """`conform run` exits with status 2 and an error of one line, without a run directory; the full
    plan counts, not the selected part."""
    own = ENTRY.format("volumes/AttachVolume/reply[*]") + ENTRY.format("volumes/AttachVolum/*")
    _profile(tmp_path, "[]", own)
    done = run(tmp_path, "--suite", "zones")
    assert done.returncode == 2
    assert "p.toml: [[known_deviation]] 2: case 'volumes/AttachVolum/*'" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list((tmp_path / "out").iterdir())


# --- drafts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("because", "mark"),
    [
        (
            "stopVirtualMachine: missing, expected stopVirtualMachine(id='4') once",
            "stopVirtualMachine: missing",
        ),
        (
            "stopVirtualMachine: id is '9f2c1a2b-0000-4000-8000-000000000000', expected 'x'",
            "stopVirtualMachine: id is",
        ),
        (
            "reply: Volumes[0].State is 'available', expected 'in-use'\nstate: x",
            "reply: Volumes[0].State is 'available'",
        ),
        (
            "reply: length((Groups | [?GroupName=='cf-0z-3b1d34-12']) || `[]`) is 0, expected '1'",
            "reply: length((Groups | [?GroupName",
        ),
        (
            "reply: refused with InternalError (host 10.1.1.7), x",
            "reply: refused with InternalError",
        ),
        ("reply: error code X (no volume 7), expected Y", "reply: error code X"),
        (
            "reply: not an EC2 answer: HTTP 500 with no XML (Start tag expected, '<' not found)",
            "reply: not an EC2 answer: HTTP 500 with no XML",
        ),
        ("reply: none in time: no complete answer within 5 s", "reply: none in time"),
        ("reply: Name is '\x1b[31m', expected 'x'", "reply: Name is"),
        ("10.1.1.7: strange", "10.1.1.7"),
        (
            "ListObjects: not an S3 answer: boto reads ['a'] for Key",
            "ListObjects: not an S3 answer: boto reads",
        ),
        ("GetObject: Key is '\U0001f600', expected 'x'", "GetObject: Key is '\U0001f600'"),
    ],
)
def test_the_signature_of_a_failure(because: str, mark: str) -> None:
    """The signature is the part of a failure that is the same in every run."""
    assert failure_signature(because) == mark
    assert mark in because


def _outcome(case: str, because: str = "") -> Outcome:
    status = Status.FAILED if because else Status.PASSED
    driver = case.partition("[")[2].removesuffix("]")
    return outcome(status, driver=driver, case=case, because=because)


ATTACH = "volumes/AttachVolume"
SEEN = (
    *(_outcome(f"{ATTACH}/reply[{driver}]", "reply: State is 'x'") for driver in ("boto", "soap")),
    _outcome(f"{ATTACH}/documented-call[boto]", "attachVolume: missing, expected it once"),
    _outcome(f"{ATTACH}/documented-call[soap]"),
    *(
        _outcome(f"{suite}/rejections/without-id[raw]", "reply: error code X (text), expected Y")
        for suite in (ATTACH, "images/DescribeImages")
    ),
    *(_outcome(f"volumes/DetachVolume/{kind}[boto]", "reply: none in time: x") for kind in "abc"),
    _outcome("volumes/DeleteVolume/reply[boto]"),
)


def test_a_draft_is_in_the_order_of_the_findings() -> None:
    """The entries come as the report shows the findings, each with its title, so that the reason
    can be written beside the report."""
    run = made_run(SEEN)
    known = [finding.title for finding in find_causes(run).all_findings]
    text = draft_deviations(run, date(2026, 11, 21))
    titles = [line[2:] for line in text.splitlines() if line.startswith("# ")]
    ranks = [known.index(title) for title in titles if title in known]
    assert ranks == sorted(ranks)
    assert len(ranks) == 4


def test_a_draft_merges_similar_failures() -> None:
    """Similar failures become one entry, whose pattern matches no case with another result."""
    assert {(entry.case, entry.signature) for entry in draft_entries(made_run(SEEN))} == {
        (f"{ATTACH}/reply[*]", "reply: State is 'x'"),
        (f"{ATTACH}/documented-call[boto]", "attachVolume: missing"),
        ("*/rejections/without-id[raw]", "reply: error code X"),
        ("volumes/DetachVolume/*[boto]", "reply: none in time"),
    }


def test_a_run_with_its_own_draft_deviates_as_listed(tmp_path: Path) -> None:
    """With the list drafted from a run, a second run is conformant with deviations."""
    run = made_run(SEEN)
    assert assess_run(run).claim is Claim.NOT_CONFORMANT
    (tmp_path / "draft.toml").write_text(draft_deviations(run, TODAY))
    listed = _load(_profile(tmp_path, '["draft.toml"]')).known_deviation
    assert listed[0].expires > TODAY
    again = [
        outcome(apply_deviations(seen.case, _verdict(seen), listed, TODAY).status, case=seen.case)
        for seen in SEEN
    ]
    assert assess_run(made_run(again)).claim is Claim.WITH_DEVIATIONS


def test_a_draft_replaces_stale_entries() -> None:
    """A drifted failure is drafted anew; an entry that is stale for another reason is a comment."""
    case = f"{ATTACH}/reply[boto]"
    drifted = outcome(
        Status.STALE_DEVIATION,
        case=case,
        because="fails otherwise than listed (x):\nreply: State is 'y', expected 'z'",
    )
    stale = outcome(
        Status.STALE_DEVIATION, case="zones/X/reply[boto]", because="listed, but it passes"
    )
    text = draft_deviations(made_run([drifted, stale]), TODAY)
    (entry,) = tomllib.loads(text)["known_deviation"]
    assert (entry["case"], entry["signature"]) == (case, "reply: State is 'y'")
    assert "# zones/X/reply[boto]: listed, but it passes" in text


def test_a_draft_may_have_any_characters(tmp_path: Path) -> None:
    """Answers of a target may have any characters."""
    because = "GetObject: Key is '\U0001f600 \"q\" \\', expected 'x'"
    failed = _outcome("s3/GetObject/answers/x[raw]", because)
    (tmp_path / "draft.toml").write_text(draft_deviations(made_run([failed]), TODAY), "utf-8")
    (entry,) = _load(_profile(tmp_path, '["draft.toml"]')).known_deviation
    assert entry.signature in because


def test_nothing_failed(tmp_path: Path) -> None:
    """The draft of a run without failures is an empty list."""
    (tmp_path / "draft.toml").write_text(draft_deviations(made_run([outcome()]), TODAY))
    assert _load(_profile(tmp_path, '["draft.toml"]')).known_deviation == []


def test_a_draft_overwrites_no_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An existing file, which may contain handwritten reasons, is not overwritten."""
    (tmp_path / "d.toml").write_text("# mine\n")
    assert main(["run", "--draft-deviations", str(tmp_path / "d.toml"), "--suite", "zones"]) == 2
    assert "d.toml: exists already, and may have reasons" in capsys.readouterr().err
    assert (tmp_path / "d.toml").read_text() == "# mine\n"


def _verdict(result: Outcome) -> Verdict:
    return Verdict(result.status, "", "", "", result.because)
