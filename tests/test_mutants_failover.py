"""A management server that forgets, doubles or looks in the wrong place when its database fails
over: what each such lie does on real database servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fixtures.model import Runbook
from fixtures.replication import Workshop
from fixtures.replication.failover import FailOver
from fixtures.replication.failover_steps import groups
from fixtures.replication.offices import Office
from fixtures.replication.spoken import until
from fixtures.simulator.forgetting import FORGETTING, KEEPS_OLD_HOST
from fixtures.simulator.forgetting.answers import UNHEARD
from tests.databases import installation

HARMLESS = [name for name, (mutant, _) in FORGETTING.items() if not mutant.notices]
PATIENCE = 5.0


@pytest.fixture(scope="module")
def workshop() -> Iterator[Workshop]:
    """Where pairs come from."""
    installation()
    workshop = Workshop()
    yield workshop
    workshop.close()


@contextmanager
def lying(workshop: Workshop, mutant: str) -> Iterator[tuple[FailOver, Office]]:
    """A pair, and one management server, which lies."""
    with workshop.replicating(Runbook("F2"), mutant) as cloud:
        (office,) = cloud.offices
        assert office.start() == ""
        yield cloud, office


def makes(office: Office, *names: str) -> None:
    """Security groups, each acknowledged."""
    for name in names:
        reply = office.ask("CreateSecurityGroup", GroupName=name, Description=name)
        assert reply.kind == "answered", reply.message


def lists(office: Office) -> set[str]:
    """The names of the security groups that it tells of."""
    reply = office.ask("DescribeSecurityGroups")
    return {group["GroupName"] for group in reply.body["SecurityGroups"]}


def volumes(office: Office) -> list[str]:
    """The ids of the volumes that it tells of."""
    reply = office.ask("DescribeVolumes")
    return [volume["VolumeId"] for volume in reply.body["Volumes"]]


def test_what_is_answered_before_the_commit_may_be_lost(workshop: Workshop) -> None:
    """A server that answers first shows what it acknowledged, but a database that dies in that
    moment never had it; one that lives has it soon."""
    with lying(workshop, "answers-before-commit") as (cloud, office):
        makes(office, "early")
        assert until(lambda: "early" in groups(cloud.primary), PATIENCE)
        makes(office, "lost")
        refused = office.ask("CreateSecurityGroup", GroupName="lost", Description="again")
        assert refused.code == "InvalidGroup.Duplicate"
        assert {"early", "lost"} <= lists(office)
        assert "lost" not in groups(cloud.primary)
        cloud.primary.kill()
        cloud.primary.start()
        assert lists(office) & {"early", "lost"} == {"early"}
        makes(office, "late")
        office.stop()
        assert "late" in groups(cloud.primary)


def test_a_commit_that_is_retried_doubles(workshop: Workshop) -> None:
    """A server that does not hear of a commit, and carries the command out again, makes two things
    where it was asked for one."""
    with lying(workshop, "retries-commits") as (_, office):
        for _ in range(UNHEARD):
            made = office.ask("CreateVolume", Size=1, AvailabilityZone="zone1")
            assert made.kind == "answered", made.message
        assert len(volumes(office)) == UNHEARD + 1


def test_a_cache_that_nothing_invalidates_is_stale(workshop: Workshop) -> None:
    """A server that keeps lists for a while does not show what it has acknowledged since."""
    with lying(workshop, "serves-stale-reads") as (cloud, office):
        lists(office)
        makes(office, "new")
        assert "new" not in lists(office)
        assert "new" in groups(cloud.primary)
        assert until(lambda: "new" in lists(office), PATIENCE)


def test_the_old_host_is_gone_on_with(workshop: Workshop) -> None:
    """A server that does not read its file again goes on with the old primary, and writes there."""
    with lying(workshop, KEEPS_OLD_HOST) as (cloud, office):
        office.stop()
        office.edit(cloud.replica.port)
        cloud.say(cloud.replica, "STOP SLAVE")
        assert office.start() == ""
        makes(office, "astray")
        assert "astray" in groups(cloud.primary) - groups(cloud.replica)
        office.stop()
        cloud.primary.kill()
        assert "Connection refused" in office.start()


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_difference_loses_nothing(workshop: Workshop, name: str) -> None:
    """Slow commits, a second attempt to connect and other orders are no lies: everything that was
    acknowledged is there once, at once, and after a kill."""
    with lying(workshop, name) as (cloud, office):
        makes(office, "one", "two")
        assert {"one", "two"} <= lists(office) & groups(cloud.primary)
        cloud.primary.kill()
        assert office.ask("DescribeSecurityGroups").kind == "fault"
        cloud.primary.start()
        assert {"one", "two"} <= lists(office)
