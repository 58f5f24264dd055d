"""The catalogue of buckets and objects: transactions, and databases shared by several servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DatabaseError, IntegrityError, SQLAlchemyError

from fixtures.simulator.bridge.s3.auth.users import canonical_user
from fixtures.simulator.bridge.s3.errors import S3Error
from fixtures.simulator.bridge.s3.policy.acl_headers import canned_acl
from fixtures.simulator.bridge.s3.storage import listing, schema
from fixtures.simulator.bridge.s3.storage.catalogue import Catalogue, S3Database, new_delete_marker
from fixtures.simulator.bridge.s3.storage.records import Bucket, ObjectDetails, ObjectVersion
from fixtures.simulator.deployment import Deployment, DeploymentOptions
from fixtures.simulator.management.database import open_engine
from tests.support.s3_clients import UserClients, error_of

OWNER = canonical_user("alice")
ACL = canned_acl("private", OWNER, OWNER)
BUCKET = Bucket(0, "shelf", OWNER, 1.5, "", "", ACL, {"cors": "<C/>"})


def version(key: str) -> ObjectVersion:
    """An object to store, with a value in every column."""
    plain = new_delete_marker(key, OWNER, 2.25)
    details = ObjectDetails(metadata={"colour": "blue"})
    stored = replace(plain, is_delete_marker=False, details=details)
    return replace(stored, size=1, etag="e" * 32, data=b"\0x")


@pytest.fixture
def database() -> Iterator[S3Database]:
    """A database in memory."""
    new_database = S3Database(open_engine("sqlite://"))
    yield new_database
    new_database.close()


def add_bucket(database: S3Database) -> Bucket:
    """A bucket with one object in it."""
    with database.transaction() as catalogue:
        catalogue.add_bucket(BUCKET)
        bucket = catalogue.bucket("shelf")
        assert bucket is not None
        catalogue.add_version(bucket, version("a"))
    return bucket


def test_round_trip(database: S3Database) -> None:
    """Buckets and objects are read as they were stored."""
    bucket = add_bucket(database)
    assert bucket == replace(BUCKET, id=bucket.id)
    with database.transaction() as catalogue:
        stored = catalogue.newest(bucket, "a")
        assert stored is not None
        assert stored == replace(version("a"), id=stored.id)
        assert catalogue.newest(bucket, "b") is None
        assert catalogue.buckets_of(OWNER) == [bucket]
        (row,) = listing.list_objects(catalogue.connection, listing.ListingQuery(bucket.id)).rows
    assert (row.name, row.marker, row.size) == (b"a", False, 1)


def test_sqlite_and_sqlalchemy_are_compatible(tmp_path: Path) -> None:
    """SQLAlchemy reads what SQLite's driver has written, and the other way round."""
    url = f"sqlite:///{tmp_path}/names.sqlite"
    database, engine = S3Database(open_engine(url)), open_engine(url)
    bucket = add_bucket(database)
    with engine.begin() as connection:
        theirs = Catalogue(connection)
        shown = theirs.newest(bucket, "a")
        theirs.add_version(bucket, version("b"))
    with database.transaction() as catalogue:
        assert catalogue.newest(bucket, "a") == shown
        stored = catalogue.newest(bucket, "b")
        assert stored is not None
        assert stored == replace(version("b"), id=stored.id)
    engine.dispose()
    database.close()


def test_rollback(database: S3Database) -> None:
    """A transaction that ends in an error changes nothing, and the next one works."""
    bucket = add_bucket(database)

    def break_off() -> None:
        with database.transaction() as catalogue:
            catalogue.add_version(bucket, version("b"))
            catalogue.delete_bucket(bucket)
            raise S3Error("AccessDenied")

    with pytest.raises(S3Error):
        break_off()
    with database.transaction() as catalogue:
        assert catalogue.bucket("shelf") == bucket
        assert catalogue.newest(bucket, "b") is None


def test_names_are_unique(database: S3Database) -> None:
    """A second bucket of the same name is refused, and the first stays."""
    bucket = add_bucket(database)
    with pytest.raises(S3Error, match="BucketAlreadyExists"), database.transaction() as catalogue:
        catalogue.add_bucket(BUCKET)
    with database.transaction() as catalogue:
        assert catalogue.buckets_of(OWNER) == [bucket]
        with pytest.raises(IntegrityError):
            catalogue.connection.execute(insert(schema.parts), {"upload": 1})


def test_no_nested_transactions(database: S3Database) -> None:
    """No transaction begins inside another, whose unfinished changes it would commit."""
    add_bucket(database)
    with database.transaction(), pytest.raises(DatabaseError), database.transaction():
        pytest.fail("a transaction inside a transaction")
    with database.transaction() as catalogue:
        counted = select(func.count()).select_from(schema.objects)
        assert catalogue.connection.execute(counted).scalar() == 1


def test_locked_database(tmp_path: Path) -> None:
    """A write while another process holds the lock raises an error that the server answers with
    InternalError; it works again afterwards."""
    url = f"sqlite:///{tmp_path}/names.sqlite?timeout=0"
    first, second = S3Database(open_engine(url)), S3Database(open_engine(url))
    bucket = add_bucket(first)
    with first.transaction() as catalogue:
        catalogue.add_version(bucket, version("b"))
        with pytest.raises(SQLAlchemyError, match="locked"), second.transaction() as other:
            other.add_version(bucket, version("c"))
    with second.transaction() as other:
        assert other.newest(bucket, "b") is not None
        other.add_version(bucket, version("c"))
    first.close()
    second.close()


def test_changes_are_visible_to_other_servers(tmp_path: Path) -> None:
    """Of two servers on one database and storage root, each shows the other's changes at once:
    contents, ACLs, deletions."""
    url, root = f"sqlite:///{tmp_path}/names.sqlite", tmp_path / "root"
    with ExitStack() as stack:
        servers = [
            stack.enter_context(Deployment(DeploymentOptions(database_url=url, storage_root=root)))
            for _ in range(2)
        ]
        clients = [UserClients(server) for server in servers]
        for client in clients:
            stack.callback(client.close)
        here, there = clients
        value = {"Bucket": "shared", "Key": "k"}
        here().create_bucket(Bucket="shared")
        for number in range(3):
            for client, other in ((here, there), (there, here)):
                body = b"%d" % number * (20_000 * number + 1)
                client().put_object(**value, Body=body)
                assert other().get_object(**value)["Body"].read() == body
        there().put_object_acl(**value, ACL="public-read")
        assert here("bob").get_object(**value)["Body"].read() == body
        here().put_object_acl(**value, ACL="private")
        assert error_of(there("bob").get_object, **value) == (403, "AccessDenied")
        there().delete_object(**value)
        assert error_of(here().get_object, **value) == (404, "NoSuchKey")
