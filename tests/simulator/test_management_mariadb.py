"""The simulated management server on MariaDB: it answers as on SQLite, tells when the database is
gone, and shares it with another management server."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import event, make_url

from fixtures.database import Server
from fixtures.simulator.errors import ConfigurationError
from fixtures.simulator.management import Durations, Management, properties
from tests.simulator import (
    test_management_accounts,
    test_management_instances,
    test_management_jobs,
    test_management_network,
    test_management_observed,
    test_management_storage,
)
from tests.support.databases import create_cloud_user, installation
from tests.support.management_client import Cloud, opened

SAMPLE: tuple[Callable[[Cloud], None], ...] = (
    test_management_accounts.test_changes_leave_usage_events,
    test_management_instances.test_instances_are_found_by_what_they_are,
    test_management_jobs.test_events_tell_the_story,
    test_management_jobs.test_fault_in_the_job_leaves_things_as_they_were,
    test_management_jobs.test_refused_commands_change_nothing,
    test_management_network.test_groups_have_unique_names,
    test_management_observed.test_instances,
    test_management_observed.test_key_pairs_and_passwords,
    test_management_observed.test_registered_image,
    test_management_storage.test_filters_tell_templates_apart,
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
    """A MariaDB server for clouds."""
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
def test_it_answers_as_on_sqlite(cloud: Cloud, test: Callable[[Cloud], None]) -> None:
    """What is required of the management server holds on MariaDB as well."""
    test(cloud)


def test_outages_are_told_at_once(mariadb: Server, cloud: Cloud) -> None:
    """While the database is gone every call fails at once with 530, names the place, and keeps the
    password to itself; when it is back everything goes on."""
    instance = cloud.deploy()
    mariadb.kill()
    started = time.monotonic()
    for command in ("listVirtualMachines", "createSecurityGroup"):
        status, text = cloud.refused(command, name="web")
        assert status == 530
        assert f"The database 127.0.0.1:{mariadb.port}/cloud" in text
        assert "cloud:cloud" not in text
    assert time.monotonic() - started < 1
    mariadb.start()
    assert cloud.state("listVirtualMachines", instance) == "Running"
    assert "web" not in [group["name"] for group in cloud.list("listSecurityGroups")]
    cloud.call("createSecurityGroup", name="web")


def test_a_silent_database_is_not_waited_for(mariadb: Server, database_url: str) -> None:
    """A database that holds the connection and says nothing is given up after the time that the
    URL says."""
    url = make_url(database_url).update_query_dict({"read_timeout": "1"})
    with opened(database=url.render_as_string(hide_password=False)) as cloud:
        mariadb.pause()
        try:
            status, text = cloud.refused("listZones")
        finally:
            mariadb.resume()
        assert status == 530
        assert "timed out" in text
        assert cloud.list("listZones")


def test_a_lost_commit_is_told_as_what_it_is(mariadb: Server, cloud: Cloud) -> None:
    """When the database dies while a command is committed, the caller is told that nobody knows
    whether it was carried out, and nothing is tried again."""
    engine = cloud.management.engine
    event.listen(engine, "commit", lambda _: mariadb.kill(), once=True)
    status, text = cloud.refused("createSecurityGroup", name="web")
    assert (status, "the outcome is unknown" in text) == (530, True)
    mariadb.start()
    found = [group["name"] for group in cloud.list("listSecurityGroups")]
    assert found.count("web") == 0  # it was killed before it heard of the commit


def test_an_answered_write_is_committed(mariadb: Server, cloud: Cloud) -> None:
    """What was answered is in the database: it outlives a kill in the next moment."""
    for number in range(5):
        instance = cloud.deploy()
        mariadb.kill()
        mariadb.start()
        assert cloud.state("listVirtualMachines", instance) == "Running", number


def test_two_management_servers_share_a_database(database_url: str) -> None:
    """Two management servers on one database do not trip over each other: each job is finished
    once, each instance has an address of its own, and nobody is refused."""
    with opened(Durations(instances=0.05), database_url) as one, opened(None, database_url) as two:
        clouds = [one, two] * 12
        with ThreadPoolExecutor(2) as threads:
            made = list(threads.map(Cloud.deploy, clouds))
        assert len({*made}) == len(clouds)
        one.clock.advance(10)
        with ThreadPoolExecutor(2) as threads:
            listed = [*threads.map(lambda cloud: cloud.list("listVirtualMachines"), [one, two] * 4)]
        assert {machine["state"] for machine in listed[-1]} == {"Running"}
        addresses = {machine["nic"][0]["ipaddress"] for machine in two.list("listVirtualMachines")}
        assert len(addresses) == len(clouds)
        ends = Counter(
            (event["parentid"])
            for event in one.list("listEvents", type="VM.CREATE", pagesize=500, page=1)
            if event["state"] == "Completed"
        )
        assert set(ends.values()) == {1}
        assert len(ends) == len(clouds)


def test_usage_may_be_elsewhere(mariadb: Server, database_url: str) -> None:
    """Usage records are kept in the database that db.usage names, and only there."""
    mariadb.sql("CREATE DATABASE elsewhere")
    management = Management(database_url, usage_url=mariadb.url("cloud", "cloud", "elsewhere"))
    try:
        dates = {"startdate": "2026-01-01", "enddate": "2026-01-02"}
        management.execute("generateUsageRecords", dates, "admin")
        assert management.execute("listUsageRecords", dates, "admin") == {}
    finally:
        management.close()
    here = make_url(database_url).database
    asked = "SELECT COUNT(*) AS n FROM {}.usage_job"
    assert mariadb.sql(asked.format("elsewhere")) == [{"n": 1}]
    assert mariadb.sql(asked.format(here)) == [{"n": 0}]


def test_db_properties_are_read_as_java_does(tmp_path: Path) -> None:
    """Comments, separators, escapes and lines that go on are those of Java's properties."""
    file = tmp_path / "db.properties"
    file.write_text(FILE.format(host="10.0.0.5", port=3307))
    named = properties.read(file)
    cloud, usage = make_url(named.cloud), make_url(named.usage)
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
    """A key that is missing or of no use is named with its file, once and in one line."""
    file = tmp_path / "db.properties"
    file.write_text(FILE.format(host="10.0.0.5", port=3307) + line)
    with pytest.raises(ConfigurationError) as broken:
        properties.read(file)
    assert str(broken.value).startswith(f"{file}: {text}")
    assert "\n" not in str(broken.value)
