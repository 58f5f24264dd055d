"""Redacts the signature of a command's own message, should an answer repeat it."""

from __future__ import annotations

import re
from collections.abc import Callable

_SIGNATURE = re.compile(rb"SignatureValue>([^<]+)<")
# The redaction is loaded only for texts that may contain a signature: commands must start fast.
_CANDIDATE = re.compile(r"[A-Za-z0-9+/]{24}|(?:[A-Za-z0-9+/%]|&#?\w+;){48}")


def signature_redactor(message: bytes) -> Callable[[str], str]:
    """A function that redacts the message's signature in a text that is about to be printed."""
    match = _SIGNATURE.search(message)
    signature = "".join(match[1].decode("ascii").split()) if match else ""

    def redact(text: str) -> str:
        if not signature or _CANDIDATE.search(text) is None:
            return text
        from fixtures.redaction.secrets import Mask

        return Mask([signature])(text)

    return redact
