"""Keys and envelopes: Ed25519 from a file, or any key that securesystemslib's signers reach."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import Error
from securesystemslib.signer import CryptoSigner, Key, Signer, SSlibKey

from fixtures.model import UsageError
from reports.record.run_directory import write_atomically

PAYLOAD = "application/vnd.in-toto+json"


def make_key(file: Path) -> Path:
    """Make a key pair: the private key in `file`, which only its owner may read, the public one in
    `file.pub`, whose path is returned.

    Raises:
        UsageError: one of the files exists, or cannot be written.
    """
    public = file.with_name(f"{file.name}.pub")
    for path in (file, public):
        if path.exists():
            raise UsageError(f"{path}: exists already, and is not overwritten")
    signer = CryptoSigner.generate_ed25519()
    key = load_pem_private_key(signer.private_bytes, None).public_key()
    write_atomically(file, signer.private_bytes, private=True)
    try:
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        write_atomically(public, pem)
    except UsageError:
        file.unlink()
        raise
    return public


def load_signer(key: str, public_key: Path | None) -> Signer:
    """The signer of a private key's file, or of a URI of securesystemslib (`gcpkms:…`, `hsm:`),
    whose public key is in a file of its own.

    Raises:
        UsageError: there is no such key, or its signer is not installed.
    """
    if public_key is None:
        pem = _read(Path(key))
        try:
            return CryptoSigner(load_pem_private_key(pem, None))
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise UsageError(f"{key}: not a private key without a password, in PEM") from error
    try:
        return Signer.from_priv_key_uri(key, load_public_key(public_key))
    except (ValueError, Error, ImportError, OSError) as error:
        raise UsageError(f"{key}: cannot be used to sign: {error}") from error


def load_public_key(file: Path) -> Key:
    """A public key in PEM; `UsageError` if the file has none."""
    pem = _read(file)
    try:
        return SSlibKey.from_crypto(load_pem_public_key(pem))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{file}: not a public key in PEM") from error


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: cannot read the key: {error.strerror}") from error


def sign(statement: Mapping[str, Any], signer: Signer) -> dict[str, Any]:
    """A statement in an envelope, as JSON has it; `UsageError` if the key cannot be used now."""
    text = json.dumps(statement, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    envelope = Envelope(text.encode(errors="replace"), PAYLOAD, {})
    try:
        envelope.sign(signer)
    except (Error, OSError, ValueError) as error:
        raise UsageError(f"cannot sign: {error}") from error
    return envelope.to_dict()


def open_envelope(content: Any, key: Key) -> dict[str, Any]:
    """The statement in an envelope that this key signed.

    Raises:
        ValueError: it is no envelope, or no signature of this key fits; the text says which.
    """
    try:
        # What `from_dict` is given is changed by it.
        envelope = Envelope.from_dict(json.loads(json.dumps(content)))
    except (KeyError, TypeError, ValueError, AttributeError, Error) as error:
        raise ValueError(f"not a DSSE envelope: {error}") from error
    if envelope.payload_type != PAYLOAD or envelope.to_dict() != content:
        raise ValueError("not the envelope of an in-toto statement, or not in its form")
    try:
        envelope.verify([key], 1)
    except (Error, ValueError) as error:
        raise ValueError("no signature of this key fits it") from error
    statement = json.loads(envelope.payload)
    if not isinstance(statement, dict):
        raise ValueError("its statement is no object")
    return statement
