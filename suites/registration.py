"""Registration of users: their keys and X.509 certificates, and that no user acts as another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
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
ACTION = "DescribeKeyPairs"  # each account lists its own: the reply shows whose request it was
# The same with security groups, for a target that does not list key pairs.
BY_GROUPS = {
    "DescribeKeyPairs": "DescribeSecurityGroups",
    "KeyPairs[": "SecurityGroups[",
    "KeyName": "GroupName",
    "keypair": "group",
}
WRONG = "not-the-secret-key"
MINE = {"mine": "keypair"}
BOTH = {"mine": "keypair", "his": "keypair@other"}
CLAIMED = frozenset({"soap"})  # without SOAP no user has to register
QUERY, CERTIFIED = ("boto", "boto3", "raw"), ("soap", "command")
EXPIRY = 25.0  # seconds until the certificate `brief` has expired

Step = RegistrationStep | RequestStep


def _key_pairs(shown: str, hidden: str = "") -> Expectation:
    """A list with the key pair of one account and without that of the other."""
    fields = {"KeyPairs[].KeyName": Pattern("includes", (f"{{{shown}.name}}",))}
    if hidden:
        fields[f"KeyPairs[?KeyName=='{{{hidden}.name}}']"] = Pattern("count", (0,))
    return Expectation("", fields=fields)


REFUSED = Expectation("", codes=UNKNOWN_CALLER, no_calls=True)
UNPROVEN = Expectation("", codes=UNPROVEN_CALLER, no_calls=True)


def request_succeeds(certificate: str = "own", **options: Any) -> RequestStep:
    """A request with this certificate acts as the user `me`."""
    return RequestStep(ACTION, _key_pairs("mine"), certificate, **options)


def request_fails(
    certificate: str, expectation: Expectation = REFUSED, **options: Any
) -> RequestStep:
    """A request with this certificate is refused as that of an unknown user."""
    return RequestStep(ACTION, expectation, certificate, **options)


def register_keys(**options: Any) -> RegistrationStep:
    """SetUserKeys."""
    return RegistrationStep(RegistrationAction.KEYS, **options)


def register_certificate(certificate: str, **options: Any) -> RegistrationStep:
    """SetCertificate."""
    return RegistrationStep(RegistrationAction.CERTIFICATE, certificate, **options)


def delete_certificate(**options: Any) -> RegistrationStep:
    """DeleteCertificate."""
    return RegistrationStep(RegistrationAction.DELETION, **options)


def case(row: str, name: str, text: str, *steps: Step, **options: Any) -> ProcedureRequirement:
    """A case of these steps; `options`: fields of ProcedureRequirement, and `needs`."""
    needs = options.pop("needs", MINE)
    settings = {"drivers": ("soap",), "level": Level.SHOULD, "source": SCRIPT} | options
    if settings["level"] is Level.MUST:  # the documentation promises no error code
        steps = tuple(map(_refused_in_any_form, steps))
    settings.setdefault("security", any(map(_is_refused, steps)))
    settings["capabilities"] = CLAIMED | settings.get("capabilities", frozenset())
    by_groups = RegistrationScenario(
        tuple(map(_by_groups, steps)), {role: _replaced(need) for role, need in needs.items()}
    )
    scenario = RegistrationScenario(steps, needs, (by_groups,))
    return ProcedureRequirement(row, "story", name, text, scenario, **settings)


def _by_groups(step: Step) -> Step:
    """The step with the request that lists security groups in place of key pairs."""
    if isinstance(step, RegistrationStep):
        return step
    fields = {_replaced(name): pattern for name, pattern in step.expectation.fields.items()}
    expectation = replace(step.expectation, fields=fields)
    return replace(step, action=_replaced(step.action), expectation=expectation)


def _replaced(text: str) -> str:
    for old, new in BY_GROUPS.items():
        text = text.replace(old, new)
    return text


def _is_refused(step: Step) -> bool:
    if isinstance(step, RegistrationStep):
        return step.must_fail and bool(step.secret or step.user != "me")
    return step.expectation.refused or bool(step.expectation.codes)


def _refused_in_any_form(step: Step) -> Step:
    """The step; what must fail may be refused with any code and status."""
    if isinstance(step, RegistrationStep):
        return replace(step, any_form=step.must_fail)
    if not step.expectation.codes:
        return step
    expectation = replace(step.expectation, codes=frozenset(), refused=True)
    return replace(step, expectation=expectation)


PROMISED: dict[str, Any] = {"level": Level.MUST, "source": CREDENTIALS}


REGISTRATION = (
    case(
        "SetCertificate",
        "unregistered",
        "A request with an unregistered certificate is refused.",
        register_keys(),
        request_fails("stranger"),
        **PROMISED,
    ),
    case(
        "SetCertificate",
        "registered",
        "After keys and a certificate are registered, requests that it signs are carried out.",
        register_keys(),
        request_fails("first"),
        register_certificate("first"),
        request_succeeds("first"),
        drivers=CERTIFIED,
        **PROMISED,
    ),
    case(
        "SetCertificate",
        "replaced",
        "Registering another certificate replaces the earlier one, which stops working.",
        register_keys(),
        register_certificate("first"),
        request_succeeds("first"),
        register_certificate("second"),
        request_succeeds("second"),
        request_fails("first"),
        drivers=CERTIFIED,
    ),
    case(
        "SetCertificate",
        "twice",
        "Registering the same keys and certificate a second time changes nothing.",
        *(register_keys(), register_certificate("first"), request_succeeds("first")),
        *(
            register_keys(strict=True),
            register_certificate("first", strict=True),
            request_succeeds("first"),
        ),
    ),
    case(
        "DeleteCertificate",
        "deleted",
        "A deleted certificate stops working until it is registered again.",
        *(register_keys(), register_certificate("first"), request_succeeds("first")),
        *(
            delete_certificate(),
            request_fails("first"),
            register_certificate("first"),
            request_succeeds("first"),
        ),
        drivers=CERTIFIED,
    ),
)


REJECTIONS = (
    *(
        case(
            "SetCertificate",
            name,
            f"{what} is refused with a clear error, and the registered one goes on working.",
            *(
                register_keys(),
                register_certificate("first"),
                register_certificate(name, must_fail=True),
                request_succeeds("first"),
            ),
        )
        for name, what in (
            ("garbage", "A text that is not a certificate"),
            ("hollow", "A PEM frame around other data"),
            ("expired", "A certificate that has expired"),
        )
    ),
    case(
        "SetCertificate",
        "wrong-secret",
        "A certificate cannot be registered or deleted without the secret key of its user.",
        *(
            register_keys(),
            register_certificate("first"),
            register_certificate("stranger", secret=WRONG, must_fail=True),
        ),
        *(
            request_fails("stranger"),
            delete_certificate(secret=WRONG, must_fail=True),
            request_succeeds("first"),
        ),
        **PROMISED,
    ),
    case(
        "SetCertificate",
        "wrong-secret-status",
        "A registration without the user's secret key is refused with a status that blames it.",
        *(register_keys(), register_certificate("first")),
        register_certificate("stranger", secret=WRONG, must_fail=True),
        delete_certificate(secret=WRONG, must_fail=True),
        security=False,  # but for the status, it is the case before
    ),
    case(
        "SetUserKeys",
        "wrong-secret-certificate",
        "Keys with a wrong secret key are refused, and the user's certificate goes on working.",
        *(
            register_keys(),
            register_certificate("first"),
            register_keys(secret=WRONG, must_fail=True),
            request_succeeds("first"),
        ),
        **PROMISED,
    ),
)


SECOND: dict[str, Any] = {
    "needs": BOTH,
    "capabilities": frozenset({"second_account"}),
    "security": True,
}
IMPERSONATION = (
    case(
        "SetCertificate",
        "each-their-own",
        "Each user's certificate acts as that user, who sees the resources of that account only.",
        *(
            RequestStep(ACTION, _key_pairs("mine", "his")),
            RequestStep(ACTION, _key_pairs("his", "mine"), "his"),
        ),
        *(
            RequestStep(ACTION, _key_pairs("mine", "his")),
            RequestStep(ACTION, _key_pairs("his", "mine"), "his"),
        ),
        **(SECOND | PROMISED),
    ),
    case(
        "SetCertificate",
        "another-s-signature",
        "A message with one user's certificate and another user's signature is refused.",
        *(
            request_succeeds(),
            request_fails("own", UNPROVEN, key="his"),
            request_fails("his", UNPROVEN, key="own"),
        ),
        **(SECOND | PROMISED),
    ),
    case(
        "SetCertificate",
        "another-s-certificate",
        "A user cannot register the certificate of another user, as which it goes on acting.",
        register_certificate("own", user="other", must_fail=True),
        RequestStep(ACTION, _key_pairs("mine", "his")),
        **SECOND,
    ),
    case(
        "SetCertificate",
        "lookalike",
        "A certificate with the names and serial number of a registered one is refused.",
        request_succeeds(),
        request_fails("lookalike"),
        **PROMISED,
    ),
    case(
        "SetCertificate",
        "nobody-after-somebody",
        "A message without a Security header is refused, after one that was accepted.",
        *(request_succeeds(), request_fails("own", UNPROVEN, tampering={"attack": "no-security"})),
        *(request_succeeds(), request_fails("own", UNPROVEN, tampering={"attack": "no-security"})),
        **PROMISED,
    ),
    case(
        "SetCertificate",
        "expiring",
        "A certificate that expires after its registration is refused from then on.",
        *(
            register_keys(),
            register_certificate("brief"),
            request_succeeds("brief"),
            request_fails("brief", UNPROVEN, delay=EXPIRY),
        ),
        RequestStep("CreateKeyPair", UNPROVEN, "brief", arguments={"KeyName": "{unique.name}"}),
    ),
)


KEYS = (
    case(
        "SetUserKeys",
        "registered",
        "Registered keys sign requests that are carried out, also after a second registration.",
        *(register_keys(), request_succeeds(), register_keys(strict=True), request_succeeds()),
        drivers=QUERY,
    ),
    case(
        "SetUserKeys",
        "wrong-secret",
        "Keys with a wrong secret key are refused, and the registered keys go on working.",
        *(register_keys(), register_keys(secret=WRONG, must_fail=True), request_succeeds()),
        drivers=QUERY,
        **PROMISED,
    ),
    case(
        "SetUserKeys",
        "wrong-secret-status",
        "Keys with a wrong secret key are refused with a status that blames the client.",
        *(register_keys(), register_keys(secret=WRONG, must_fail=True)),
        drivers=("raw",),
        security=False,
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
