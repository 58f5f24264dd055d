"""How users become known to the service, and cease to be: their keys, their X.509 certificates,
and that nobody acts for anybody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fixtures.model import (
    Case,
    Expectation,
    Level,
    Pattern,
    ProcedureRequirement,
    RegistrationAction,
    RegistrationScenario,
    RegistrationStep,
    RequestStep,
    Requirement,
    Row,
)
from suites.contract.query_authentication import CREDENTIALS
from suites.contract.soap_authentication import UNKNOWN_CALLER, UNPROVEN_CALLER
from suites.contract.suite import Suite

SCRIPT = "CloudStack awsapi, cloudstack-aws-api-register"
QUESTION = "DescribeKeyPairs"  # each account sees its own, so that the answer tells who asked
WRONG = "not-the-secret-key"
MINE = {"mine": "keypair"}
BOTH = {"mine": "keypair", "his": "keypair@other"}
CLAIMED = frozenset({"soap"})  # without it nobody needs to register
QUERY, CERTIFIED = ("boto", "boto3", "raw"), ("soap", "command")
AFTER = 25.0  # seconds, when the certificate `brief` is past

Step = RegistrationStep | RequestStep


def _seen(shown: str, hidden: str = "") -> Expectation:
    """The key pair of one account, and not that of the other."""
    fields = {"KeyPairs[].KeyName": Pattern("includes", (f"{{{shown}.name}}",))}
    if hidden:
        fields[f"KeyPairs[?KeyName=='{{{hidden}.name}}']"] = Pattern("count", (0,))
    return Expectation("", fields=fields)


NOTHING = Expectation("", codes=UNKNOWN_CALLER, silent=True)
UNTRUE = Expectation("", codes=UNPROVEN_CALLER, silent=True)


def works(certificate: str = "own", **otherwise: Any) -> RequestStep:
    """Who asks with this certificate is me."""
    return RequestStep(QUESTION, _seen("mine"), certificate, **otherwise)


def fails(certificate: str, expectation: Expectation = NOTHING, **otherwise: Any) -> RequestStep:
    """Who asks with this certificate is nobody."""
    return RequestStep(QUESTION, expectation, certificate, **otherwise)


def keys(**otherwise: Any) -> RegistrationStep:
    """SetUserKeys."""
    return RegistrationStep(RegistrationAction.KEYS, **otherwise)


def registers(certificate: str, **otherwise: Any) -> RegistrationStep:
    """SetCertificate."""
    return RegistrationStep(RegistrationAction.CERTIFICATE, certificate, **otherwise)


def deletes(**otherwise: Any) -> RegistrationStep:
    """DeleteCertificate."""
    return RegistrationStep(RegistrationAction.DELETION, **otherwise)


def story(row: str, name: str, text: str, *steps: Step, **otherwise: Any) -> ProcedureRequirement:
    """A story put by the soap driver; `otherwise` are the demand's own, and `needs`."""
    needs = otherwise.pop("needs", MINE)
    settings = {"drivers": ("soap",), "level": Level.SHOULD, "source": SCRIPT} | otherwise
    settings["capabilities"] = CLAIMED | settings.get("capabilities", frozenset())
    return ProcedureRequirement(
        row, "story", name, text, RegistrationScenario(steps, needs), **settings
    )


PROMISED: dict[str, Any] = {"level": Level.MUST, "source": CREDENTIALS}


REGISTERING = (
    story(
        "SetCertificate",
        "unregistered",
        "A certificate that nobody has registered is good for nothing.",
        keys(),
        fails("stranger"),
        **PROMISED,
    ),
    story(
        "SetCertificate",
        "registered",
        "Keys registered, then a certificate registered with them: what it signs is carried out.",
        keys(),
        fails("first"),
        registers("first"),
        works("first"),
        drivers=CERTIFIED,
        **PROMISED,
    ),
    story(
        "SetCertificate",
        "replaced",
        "Another certificate registered takes the place of the earlier one, which stops working.",
        keys(),
        registers("first"),
        works("first"),
        registers("second"),
        works("second"),
        fails("first"),
        drivers=CERTIFIED,
    ),
    story(
        "SetCertificate",
        "twice",
        "Registering the same keys and the same certificate a second time is harmless.",
        *(keys(), registers("first"), works("first")),
        *(keys(strict=True), registers("first", strict=True), works("first")),
    ),
    story(
        "DeleteCertificate",
        "deleted",
        "A certificate that was deleted stops working, and works once it is registered again.",
        *(keys(), registers("first"), works("first")),
        *(deletes(), fails("first"), registers("first"), works("first")),
        drivers=CERTIFIED,
    ),
)


