"""Simulated jobs, injected faults, the journal, events, and the state after a restart."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import CreateIndex, CreateTable

from fixtures.simulator.clock import Clock
from fixtures.simulator.management.commands import Durations
from fixtures.simulator.management.errors import ApiError
from fixtures.simulator.management.faults import ApiFault
from fixtures.simulator.management.journal import Entry, Journal
from fixtures.simulator.management.management_server import Management, ManagementOptions
from fixtures.simulator.management.schema import METADATA
from tests.support.management_client import Cloud

VMS = "listVirtualMachines"


def image(cloud: Cloud) -> dict[str, str]:
    """The required parameters of a deployment."""
    return {
        "zoneid": cloud.world.zone_id,
        "templateid": cloud.world.template_id,
        "serviceofferingid": cloud.world.service_offerings["m1.small"],
    }


def test_jobs_belong_to_the_account_that_started_them(slow: Cloud) -> None:
    """The id of an unknown job is refused with 431, of another account's with 531; pending jobs are
    listed for their owner."""
    job = slow.call("deployVirtualMachine", **image(slow))["jobid"]
    assert slow.refusal("queryAsyncJobResult", jobid="none")[0] == 431
    assert slow.refusal("queryAsyncJobResult", by="bob", jobid=job)[0] == 531
    assert [row["jobid"] for row in slow.list("listAsyncJobs")] == [job]
    assert slow.list("listAsyncJobs", by="bob") == []
    slow.clock.advance(10)
    assert slow.list("listAsyncJobs") == []
    assert slow.job(job)["jobresulttype"] == "object"


def test_a_fault_meets_one_call(cloud: Cloud) -> None:
    """An injected fault meets the next call of its command by its account, and no other call."""
    cloud.management.faults.add(ApiFault("listZones", 534, "no zone today"), "alice")
    assert cloud.reply("listZones", by="bob").status == 200
    assert cloud.reply("listOsTypes").status == 200
    assert cloud.refusal("listZones") == (534, "no zone today")
    assert cloud.reply("listZones").status == 200


def test_a_fault_in_the_job_changes_nothing(cloud: Cloud) -> None:
    """A failing job has the injected fault's code and changes nothing."""
    vm = cloud.deploy()
    fault = ApiFault("stopVirtualMachine", 533, "out of luck", in_job=True)
    cloud.management.faults.add(fault, "alice")
    assert cloud.job_error("stopVirtualMachine", id=vm) == (533, "out of luck")
    assert cloud.state(VMS, vm) == "Running"
    assert cloud.job_result("stopVirtualMachine", id=vm)


def test_failed_deployment_leaves_an_instance_in_error(slow: Cloud) -> None:
    """A deployment that fails lasts as long as another, and leaves an instance in state Error."""
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
    """After its creating job failed, an address, volume, snapshot or template does not exist."""
    root = cloud.root(cloud.deploy())
    addresses = cloud.list("listPublicIpAddresses")
    for command, parameters, listing in (
        ("associateIpAddress", {"zoneid": cloud.world.zone_id}, "listPublicIpAddresses"),
        ("createSnapshot", {"volumeid": root}, "listSnapshots"),
    ):
        cloud.management.faults.add(ApiFault(command, 530, "no", in_job=True), "alice")
        assert cloud.job_error(command, **parameters) == (530, "no")
        assert cloud.list(listing) == addresses == []


def test_cleared_faults_do_not_happen(cloud: Cloud) -> None:
    """Clearing removes the faults that no call has met."""
    cloud.management.faults.add(ApiFault("listZones", 530, "no"), "alice")
    cloud.management.faults.clear()
    assert cloud.reply("listZones").status == 200


def test_the_journal_has_every_call(cloud: Cloud) -> None:
    """The journal has all calls in order: account, names in lower case, no credentials."""
    journal = cloud.management.journal
    mark = journal.position()
    cloud.call("listZones", Available="true")
    cloud.refusal(VMS, by="bob", id="0")
    cloud.refusal("listConfigurations")
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


def test_the_journal_has_the_results_of_jobs(slow: Cloud) -> None:
    """The entry of a call that started a job has the job's result, or error code, when it ended."""
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


def test_unrecorded_calls_are_not_in_the_journal(cloud: Cloud) -> None:
    """Unrecorded calls change the cloud, are not in the journal, and meet no fault."""
    journal = cloud.management.journal
    mark = journal.position()
    cloud.management.faults.add(ApiFault("deployVirtualMachine", 530, "no"), "alice")
    instance = cloud.management.execute(
        "deployVirtualMachine", image(cloud), "alice", recorded=False
    )
    assert journal.position() == mark
    assert cloud.management.execute(VMS, {"id": instance["id"]}, "alice")["count"] == 1
    assert [call.command for call in journal.since(mark)] == [VMS]
    with pytest.raises(ApiError, match="no"):
        cloud.management.execute("deployVirtualMachine", image(cloud), "alice")
    assert journal.since(mark)[-1].status == 530


