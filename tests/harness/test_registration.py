"""Registration of users: keys, certificates, and that a user cannot act for another."""

from __future__ import annotations

import http.client
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlencode, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree

from fixtures.clients import Ec2Endpoint
from fixtures.clients.ec2.registration import Registrar
from fixtures.clients.transport.messages import NoAnswer
from fixtures.simulator.deployment import Deployment
from tests.support.seeded_users import seeded_user
from tests.support.soap_messages import Signer, post, self_signed, signer_of
from tools.conform.main import main

REFUSED = "Client.AuthFailure"


@pytest.fixture
def new_deployment() -> Iterator[Deployment]:
    """A deployment in which no test has registered a certificate."""
    with Deployment() as running:
        yield running


def _registrar(deployment: Deployment, name: str = "alice", secret: str = "") -> Registrar:
    user = seeded_user(deployment, name)
    return Registrar(Ec2Endpoint(deployment.ec2_url, user.access_key, secret or user.secret_key))


def _fault_code(deployment: Deployment, signer: Signer) -> str:
    """The fault code of the reply to a signed message, which then causes no call; or ""."""
    reply = post(deployment, signer.message())
    assert reply.reached_cloudstack == (reply.status == 200)
    return reply.code if reply.status != 200 else ""


def _account(deployment: Deployment, signer: Signer) -> str:
    """The account whose call CloudStack receives for a signed message."""
    mark = deployment.management.journal.position()
    assert _fault_code(deployment, signer) == ""
    (account,) = {call.account for call in deployment.management.journal.since(mark)}
    return account


def test_registered_works_and_unregistered_does_not(new_deployment: Deployment) -> None:
    """A certificate is accepted after its owner has registered it, not before."""
    own = self_signed("own")
    assert _fault_code(new_deployment, own) == REFUSED
    registrar = _registrar(new_deployment)
    assert registrar.set_user_keys() is None
    assert registrar.set_certificate(own.certificate) is None
    assert _account(new_deployment, own) == "alice"


def test_registering_twice_succeeds(new_deployment: Deployment) -> None:
    """Keys and certificate can be registered again."""
    own = self_signed("own")
    registrar = _registrar(new_deployment)
    for _ in range(2):
        assert registrar.set_user_keys() is None
        assert registrar.set_certificate(own.certificate) is None
        assert _fault_code(new_deployment, own) == ""


def test_a_replaced_certificate_stops_working(new_deployment: Deployment) -> None:
    """A user has one certificate: the last that was registered."""
    registrar = _registrar(new_deployment)
    old, new = self_signed("old"), self_signed("new")
    assert registrar.set_certificate(old.certificate) is None
    assert registrar.set_certificate(new.certificate) is None
    assert _fault_code(new_deployment, old) == REFUSED
    assert _fault_code(new_deployment, new) == ""


def test_a_deleted_certificate_is_refused(new_deployment: Deployment) -> None:
    """After DeleteCertificate the user has no certificate, so that deleting it again is refused."""
    registrar = _registrar(new_deployment)
    own = signer_of(new_deployment)
    assert _fault_code(new_deployment, own) == ""
    assert registrar.delete_certificate() is None
    assert _fault_code(new_deployment, own) == REFUSED
    assert registrar.delete_certificate() == (
        "InvalidCertificate.NotFound: No certificate is registered for the user"
    )
    assert registrar.set_certificate(own.certificate) is None
    assert _fault_code(new_deployment, own) == ""


def test_a_user_cannot_act_for_another(new_deployment: Deployment) -> None:
    """A signed message acts for the signer's account; no two users can register a certificate."""
    for name in ("alice", "bob"):
        assert _account(new_deployment, signer_of(new_deployment, name)) == name
    stolen = seeded_user(new_deployment, "alice").certificate
    assert _registrar(new_deployment, "bob").set_certificate(stolen) == (
        "InvalidParameterValue: The certificate is registered for another user"
    )
    for name in ("alice", "bob"):
        assert _account(new_deployment, signer_of(new_deployment, name)) == name


def _elliptic() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "elliptic")])
    parsed = x509.load_pem_x509_certificate(self_signed("model").certificate.encode())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(parsed.not_valid_before_utc)
        .not_valid_after(parsed.not_valid_after_utc)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


