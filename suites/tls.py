"""TLS: every client connects to an endpoint with a valid certificate, and to no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fixtures.model import Case, Interface, ProcedureRequirement, Row, TlsScenario
from fixtures.model.documentation import TLS
from suites.contract.suite import Check, Suite

SOURCE = f"{TLS.cite()}; RFC 9325, 3 and 6"
CLIENTS = {
    Interface.EC2: ("boto", "boto3", "soap", "command", "raw"),
    Interface.S3: ("boto", "boto3", "raw"),
}
VALID = {  # endpoint → what it is
    "trusted": "whose certificate names its address and comes from a trusted authority",
    "intermediate": "whose certificate comes from an intermediate authority and is sent with it",
    "tls-1.2": "that offers TLS 1.2 only",
    "tls-1.3": "that offers TLS 1.3 only",
}
_ISSUER = (r"issuer", r"unknown (ca|authority)", r"self[- ]signed", r"not trusted", r"untrusted")
_HOST = (r"(host ?name|address|subject|altname).*(mismatch|not match|valid for)", r"mismatch")
_VERSION = (r"version", r"protocol")
_NO_TLS = (r"\bTLS\b", r"\bSSL\b", r"\bhttps?\b.*\?")
INVALID = {  # endpoint → what it is, what the client's message must say
    "no-authority": (
        "whose authority the machine does not know, without a file of its own",
        _ISSUER,
    ),
    "unknown-authority": ("whose certificate comes from an authority that is not trusted", _ISSUER),
    "self-signed": ("whose certificate has signed itself", (r"self[- ]signed", *_ISSUER)),
    "incomplete-chain": ("that leaves out the intermediate certificate", _ISSUER),
    "wrong-host": ("whose certificate names another host", _HOST),
    "wrong-address": ("whose certificate names another address", _HOST),
    "expired": ("whose certificate has expired", (r"expired",)),
    "not-yet-valid": ("whose certificate is not valid yet", (r"not yet valid",)),
    "tls-1.0": ("that offers TLS 1.0 only", _VERSION),
    "tls-1.1": ("that offers TLS 1.1 only", _VERSION),
    "plain-to-tls": ("that expects TLS, under an http URL", _NO_TLS),
    "tls-to-plain": ("without TLS, under an https URL", _NO_TLS),
}


class TestTls(Suite):
    """Clients that verify the endpoint before they send a request."""

    suite = "tls"

    def test_accepted(self, case: Case, check: Check) -> None:
        """A client that trusts the endpoint's certificate authority sends its request."""
        check(case)

    def test_refused(self, case: Case, check: Check) -> None:
        """A client sends nothing to an endpoint that it cannot verify, and its message says why."""
        check(case)

    @classmethod
    def demands(cls, kind: str, rows: Sequence[Row]) -> Iterator[ProcedureRequirement]:
        """The endpoints of one kind, for both interfaces."""
        del rows
        for interface in Interface:
            if kind == "accepted":
                for name, what in VALID.items():
                    text = f"The client sends its request to an endpoint {what}."
                    yield _requirement(kind, name, text, TlsScenario(interface, name))
            if kind == "refused":
                for name, (what, reasons) in INVALID.items():
                    text = f"The client sends nothing to an endpoint {what}, and says why."
                    yield _requirement(kind, name, text, TlsScenario(interface, name, reasons))


def _requirement(kind: str, name: str, text: str, scenario: TlsScenario) -> ProcedureRequirement:
    interface = scenario.interface
    return ProcedureRequirement(
        row=interface.value,
        kind=kind,
        name=name,
        text=text,
        procedure=scenario,
        drivers=CLIENTS[interface],
        capabilities=frozenset({"s3"} if interface is Interface.S3 else ()),
        source=SOURCE,
        security=kind == "refused",
    )
