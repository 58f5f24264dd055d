"""Registering users: keys, certificates, and that one user's never act for another."""

from __future__ import annotations

import http.client
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree

from fixtures.clients import Ec2Endpoint
from fixtures.clients.ec2.registration import Registrar
from fixtures.clients.transport.messages import NoAnswer
from fixtures.simulator.deployment import Deployment, User
from tests.support.soap_messages import Signer, post, self_signed
from tools.conform.main import main

REFUSED = "Client.AuthFailure"


@pytest.fixture
def new_deployment() -> Iterator[Deployment]:
    """A deployment in which no test has registered a certificate."""
    with Deployment() as running:
        yield running


def _user(deployment: Deployment, name: str = "alice") -> User:
    return next(one for one in deployment.users if one.name == name)


def _signer(deployment: Deployment, name: str = "alice") -> Signer:
    user = _user(deployment, name)
    return Signer(user.certificate, user.private_key)


def _registrar(deployment: Deployment, name: str = "alice", secret: str = "") -> Registrar:
    user = _user(deployment, name)
    return Registrar(Ec2Endpoint(deployment.ec2_url, user.access_key, secret or user.secret_key))


def _speaks(deployment: Deployment, signer: Signer) -> str:
    """What a signed message gets: nothing, or a faultcode, without any call then."""
    heard = post(deployment, signer.message())
    assert heard.reached_cloudstack == (heard.status == 200)
    return heard.code if heard.status != 200 else ""


def _account(deployment: Deployment, signer: Signer) -> str:
    """Whose call CloudStack sees behind a signed message."""
    mark = deployment.management.journal.position()
    assert _speaks(deployment, signer) == ""
    (account,) = {call.account for call in deployment.management.journal.since(mark)}
    return account


def test_registered_works_and_unregistered_does_not(new_deployment: Deployment) -> None:
    """A certificate means something from the moment when its owner registers it."""
    own = self_signed("own")
    assert _speaks(new_deployment, own) == REFUSED
    registrar = _registrar(new_deployment)
    assert registrar.set_user_keys() is None
    assert registrar.set_certificate(own.certificate) is None
    assert _account(new_deployment, own) == "alice"


def test_registering_twice_is_harmless(new_deployment: Deployment) -> None:
    """Both steps may be done again, with the same keys and certificate."""
    own = self_signed("own")
    registrar = _registrar(new_deployment)
    for _ in range(2):
        assert registrar.set_user_keys() is None
        assert registrar.set_certificate(own.certificate) is None
        assert _speaks(new_deployment, own) == ""


def test_a_replaced_certificate_stops_working(new_deployment: Deployment) -> None:
    """A user has one certificate: the last."""
    registrar = _registrar(new_deployment)
    old, new = self_signed("old"), self_signed("new")
    assert registrar.set_certificate(old.certificate) is None
    assert registrar.set_certificate(new.certificate) is None
    assert _speaks(new_deployment, old) == REFUSED
    assert _speaks(new_deployment, new) == ""


def test_a_deleted_certificate_is_refused(new_deployment: Deployment) -> None:
    """After DeleteCertificate the user is as before; there is nothing to delete twice."""
    registrar = _registrar(new_deployment)
    own = _signer(new_deployment)
    assert _speaks(new_deployment, own) == ""
    assert registrar.delete_certificate() is None
    assert _speaks(new_deployment, own) == REFUSED
    assert registrar.delete_certificate() == (
        "InvalidCertificate.NotFound: No certificate is registered for the user"
    )
    assert registrar.set_certificate(own.certificate) is None
    assert _speaks(new_deployment, own) == ""


def test_nobody_acts_for_another(new_deployment: Deployment) -> None:
    """Each user's messages are the user's own, and a certificate is not registered for two."""
    for name in ("alice", "bob"):
        assert _account(new_deployment, _signer(new_deployment, name)) == name
    stolen = _user(new_deployment, "alice").certificate
    assert _registrar(new_deployment, "bob").set_certificate(stolen) == (
        "InvalidParameterValue: The certificate is registered for another user"
    )
    for name in ("alice", "bob"):
        assert _account(new_deployment, _signer(new_deployment, name)) == name


def _elliptic() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "elliptic")])
    parsed = x509.load_pem_x509_certificate(self_signed("model").certificate.encode())
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(parsed.not_valid_before_utc)
        .not_valid_after(parsed.not_valid_after_utc)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


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
    """What is no certificate, or none that is good now, is named, and the old one stays."""
    pem, words = BAD[name]
    reason = _registrar(new_deployment).set_certificate(pem)
    assert reason is not None
    assert reason.startswith("InvalidParameterValue: ")
    assert words in reason
    assert _speaks(new_deployment, _signer(new_deployment)) == ""


def test_wrong_secrets_change_nothing(new_deployment: Deployment) -> None:
    """Neither step goes without the right secret key."""
    stranger = _registrar(new_deployment, secret="not-the-secret-key")
    assert stranger.set_user_keys() == "AuthFailure: CloudStack does not accept these keys"
    for reason in (
        stranger.set_certificate(self_signed("own").certificate),
        stranger.delete_certificate(),
    ):
        assert reason is not None
        assert reason.startswith("SignatureDoesNotMatch: ")
    assert _speaks(new_deployment, self_signed("own")) == REFUSED
    assert _speaks(new_deployment, _signer(new_deployment)) == ""