def test_the_journal_is_bounded() -> None:
    """Only the newest calls are kept; reading from an older position is an error."""
    journal = Journal(lambda: None, most=3, most_bytes=1000)
    for number in range(5):
        journal.add(Entry(f"call{number}", {}, "alice", 200, b"{}", 0.0))
    assert [call.command for call in journal.since(2)] == ["call2", "call3", "call4"]
    with pytest.raises(LookupError, match="from position 2 on"):
        journal.since(1)
    journal.add(Entry("large", {}, "alice", 200, b'"' + b"x" * 998 + b'"', 0.0))
    assert journal.position() == 6
    assert len(journal.since(5)) == 1
    journal.keep_at_most(0)
    journal.add(Entry("last", {}, "alice", 200, b"{}", 0.0))
    assert (journal.position(), journal.since(7)) == (7, ())


def test_events_of_a_command(cloud: Cloud) -> None:
    """A command leaves events from Scheduled to Completed, as an error if it failed."""
    vm = cloud.deploy()
    cloud.job_result("stopVirtualMachine", id=vm)
    cloud.job_error("rebootVirtualMachine", id=vm)
    events = [(e["type"], e["state"], e["level"]) for e in cloud.list("listEvents")]
    assert events == [
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
    assert cloud.refusal("listEvents", level="LOUD")[0] == 431


def test_refused_commands_change_nothing(cloud: Cloud) -> None:
    """A command that is refused halfway stores neither rows nor events."""
    before = cloud.list("listEvents")
    parameters = image(cloud) | {"group": "g", "keypair": "none"}
    cloud.refusal("deployVirtualMachine", **parameters)
    assert cloud.list("listEvents") == before
    assert cloud.list("listVolumes") == []


def test_state_is_kept_over_a_restart(tmp_path: Path) -> None:
    """The state is stored: another server on the same database finishes pending jobs."""
    url, clock = f"sqlite:///{tmp_path / 'cloud.db'}", Clock()
    slow = ManagementOptions(durations=Durations(instances=10))
    first = Management(url, clock, slow)
    world = first.world
    settings = {
        "zoneid": world.zone_id,
        "templateid": world.template_id,
        "serviceofferingid": world.service_offerings["m1.small"],
    }
    started = first.execute("deployVirtualMachine", settings, "alice")
    first.close()
    second = Management(url, clock, slow)
    assert second.execute(VMS, {}, "alice")["virtualmachine"][0]["state"] == "Starting"
    clock.advance(10)
    (vm,) = second.execute(VMS, {}, "alice")["virtualmachine"]
    assert (vm["id"], vm["state"]) == (started["id"], "Running")
    job = second.execute("queryAsyncJobResult", {"jobid": started["jobid"]}, "alice")
    assert job["jobstatus"] == 1
    second.close()


def test_a_longer_list_takes_no_more_statements(cloud: Cloud) -> None:
    """The list of many instances takes as many database statements as that of few."""

    def statements() -> int:
        executed: list[str] = []

        def note(*arguments: object) -> None:
            executed.append(str(arguments[2]))

        event.listen(cloud.management.engine, "before_cursor_execute", note)
        cloud.management.execute(VMS, {}, "alice")
        event.remove(cloud.management.engine, "before_cursor_execute", note)
        return len(executed)

    for _ in range(2):
        cloud.deploy()
    few = statements()
    for _ in range(30):
        cloud.deploy()
    assert statements() == few


def test_tags_and_groups_of_distant_instances(cloud: Cloud) -> None:
    """Listed tags and groups are the right instances', also if other rows lie between."""
    mine = []
    for number in range(4):
        mine.append(cloud.deploy())
        for _ in range(4):
            cloud.deploy(by="bob")
        tag = {"tags[0].key": "n", "tags[0].value": str(number)}
        cloud.job_result("createTags", resourcetype="UserVm", resourceids=mine[-1], **tag)
    shown = cloud.list(VMS)
    assert [vm["id"] for vm in shown] == mine
    assert [vm["tags"][0]["value"] for vm in shown] == ["0", "1", "2", "3"]
    assert all(len(vm["securitygroup"]) == 1 for vm in shown)


def test_tables_suit_mariadb() -> None:
    """Every table and index can be created in MySQL and MariaDB; indexed keys are short enough."""
    dialect = mysql.dialect()
    for table in METADATA.sorted_tables:
        assert str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            assert str(CreateIndex(index).compile(dialect=dialect))
            widths = [getattr(column.type, "length", None) or 2 for column in index.columns]
            assert sum(widths) * 4 <= 3072, index.name
