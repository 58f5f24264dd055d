"""The simulated management server on MariaDB: it replies as on SQLite, reports when the database is
unavailable, and shares it with another management server."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import event, make_url

from fixtures.database import Server
from fixtures.simulator.clock import FixedClock
from fixtures.simulator.errors import ConfigurationError
from fixtures.simulator.management import properties
from fixtures.simulator.management.commands import Durations
from fixtures.simulator.management.management_server import Management, ManagementOptions
from fixtures.simulator.usage_server.databases import open_databases
from fixtures.simulator.usage_server.jobs import Owner
from fixtures.simulator.usage_server.server import UsageServer
from tests.simulator import (
    test_management_accounts,
    test_management_instances,
    test_management_jobs,
    test_management_network,
    test_management_observed,
    test_management_storage,
)
from tests.support.databases import create_cloud_user, installation
from tests.support.management_client import Cloud, running_cloud

SAMPLE: tuple[Callable[[Cloud], None], ...] = (
    test_management_accounts.test_changes_leave_usage_events,
    test_management_instances.test_filters_of_instances,
    test_management_jobs.test_events_of_a_command,
    test_management_jobs.test_a_fault_in_the_job_changes_nothing,
    test_management_jobs.test_refused_commands_change_nothing,
    test_management_network.test_groups_have_unique_names,
    test_management_observed.test_instances,
    test_management_observed.test_key_pairs_and_passwords,
    test_management_observed.test_registered_image,
    test_management_storage.test_template_filters,
)
NUMBERS = count()
FILE = """
# written by cloudstack-setup-databases
db.cloud.host={host}
db.cloud.port={port}
db.cloud.name=cloud
db.cloud.username=cloud
db.cloud.password=se\\=cret\\
   ly
db.cloud.url.params=prepStmtCacheSize=517&connectTimeout=3000
db.usage.host : {host}
db.usage.username cloud
db.usage.password=cloud
"""


@pytest.fixture(scope="module")
def mariadb() -> Iterator[Server]:
    """A MariaDB server for management servers."""
    with Server(installation(), "clouds") as server:
        create_cloud_user(server)
        yield server


@pytest.fixture
def database_url(mariadb: Server) -> str:
    """The URL of a new database in MariaDB, with the server's default collation."""
    name = f"cloud{next(NUMBERS)}"
    mariadb.sql(f"CREATE DATABASE {name}")
    return mariadb.url("cloud", "cloud", name)


@pytest.mark.parametrize("test", SAMPLE, ids=[test.__name__ for test in SAMPLE])
def test_replies_are_those_of_sqlite(cloud: Cloud, test: Callable[[Cloud], None]) -> None:
    """Requirements on the management server hold on MariaDB as well."""
    test(cloud)


def test_outages_are_reported_at_once(mariadb: Server, cloud: Cloud) -> None:
    """While the database is unavailable, every call fails at once with 530 and the database's
    address, without the password; afterwards calls succeed again."""
    instance = cloud.deploy()
    mariadb.kill()
    started = time.monotonic()
    for command in ("listVirtualMachines", "createSecurityGroup"):
        status, text = cloud.refusal(command, name="web")
        assert status == 530
        assert f"The database 127.0.0.1:{mariadb.port}/cloud" in text
        assert "cloud:cloud" not in text
    assert time.monotonic() - started < 1
    mariadb.start()
    assert cloud.state("listVirtualMachines", instance) == "Running"
    assert "web" not in [group["name"] for group in cloud.list("listSecurityGroups")]
    cloud.call("createSecurityGroup", name="web")


def test_calls_to_a_silent_database_time_out(mariadb: Server, database_url: str) -> None:
    """If the database sends nothing, a call fails after the timeout of the database's URL."""
    url = make_url(database_url).update_query_dict({"read_timeout": "1"})
    with running_cloud(database=url.render_as_string(hide_password=False)) as cloud:
        mariadb.pause()
        try:
            status, text = cloud.refusal("listZones")
        finally:
            mariadb.resume()
        assert status == 530
        assert "timed out" in text
        assert cloud.list("listZones")


def test_a_commit_without_reply_is_reported_as_unknown(mariadb: Server, cloud: Cloud) -> None:
    """If the database is killed while a command is committed, the error says that it is unknown
    whether it was carried out, and nothing is retried."""
    engine = cloud.management.engine
    event.listen(engine, "commit", lambda _: mariadb.kill(), once=True)
    status, text = cloud.refusal("createSecurityGroup", name="web")
    assert (status, "the outcome is unknown" in text) == (530, True)
    mariadb.start()
    names = [group["name"] for group in cloud.list("listSecurityGroups")]
    assert names.count("web") == 0  # the server was killed before it received the commit


def test_an_acknowledged_write_is_committed(mariadb: Server, cloud: Cloud) -> None:
    """An acknowledged write is in the database even if that is killed immediately afterwards."""
    for number in range(5):
        instance = cloud.deploy()
        mariadb.kill()
        mariadb.start()
        assert cloud.state("listVirtualMachines", instance) == "Running", number


