"""Registration of users: their keys and X.509 certificates, and that no user acts as another."""

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
QUESTION = (
    "DescribeKeyPairs"  # each account lists its own, so that the reply shows whose request it was
)
WRONG = "not-the-secret-key"
MINE = {"mine": "keypair"}
BOTH = {"mine": "keypair", "his": "keypair@other"}
CLAIMED = frozenset({"soap"})  # without SOAP no user has to register
QUERY, CERTIFIED = ("boto", "boto3", "raw"), ("soap", "command")
AFTER = 25.0  # seconds until the certificate `brief` has expired

Step = RegistrationStep | RequestStep


def _seen(shown: str, hidden: str = "") -> Expectation:
    """A list with the key pair of one account and without that of the other."""
    fields = {"KeyPairs[].KeyName": Pattern("includes", (f"{{{shown}.name}}",))}
    if hidden:
        fields[f"KeyPairs[?KeyName=='{{{hidden}.name}}']"] = Pattern("count", (0,))
    return Expectation("", fields=fields)


NOTHING = Expectation("", codes=UNKNOWN_CALLER, silent=True)
UNTRUE = Expectation("", codes=UNPROVEN_CALLER, silent=True)


def works(certificate: str = "own", **options: Any) -> RequestStep:
    """A request with this certificate acts as the user `me`."""
    return RequestStep(QUESTION, _seen("mine"), certificate, **options)


def fails(certificate: str, expectation: Expectation = NOTHING, **options: Any) -> RequestStep:
    """A request with this certificate is refused as that of an unknown user."""
    return RequestStep(QUESTION, expectation, certificate, **options)


def keys(**options: Any) -> RegistrationStep:
    """SetUserKeys."""
    return RegistrationStep(RegistrationAction.KEYS, **options)


def registers(certificate: str, **options: Any) -> RegistrationStep:
    """SetCertificate."""
    return RegistrationStep(RegistrationAction.CERTIFICATE, certificate, **options)


def deletes(**options: Any) -> RegistrationStep:
    """DeleteCertificate."""
    return RegistrationStep(RegistrationAction.DELETION, **options)


def story(row: str, name: str, text: str, *steps: Step, **options: Any) -> ProcedureRequirement:
    """A case of these steps; `options`: fields of ProcedureRequirement, and `needs`."""
    needs = options.pop("needs", MINE)
    settings = {"drivers": ("soap",), "level": Level.SHOULD, "source": SCRIPT} | options
    settings["capabilities"] = CLAIMED | settings.get("capabilities", frozenset())
    return ProcedureRequirement(
        row, "story", name, text, RegistrationScenario(steps, needs), **settings
    )


PROMISED: dict[str, Any] = {"level": Level.MUST, "source": CREDENTIALS}


REGISTRATION = (
    story(
        "SetCertificate",
        "unregistered",
        "A request with an unregistered certificate is refused.",
        keys(),
        fails("stranger"),
        **PROMISED,
    ),
    story(
        "SetCertificate",
        "registered",
        "After keys and a certificate are registered, requests that it signs are carried out.",
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
        "Registering another certificate replaces the earlier one, which stops working.",
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
        "Registering the same keys and certificate a second time changes nothing.",
        *(keys(), registers("first"), works("first")),
        *(keys(strict=True), registers("first", strict=True), works("first")),
    ),
    story(
        "DeleteCertificate",
        "deleted",
        "A deleted certificate stops working until it is registered again.",
        *(keys(), registers("first"), works("first")),
        *(deletes(), fails("first"), registers("first"), works("first")),
        drivers=CERTIFIED,
    ),
)


REJECTIONS = (
    *(
        story(
            "SetCertificate",
            name,
            f"{what} is refused with a clear error, and the registered certificate goes on working.",
            *(keys(), registers("first"), registers(name, must_fail=True), works("first")),
        )
        for name, what in (
            ("garbage", "A text that is not a certificate"),
            ("hollow", "A PEM frame around other data"),
            ("expired", "A certificate that has expired"),
        )
    ),
    story(
        "SetCertificate",
        "wrong-secret",
        "A certificate cannot be registered or deleted without the secret key of its user.",
        *(keys(), registers("first"), registers("stranger", secret=WRONG, must_fail=True)),
        *(fails("stranger"), deletes(secret=WRONG, must_fail=True), works("first")),
        **PROMISED,
    ),
    story(
        "SetUserKeys",
        "wrong-secret-certificate",
        "Keys with a wrong secret key are refused, and the user's certificate goes on working.",
        *(keys(), registers("first"), keys(secret=WRONG, must_fail=True), works("first")),
        **PROMISED,
    ),
)


SECOND: dict[str, Any] = {"needs": BOTH, "capabilities": frozenset({"second_account"})}
IMPERSONATION = (
    story(
        "SetCertificate",
        "each-their-own",
        "Each user's certificate acts as that user, who sees the resources of that account only.",
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
        "A message with one user's certificate and another user's signature is refused.",
        *(works(), fails("own", UNTRUE, key="his"), fails("his", UNTRUE, key="own")),
        **(SECOND | PROMISED),
    ),
    story(
        "SetCertificate",
        "another-s-certificate",
        "A user cannot register the certificate of another user, as which it goes on acting.",
        registers("own", user="other", must_fail=True),
        RequestStep(QUESTION, _seen("mine", "his")),
        **SECOND,
    ),
    story(
        "SetCertificate",
        "lookalike",
        "A certificate with a registered one's names and serial number, but another key, is refused.",
        works(),
        fails("lookalike"),
        **PROMISED,
    ),
    story(
        "SetCertificate",
        "nobody-after-somebody",
        "A message without a Security header is refused, after one that was accepted.",
        *(works(), fails("own", UNTRUE, tampering={"attack": "no-security"})),
        *(works(), fails("own", UNTRUE, tampering={"attack": "no-security"})),
        **PROMISED,
    ),
    story(
        "SetCertificate",
        "expiring",
        "A certificate that expires after its registration is refused from then on.",
        *(keys(), registers("brief"), works("brief"), fails("brief", UNTRUE, delay=AFTER)),
        RequestStep("CreateKeyPair", UNTRUE, "brief", arguments={"KeyName": "{unique.name}"}),
    ),
)


KEYS = (
    story(
        "SetUserKeys",
        "registered",
        "Registered keys sign requests that are carried out, also after a second registration.",
        *(keys(), works(), keys(strict=True), works()),
        drivers=QUERY,
    ),
    story(
        "SetUserKeys",
        "wrong-secret",
        "Keys with a wrong secret key are refused with a clear error, and the registered keys go on working.",
        *(keys(), keys(secret=WRONG, must_fail=True), works()),
        drivers=QUERY,
        **PROMISED,
    ),
)


class TestRegistration(Suite):
    """SetUserKeys, SetCertificate and DeleteCertificate."""

    suite = "registration"

    def test_story(self, case: Case, check: Callable[[Case], None]) -> None:
        """Only registered users can send requests, and each acts as that user alone."""
        check(case)

    @classmethod
    def demands(
        cls, kind: str, rows: Sequence[Row]
    ) -> Iterator[Requirement | ProcedureRequirement]:
        """The cases of the kind `story`."""
        del rows
        if kind == "story":
            yield from (*REGISTRATION, *REJECTIONS, *IMPERSONATION, *KEYS)
