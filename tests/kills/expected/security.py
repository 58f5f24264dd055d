"""Which cases must notice that SOAP messages are trusted too far, or users registered wrongly."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kills.expected.expectation import Expected, fails

ANSWERED = "answered as if all were well"  # in the finding on a reply that ought to be a refusal
REGISTERED = "done as if all were well"  # … on a registration that ought to be refused


# Refusals that the documentation promises: their codes are cases of their own.
DOCUMENTED = frozenset(
    {
        *("no-security", "unknown-certificate", "no-signature", "unsigned-body"),
        *("changed-body", "wrapped-body", "doubled-id"),
    }
)


def _attacks(*names: str) -> tuple[str, ...]:
    codes = (f"{name}-code" for name in names if name in DOCUMENTED)
    return tuple(f"*/authentication/{name}[soap]" for name in (*names, *codes))


def _set_certificate(*stories: str) -> tuple[str, ...]:
    return tuple(f"registration/SetCertificate/story/{story}[*]" for story in stories)


def _delete_certificate(*stories: str) -> tuple[str, ...]:
    return tuple(f"registration/DeleteCertificate/story/{story}[*]" for story in stories)


def _set_user_keys(*stories: str) -> tuple[str, ...]:
    return tuple(f"registration/SetUserKeys/story/{story}[*]" for story in stories)


MESSAGES: Mapping[str, Expected] = {
    "waives-no-security": fails(
        _attacks("no-security"), _set_certificate("nobody-after-somebody"), text=ANSWERED
    ),
    "waives-two-headers": fails(_attacks("two-headers"), text=ANSWERED),
    "waives-garbage-token": fails(_attacks("garbage-token"), text=ANSWERED),
    "waives-unknown-certificate": fails(
        _attacks("unknown-certificate"),
        _set_certificate("unregistered", "registered", "replaced", "wrong-secret", "lookalike"),
        _delete_certificate("deleted"),
        text=ANSWERED,
    ),
    "waives-certificate-key": fails(_set_certificate("lookalike"), text=ANSWERED),
    "waives-expired-certificate": fails(_set_certificate("expiring"), text=ANSWERED),
    "waives-no-timestamp": fails(_attacks("no-timestamp"), text=ANSWERED),
    "waives-expired-timestamp": fails(_attacks("old-timestamp", "future-timestamp"), text=ANSWERED),
    "waives-unsigned-timestamp": fails(_attacks("unsigned-timestamp"), text=ANSWERED),
    "waives-replay": fails(_attacks("replayed"), text=ANSWERED),
    "waives-unsigned-body": fails(_attacks("no-signature", "unsigned-body"), text=ANSWERED),
    "waives-changed-body": fails(
        _attacks("changed-body"), _set_certificate("another-s-signature"), text=ANSWERED
    ),
    "waives-wrapped-body": fails(_attacks("wrapped-body", "doubled-id"), text=ANSWERED),
    "waives-dtd": fails(_attacks("dtd", "entity"), text=ANSWERED),
    "waives-endless": fails(_attacks("oversized"), text=ANSWERED),
    "waives-caller": fails(_set_certificate("each-their-own"), text="KeyPairs"),
}
REGISTRATIONS: Mapping[str, Expected] = {
    "keeps-replaced-certificates": fails(_set_certificate("replaced"), text=ANSWERED),
    "keeps-deleted-certificates": fails(_delete_certificate("deleted"), text=ANSWERED),
    "forgets-certificates-for-garbage": fails(
        _set_certificate("garbage", "hollow"), text=REGISTERED
    ),
    "registers-expired-certificates": fails(_set_certificate("expired"), text=REGISTERED),
    "registers-any-secret": fails(
        _set_user_keys("wrong-secret", "wrong-secret-certificate", "wrong-secret-status"),
        text=REGISTERED,
    ),
    "registers-for-anybody": fails(
        _set_certificate("wrong-secret", "wrong-secret-status"), text=REGISTERED
    ),
    "deletes-for-anybody": fails(
        _set_certificate("wrong-secret", "wrong-secret-status"), text=REGISTERED
    ),
    "registers-another-s-certificate": fails(
        _set_certificate("another-s-certificate"), text=REGISTERED
    ),
    "registers-keys-once": fails(
        _set_certificate("twice"), _set_user_keys("registered"), text="EntityExists"
    ),
    "blames-itself": fails(
        _set_certificate("garbage", "hollow", "expired", "another-s-certificate"),
        text="expected the client to be blamed",
    ),
}
