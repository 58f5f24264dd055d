"""Client tokens: a client that repeats RunInstances without an answer gets no second instance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fixtures.model import Case, Requirement
from suites.contract.dsl import passes, rejects
from suites.contract.suite import Check, Suite

SOURCE = "Amazon EC2 API 2010-11-15, RunInstances: ClientToken"
TOKEN = {"ClientToken": "{unique.name}"}
IDS = "Instances[].InstanceId"
OTHERS = "length(Instances[?InstanceId!='{first.id}'])"  # instances that the first did not launch


def _repeats(
    name: str, text: str, preceding: Mapping[str, Any], arguments: Mapping[str, Any], **overlay: Any
) -> Requirement:
    """RunInstances is sent twice; all of its CloudStack calls are counted."""
    options = {"preceding": preceding, "arguments": arguments, "source": SOURCE, **overlay}
    return passes("RunInstances", name, text, **options)


PARAMETERS = (
    _repeats(
        "same-token",
        "A second RunInstances with the same client token deploys nothing: it is answered with the "
        "instance of the first.",
        TOKEN,
        TOKEN,
        fields={IDS: {"set": ["{first.id}"]}},
    ),
    _repeats(
        "two-tokens",
        "Two RunInstances that differ in their client tokens launch an instance each.",
        TOKEN,
        {"ClientToken": "{unique.name}-2"},
        each=({}, {}),
        fields={"Instances": {"count": 1}, OTHERS: 1},
    ),
    _repeats(
        "without-token",
        "Two RunInstances without a client token launch an instance each.",
        {},
        {},
        drivers=("boto", "soap", "command"),  # boto3 invents a token for each request
        each=({}, {}),
        fields={"Instances": {"count": 1}, OTHERS: 1},
    ),
)
REJECTIONS = tuple(
    rejects(
        "RunInstances",
        f"token-with-{name}",
        f"A client token that was used with another {what} is refused, and nothing is deployed.",
        {"IdempotentParameterMismatch"},
        preceding=TOKEN,
        arguments={**TOKEN, **arguments},
        call_expected=True,  # by the first request, once
        source=SOURCE,
    )
    for name, what, arguments in (
        ("another-type", "instance type", {"InstanceType": "{other-offering.name}"}),
        ("another-number", "number of instances", {"MinCount": 1, "MaxCount": 2}),
    )
)


class TestClientTokens(Suite):
    """RunInstances, sent twice."""

    suite = "reported_bugs"
    requirements = (*PARAMETERS, *REJECTIONS)

    def test_parameters(self, case: Case, check: Check) -> None:
        """A client token makes a launch happen once."""
        check(case)

    def test_rejections(self, case: Case, check: Check) -> None:
        """A client token stands for one request only."""
        check(case)