HOUR = timedelta(hours=1)
BAD: dict[str, tuple[str, str]] = {
    "garbage": ("no certificate", "no X.509 certificate in PEM form"),
    "garbage in armour": (
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "no X.509 certificate in PEM form",
    ),
    "private key": (self_signed("own").private_key, "no X.509 certificate in PEM form"),
    "expired": (self_signed("own", -2 * HOUR, -HOUR).certificate, "expired on"),
    "not yet valid": (self_signed("own", HOUR, 2 * HOUR).certificate, "not valid before"),
    "not RSA": (_elliptic(), "is not RSA"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_certificate_is_refused_and_changes_nothing(
    new_deployment: Deployment, name: str
) -> None:
    """An invalid certificate is refused with the reason, and the registered one stays."""
    pem, words = BAD[name]
    reason = _registrar(new_deployment).set_certificate(pem)
    assert reason is not None
    assert reason.startswith("InvalidParameterValue: ")
    assert words in reason
    assert _fault_code(new_deployment, signer_of(new_deployment)) == ""


def test_wrong_secrets_change_nothing(new_deployment: Deployment) -> None:
    """Keys and certificates are only registered with the right secret key."""
    wrong = _registrar(new_deployment, secret="not-the-secret-key")
    assert wrong.set_user_keys() == "AuthFailure: CloudStack does not accept these keys"
    for reason in (
        wrong.set_certificate(self_signed("own").certificate),
        wrong.delete_certificate(),
    ):
        assert reason is not None
        assert reason.startswith("SignatureDoesNotMatch: ")
    assert _fault_code(new_deployment, self_signed("own")) == REFUSED
    assert _fault_code(new_deployment, signer_of(new_deployment)) == ""


def test_keys_come_before_the_certificate(new_deployment: Deployment) -> None:
    """SetCertificate is refused with OptInRequired before the user has registered keys."""
    account = new_deployment.management.add_account("carol")
    registrar = Registrar(Ec2Endpoint(new_deployment.ec2_url, account.api_key, account.secret_key))
    own = self_signed("carol")
    reason = registrar.set_certificate(own.certificate)
    assert reason is not None
    assert reason.startswith("OptInRequired: ")
    assert _fault_code(new_deployment, own) == REFUSED
    assert registrar.set_user_keys() is None
    assert registrar.set_certificate(own.certificate) is None
    assert _account(new_deployment, own) == "carol"


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"Action": "SetUserKeys"}, "accesskey"),
        ({"Action": "SetUserKeys", "accesskey": "a"}, "secretkey"),
        ({"Action": "setuserkeys", "secretkey": "s"}, "accesskey"),
        ({"Action": "SetCertificate"}, "AWSAccessKeyId"),
        ({"Action": "DeleteCertificate"}, "AWSAccessKeyId"),
    ],
)
def test_missing_parameters_are_named(
    new_deployment: Deployment, parameters: dict[str, str], name: str
) -> None:
    """An action without a required parameter is refused with its name, as the Query API does."""
    url = urlsplit(new_deployment.ec2_url)
    connection = http.client.HTTPConnection(str(url.hostname), url.port, timeout=5)
    connection.request("GET", f"{url.path}?{urlencode(parameters)}")
    response = connection.getresponse()
    tree = etree.fromstring(response.read())
    connection.close()
    assert response.status == 400
    assert tree.findtext("Errors/Error/Code") == "MissingParameter"
    assert name in (tree.findtext("Errors/Error/Message") or "")


def test_an_empty_certificate_is_missing(new_deployment: Deployment) -> None:
    """SetCertificate with an empty certificate is refused as without one."""
    assert _registrar(new_deployment).set_certificate("") == (
        "MissingParameter: The request must contain the parameter cert"
    )


def test_the_certificate_of_a_removed_user_is_refused(new_deployment: Deployment) -> None:
    """A certificate of a user that CloudStack has no more is refused."""
    own = self_signed("ghost")
    certificates = new_deployment.bridge.certificates
    certificates.add_user("AKGONE")
    certificates.register("AKGONE", own.certificate, new_deployment.clock.seconds())
    assert _fault_code(new_deployment, own) == REFUSED


def test_an_endpoint_that_does_not_answer_is_no_refusal() -> None:
    """Without a connection the registrar raises NoAnswer, and returns no reason for a refusal."""
    registrar = Registrar(Ec2Endpoint("http://127.0.0.1:1/awsapi", "a", "s"))
    with pytest.raises(NoAnswer, match="no connection"):
        registrar.set_user_keys()


# --- the command ----------------------------------------------------------------------------------


def _register(deployment: Deployment, *words: str, **changes: str) -> int:
    """The exit status of `conform register` with the user's credentials, or changed ones; the
    secret key is in the environment."""
    user = seeded_user(deployment)
    credentials = {"url": deployment.ec2_url, "access-key": user.access_key} | changes
    secret = credentials.pop("secret", user.secret_key)
    options = [f"--{name}={value}" for name, value in credentials.items()]
    with patch.dict(os.environ, CONFORM_SECRET_KEY=secret):
        return main(["register", *options, *words])


