"""Which cases must notice that an instance gets a wrong offering."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kills.expected.expectation import Expected, fails


def _of(*names: str, text: str) -> Expected:
    return fails(tuple(f"offerings/RunInstances/{name}[*]" for name in names), text=text)


OFFERINGS: Mapping[str, Expected] = {
    "finds-offerings-in-another-case": _of(
        "unnamed/offering-in-capitals",
        "unnamed/type-in-capitals",
        text="deployVirtualMachine was carried out with the offering",
    ),
    "finds-offerings-by-a-part-of-the-name": _of(
        "named/beside-a-longer-name",
        "unnamed/longer-name",
        "unnamed/part-of-a-name",
        text="the offering 'm1.small",
    ),
    "finds-offerings-by-pattern": _of(
        "unnamed/wildcard", text="though there is no offering 'm1.%'"
    ),
    "falls-back-to-another-offering": _of(
        "default/absent",
        "unnamed/*",
        "domain/another",
        text="deployVirtualMachine was carried out with an offering that was not created for this",
    ),
    "knows-few-instance-types": _of(
        "named/c1.xlarge",
        "named/m2.*",
        "named/cc1.4xlarge",
        "domain/own",
        "domain/above",
        text="RunInstances: fault InvalidParameterValue",
    ),
    "defaults-to-a-large-type": _of("default/*", text="the offering 'm1.large'"),
    "deploys-for-every-double": _of(
        "doubled/both-usable", text="deployVirtualMachine: 2 calls, expected one"
    ),
    "uses-offerings-of-every-domain": _of(
        "doubled/one-of-another-domain",
        "domain/another",
        text="of the domain of subdomain_user",
    ),
    "uses-no-offerings-of-domains": _of(
        "domain/own", "domain/above", text="expected an instance of the offering 'm2.xlarge'"
    ),
}
