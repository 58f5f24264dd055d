"""`conform run --check`: whether a target can be used, and which cases would run, without a run."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest
from msgspec import structs

from fixtures import profile
from fixtures.targets.findings import Finding, Grade
from fixtures.targets.preflight import check_target
from tests.support.conform_processes import run_conform
from tests.support.served_deployments import ServedDeployment
from tools.conform.main import main

Checking = Callable[..., list[Finding]]


@pytest.fixture
def check_profile(served: ServedDeployment, tmp_path: Path) -> Checking:
    """Checks the served profile with changes: pairs of old and new texts."""

    def go(*texts: str) -> list[Finding]:
        text = served.profile.read_text("utf-8")
        for old, new in zip(texts[::2], texts[1::2], strict=True):
            assert old in text, (old, text)
            text = text.replace(old, new)
        file = tmp_path / "altered.toml"
        file.write_text(text, "utf-8")
        return list(check_target(profile.load(str(file))))

    return go


def _troubles(findings: list[Finding]) -> dict[str, Grade]:
    bad = (Grade.UNUSABLE, Grade.UNREACHABLE)
    return {finding.about: finding.grade for finding in findings if finding.grade in bad}


def test_a_usable_target_is_shown_with_its_plan(
    served: ServedDeployment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Addresses, credentials, world, the number of cases of each suite that would run, and why the
    others would not: status 0, and nothing is created or written."""
    before = served.resource_ids()
    profile = tmp_path / "p.toml"
    text = served.profile.read_text("utf-8")
    profile.write_text(text.replace("cloud_faults = true", "cloud_faults = false"), "utf-8")
    words = ["--suite", "zones", "--suite", "addresses", "--out", str(tmp_path / "out")]
    assert main(["run", "--target", str(profile), *words, "--check"]) == 0
    output = capsys.readouterr()
    assert output.err == ""
    for text in ("EC2 Query", "EC2 SOAP", "CloudStack", "zone1, Basic", "m1.small", "Custom"):
        assert text in output.out
    # Folded by capability: how many cases need it, and how many nothing else keeps from running.
    (line,) = [line for line in output.out.splitlines() if "│ cloud_faults" in line]
    _, name, _, needed, alone, _ = (part.strip() for part in line.split("│"))
    assert (name, int(needed)) == ("cloud_faults", int(alone))
    assert int(needed) > 10
    assert "claim what the deployment has under [capabilities]" in output.out
    assert served.resource_ids() == before
    assert not (tmp_path / "out").exists()


def test_every_finding_is_one_line(
    served: ServedDeployment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each reason why a target cannot be used is a line on stderr: status 2."""
    text = served.profile.read_text("utf-8")
    file = tmp_path / "wrong.toml"
    file.write_text(text.replace('instance_type = "m1.small"', 'instance_type = "x9.huge"'))
    file.write_text(file.read_text().replace('zone = "zone1"', 'zone = "atlantis"'))
    assert main(["run", "--target", str(file), "--suite", "zones", "--check"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "conform: world: CloudStack lists no zone 'atlantis', which the profile's [world] names",
        "conform: world: CloudStack lists no service offering 'x9.huge', which the profile's"
        " [world] names",
    ]


def test_an_unreachable_target(
    served: ServedDeployment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A target none of whose addresses answers is unreachable: another status than unusable."""
    text = served.profile.read_text("utf-8")
    for url in (served.announcement["ec2"], served.announcement["cloudstack"]):
        text = text.replace(url, "http://127.0.0.1:1/gone")
    file = tmp_path / "gone.toml"
    file.write_text(text)
    assert main(["run", "--target", str(file), "--suite", "zones", "--check"]) == 3
    assert "no connection to http://127.0.0.1:1" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        ('api_version = "2010-11-15"', 'api_version = "1999-01-01"', "EC2 Query", "NoSuchVersion"),
        ('/awsapi"', '/elsewhere"', "EC2 Query", "is no EC2 API"),
        ("[other_user]", "[no_user]", "other user", "no [other_user]"),
        (".certificate.pem", ".nowhere.pem", "EC2 SOAP", "cannot read"),
    ],
)
def test_wrong_settings_are_named(
    served: ServedDeployment, check_profile: Checking, wrong: tuple[str, str, str, str]
) -> None:
    """A wrong version, path, user or certificate is found by trying it."""
    old, new, about, reason = wrong
    if new == "[no_user]":
        text = served.profile.read_text("utf-8")
        old = text[text.index("[other_user]") : text.index("[cloudstack]")]
        new = ""
    findings = check_profile(old, new)
    assert about in _troubles(findings), findings
    assert reason in " ".join(finding.text for finding in findings)


