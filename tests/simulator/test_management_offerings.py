"""Service offerings: who sees and uses them, other names, removal."""

from __future__ import annotations

from fixtures.simulator.management.identity import ROOT_DOMAIN_UUID, SUBDOMAIN_UUID
from tests.support.management_client import Cloud

SIZE = {"displaytext": "d", "cpunumber": "1", "cpuspeed": "100", "memory": "64"}


def create(cloud: Cloud, name: str, **more: str) -> str:
    """The id of a new offering."""
    answer = cloud.call("createServiceOffering", by="admin", name=name, **SIZE, **more)
    return str(answer["serviceoffering"]["id"])


def names(cloud: Cloud, by: str) -> set[str]:
    """The offerings that an account sees."""
    return {row["name"] for row in cloud.list("listServiceOfferings", by=by)}


def test_an_offering_of_a_domain(cloud: Cloud) -> None:
    """The accounts of a domain and of those below it see and use its offerings, as do root
    administrators, and no others."""
    below = create(cloud, "below", domainid=SUBDOMAIN_UUID)
    create(cloud, "above", domainid=ROOT_DOMAIN_UUID)
    assert {"below", "above"} <= names(cloud, "admin") & names(cloud, "nora")
    assert names(cloud, "alice") & {"below", "above"} == {"above"}
    row = cloud.list("listServiceOfferings", by="nora", name="below")[0]
    assert (row["domainid"], row["domain"]) == (SUBDOMAIN_UUID, "engineering")
    deployment = {
        "zoneid": cloud.world.zone_id,
        "templateid": cloud.world.template_id,
        "serviceofferingid": below,
    }
    assert cloud.refusal("deployVirtualMachine", **deployment)[0] == 531
    assert "jobid" in cloud.call("deployVirtualMachine", by="nora", **deployment)


def test_a_renamed_offering(cloud: Cloud) -> None:
    """An offering is found under its new name only; only root administrators rename it."""
    offering = create(cloud, "old")
    assert cloud.refusal("updateServiceOffering", id=offering, name="new")[0] == 432
    changed = cloud.call("updateServiceOffering", by="admin", id=offering, name="new")
    assert changed["serviceoffering"]["name"] == "new"
    assert names(cloud, "alice") & {"old", "new"} == {"new"}


def test_a_removed_offering(cloud: Cloud) -> None:
    """A removed offering is neither listed nor usable, renamed or removed again."""
    offering = create(cloud, "gone")
    assert cloud.call("deleteServiceOffering", by="admin", id=offering)["success"] == "true"
    assert "gone" not in names(cloud, "admin")
    for command in ("updateServiceOffering", "deleteServiceOffering"):
        assert cloud.refusal(command, by="admin", id=offering)[0] == 431