def test_two_management_servers_share_a_database(database_url: str) -> None:
    """Two management servers share a database: each job is finished once, each instance has an
    address of its own, and no call is refused."""
    with (
        running_cloud(Durations(instances=0.05), database_url) as first,
        running_cloud(None, database_url) as second,
    ):
        clouds = [first, second] * 12
        with ThreadPoolExecutor(2) as threads:
            deployed = list(threads.map(Cloud.deploy, clouds))
        assert len({*deployed}) == len(clouds)
        first.clock.advance(10)
        with ThreadPoolExecutor(2) as threads:
            listed = [
                *threads.map(lambda cloud: cloud.list("listVirtualMachines"), [first, second] * 4)
            ]
        assert {machine["state"] for machine in listed[-1]} == {"Running"}
        addresses = {
            machine["nic"][0]["ipaddress"] for machine in second.list("listVirtualMachines")
        }
        assert len(addresses) == len(clouds)
        ends = Counter(
            (event["parentid"])
            for event in first.list("listEvents", type="VM.CREATE", pagesize=500, page=1)
            if event["state"] == "Completed"
        )
        assert set(ends.values()) == {1}
        assert len(ends) == len(clouds)


def test_usage_may_have_a_database_of_its_own(mariadb: Server, database_url: str) -> None:
    """Usage records are kept in the database that db.usage names, and only there."""
    mariadb.sql("CREATE DATABASE elsewhere")
    elsewhere = ManagementOptions(usage_url=mariadb.url("cloud", "cloud", "elsewhere"))
    management = Management(database_url, options=elsewhere)
    try:
        dates = {"startdate": "2026-01-01", "enddate": "2026-01-02"}
        management.execute("generateUsageRecords", dates, "admin")
        assert management.execute("listUsageRecords", dates, "admin") == {}
    finally:
        management.close()
    name = make_url(database_url).database
    query = "SELECT COUNT(*) AS n FROM {}.usage_job"
    assert mariadb.sql(query.format("elsewhere")) == [{"n": 1}]
    assert mariadb.sql(query.format(name)) == [{"n": 0}]


def test_usage_servers_share_mariadb(mariadb: Server, database_url: str) -> None:
    """Two usage servers on MariaDB, with a database of their own: a volume is billed once, also
    after the owner of the job is gone, and the one that is gone can write nothing any more."""
    mariadb.sql("CREATE DATABASE usage_of_two")
    usage_url = mariadb.url("cloud", "cloud", "usage_of_two")
    clock = FixedClock(datetime(2026, 3, 10, 8, tzinfo=UTC).timestamp())
    management = Management(database_url, clock, ManagementOptions(usage_url=usage_url))
    first, second = (
        UsageServer(open_databases(database_url, usage_url), Owner("host", pid), clock.seconds)
        for pid in (1, 2)
    )
    try:
        first.start()
        second.start()
        offering = management.world.fixed_disk_offering_id
        new = {"zoneid": management.world.zone_id, "diskofferingid": offering, "name": "v"}
        management.execute("createVolume", new, "alice")
        clock.advance(17 * 3600)
        paused = first.steps()
        assert [next(paused), next(paused)] == ["heartbeat", "copied"]
        for _ in range(8):
            clock.advance(60)
            second.tick()
        assert list(paused) == []
        assert "does not own the usage job" in first.alerts[-1]
        dates = {"startdate": "2026-03-10", "enddate": "2026-03-10"}
        records = management.execute("listUsageRecords", dates, "admin")["usagerecord"]
        assert [(each["usagetype"], each["rawusage"]) for each in records] == [(6, "16")]
    finally:
        management.close()


def test_db_properties_are_read_as_java_does(tmp_path: Path) -> None:
    """Comments, separators, escapes and continued lines are those of Java's properties."""
    file = tmp_path / "db.properties"
    file.write_text(FILE.format(host="10.0.0.5", port=3307))
    named = properties.read(file)
    cloud, usage = make_url(named.cloud), make_url(named.usage or "")
    assert (cloud.host, cloud.port, cloud.database) == ("10.0.0.5", 3307, "cloud")
    assert (cloud.username, cloud.password) == ("cloud", "se=cretly")
    assert cloud.query == {"connect_timeout": "3"}
    assert (usage.host, usage.port, usage.database) == ("10.0.0.5", 3306, "cloud_usage")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("db.cloud.host=", "db.cloud.host is missing"),
        ("db.cloud.port=mysql", "db.cloud.port is no port: mysql"),
        ("db.cloud.port=70000", "db.cloud.port is no port: 70000"),
        ("db.usage.password=ENC(abc)", "db.usage.password is encrypted"),
    ],
)
def test_unusable_properties_are_named(tmp_path: Path, line: str, text: str) -> None:
    """A missing or unusable key is named with its file, once and in one line."""
    file = tmp_path / "db.properties"
    file.write_text(FILE.format(host="10.0.0.5", port=3307) + line)
    with pytest.raises(ConfigurationError) as broken:
        properties.read(file)
    assert str(broken.value).startswith(f"{file}: {text}")
    assert "\n" not in str(broken.value)