def test_wrong_keys_are_found_in_every_interface(
    served: ServedDeployment, check_profile: Checking
) -> None:
    """A wrong secret key is refused by Query, S3 and CloudStack; SOAP uses the certificate."""
    secret = served.announcement["users"][0]["secret_key"]
    troubles = _troubles(check_profile(secret, "another"))
    assert troubles == dict.fromkeys(("EC2 Query", "S3", "CloudStack"), Grade.UNUSABLE)


def test_wrong_keys_have_one_status(served: ServedDeployment, tmp_path: Path) -> None:
    """Keys that CloudStack refuses are wrong usage in a run as in its check: 2."""
    text = served.profile.read_text("utf-8")
    secret = served.announcement["users"][0]["secret_key"]
    file = tmp_path / "wrong.toml"
    file.write_text(text.replace(secret, "another"), "utf-8")
    words = ["run", "--target", str(file), "--suite", "zones", "--out", str(tmp_path / "out")]
    done = run_conform(tmp_path, *words)
    assert (done.returncode, "the target cannot be used" in done.stdout) == (2, True), done.stdout
    assert run_conform(tmp_path, *words, "--check").returncode == 2


def test_keys_of_two_accounts_are_found(served: ServedDeployment, check_profile: Checking) -> None:
    """Resources of another account than the user's would make every case fail."""
    me, other = served.announcement["users"][:2]
    findings = check_profile(
        f'api_key = "{me["access_key"]}"\nsecret_key = "{me["secret_key"]}"',
        f'api_key = "{other["access_key"]}"\nsecret_key = "{other["secret_key"]}"',
    )
    assert _troubles(findings) == {"CloudStack": Grade.UNUSABLE}
    assert "belong to bob, those of [user] to alice" in str(findings)


def test_without_a_side_channel(served: ServedDeployment, check_profile: Checking) -> None:
    """Without [cloudstack] zone and templates are looked up through the bridge."""
    text = served.profile.read_text("utf-8")
    table = text[text.index("[cloudstack]") : text.index("[world]")]
    findings = check_profile(table, "", "cloud_faults = true\n", "")
    assert not _troubles(findings)
    assert "through the bridge under test" in str(findings)


def test_an_address_in_use(served: ServedDeployment) -> None:
    """That the bridge could not call the proxy is found before a run."""
    described = profile.load(str(served.profile))
    with closing(socket.create_server(("127.0.0.1", 0))) as socket_in_use:
        address = f"127.0.0.1:{socket_in_use.getsockname()[1]}"
        observer = profile.Observer(kind="proxy", listen=address, upstream="http://127.0.0.1:1/")
        found = list(check_target(structs.replace(described, observer=observer)))
    assert _troubles(found) == {
        "observer": Grade.UNUSABLE,
        "observer's upstream": Grade.UNREACHABLE,
    }


@pytest.mark.parametrize("role", get_args(profile.Role))
def test_a_claimed_user_without_keys_is_named(
    served: ServedDeployment, check_profile: Checking, role: str
) -> None:
    """A role that is claimed needs its table in the profile."""
    text = served.profile.read_text("utf-8")
    start = text.index(f"[users.{role}]")
    table = text[start : text.index("\n[", start)]
    findings = check_profile(table, "")
    assert f"{role} is claimed, but the profile has no [users.{role}]" in " ".join(
        finding.text for finding in findings
    )
