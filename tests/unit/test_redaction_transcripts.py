"""Transcripts contain no secrets."""

from __future__ import annotations

import pytest

from fixtures.clients import Ec2Endpoint
from fixtures.model import Ec2Request
from fixtures.redaction.places import redact_fields, redact_statement
from fixtures.redaction.secrets import MASK, Mask
from fixtures.redaction.transcripts import redact_body, redact_text
from tests.support.recorded_drivers import NAMES, SECRET, RecordedDrivers
from tests.support.recording_server import http_response


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Action=A&Signature=x%2By%3D&SignatureVersion=2",
            "Action=A&Signature=***&SignatureVersion=2",
        ),
        ("/client/api?apikey=a&signature=x", "/client/api?apikey=a&signature=***"),
        ("<keyMaterial>-----BEGIN\nRSA</keyMaterial>", "<keyMaterial>***</keyMaterial>"),
        ("<ns1:keyMaterial>-----BEG", "<ns1:keyMaterial>***"),
        ("<passwordData>x</passwordData>", "<passwordData>***</passwordData>"),
        ("<passwordData></passwordData>", "<passwordData></passwordData>"),
        ('{"password": "a\\"b", "id": "i"}', '{"password": "***", "id": "i"}'),
        ('{"keypair":{"privatekey":"-----BEGIN"}}', '{"keypair":{"privatekey":"***"}}'),
        ('{"user": {"usersecretkey": "s"}}', '{"user": {"usersecretkey": "***"}}'),
        ('name="signature"\r\n\r\nabc=\r\n--x', 'name="signature"\r\n\r\n***\r\n--x'),
        ("secretkey=x and secret%20a%2Fb", "secretkey=*** and ***"),
    ],
)
def test_secrets_are_masked(text: str, expected: str) -> None:
    """Signatures, private keys, passwords and the user's own key are masked in every format."""
    assert redact_text(text, Mask(["secret a/b"])) == expected


def test_passwords_in_statements_are_masked() -> None:
    """A transcript of SQL shows no password."""
    statement = "CHANGE MASTER TO master_password = 'x', master_host='h'; ... IDENTIFIED BY 'y'"
    expected = "CHANGE MASTER TO master_password = '***', master_host='h'; ... IDENTIFIED BY '***'"
    assert redact_statement(statement) == expected


def test_secret_fields_are_masked_at_any_depth() -> None:
    """Decoded answers keep their shape, and the values of secret fields are masked."""
    answer = {"vm": [{"password": "x", "id": "i"}], "privateKey": "k", "password": {"encrypted": 1}}
    expected = {
        "vm": [{"password": MASK, "id": "i"}],
        "privateKey": MASK,
        "password": {"encrypted": 1},
    }
    assert redact_fields(answer) == expected


def test_long_bodies_are_cut_without_halving_a_secret() -> None:
    """A long body is cut with a note; a secret across the cut is masked."""
    text = redact_body(b"x" * 95 + SECRET.encode() + b"y" * 1000, Mask([SECRET]), longest=100)
    assert text == "x" * 95 + "***yy\n[cut: 1121 bytes in all]"
    assert redact_body(b"caf\xc3\xa9 \xff") == "café \N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("name", NAMES)
def test_transcripts_hold_no_secret(name: str, drivers: RecordedDrivers) -> None:
    """The transcript of a call contains neither signature nor secret key nor private key."""
    answer = (
        "<CreateKeyPairResponse><keyName>k</keyName><keyMaterial>canary-of-the-key</keyMaterial>"
        f"<keyFingerprint>{SECRET}</keyFingerprint></CreateKeyPairResponse>"
    )
    reply = drivers.call(name, Ec2Request("CreateKeyPair", {"KeyName": "k"}), http_response(answer))
    signature = drivers.server.requests[0].parameters["Signature"]
    assert reply.body["KeyMaterial"] == "canary-of-the-key"
    (exchange,) = reply.exchange
    assert exchange.url.startswith(drivers.server.url)
    assert "Signature=***" in exchange.request
    assert "<keyMaterial>***</keyMaterial>" in exchange.response
    for secret in (signature[:20], SECRET, "canary-of-the-key"):
        assert secret not in repr(reply.exchange)


def test_endpoints_show_no_secret_key() -> None:
    """The text of an endpoint does not contain the secret key."""
    assert SECRET not in repr(Ec2Endpoint("http://127.0.0.1/", "access", SECRET))
