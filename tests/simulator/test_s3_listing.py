"""Pages of keys and versions, compared with a plain sorted list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, insert

from fixtures.simulator.bridge.s3.storage import listing, schema
from fixtures.simulator.bridge.s3.storage.listing import ListingPage, ListingQuery
from fixtures.simulator.management.database import open_engine

KEYS = st.text(alphabet="ab/é", min_size=1, max_size=5)
LIMIT = 3


def row(bucket: int, name: str, version: int) -> dict[str, object]:
    """A version of a key; number 0 is the newest."""
    return {
        "bucket_id": bucket,
        "name": name.encode(),
        "version": str(version),
        "listed": version == 0,
        "marker": False,
        "size": 0,
        "etag": "",
        "modified": 0.0,
        "owner_id": "",
        "owner_name": "",
        "storage_class": "",
        "acl": "",
        "details": "",
    }


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """A database with S3's tables."""
    new_engine = open_engine("sqlite://")
    schema.METADATA.create_all(new_engine)
    yield new_engine
    new_engine.dispose()


def expected_entries(keys: set[str], prefix: str, delimiter: str) -> list[str]:
    """Keys and common prefixes in order, by Amazon's documentation."""
    rolled = set()
    for key in keys:
        if key.startswith(prefix):
            position = key.find(delimiter, len(prefix)) if delimiter else -1
            rolled.add(key[: position + len(delimiter)] if position >= 0 else key)
    return sorted(rolled, key=str.encode)


def page_names(page: ListingPage) -> list[str]:
    """The keys and prefixes of a page, in order."""
    names = [row_read.name for row_read in page.rows] + page.prefixes
    return [name.decode() for name in sorted(names)]


@settings(max_examples=150, deadline=None)
@given(
    keys=st.sets(KEYS, max_size=12),
    prefix=st.text(alphabet="ab/é", max_size=2),
    delimiter=st.sampled_from(("", "/", "a", "é", "b/")),
)
def test_pages_contain_everything_once(
    engine: Engine, keys: set[str], prefix: str, delimiter: str
) -> None:
    """For all keys and delimiters, the pages contain each entry once and in order; only the last is
    not truncated."""
    with engine.begin() as connection:
        connection.execute(schema.objects.delete())
        # Older versions, deleted keys and other buckets must not show.
        rows = [row(1, key, version) for key in keys for version in (1, 0)]
        rows += [row(1, "a/gone", 1), row(2, "ab", 0)]
        connection.execute(insert(schema.objects), rows)
        listed: list[str] = []
        after = b""
        for _ in range(len(keys) + 1):
            page = listing.list_objects(
                connection, ListingQuery(1, prefix.encode(), delimiter.encode(), after, None, LIMIT)
            )
            listed += page_names(page)
            assert page.truncated is (len(listed) < len(expected_entries(keys, prefix, delimiter)))
            if not page.truncated:
                break
            assert len(page) == LIMIT
            after = page.last
        assert listed == expected_entries(keys, prefix, delimiter)


@settings(max_examples=60, deadline=None)
@given(
    keys=st.dictionaries(KEYS, st.integers(1, 4), max_size=6),
    limit=st.integers(1, 5),
)
def test_versions_are_paged_within_a_key(engine: Engine, keys: dict[str, int], limit: int) -> None:
    """A page may end between two versions of a key, and the next continues there."""
    versions = [
        (key, str(number)) for key in sorted(keys, key=str.encode) for number in range(keys[key])
    ]
    with engine.begin() as connection:
        connection.execute(schema.objects.delete())
        rows = [row(1, key, number) for key, number in reversed(numbered_versions(versions))]
        if rows:
            connection.execute(insert(schema.objects), rows)
        listed: list[tuple[str, str]] = []
        after, after_id = b"", None
        for _ in range(len(versions) + 1):
            page = listing.list_versions(
                connection, ListingQuery(1, b"", b"", after, after_id, limit)
            )
            listed += [(row_read.name.decode(), row_read.version) for row_read in page.rows]
            if not page.truncated:
                break
            after, after_id = page.last, page.last_row.id
        assert listed == versions


def numbered_versions(versions: list[tuple[str, str]]) -> list[tuple[str, int]]:
    """The same, with numbers."""
    return [(key, int(number)) for key, number in versions]


def test_pages_are_ranges_of_an_index(engine: Engine) -> None:
    """No statement sorts or reads a whole bucket, and the keys below a common prefix are
    skipped."""
    with engine.begin() as connection:
        connection.execute(schema.objects.delete())
        names = [f"{folder:02}/{number:04}" for folder in range(10) for number in range(500)]
        connection.execute(insert(schema.objects), [row(1, name, 0) for name in names])
        statements: list[tuple[str, Any]] = []

        def watch(*arguments: Any) -> None:
            statements.append((str(arguments[2]), arguments[3]))

        event.listen(engine, "before_cursor_execute", watch)
        page = listing.list_objects(connection, ListingQuery(1, b"", b"/"))
        listing.list_objects(connection, ListingQuery(1, b"03/", b"", b"03/0100"))
        listing.list_versions(connection, ListingQuery(1, b"03/", b"", b"03/0100", 7))
        event.remove(engine, "before_cursor_execute", watch)
        assert [prefix.decode() for prefix in page.prefixes] == [f"{n:02}/" for n in range(10)]
        # One statement a prefix, and one that finds nothing more; one page; the rest of a key and
        # the keys behind it.
        assert len(statements) == 10 + 1 + 1 + 2
        ranges = ["listed (bucket_id=? AND listed=? AND name>? AND name<?)"] * 12
        ranges += ["name (bucket_id=? AND name=? AND id<?)", "name (bucket_id=? AND name>?"]
        for (statement, parameters), expected_range in zip(statements, ranges, strict=True):
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            assert len(plan) == 1, plan
            assert f"USING INDEX i_s3_object__{expected_range}" in plan[0][3]
