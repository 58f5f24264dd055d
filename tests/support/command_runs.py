"""The classic commands, in this process or one of their own, with prepared SOAP answers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree

from tests.support.recording_server import RecordingServer, http_response, recording_server
from tools.ec2.main import main

ROOT = Path(__file__).parents[2]
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
EC2 = "http://ec2.amazonaws.com/doc/2010-11-15/"


@cache
def private_key() -> rsa.RSAPrivateKey:
    """A key that all tests share, since generating one takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def _pems() -> tuple[bytes, bytes]:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "user")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, private_key().public_key(), 1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(private_key(), hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM), pem(private_key())


def pem(key: rsa.RSAPrivateKey, password: bytes = b"") -> bytes:
    """A private key as the content of a PEM file."""
    encryption = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, encryption)


def write_identity(folder: Path) -> tuple[str, str]:
    """Write a certificate and its key; the names of the files."""
    certificate, key = folder / "cert.pem", folder / "private_key.pem"
    for file, content in zip((certificate, key), _pems(), strict=True):
        file.write_bytes(content)
    return str(certificate), str(key)


def answer(action: str, content: str) -> bytes:
    """An HTTP answer with the SOAP reply to an action."""
    return http_response(_envelope(f'<{action}Response xmlns="{EC2}">{content}</{action}Response>'))


def fault(code: str, text: str) -> bytes:
    """An HTTP answer with a SOAP fault."""
    content = f"<faultcode>s:{code}</faultcode><faultstring>{text}</faultstring>"
    return http_response(_envelope(f"<s:Fault>{content}</s:Fault>"), "500 Internal Server Error")


def _envelope(content: str) -> str:
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Header/><s:Body>{content}</s:Body></s:Envelope>'


@dataclass
class Commands:
    """Runs commands as a user who has exported EC2_URL, EC2_CERT and EC2_PRIVATE_KEY."""

    server: RecordingServer
    environment: dict[str, str]
    capsys: pytest.CaptureFixture[str]

    def run(self, line: str | list[str], *answers: bytes) -> tuple[int, str, str]:
        """Exit status, stdout and stderr of a command line, run in this process."""
        self.server.answers = list(answers)
        words = line.split() if isinstance(line, str) else line
        with pytest.MonkeyPatch.context() as patch:
            for name in ("EC2_URL", "EC2_CERT", "EC2_PRIVATE_KEY"):
                patch.delenv(name, raising=False)
            for name, value in self.environment.items():
                patch.setenv(name, value)
            status = main(words)
        printed = self.capsys.readouterr()
        return status, printed.out, printed.err

    def output_lines(self, line: str | list[str], action: str, content: str) -> list[str]:
        """The lines that a command prints when it gets this answer."""
        status, out, err = self.run(line, answer(action, content))
        assert (status, err) == (0, ""), err
        return out.splitlines()

    def sent_message(self, line: str | list[str]) -> str:
        """The body's element of the message that a command sends, as text without namespaces."""
        status, _, err = self.run(line, fault("Client.Enough", "enough"))
        assert status == 1, err
        root = etree.fromstring(self.server.requests[-1].body.encode())
        (content,) = root[1]
        # Exclusive canonicalisation omits the envelope's namespaces.
        bare = etree.tostring(content, method="c14n", exclusive=True).decode()
        assert bare.count("xmlns") == 1
        plain = etree.fromstring(bare.replace(f' xmlns="{EC2}"', ""))
        return etree.tostring(plain, encoding="unicode")

    def run_process(self, words: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command as a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "tools.ec2", *words],
            env={**os.environ, "PYTHONPATH": str(ROOT), **self.environment, **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@contextmanager
def recorded_commands(folder: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Commands]:
    """Commands and their recording server."""
    certificate, key = write_identity(folder)
    with recording_server() as recorder:
        environment = {
            "EC2_URL": recorder.url,
            "EC2_CERT": certificate,
            "EC2_PRIVATE_KEY": key,
        }
        yield Commands(recorder, environment, capsys)
