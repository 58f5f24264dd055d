"""A Windows instance's password, decrypted with the private key that it was launched with."""

from __future__ import annotations

import base64
import binascii

from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tools.ec2.command_spec import Failure

CANNOT = "Client.PasswordNotDecrypted"


def unlocked(data: str, key: rsa.RSAPrivateKey) -> str:
    """The clear text of base64 of RSA (PKCS #1 v1.5); `Failure` if the key does not fit."""
    try:
        return key.decrypt(base64.b64decode(data), padding.PKCS1v15()).decode("utf-8", "replace")
    except (ValueError, binascii.Error) as wrong:
        raise Failure(CANNOT, "the private key does not fit the instance's password") from wrong
