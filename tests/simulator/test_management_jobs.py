"""Simulated jobs, failures on request, the journal, events, and what outlives a restart."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import CreateIndex, CreateTable

from fixtures.simulator.clock import Clock
from fixtures.simulator.management import ApiError, Durations, Management
from fixtures.simulator.management.faults import ApiFault
from fixtures.simulator.management.journal import Entry, Journal
from fixtures.simulator.management.schema import METADATA
from tests.support.management_client import Cloud

VMS = "listVirtualMachines"


def image(cloud: Cloud) -> dict[str, str]:
    """What a deployment needs at the least."""
    return {
        "zoneid": cloud.world.zone_id,
        "templateid": cloud.world.template_id,
        "serviceofferingid": cloud.world.service_offerings["m1.small"],
    }


def test_jobs_belong_to_who_started_them(slow: Cloud) -> None:
    """An unknown job is 431, another account's 531; pending jobs are listed for their owner."""
    job = slow.call("deployVirtualMachine", **image(slow))["jobid"]
    assert slow.refused("queryAsyncJobResult", jobid="none")[0] == 431
    assert slow.refused("queryAsyncJobResult", by="bob", jobid=job)[0] == 531
    assert [row["jobid"] for row in slow.list("listAsyncJobs")] == [job]
    assert slow.list("listAsyncJobs", by="bob") == []
    slow.clock.advance(10)
    assert slow.list("listAsyncJobs") == []
    assert slow.job(job)["jobresulttype"] == "object"


def test_fault_is_shown_once_at_once(cloud: Cloud) -> None:
    """A failure on request meets the next call of that command and account, nobody else's."""
    cloud.management.faults.add(ApiFault("listZones", 534, "no zone today"), "alice")
    assert cloud.http("listZones", by="bob").status == 200
    assert cloud.http("listOsTypes").status == 200
    assert cloud.refused("listZones") == (534, "no zone today")
    assert cloud.http("listZones").status == 200


def test_fault_in_the_job_leaves_things_as_they_were(cloud: Cloud) -> None:
    """A failing job answers with the code that was asked for and changes nothing."""
    vm = cloud.deploy()
    fault = ApiFault("stopVirtualMachine", 533, "out of luck", in_job=True)
    cloud.management.faults.add(fault, "alice")
    assert cloud.failed("stopVirtualMachine", id=vm) == (533, "out of luck")
    assert cloud.state(VMS, vm) == "Running"
    assert cloud.done("stopVirtualMachine", id=vm)


def test_failed_deployment_leaves_an_instance_in_error(slow: Cloud) -> None:
    """A deployment that fails takes its time, and leaves a record in state Error."""
    fault = ApiFault("deployVirtualMachine", 533, "Unable to create a deployment for VM", True)
    slow.management.faults.add(fault, "alice")
    started = slow.call("deployVirtualMachine", **image(slow))
    assert slow.job(started["jobid"])["jobstatus"] == 0
    slow.clock.advance(10)
    job = slow.job(started["jobid"])
    assert (job["jobstatus"], job["jobresultcode"]) == (2, 530)
    assert job["jobresult"] == {
        "errorcode": 533,
        "errortext": "Unable to create a deployment for VM",
    }
    assert slow.state(VMS, started["id"]) == "Error"


def test_failed_creations_leave_nothing(cloud: Cloud) -> None:
    """An address, a volume, a snapshot or a template whose job fails is not there afterwards."""
    root = cloud.root(cloud.deploy())
    addresses = cloud.list("listPublicIpAddresses")
    for command, parameters, listing in (
        ("associateIpAddress", {"zoneid": cloud.world.zone_id}, "listPublicIpAddresses"),
        ("createSnapshot", {"volumeid": root}, "listSnapshots"),
    ):
        cloud.management.faults.add(ApiFault(command, 530, "no", in_job=True), "alice")
        assert cloud.failed(command, **parameters) == (530, "no")
        assert cloud.list(listing) == addresses == []


