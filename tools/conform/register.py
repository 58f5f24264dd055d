"""`conform register`: registers a user's keys and X.509 certificate with an endpoint.

As the documentation describes it: first the keys, which the endpoint verifies with CloudStack, then
the certificate with which SOAP clients sign. Registering again changes nothing; another certificate
replaces the earlier one.
"""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import ExitStack
from getpass import getpass
from pathlib import Path

from fixtures.clients import Ec2Endpoint
from fixtures.clients.ec2.registration import Registrar, is_certificate, new_identity
from fixtures.clients.transport.messages import NoAnswer
from fixtures.model import HarnessError, UsageError
from reports.record.run_directory import write_atomically

CERTIFICATE, PRIVATE_KEY = "cert.pem", "private_key.pem"
REFUSED = 1
SECRET = "CONFORM_SECRET_KEY"  # the environment variable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    parser.epilog = "exit status: 0 registered, 1 refused or unreachable, 2 wrong usage"
    for name, text in (
        ("--url", "URL of the EC2 endpoint"),
        ("--access-key", "the user's CloudStack API key"),
    ):
        parser.add_argument(name, required=True, help=text)
    secret = parser.add_mutually_exclusive_group()
    secret.add_argument(
        "--secret-key-file",
        type=Path,
        metavar="FILE",
        help=f"file with the secret key of that API key (default: the environment's {SECRET}, or it"
        " is asked for)",
    )
    secret.add_argument(
        "--secret-key", metavar="KEY", help="the secret key itself, which other users may see then"
    )
    certificate = parser.add_mutually_exclusive_group(required=True)
    certificate.add_argument("--cert", type=Path, metavar="FILE", help="the certificate, in PEM")
    certificate.add_argument(
        "--new-cert",
        type=Path,
        metavar="DIR",
        help="make cert.pem and private_key.pem there, and register the certificate",
    )
    parser.add_argument(
        "--api-version",
        default="2012-08-15",
        metavar="V",
        help="Version of the requests (default: 2012-08-15)",
    )
    parser.add_argument(
        "--signature-version",
        choices=("2", "4"),
        default="2",
        help="with which the certificate's request is signed (default: 2)",
    )
    parser.add_argument("--ca-file", metavar="FILE", help="certificates to trust, for https")


def execute(options: argparse.Namespace) -> int:
    """Register; a new certificate is kept only if the endpoint accepts it."""
    endpoint = Ec2Endpoint(
        url=options.url,
        access_key=options.access_key,
        secret_key=_secret_key(options),
        api_version=options.api_version,
        ca_file=options.ca_file,
        signature_version=options.signature_version,
    )
    with ExitStack() as undo:
        if options.new_cert is not None:
            pem = _make_certificate(options.new_cert, endpoint.access_key, undo)
        else:
            pem = _read_certificate(options.cert)
        reason = _registration_failure(Registrar(endpoint), pem)
        if reason is not None:
            _complain(" ".join(reason.split()))
            return REFUSED
        undo.pop_all()
    print(f"registered with {endpoint.url}")
    return 0


def _secret_key(options: argparse.Namespace) -> str:
    """The secret key: where it is given, else asked for at the terminal."""
    if options.secret_key is not None:
        _complain("warning: --secret-key shows the key to all users of this machine")
        return str(options.secret_key)
    if options.secret_key_file is not None:
        return _read_secret(options.secret_key_file)
    if SECRET in os.environ:
        return os.environ[SECRET]
    if not sys.stdin.isatty():
        raise UsageError(f"the secret key is missing: --secret-key-file FILE, or set {SECRET}")
    return getpass("secret key: ")


def _read_secret(file: Path) -> str:
    try:
        secret = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a text"
        raise UsageError(f"--secret-key-file {file}: {reason}") from error
    if not secret:
        raise UsageError(f"--secret-key-file {file}: is empty")
    return secret


def _complain(text: str) -> None:
    print("conform:", text, file=sys.stderr)


def _registration_failure(registrar: Registrar, pem: str) -> str | None:
    """Why the endpoint refused, or does not answer; None if both are registered."""
    url = registrar.endpoint.url
    try:
        if reason := registrar.set_user_keys():
            return f"{url} refuses the keys: {reason}"
        print("keys registered")
        if reason := registrar.set_certificate(pem):
            return f"{url} refuses the certificate: {reason}"
        print("certificate registered")
    except NoAnswer as failure:
        return f"{url} does not answer: {failure}"
    except HarnessError as error:
        raise UsageError(str(error)) from error
    return None


def _read_certificate(path: Path) -> str:
    try:
        pem = path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a PEM file"
        raise UsageError(f"--cert {path}: {reason}") from error
    if not is_certificate(pem):
        raise UsageError(f"--cert {path}: not an X.509 certificate in PEM")
    return pem


def _make_certificate(folder: Path, name: str, undo: ExitStack) -> str:
    """A new key pair and certificate in a directory; `undo` removes what was made."""
    files = [folder / CERTIFICATE, folder / PRIVATE_KEY]
    for file in files:
        if file.exists():
            raise UsageError(f"--new-cert {file}: exists already, and is not overwritten")
    if not folder.exists():
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise UsageError(f"--new-cert {folder}: {error.strerror}") from error
        undo.callback(folder.rmdir)
    identity = new_identity(name[:64])
    for file in files:
        undo.callback(file.unlink, missing_ok=True)
    write_atomically(files[0], identity.certificate.encode())
    write_atomically(files[1], identity.private_key.encode(), private=True)
    return identity.certificate
