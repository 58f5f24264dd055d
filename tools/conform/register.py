"""`conform register`: makes a user's keys and X.509 certificate known to an endpoint.

As the documentation has it done: the keys first, which the endpoint proves at CloudStack, then the
certificate that SOAP clients will sign with. Doing it again is harmless; another certificate takes
the place of the earlier one.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path

from fixtures.clients import Ec2Endpoint
from fixtures.clients.ec2.registration import Registrar, is_certificate, new_identity
from fixtures.clients.transport.messages import NoAnswer
from fixtures.model import HarnessError, UsageError
from reports.record.run_directory import write_atomically

CERTIFICATE, PRIVATE_KEY = "cert.pem", "private_key.pem"
REFUSED = 1


def register(options: argparse.Namespace) -> int:
    """Register; what is made for it stays only if the endpoint took it."""
    endpoint = Ec2Endpoint(
        url=options.url,
        access_key=options.access_key,
        secret_key=options.secret_key,
        api_version=options.api_version,
        ca_file=options.ca_file,
    )
    with ExitStack() as undo:
        if options.new_cert is not None:
            pem = _make_certificate(options.new_cert, endpoint.access_key, undo)
        else:
            pem = _read_certificate(options.cert)
        reason = _registration_failure(Registrar(endpoint), pem)
        if reason is not None:
            print("conform:", " ".join(reason.split()), file=sys.stderr)
            return REFUSED
        undo.pop_all()
    print(f"registered with {endpoint.url}")
    return 0


def _registration_failure(registrar: Registrar, pem: str) -> str | None:
    """None when it is done, or what went wrong in words."""
    url = registrar.endpoint.url
    try:
        if reason := registrar.set_user_keys():
            return f"{url} refuses the keys: {reason}"
        print("keys registered")
        if reason := registrar.set_certificate(pem):
            return f"{url} refuses the certificate: {reason}"
        print("certificate registered")
    except NoAnswer as failure:
        return f"{url} gives no answer: {failure}"
    except HarnessError as broken:
        raise UsageError(str(broken)) from broken
    return None


def _read_certificate(path: Path) -> str:
    try:
        pem = path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as broken:
        reason = broken.strerror if isinstance(broken, OSError) else "not a text in PEM form"
        raise UsageError(f"--cert {path}: {reason}") from broken
    if not is_certificate(pem):
        raise UsageError(f"--cert {path}: no X.509 certificate in PEM form")
    return pem


def _make_certificate(folder: Path, name: str, undo: ExitStack) -> str:
    """A new key pair and certificate in a folder, which `undo` takes away again."""
    files = [folder / CERTIFICATE, folder / PRIVATE_KEY]
    for file in files:
        if file.exists():
            raise UsageError(f"--new-cert {file}: is there already, and is not overwritten")
    if not folder.exists():
        try:
            folder.mkdir(parents=True)
        except OSError as broken:
            raise UsageError(f"--new-cert {folder}: {broken.strerror}") from broken
        undo.callback(folder.rmdir)
    identity = new_identity(name[:64])
    for file in files:
        undo.callback(file.unlink, missing_ok=True)
    write_atomically(files[0], identity.certificate.encode())
    write_atomically(files[1], identity.private_key.encode(), private=True)
    return identity.certificate