def test_forgotten_faults_do_not_strike(cloud: Cloud) -> None:
    """Clearing forgets the failures that nobody met."""
    cloud.management.faults.add(ApiFault("listZones", 530, "no"), "alice")
    cloud.management.faults.clear()
    assert cloud.http("listZones").status == 200


def test_journal_tells_what_was_asked(cloud: Cloud) -> None:
    """Every call is written down in order, by account, names in lower case, without credentials."""
    journal = cloud.management.journal
    mark = journal.position()
    cloud.call("listZones", Available="true")
    cloud.refused(VMS, by="bob", id="0")
    cloud.refused("listConfigurations")
    calls = journal.since(mark)
    assert [(c.command, c.account, c.status) for c in calls] == [
        ("listZones", "alice", 200),
        (VMS, "bob", 431),
        ("listConfigurations", "alice", 432),
    ]
    assert calls[0].parameters == {"available": "true"}
    assert calls[0].answer["zone"][0]["id"] == cloud.world.zone_id
    assert calls[1].answer["errorcode"] == 431
    assert journal.position() == mark + 3
    assert journal.since(mark + 2) == calls[2:]


def test_journal_shows_how_jobs_ended(slow: Cloud) -> None:
    """A call that started a job shows the job's result, or its error code, once it is over."""
    mark = slow.management.journal.position()
    fault = ApiFault("stopVirtualMachine", 533, "no", in_job=True)
    slow.management.faults.add(fault, "alice")
    vm = slow.deploy()
    slow.call("stopVirtualMachine", id=vm)
    before = slow.management.journal.since(mark)
    assert [(c.status, "jobid" in c.answer) for c in before] == [(200, True), (200, True)]
    slow.clock.advance(20)
    deployed, stopped = slow.management.journal.since(mark)
    assert deployed.answer["virtualmachine"]["id"] == vm
    assert (stopped.status, stopped.answer["errortext"]) == (533, "no")


def test_other_doors_leave_no_trace(cloud: Cloud) -> None:
    """Calls off the record change the cloud but are not in the journal, and meet no fault."""
    journal = cloud.management.journal
    mark = journal.position()
    cloud.management.faults.add(ApiFault("deployVirtualMachine", 530, "no"), "alice")
    made = cloud.management.execute("deployVirtualMachine", image(cloud), "alice", recorded=False)
    assert journal.position() == mark
    assert cloud.management.execute(VMS, {"id": made["id"]}, "alice")["count"] == 1
    assert [call.command for call in journal.since(mark)] == [VMS]
    with pytest.raises(ApiError, match="no"):
        cloud.management.execute("deployVirtualMachine", image(cloud), "alice")
    assert journal.since(mark)[-1].status == 530


def test_journal_is_bounded_and_says_so() -> None:
    """Only the newest calls are kept; asking for older ones is an error, not a hole."""
    journal = Journal(lambda: None, most=3, most_bytes=1000)
    for number in range(5):
        journal.add(Entry(f"call{number}", {}, "alice", 200, b"{}", 0.0))
    assert [call.command for call in journal.since(2)] == ["call2", "call3", "call4"]
    with pytest.raises(LookupError, match="from position 2 on"):
        journal.since(1)
    journal.add(Entry("large", {}, "alice", 200, b'"' + b"x" * 998 + b'"', 0.0))
    assert journal.position() == 6
    assert len(journal.since(5)) == 1