REFUSING = (
    *(
        story(
            "SetCertificate",
            name,
            f"{what} is refused with a clear error, and the one that was there goes on working.",
            *(keys(), registers("first"), registers(name, must_fail=True), works("first")),
        )
        for name, what in (
            ("garbage", "A text that is no certificate"),
            ("hollow", "A PEM frame around something else"),
            ("expired", "A certificate that has expired"),
        )
    ),
    story(
        "SetCertificate",
        "wrong-secret",
        "Nobody registers or deletes a certificate for me without my secret key.",
        *(keys(), registers("first"), registers("stranger", secret=WRONG, must_fail=True)),
        *(fails("stranger"), deletes(secret=WRONG, must_fail=True), works("first")),
        **PROMISED,
    ),
    story(
        "SetUserKeys",
        "wrong-secret-certificate",
        "Keys with a wrong secret are refused, and the user's certificate goes on working.",
        *(keys(), registers("first"), keys(secret=WRONG, must_fail=True), works("first")),
        **PROMISED,
    ),
)


SECOND: dict[str, Any] = {"needs": BOTH, "capabilities": frozenset({"second_account"})}
IMPERSONATING = (
    story(
        "SetCertificate",
        "each-their-own",
        "Each user's certificate acts for that user: I see my things, the other sees theirs.",
        *(
            RequestStep(QUESTION, _seen("mine", "his")),
            RequestStep(QUESTION, _seen("his", "mine"), "his"),
        ),
        *(
            RequestStep(QUESTION, _seen("mine", "his")),
            RequestStep(QUESTION, _seen("his", "mine"), "his"),
        ),
        **(SECOND | PROMISED),
    ),
    story(
        "SetCertificate",
        "another-s-signature",
        "My certificate with the signature of another user is refused, and the other way round.",
        *(works(), fails("own", UNTRUE, key="his"), fails("his", UNTRUE, key="own")),
        **(SECOND | PROMISED),
    ),
    story(
        "SetCertificate",
        "another-s-certificate",
        "Another user cannot register my certificate, and it goes on acting for me.",
        registers("own", user="other", must_fail=True),
        RequestStep(QUESTION, _seen("mine", "his")),
        **SECOND,
    ),
    story(
        "SetCertificate",
        "lookalike",
        "A certificate with the names and the serial number of mine, and another key, is refused.",
        works(),
        fails("lookalike"),
        **PROMISED,
    ),
    story(
        "SetCertificate",
        "nobody-after-somebody",
        "A message without a Security header is refused, whoever asked before.",
        *(works(), fails("own", UNTRUE, tampering={"attack": "no-security"})),
        *(works(), fails("own", UNTRUE, tampering={"attack": "no-security"})),
        **PROMISED,
    ),
    story(
        "SetCertificate",
        "expiring",
        "A certificate that was good when it was registered is refused once it has expired.",
        *(keys(), registers("brief"), works("brief"), fails("brief", UNTRUE, delay=AFTER)),
        RequestStep("CreateKeyPair", UNTRUE, "brief", arguments={"KeyName": "{unique.name}"}),
    ),
)


KEYS = (
    story(
        "SetUserKeys",
        "registered",
        "Keys that were registered sign requests that are carried out; a second time is harmless.",
        *(keys(), works(), keys(strict=True), works()),
        drivers=QUERY,
    ),
    story(
        "SetUserKeys",
        "wrong-secret",
        "Keys with a wrong secret are refused with a clear error, and the right ones work on.",
        *(keys(), keys(secret=WRONG, must_fail=True), works()),
        drivers=QUERY,
        **PROMISED,
    ),
)


class TestRegistration(Suite):
    """SetUserKeys, SetCertificate and DeleteCertificate."""

    suite = "registration"

    def test_story(self, case: Case, check: Callable[[Case], None]) -> None:
        """Who is registered may ask, as nobody else; who is not, may not."""
        check(case)

    @classmethod
    def demands(
        cls, kind: str, rows: Sequence[Row]
    ) -> Iterator[Requirement | ProcedureRequirement]:
        """The stories."""
        del rows
        if kind == "story":
            yield from (*REGISTERING, *REFUSING, *IMPERSONATING, *KEYS)
