"""The catalogue of buckets and objects: transactions, and databases that several servers share."""

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
    """An object to be stored, with something in every column."""
    plain = new_delete_marker(key, OWNER, 2.25)
    details = ObjectDetails(metadata={"colour": "blue"})
    stored = replace(plain, is_delete_marker=False, details=details)
    return replace(stored, size=1, etag="e" * 32, data=b"\0x")


@pytest.fixture
def database() -> Iterator[S3Database]:
    """A catalogue in memory."""
    made = S3Database(open_engine("sqlite://"))
    yield made
    made.close()


def filled(database: S3Database) -> Bucket:
    """A bucket, with one object in it."""
    with database.transaction() as catalogue:
        catalogue.add_bucket(BUCKET)
        bucket = catalogue.bucket("shelf")
        assert bucket is not None
        catalogue.add_version(bucket, version("a"))
    return bucket


def test_what_is_stored_is_found_as_it_was(database: S3Database) -> None:
    """Buckets and objects come out of the catalogue as they went in."""
    bucket = filled(database)
    assert bucket == replace(BUCKET, id=bucket.id)
    with database.transaction() as catalogue:
        found = catalogue.newest(bucket, "a")
        assert found is not None
        assert found == replace(version("a"), id=found.id)
        assert catalogue.newest(bucket, "b") is None
        assert catalogue.buckets_of(OWNER) == [bucket]
        (row,) = listing.list_objects(catalogue.connection, listing.ListingQuery(bucket.id)).rows
    assert (row.name, row.marker, row.size) == (b"a", False, 1)


def test_it_is_found_whoever_carries_the_statements_out(tmp_path: Path) -> None:
    """SQLAlchemy reads of the same file what SQLite's driver has written, and writes what that
    reads."""
    url = f"sqlite:///{tmp_path}/names.sqlite"
    database, engine = S3Database(open_engine(url)), open_engine(url)
    bucket = filled(database)
    with engine.begin() as connection:
        theirs = Catalogue(connection)
        told = theirs.newest(bucket, "a")
        theirs.add_version(bucket, version("b"))
    with database.transaction() as catalogue:
        assert catalogue.newest(bucket, "a") == told
        found = catalogue.newest(bucket, "b")
        assert found is not None
        assert found == replace(version("b"), id=found.id)
    engine.dispose()
    database.close()


def test_what_breaks_changes_nothing(database: S3Database) -> None:
    """A transaction that ends in an error has changed nothing, and the next one works."""
    bucket = filled(database)

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


def test_a_name_is_given_once(database: S3Database) -> None:
    """Of two buckets with the same name the second is refused, and the first stays."""
    bucket = filled(database)
    with pytest.raises(S3Error, match="BucketAlreadyExists"), database.transaction() as catalogue:
        catalogue.add_bucket(BUCKET)
    with database.transaction() as catalogue:
        assert catalogue.buckets_of(OWNER) == [bucket]
        with pytest.raises(IntegrityError):
            catalogue.connection.execute(insert(schema.parts), {"upload": 1})


def test_transactions_are_not_mixed(database: S3Database) -> None:
    """No transaction begins inside another: it would commit what the other one has not finished."""
    filled(database)
    with database.transaction(), pytest.raises(DatabaseError), database.transaction():
        pytest.fail("a transaction inside a transaction")
    with database.transaction() as catalogue:
        counted = select(func.count()).select_from(schema.objects)
        assert catalogue.connection.execute(counted).scalar() == 1


def test_a_database_that_somebody_else_holds_is_told(tmp_path: Path) -> None:
    """Who cannot write since another process does is told so in terms that a server answers with
    InternalError, and can write when the other one has finished."""
    url = f"sqlite:///{tmp_path}/names.sqlite?timeout=0"
    first, second = S3Database(open_engine(url)), S3Database(open_engine(url))
    bucket = filled(first)
    with first.transaction() as catalogue:
        catalogue.add_version(bucket, version("b"))
        with pytest.raises(SQLAlchemyError, match="locked"), second.transaction() as other:
            other.add_version(bucket, version("c"))
    with second.transaction() as other:
        assert other.newest(bucket, "b") is not None
        other.add_version(bucket, version("c"))
    first.close()
    second.close()


def test_nobody_is_shown_what_was(tmp_path: Path) -> None:
    """Of two servers on one database and one storage root, each shows at once what the other one
    has changed: contents, rights, and that things are gone."""
    url, root = f"sqlite:///{tmp_path}/names.sqlite", tmp_path / "root"
    with ExitStack() as stack:
        servers = [
            stack.enter_context(Deployment(DeploymentOptions(database_url=url, storage_root=root)))
            for _ in range(2)
        ]
        clients = [UserClients(server) for server in servers]
        for one in clients:
            stack.callback(one.close)
        here, there = clients
        what = {"Bucket": "shared", "Key": "k"}
        here().create_bucket(Bucket="shared")
        for number in range(3):
            for one, other in ((here, there), (there, here)):
                body = b"%d" % number * (20_000 * number + 1)
                one().put_object(**what, Body=body)
                assert other().get_object(**what)["Body"].read() == body
        there().put_object_acl(**what, ACL="public-read")
        assert here("bob").get_object(**what)["Body"].read() == body
        here().put_object_acl(**what, ACL="private")
        assert error_of(there("bob").get_object, **what) == (403, "AccessDenied")
        there().delete_object(**what)
        assert error_of(here().get_object, **what) == (404, "NoSuchKey")