def test_where_the_secret_key_comes_from(
    new_deployment: Deployment,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The secret key is in the environment or in a file; given on the command line, where other
    users see it, it works with a warning; without it, one line says what to do."""
    monkeypatch.delenv("CONFORM_SECRET_KEY", raising=False)
    user = seeded_user(new_deployment)
    words = ["register", "--url", new_deployment.ec2_url, "--access-key", user.access_key]
    file = tmp_path / "secret"
    file.write_text(f"{user.secret_key}\n")
    for number, (secret, status, complaint) in enumerate(
        (
            (["--secret-key-file", str(file)], 0, ""),
            (["--secret-key", user.secret_key], 0, "warning: --secret-key shows the key"),
            ([], 2, "the secret key is missing: --secret-key-file FILE"),
            (["--secret-key-file", str(tmp_path / "none")], 2, "none: No such file"),
            (["--secret-key-file", os.devnull], 2, "/dev/null: is empty"),
            (["--secret-key-file", str(file), "--secret-key", "x"], 2, "not allowed with"),
        )
    ):
        assert main([*words, *secret, "--new-cert", str(tmp_path / str(number))]) == status
        errors = capsys.readouterr().err
        assert complaint in errors
        assert errors.count("\n") == bool(complaint)


def test_the_command_registers_a_new_identity(
    new_deployment: Deployment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`conform register --new-cert DIR` creates a key and a certificate and registers it; it can be
    registered again with `--cert`."""
    folder = tmp_path / "new"
    assert _register(new_deployment, "--new-cert", str(folder)) == 0
    output = capsys.readouterr()
    assert output.out.splitlines()[-1] == f"registered with {new_deployment.ec2_url}"
    pem, key = (folder / "cert.pem").read_text(), (folder / "private_key.pem").read_text()
    assert stat.S_IMODE((folder / "private_key.pem").stat().st_mode) == 0o600
    assert _account(new_deployment, Signer(pem, key)) == "alice"
    assert _register(new_deployment, "--cert", str(folder / "cert.pem")) == 0
    assert _account(new_deployment, Signer(pem, key)) == "alice"


def test_the_command_leaves_nothing_behind_when_refused(
    new_deployment: Deployment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong secret key: one line, status 1, and no files."""
    folder = tmp_path / "new"
    assert _register(new_deployment, "--new-cert", str(folder), secret="wrong") == 1
    output = capsys.readouterr()
    assert output.err.count("\n") == 1
    assert "refuses the keys: AuthFailure" in output.err
    assert not folder.exists()


def test_the_command_overwrites_nothing(
    new_deployment: Deployment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An existing private key is never replaced."""
    (tmp_path / "private_key.pem").write_text("precious")
    assert _register(new_deployment, "--new-cert", str(tmp_path)) == 2
    assert "exists already, and is not overwritten" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["private_key.pem"]
    assert (tmp_path / "private_key.pem").read_text() == "precious"


@pytest.mark.parametrize(
    "case",
    [
        (["--cert", "{tmp}/none.pem"], 2, "none.pem: No such file"),
        (["--cert", "{tmp}/garbage.pem"], 2, "garbage.pem: not an X.509 certificate in PEM"),
        (["--cert", "{tmp}/binary.pem"], 2, "binary.pem: not a PEM file"),
        (["--new-cert", "{tmp}/garbage.pem/x"], 2, "garbage.pem/x"),
        (["--cert", "a", "--new-cert", "b"], 2, "not allowed with"),
        ([], 2, "--cert --new-cert is required"),
        (["--cert", "{tmp}/expired.pem"], 1, "expired on"),
        (
            ["--cert", "{tmp}/good.pem", "--url", "http://127.0.0.1:1/"],
            1,
            "1/ does not answer: no ",
        ),
        (["--cert", "{tmp}/good.pem", "--url", "nonsense"], 2, "nonsense"),
    ],
)
def test_errors_of_the_command(
    new_deployment: Deployment,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    case: tuple[list[str], int, str],
) -> None:
    """An unusable option is one line and status 2; a refusal by the endpoint, one line and 1."""
    words, status, complaint = case
    (tmp_path / "garbage.pem").write_text("nothing")
    (tmp_path / "binary.pem").write_bytes(b"\xff\xfe")
    (tmp_path / "good.pem").write_text(self_signed("own").certificate)
    (tmp_path / "expired.pem").write_text(self_signed("own", -2 * HOUR, -HOUR).certificate)
    assert _register(new_deployment, *(word.format(tmp=tmp_path) for word in words)) == status
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert complaint in error
    assert seeded_user(new_deployment).secret_key not in error


def test_messages_in_other_algorithms_work_after_registration(new_deployment: Deployment) -> None:
    """A registered certificate is accepted with both signature algorithms."""
    own = self_signed("own")
    assert _registrar(new_deployment).set_certificate(own.certificate) is None
    for algorithm in ("sha1", "sha256"):
        assert _fault_code(new_deployment, replace(own, algorithm=algorithm)) == ""
