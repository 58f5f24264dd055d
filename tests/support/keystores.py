"""Keystores for connectors with TLS, made for a test."""

from __future__ import annotations

from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_pem_private_key,
    pkcs12,
)


def make_keystore(path: Path, password: str = "vmops.com") -> Path:
    """Write a PKCS#12 keystore for `localhost` and `127.0.0.1`, and beside it the certificate of
    its authority, whose path is returned."""
    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1")
    key = load_pem_private_key(issued.private_key_pem.bytes(), None)
    own, *chain = x509.load_pem_x509_certificates(
        b"".join(each.bytes() for each in issued.cert_chain_pems)
    )
    encryption = BestAvailableEncryption(password.encode())
    content = pkcs12.serialize_key_and_certificates(b"1", key, own, chain, encryption)  # type: ignore[arg-type]  # trustme makes no other keys
    path.write_bytes(content)
    trusted = path.with_suffix(".authority.pem")
    authority.cert_pem.write_to_path(str(trusted))
    return trusted
