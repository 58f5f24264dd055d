"""Which cases must notice that a zone is served that must not, or that it is not as claimed."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kills.expected.expectation import Expected, fails

_ADVANCED = ("limits/RunInstances/zone/advanced[*]",)
_ALLOCATED = ("limits/AllocateAddress/address/beside-an-advanced-zone[*]",)

LIMITS: Mapping[str, Expected] = {
    "takes-advanced-zones-for-basic": fails(_ADVANCED, _ALLOCATED, text="in zone advanced1"),
    "deploys-in-the-first-zone": fails(
        ("limits/RunInstances/zone/basic[*]", "limits/RunInstances/zone/unnamed[*]"),
        text="deployVirtualMachine in zone advanced1, expected zone1",
    ),
    "allocates-in-the-first-zone": fails(
        _ALLOCATED, text="associateIpAddress in zone advanced1, expected zone1"
    ),
    "runs-in-another-zone": fails(
        _ADVANCED, text="deployVirtualMachine in zone zone1 was carried out, expected a refusal"
    ),
    "invents-an-address": fails(
        ("limits/AllocateAddress/address/without-netscaler[*]",),
        text="AllocateAddress: answered, expected a refusal",
    ),
    "claims-elastic-ip-without-netscaler": fails(
        ("limits/zone/claim/elastic-ip[*]",),
        text="elastic_ip is claimed, but no network offering of the zone zone1 is",
    ),
    "has-an-advanced-zone": fails(
        ("limits/zone/claim/basic-zone[*]",), text="the zone zone1 has advanced networks"
    ),
}
# These are seen in the target itself, in whose zone all other cases run.
OF_THE_TARGET = frozenset({"claims-elastic-ip-without-netscaler", "has-an-advanced-zone"})
