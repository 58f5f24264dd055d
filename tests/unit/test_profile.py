"""Profiles: their keys and secrets, and the errors of wrong ones."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from fixtures import profile
from fixtures.model import Status, UsageError, Verdict, matches_case
from fixtures.plan.deviations import apply_deviations, load_deviations

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


CAPABILITY_TEXT = r"line 8: \[capabilities\] soap: must be true or false, not text: 'yes'"


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


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        (
            '"live"',
            '"dead"',
            "line 3: kind: 'dead' is not allowed; there are live, simulated, moto",
        ),
        (
            "access_key",
            "acces_key",
            r"line 7: \[user\] acces_key: unknown key; did you mean access_",
        ),
        ("[endpoint]", "[endpont]", "line 4: endpont: unknown key; did you mean endpoint"),
        ("[user]", '[capabilities]\ns3 = true\nsoap = "yes"\n[user]', CAPABILITY_TEXT),
        (
            "[user]",
            "[capabilities]\nsopa = true\n[user]",
            r"line 7: \[capabilities\] sopa: unknown; did you mean soap\? there are .*tags",
        ),
        (
            "[cloudstack]",
            '[users.teamate]\naccess_key = "A"\nsecret_key = "B"\n[cloudstack]',
            r"line 9: \[users\] teamate: unknown key; did you mean teammate",
        ),
        ("[user]", 'verbs = ["PUSH"]\n[user]', r"line 6: \[endpoint\] verbs: 'PUSH' .* GET, POST"),
        (
            "[user]",
            '[timeouts]\njob = "5"\n[user]',
            r"\[timeouts\] job: must be a number, not text",
        ),
        ('url = "http://127.0.0.1:8080/client/api"', "", r"\[cloudstack\] url: is missing"),
        ('"staging"', '""', "name: '' must be printable text"),
        ('"staging"', '"a\\u001b[31m"', "name: .* must be printable text"),
        ('"SK"', '" "', r"\[cloudstack\] secret_key: is empty"),
    ],
)
def test_an_error_names_line_key_and_what_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, error: str
) -> None:
    """The error for a wrong profile says where it is, what is allowed, and what may have been
    meant, in one line of TOML's own words."""
    monkeypatch.setenv("CONFORM_TEST_SECRET", "s3cret")
    with pytest.raises(UsageError, match=error) as raised:
        profile.load(_write(tmp_path, LIVE.replace(old, new, 1)))
    assert "\n" not in str(raised.value)
    assert "`" not in str(raised.value)


def test_a_secret_that_is_set_but_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty secret is not called missing: the variable or file that has nothing is named."""
    monkeypatch.setenv("CONFORM_TEST_SECRET", " ")
    with pytest.raises(UsageError, match="CONFORM_TEST_SECRET is set, but empty"):
        profile.load(_write(tmp_path, LIVE))
    (tmp_path / "key").write_text("\n")
    with pytest.raises(UsageError, match="/key is empty"):
        profile.read_secret(profile.Secret(file=str(tmp_path / "key")), "secret_key")


def test_a_list_of_deviations_that_is_a_directory(tmp_path: Path) -> None:
    """A directory in place of a list of deviations is named as one."""
    (tmp_path / "lists").mkdir()
    file = _write(tmp_path, 'name = "x"\nkind = "simulated"\ndeviations = ["lists"]\n')
    with pytest.raises(UsageError, match="deviations: 'lists' is a directory, not a list"):
        load_deviations(profile.load(file), file)


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
