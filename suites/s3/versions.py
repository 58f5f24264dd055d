"""S3: versions of objects, markers of their removal, and the list of both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fixtures.model import Demand
from suites.s3 import (
    ISO,
    LETTER,
    RAW,
    Stories,
    ask,
    copy,
    delete,
    get,
    head,
    keys,
    put,
    refused,
    rejects,
    rights,
    shelf,
    tells,
    versioned,
)

NEEDED = {"s3-versioning"}
TWO = (
    versioned(),
    put("letter", "first", Metadata={"n": "1"}).saving(first="VersionId"),
    put("letter", "second", Metadata={"n": "2"}).saving(second="VersionId"),
)
REMOVED = (*TWO, delete().saving(marker="VersionId"))
BEFORE = (put("letter", "before"), versioned())
HISTORY = shelf(
    "history",
    *(versioned(), put("a", "1"), put("a", "2"), put("b", "1"), delete("b"), put("c/d", "1")),
)
UNKNOWN = "0123456789abcdef0123456789abcdef"
VERSION = {"matches": r"\S+"}


def _told(*arguments: Any, **overlay: Any) -> Demand:
    return tells(*arguments, capabilities=NEEDED, **overlay)


STATUS = (
    _told(
        "GetBucketVersioning",
        "never",
        "A bucket for which nothing was said has no versioning status.",
        ask("GetBucketVersioning").gives(Status={"absent": True}),
    ),
    _told(
        "PutBucketVersioning",
        "enabled",
        "Versioning can be enabled, and is told so.",
        versioned(),
        ask("GetBucketVersioning").gives(Status="Enabled"),
    ),
    _told(
        "PutBucketVersioning",
        "suspended",
        "Versioning can be suspended, and is told so.",
        versioned("Suspended"),
        ask("GetBucketVersioning").gives(Status="Suspended"),
        given=(versioned(),),
    ),
    _told(
        "PutBucketVersioning",
        "enabled-again",
        "Versioning can be enabled again.",
        versioned(),
        ask("GetBucketVersioning").gives(Status="Enabled"),
        given=(versioned(), versioned("Suspended")),
    ),
)

READING = (
    _told(
        "PutObject",
        "version-told",
        "A put to a versioned bucket tells which version it made.",
        put().gives(VersionId=VERSION),
        given=(versioned(),),
    ),
    _told(
        "PutObject",
        "no-version-told",
        "A put to a bucket without versions tells of none.",
        put().gives(VersionId={"absent": True}),
    ),
    _told(
        "GetObject",
        "current-version",
        "Without a version, the last one is read.",
        get().gives("second", VersionId="{second}").fields({"Metadata.n": "2"}),
        given=TWO,
    ),
    _told(
        "GetObject",
        "old-version",
        "An old version can be read as long as it is kept.",
        get(VersionId="{first}").gives("first", VersionId="{first}").fields({"Metadata.n": "1"}),
        given=TWO,
    ),
    _told(
        "HeadObject",
        "old-version",
        "HEAD tells of an old version, too.",
        head(VersionId="{first}").gives(ContentLength=5).fields({"Metadata.n": "1"}),
        given=TWO,
    ),
    _told(
        "GetObject",
        "null-version",
        "What was put before versioning is the version null.",
        get(VersionId="null").gives("before"),
        given=(*BEFORE, put("letter", "after")),
    ),
    _told(
        "GetObject",
        "null-version-current",
        "What was put before versioning is read until something else is put.",
        get().gives("before"),
        given=BEFORE,
    ),
    _told(
        "PutObject",
        "suspended-makes-null",
        "While versioning is suspended, puts make the version null.",
        put("letter", "third").gives(VersionId={"optional": ["null"]}),
        get(VersionId="null").gives("third"),
        get(VersionId="{first}").gives("first"),
        given=(*TWO, versioned("Suspended")),
    ),
    _told(
        "PutObject",
        "suspended-replaces-null",
        "While versioning is suspended, puts replace the version null and no other.",
        put("letter", "new null"),
        ask("ListObjectVersions").fields({"Versions[].VersionId": {"count": 2}}),
        get(VersionId="null").gives("new null"),
        given=(*BEFORE, put("letter", "kept"), versioned("Suspended")),
    ),
    _told(
        "CopyObject",
        "version-told",
        "A copy tells its version, and that of its source.",
        copy().fields({"VersionId": VERSION, "CopySourceVersionId": "{second}"}),
        given=TWO,
    ),
    _told(
        "CopyObject",
        "restores",
        "An old version is restored by a copy over the object.",
        copy("letter", "{bucket}/letter?versionId={first}"),
        get().gives("first"),
        get(VersionId="{second}").gives("second"),
        given=TWO,
    ),
)

REMOVING = (
    _told(
        "DeleteObject",
        "makes-marker",
        "Removing an object of a versioned bucket makes a delete marker, and tells of it.",
        delete().status(204).gives(DeleteMarker=True, VersionId=VERSION),
        given=TWO,
        then=(refused(get(), "NoSuchKey"),),
    ),
    _told(
        "DeleteObject",
        "keeps-versions",
        "Under a delete marker the versions are kept.",
        delete(),
        get(VersionId="{first}").gives("first"),
        get(VersionId="{second}").gives("second"),
        given=TWO,
    ),
    _told(
        "ListObjects",
        "not-under-marker",
        "A list of keys has none that is under a delete marker.",
        keys("other"),
        given=(*REMOVED, put("other")),
    ),
    _told(
        "DeleteObject",
        "removes-marker",
        "Removing the marker brings the object back.",
        delete(VersionId="{marker}").status(204).gives(DeleteMarker=True, VersionId="{marker}"),
        get().gives("second"),
        given=REMOVED,
    ),
    _told(
        "DeleteObject",
        "removes-version",
        "Removing a version removes it for good, and no other.",
        delete(VersionId="{first}").status(204).gives(VersionId="{first}"),
        refused(get(VersionId="{first}"), "NoSuchVersion"),
        get().gives("second"),
        given=TWO,
    ),
    _told(
        "DeleteObject",
        "removes-current",
        "When the current version is removed, the one before is current.",
        delete(VersionId="{second}"),
        get().gives("first"),
        keys("letter"),
        given=TWO,
    ),
    _told(
        "DeleteObject",
        "removes-all",
        "When all versions are removed, the bucket can be.",
        delete(VersionId="{first}"),
        delete(VersionId="{second}"),
        ask("DeleteBucket"),
        given=TWO,
    ),
    _told(
        "DeleteObject",
        "put-over-marker",
        "A put over a delete marker is the object from then on.",
        put("letter", "third"),
        get().gives("third"),
        given=REMOVED,
    ),
    _told(
        "DeleteObject",
        "marker-on-nothing",
        "Removing what never was makes a delete marker, too.",
        delete("nothing").gives(DeleteMarker=True),
        ask("ListObjectVersions").fields({"DeleteMarkers[].Key": [["nothing"]]}),
        given=(versioned(),),
    ),
    _told(
        "DeleteObject",
        "suspended-removes-null",
        "While versioning is suspended, removing replaces the version null by a marker.",
        delete().gives(DeleteMarker=True),
        refused(get(), "NoSuchKey"),
        get(VersionId="{kept}").gives("kept"),
        ask("ListObjectVersions").fields(
            {"DeleteMarkers[].VersionId": [["null"]], "Versions[].VersionId": [["{kept}"]]}
        ),
        given=(*BEFORE, put("letter", "kept").saving(kept="VersionId"), versioned("Suspended")),
    ),
    _told(
        "GetObject",
        "marker-told",
        "A refusal says if it is a delete marker that stands there.",
        refused(get(), "NoSuchKey").headed(
            {"x-amz-delete-marker": "true", "x-amz-version-id": "{marker}"}
        ),
        given=REMOVED,
    ),
    _told(
        "HeadObject",
        "marker-told",
        "HEAD, too, says if it is a delete marker that stands there.",
        refused(head(), "NoSuchKey").headed({"x-amz-delete-marker": "true"}),
        given=REMOVED,
    ),
)

LISTED = "Versions[].[Key, VersionId, IsLatest]"
LISTING = (
    _told(
        "ListObjectVersions",
        "newest-first",
        "Versions of a key are listed from the newest to the oldest, the current one marked.",
        ask("ListObjectVersions").fields(
            {LISTED: [[["letter", "{second}", True], ["letter", "{first}", False]]]}
        ),
        given=TWO,
    ),
    _told(
        "ListObjectVersions",
        "markers",
        "Delete markers are listed apart, and are the current version.",
        ask("ListObjectVersions").fields(
            {
                "DeleteMarkers[].[Key, VersionId, IsLatest]": [[["letter", "{marker}", True]]],
                "Versions[].IsLatest": [[False, False]],
            }
        ),
        given=REMOVED,
    ),
    _told(
        "ListObjectVersions",
        "entry",
        "An entry tells size, ETag, date and owner of its version.",
        ask("ListObjectVersions", Prefix="a").fields(
            {
                "Versions[0].Size": 1,
                "Versions[0].ETag": '"c81e728d9d4c2f636f067f89cc14862c"',
                "Versions[0].LastModified": ISO,
                "Versions[0].StorageClass": "STANDARD",
                "Versions[0].Owner.ID": {"present": True},
            }
        ),
        shelf=HISTORY,
    ),
    _told(
        "ListObjectVersions",
        "without-versioning",
        "In a bucket without versions every object is listed as the version null.",
        ask("ListObjectVersions").fields({LISTED: [[["letter", "null", True]]]}),
        given=(put(),),
    ),
    _told(
        "ListObjectVersions",
        "prefix",
        "A prefix leaves only versions of keys that begin with it.",
        ask("ListObjectVersions", Prefix="a").fields({"Versions[].Key": [["a", "a"]]}),
        shelf=HISTORY,
    ),
    _told(
        "ListObjectVersions",
        "delimiter",
        "A delimiter rolls up what is below it.",
        ask("ListObjectVersions", Delimiter="/").fields(
            {"CommonPrefixes[].Prefix": [["c/"]], "Versions[].Key": [["a", "a", "b"]]}
        ),
        shelf=HISTORY,
    ),
    _told(
        "ListObjectVersions",
        "key-marker",
        "The list goes on after the key marker.",
        ask("ListObjectVersions", KeyMarker="a").fields({"Versions[].Key": [["b", "c/d"]]}),
        shelf=HISTORY,
    ),
    _told(
        "ListObjectVersions",
        "pages",
        "A list in pages goes on between two versions of a key.",
        ask("ListObjectVersions", MaxKeys=1)
        .fields({"Versions[].VersionId": [["{second}"]], "IsTruncated": True})
        .saving(key="NextKeyMarker", version="NextVersionIdMarker"),
        ask("ListObjectVersions", KeyMarker="{key}", VersionIdMarker="{version}").fields(
            {"Versions[].VersionId": [["{first}"]], "IsTruncated": False}
        ),
        given=TWO,
    ),
    _told(
        "ListObjectVersions",
        "empty",
        "An empty bucket has no versions.",
        ask("ListObjectVersions").gives(
            Versions={"absent": True}, DeleteMarkers={"absent": True}, IsTruncated=False
        ),
    ),
)


def _rejected(*arguments: Any, **overlay: Any) -> Demand:
    return rejects(*arguments, capabilities=NEEDED, **overlay)


def _unknown_versions() -> Iterator[Demand]:
    for operation in ("GetObject", "HeadObject"):
        yield _rejected(
            operation,
            "unknown-version",
            "A version that there is not cannot be read.",
            refused(
                ask(operation, Key="letter", VersionId=UNKNOWN), "NoSuchVersion", "InvalidArgument"
            ),
            given=TWO,
        )


REJECTIONS = (
    *_unknown_versions(),
    _rejected(
        "GetObject",
        "delete-marker-by-version",
        "A delete marker cannot be read.",
        refused(get(VersionId="{marker}"), "MethodNotAllowed"),
        given=REMOVED,
    ),
    _rejected(
        "PutBucketVersioning",
        "unknown-status",
        "There is no other status than Enabled and Suspended.",
        refused(versioned("Perhaps"), "MalformedXML", "IllegalVersioningConfigurationException"),
        drivers=RAW,
    ),
    _rejected(
        "PutBucketVersioning",
        "malformed-xml",
        "What is no XML says nothing of versioning.",
        refused(versioned().tampered(body="<VersioningConfiguration><Status>"), "MalformedXML"),
        then=(ask("GetBucketVersioning").gives(Status={"absent": True}),),
        drivers=RAW,
    ),
    _rejected(
        "ListObjectVersions",
        "version-marker-without-key",
        "A version marker says nothing without a key marker.",
        refused(ask("ListObjectVersions", VersionIdMarker=UNKNOWN), "InvalidArgument"),
        shelf=HISTORY,
    ),
    rights(
        "PutBucketVersioning",
        "foreign",
        "Only the owner says whether a bucket has versions.",
        refused(versioned().by("other"), "AccessDenied"),
        then=(ask("GetBucketVersioning").gives(Status={"absent": True}),),
        capabilities=NEEDED,
    ),
    rights(
        "GetBucketVersioning",
        "foreign",
        "Only the owner is told whether a bucket has versions.",
        refused(ask("GetBucketVersioning").by("other"), "AccessDenied"),
        capabilities=NEEDED,
    ),
    rights(
        "ListObjectVersions",
        "foreign",
        "Versions in another account's private bucket are not listed.",
        refused(ask("ListObjectVersions").by("other"), "AccessDenied"),
        given=(put("letter", LETTER),),
        capabilities=NEEDED,
    ),
)


class TestVersions(Stories):
    """Versions and delete markers."""

    told = (*STATUS, *READING, *REMOVING, *LISTING, *REJECTIONS)