def test_keys_come_before_the_certificate(new_deployment: Deployment) -> None:
    """Who has not registered keys is told so when a certificate is to be registered."""
    account = new_deployment.management.add_account("carol")
    registrar = Registrar(Ec2Endpoint(new_deployment.ec2_url, account.api_key, account.secret_key))
    own = self_signed("carol")
    reason = registrar.set_certificate(own.certificate)
    assert reason is not None
    assert reason.startswith("OptInRequired: ")
    assert _speaks(new_deployment, own) == REFUSED
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
def test_what_is_missing_is_named(
    new_deployment: Deployment, parameters: dict[str, str], name: str
) -> None:
    """A step without its parameters is refused by their names, in the Query API's document."""
    url = urlsplit(new_deployment.ec2_url)
    connection = http.client.HTTPConnection(str(url.hostname), url.port, timeout=5)
    connection.request("GET", f"{url.path}?{urlencode(parameters)}")
    response = connection.getresponse()
    tree = etree.fromstring(response.read())
    connection.close()
    assert response.status == 400
    assert tree.findtext("Errors/Error/Code") == "MissingParameter"
    assert name in (tree.findtext("Errors/Error/Message") or "")


def test_a_certificate_must_be_given(new_deployment: Deployment) -> None:
    """SetCertificate without a certificate is refused as such."""
    assert _registrar(new_deployment).set_certificate("") == (
        "MissingParameter: The request must contain the parameter cert"
    )


def test_a_certificate_s_user_may_be_gone(new_deployment: Deployment) -> None:
    """A certificate whose user CloudStack knows no longer does not act for anybody."""
    own = self_signed("ghost")
    certificates = new_deployment.bridge.certificates
    certificates.add_user("AKGONE")
    certificates.register("AKGONE", own.certificate, new_deployment.clock.seconds())
    assert _speaks(new_deployment, own) == REFUSED


def test_an_endpoint_that_does_not_answer_is_no_refusal() -> None:
    """Nobody there is told as such."""
    registrar = Registrar(Ec2Endpoint("http://127.0.0.1:1/awsapi", "a", "s"))
    with pytest.raises(NoAnswer, match="no connection"):
        registrar.set_user_keys()


# --- the command ----------------------------------------------------------------------------------


def _command(deployment: Deployment, *words: str, **otherwise: str) -> int:
    user = _user(deployment)
    given = {
        "url": deployment.ec2_url,
        "access-key": user.access_key,
        "secret-key": user.secret_key,
    }
    options = [f"--{name}={value}" for name, value in (given | otherwise).items()]
    return main(["register", *options, *words])


def test_the_command_registers_a_new_identity(
    new_deployment: Deployment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`conform register --new-cert DIR` makes key and certificate, and they work; doing it again
    with the file is harmless."""
    folder = tmp_path / "new"
    assert _command(new_deployment, "--new-cert", str(folder)) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[-1] == f"registered with {new_deployment.ec2_url}"
    pem, key = (folder / "cert.pem").read_text(), (folder / "private_key.pem").read_text()
    assert stat.S_IMODE((folder / "private_key.pem").stat().st_mode) == 0o600
    assert _account(new_deployment, Signer(pem, key)) == "alice"
    assert _command(new_deployment, "--cert", str(folder / "cert.pem")) == 0
    assert _account(new_deployment, Signer(pem, key)) == "alice"


def test_the_command_leaves_nothing_behind_when_refused(
    new_deployment: Deployment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong secret key: one line, status 1, and no files."""
    folder = tmp_path / "new"
    assert _command(new_deployment, "--new-cert", str(folder), **{"secret-key": "wrong"}) == 1
    told = capsys.readouterr()
    assert told.err.count("\n") == 1
    assert "refuses the keys: AuthFailure" in told.err
    assert not folder.exists()


def test_the_command_overwrites_nothing(
    new_deployment: Deployment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A private key that is there is somebody's: it is never replaced."""
    (tmp_path / "private_key.pem").write_text("precious")
    assert _command(new_deployment, "--new-cert", str(tmp_path)) == 2
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
def test_the_command_says_what_is_wrong(
    new_deployment: Deployment,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    case: tuple[list[str], int, str],
) -> None:
    """What cannot be used is one clear line and 2; what the endpoint refuses, one line and 1."""
    words, status, complaint = case
    (tmp_path / "garbage.pem").write_text("nothing")
    (tmp_path / "binary.pem").write_bytes(b"\xff\xfe")
    (tmp_path / "good.pem").write_text(self_signed("own").certificate)
    (tmp_path / "expired.pem").write_text(self_signed("own", -2 * HOUR, -HOUR).certificate)
    assert _command(new_deployment, *(word.format(tmp=tmp_path) for word in words)) == status
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert complaint in told
    assert _user(new_deployment).secret_key not in told


def test_messages_in_other_algorithms_work_after_registration(new_deployment: Deployment) -> None:
    """A freshly registered certificate is good for both signature algorithms."""
    own = self_signed("own")
    assert _registrar(new_deployment).set_certificate(own.certificate) is None
    for algorithm in ("sha1", "sha256"):
        assert _speaks(new_deployment, replace(own, algorithm=algorithm)) == ""