def test_events_tell_the_story(cloud: Cloud) -> None:
    """A command leaves events from Scheduled to Completed, as an error if it failed."""
    vm = cloud.deploy()
    cloud.done("stopVirtualMachine", id=vm)
    cloud.failed("rebootVirtualMachine", id=vm)
    told = [(e["type"], e["state"], e["level"]) for e in cloud.list("listEvents")]
    assert told == [
        ("VM.CREATE", "Created", "INFO"),
        ("VM.CREATE", "Scheduled", "INFO"),
        ("VM.CREATE", "Started", "INFO"),
        ("VM.CREATE", "Completed", "INFO"),
        ("VM.STOP", "Scheduled", "INFO"),
        ("VM.STOP", "Started", "INFO"),
        ("VM.STOP", "Completed", "INFO"),
        ("VM.REBOOT", "Scheduled", "INFO"),
        ("VM.REBOOT", "Started", "INFO"),
        ("VM.REBOOT", "Completed", "ERROR"),
    ]
    assert cloud.list("listEvents", by="bob") == []
    assert len(cloud.list("listEvents", level="ERROR")) == 1
    assert cloud.list("listEvents", enddate="2014-05-21") == []
    assert cloud.refused("listEvents", level="LOUD")[0] == 431


def test_refused_commands_change_nothing(cloud: Cloud) -> None:
    """A command that is refused halfway leaves neither rows nor events."""
    before = cloud.list("listEvents")
    parameters = image(cloud) | {"group": "g", "keypair": "none"}
    cloud.refused("deployVirtualMachine", **parameters)
    assert cloud.list("listEvents") == before
    assert cloud.list("listVolumes") == []


def test_state_outlives_a_restart(tmp_path: Path) -> None:
    """What was answered is stored: another server on the same database finishes pending jobs."""
    url, clock = f"sqlite:///{tmp_path / 'cloud.db'}", Clock()
    first = Management(url, clock, Durations(instances=10))
    world = first.world
    wish = {
        "zoneid": world.zone_id,
        "templateid": world.template_id,
        "serviceofferingid": world.service_offerings["m1.small"],
    }
    made = first.execute("deployVirtualMachine", wish, "alice")
    first.close()
    second = Management(url, clock, Durations(instances=10))
    assert second.execute(VMS, {}, "alice")["virtualmachine"][0]["state"] == "Starting"
    clock.advance(10)
    (vm,) = second.execute(VMS, {}, "alice")["virtualmachine"]
    assert (vm["id"], vm["state"]) == (made["id"], "Running")
    job = second.execute("queryAsyncJobResult", {"jobid": made["jobid"]}, "alice")
    assert job["jobstatus"] == 1
    second.close()


def test_listing_more_asks_the_database_no_more(cloud: Cloud) -> None:
    """A listing of many instances takes as many statements as one of few."""

    def statements() -> int:
        seen: list[str] = []

        def note(*given: object) -> None:
            seen.append(str(given[2]))

        event.listen(cloud.management.engine, "before_cursor_execute", note)
        cloud.management.execute(VMS, {}, "alice")
        event.remove(cloud.management.engine, "before_cursor_execute", note)
        return len(seen)

    for _ in range(2):
        cloud.deploy()
    few = statements()
    for _ in range(30):
        cloud.deploy()
    assert statements() == few


def test_things_far_apart_keep_their_own(cloud: Cloud) -> None:
    """Tags and groups come with the right instances when others lie between them."""
    mine = []
    for number in range(4):
        mine.append(cloud.deploy())
        for _ in range(4):
            cloud.deploy(by="bob")
        tag = {"tags[0].key": "n", "tags[0].value": str(number)}
        cloud.done("createTags", resourcetype="UserVm", resourceids=mine[-1], **tag)
    shown = cloud.list(VMS)
    assert [vm["id"] for vm in shown] == mine
    assert [vm["tags"][0]["value"] for vm in shown] == ["0", "1", "2", "3"]
    assert all(len(vm["securitygroup"]) == 1 for vm in shown)


def test_tables_suit_mariadb() -> None:
    """Every table and index can be written for MySQL and MariaDB, keys short enough to index."""
    dialect = mysql.dialect()
    for table in METADATA.sorted_tables:
        assert str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            assert str(CreateIndex(index).compile(dialect=dialect))
            widths = [getattr(column.type, "length", None) or 2 for column in index.columns]
            assert sum(widths) * 4 <= 3072, index.name
