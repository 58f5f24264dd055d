"""A Windows instance's password, decrypted with the private key that it was launched with."""

from __future__ import annotations

import base64
import binascii

from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tools.ec2.command_spec import CommandError

NOT_DECRYPTED = "Client.PasswordNotDecrypted"


def decrypt_password(data: str, key: rsa.RSAPrivateKey) -> str:
    """The clear text of RSA-encrypted data (PKCS #1 v1.5, base64); `CommandError` if it fails."""
    try:
        return key.decrypt(base64.b64decode(data), padding.PKCS1v15()).decode("utf-8", "replace")
    except (ValueError, binascii.Error) as error:
        raise CommandError(
            NOT_DECRYPTED, "the private key does not fit the instance's password"
        ) from error
