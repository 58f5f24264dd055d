"""Instances of a run are expunged where the user may, so that nothing of them stays."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from fixtures.cloud.cloudstack import CloudStackClient
from fixtures.resources.kinds import RESOURCE_KINDS, find_resource, remove_resource
from tests.support.served_deployments import ServedDeployment

INSTANCE = RESOURCE_KINDS["instance"]


def _client(served: ServedDeployment, name: str) -> CloudStackClient:
    (user,) = (user for user in served.announcement["users"] if user["name"] == name)
    url = served.announcement["cloudstack"]
    return CloudStackClient(url, user["access_key"], user["secret_key"])


def _deploy(cloud: CloudStackClient) -> str:
    parameters: dict[str, Any] = {
        "zoneid": cloud.list("listZones", "zone")[0]["id"],
        "serviceofferingid": cloud.list("listServiceOfferings", "serviceoffering")[0]["id"],
        "templateid": cloud.list("listTemplates", "template", templatefilter="executable")[0]["id"],
    }
    return str(cloud.job("deployVirtualMachine", **parameters)["virtualmachine"]["id"])


@pytest.mark.parametrize(("name", "requests"), [("admin", 2), ("alice", 3)])
def test_instances_are_expunged_where_the_user_may(
    served: ServedDeployment, name: str, requests: int
) -> None:
    """An administrator's instances are gone for good; a user's are destroyed, and CloudStack is
    asked once only whether it may expunge."""
    with closing(_client(served, name)) as cloud, closing(_client(served, "admin")) as admin:
        for _ in range(2):
            identity = _deploy(cloud)
            remove_resource(find_resource(INSTANCE, cloud, id=identity))
            (*states,) = (
                entry["state"]
                for entry in admin.list(
                    "listVirtualMachines", "virtualmachine", id=identity, listall="true"
                )
            )
            assert states == ([] if name == "admin" else ["Destroyed"])
        assert cloud.call_counts["destroyVirtualMachine"] == requests
