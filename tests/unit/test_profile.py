"""Profiles: their keys and secrets, and the errors of wrong ones."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from fixtures import profile
from fixtures.model import Status, UsageError, Verdict, matches_case
from fixtures.plan.deviations import apply_deviations

LIVE = """
name = "staging"
kind = "live"
[endpoint]
ec2 = "http://127.0.0.1:7080/awsapi"
[user]
access_key = "AK"
secret_key = { env = "CONFORM_TEST_SECRET" }
[cloudstack]
url = "http://127.0.0.1:8080/client/api"
api_key = "AK"
secret_key = "SK"
"""


def _write(folder: Path, text: str) -> str:
    file = folder / "staging.toml"
    file.write_text(text, "utf-8")
    return str(file)


def test_secrets_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret may be in an environment variable."""
    monkeypatch.setenv("CONFORM_TEST_SECRET", " s3cret\n")
    loaded = profile.load(_write(tmp_path, LIVE))
    assert loaded.user is not None
    assert profile.read_secret(loaded.user.secret_key, "secret_key") == "s3cret"


def test_secrets_from_a_file(tmp_path: Path) -> None:
    """A secret may be in a file."""
    (tmp_path / "key").write_text("s3cret\n")
    assert profile.read_secret(profile.Secret(file=str(tmp_path / "key")), "secret_key") == "s3cret"


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("", "", "environment variable CONFORM_TEST_SECRET is not set"),
        ('"live"', '"dead"', "kind"),
        ("[user]", "[user]\nshoe_size = 43", "shoe_size"),
        ('name = "staging"', "", "name"),
        ("[endpoint]", "[endpoint", "not TOML"),
        ('env = "CONFORM_TEST_SECRET"', 'file = "/nowhere/key"', "cannot read /nowhere/key"),
        ('env = "CONFORM_TEST_SECRET"', "", "env = NAME"),
        ("[cloudstack]", "[timeouts]\nconnect = 0\n[cloudstack]", "connect: 0 is not between"),
        (
            "[cloudstack]",
            "[capabilities]\nflying = true\n[cloudstack]",
            "flying: unknown; there are",
        ),
        ("http://127.0.0.1:8080", "ftp://127.0.0.1:8080", "not an http or https URL"),
        ('[endpoint]\nec2 = "http://127.0.0.1:7080/awsapi"', "", r"needs \[endpoint\]"),
        ("[cloudstack]", '[observer]\nkind = "proxy"\n[cloudstack]', "needs listen and upstream"),
        ("[cloudstack]", '[observer]\nkind = "api-log"\n[cloudstack]', "either path or command"),
        ("[cloudstack]", '[observer]\nkind = "journal"\n[cloudstack]', "simulated deployment only"),
        ("[cloudstack]", '[observer]\npath = "log"\n[cloudstack]', "path is for kind api-log only"),
        ("[cloudstack]", "[observer]\nsettle = -1\n[cloudstack]", "settle is not between"),
        (
            "[cloudstack]",
            "[capabilities]\ncloud_faults = true\n[cloudstack]",
            r"cloud_faults: \[cloudstack\] has no orders",
        ),
    ],
)
def test_a_wrong_profile(tmp_path: Path, old: str, new: str, error: str) -> None:
    """The error for an unknown key, a wrong value or a missing secret names it and the file."""
    file = _write(tmp_path, LIVE.replace(old, new, 1) if old else LIVE)
    with pytest.raises(UsageError, match=error) as raised:
        profile.load(file)
    assert "staging.toml" in str(raised.value)


def test_example_shows_every_key() -> None:
    """The example profile has every key, at least as a comment."""
    text = (profile.BUILT_IN / "live.example.toml").read_text("utf-8")
    shown = set(re.findall(r"^(?:# ?)?([\w-]+) = ", text, re.MULTILINE))
    tables = (
        profile.Endpoint,
        profile.User,
        profile.CloudStack,
        profile.Observer,
        profile.Database,
        profile.Failover,
    )
    for table in tables:
        assert set(table.__struct_fields__) <= shown, table
    assert shown >= profile.CAPABILITIES


def test_a_target_by_a_name_that_works_from_any_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A profile's file is named by its absolute path, a built-in profile by its name."""
    _write(tmp_path, LIVE)
    monkeypatch.chdir(tmp_path)
    assert profile.absolute_name("staging.toml") == str(tmp_path / "staging.toml")
    assert profile.absolute_name("simulated") == "simulated"


def test_an_unknown_target() -> None:
    """The error for an unknown profile lists the built-in ones."""
    with pytest.raises(UsageError, match=r"unknown target 'moon'.* simulated"):
        profile.load("moon")


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("volumes/AttachVolume/documented-call[boto3]", True),
        ("volumes/*/documented-call[*]", True),
        ("*", True),
        ("volumes/AttachVolume/documented-call[boto]", False),
        ("volumes/AttachVolume/reply[*]", False),
    ],
)
def test_case_patterns(pattern: str, matches: bool) -> None:
    """Brackets in a pattern are literal."""
    assert matches_case(pattern, "volumes/AttachVolume/documented-call[boto3]") is matches


FAILED = Verdict(Status.FAILED, "", "", "", "deleteTemplate: missing, expected …")
PASSED = Verdict(Status.PASSED, "", "", "", "")
LISTED = profile.KnownDeviation(
    case="images/*", signature="deleteTemplate: missing", reason="seen", expires=date(2027, 1, 1)
)


@pytest.mark.parametrize(
    ("case", "verdict", "today", "status"),
    [
        ("images/X/y[boto]", FAILED, date(2026, 1, 1), Status.KNOWN_DEVIATION),
        ("images/X/y[boto]", FAILED, date(2027, 1, 2), Status.STALE_DEVIATION),
        ("images/X/y[boto]", PASSED, date(2026, 1, 1), Status.STALE_DEVIATION),
        (
            "images/X/y[boto]",
            Verdict(Status.FAILED, "", "", "", "listTemplates: missing"),
            date(2026, 1, 1),
            Status.STALE_DEVIATION,
        ),
        (
            "images/X/y[boto]",
            Verdict(Status.INCONCLUSIVE, "", "", "", ""),
            date(2026, 1, 1),
            Status.INCONCLUSIVE,
        ),
        ("volumes/X/y[boto]", FAILED, date(2026, 1, 1), Status.FAILED),
    ],
)
def test_known_deviations(case: str, verdict: Verdict, today: date, status: Status) -> None:
    """A listed failure is known while it fails as listed and has not expired, else it is stale."""
    assert apply_deviations(case, verdict, [LISTED], today).status is status
