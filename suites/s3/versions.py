"""S3: versions of objects, markers of their removal, and the list of both."""

from __future__ import annotations

from typing import Any

from fixtures.model import ProcedureRequirement
from suites.s3 import (
    Stories,
    ask,
    copy,
    delete,
    get,
    head,
    keys,
    put,
    refused,
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


def told(*arguments: Any, **overlay: Any) -> ProcedureRequirement:
    """A case for targets that have versions."""
    return tells(*arguments, capabilities=NEEDED, **overlay)


STATUS = (
    told(
        "GetBucketVersioning",
        "never",
        "A bucket for which nothing was said has no versioning status.",
        ask("GetBucketVersioning").gives(Status={"absent": True}),
    ),
    told(
        "PutBucketVersioning",
        "enabled",
        "Versioning can be enabled, and is told so.",
        versioned(),
        ask("GetBucketVersioning").gives(Status="Enabled"),
    ),
    told(
        "PutBucketVersioning",
        "suspended",
        "Versioning can be suspended, and is told so.",
        versioned("Suspended"),
        ask("GetBucketVersioning").gives(Status="Suspended"),
        given=(versioned(),),
    ),
    told(
        "PutBucketVersioning",
        "enabled-again",
        "Versioning can be enabled again.",
        versioned(),
        ask("GetBucketVersioning").gives(Status="Enabled"),
        given=(versioned(), versioned("Suspended")),
    ),
)

READING = (
    told(
        "PutObject",
        "version-told",
        "A put to a versioned bucket tells which version it made.",
        put().gives(VersionId=VERSION),
        given=(versioned(),),
    ),
    told(
        "PutObject",
        "no-version-told",
        "A put to a bucket without versions tells of none.",
        put().gives(VersionId={"absent": True}),
    ),
    told(
        "GetObject",
        "current-version",
        "Without a version, the last one is read.",
        get().gives("second", VersionId="{second}").fields({"Metadata.n": "2"}),
        given=TWO,
    ),
    told(
        "GetObject",
        "old-version",
        "An old version can be read as long as it is kept.",
        get(VersionId="{first}").gives("first", VersionId="{first}").fields({"Metadata.n": "1"}),
        given=TWO,
    ),
    told(
        "HeadObject",
        "old-version",
        "HEAD tells of an old version, too.",
        head(VersionId="{first}").gives(ContentLength=5).fields({"Metadata.n": "1"}),
        given=TWO,
    ),
    told(
        "GetObject",
        "null-version",
        "What was put before versioning is the version null.",
        get(VersionId="null").gives("before"),
        given=(*BEFORE, put("letter", "after")),
    ),
    told(
        "GetObject",
        "null-version-current",
        "What was put before versioning is read until something else is put.",
        get().gives("before"),
        given=BEFORE,
    ),
    told(
        "PutObject",
        "suspended-makes-null",
        "While versioning is suspended, puts make the version null.",
        put("letter", "third").gives(VersionId={"optional": ["null"]}),
        get(VersionId="null").gives("third"),
        get(VersionId="{first}").gives("first"),
        given=(*TWO, versioned("Suspended")),
    ),
    told(
        "PutObject",
        "suspended-replaces-null",
        "While versioning is suspended, puts replace the version null and no other.",
        put("letter", "new null"),
        ask("ListObjectVersions").fields({"Versions[].VersionId": {"count": 2}}),
        get(VersionId="null").gives("new null"),
        given=(*BEFORE, put("letter", "kept"), versioned("Suspended")),
    ),
    told(
        "CopyObject",
        "version-told",
        "A copy tells its version, and that of its source.",
        copy().fields({"VersionId": VERSION, "CopySourceVersionId": "{second}"}),
        given=TWO,
    ),
    told(
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
    told(
        "DeleteObject",
        "makes-marker",
        "Removing an object of a versioned bucket makes a delete marker, and tells of it.",
        delete().status(204).gives(DeleteMarker=True, VersionId=VERSION),
        given=TWO,
        then=(refused(get(), "NoSuchKey"),),
    ),
    told(
        "DeleteObject",
        "keeps-versions",
        "Under a delete marker the versions are kept.",
        delete(),
        get(VersionId="{first}").gives("first"),
        get(VersionId="{second}").gives("second"),
        given=TWO,
    ),
    told(
        "ListObjects",
        "not-under-marker",
        "A list of keys has none that is under a delete marker.",
        keys("other"),
        given=(*REMOVED, put("other")),
    ),
    told(
        "DeleteObject",
        "removes-marker",
        "Removing the marker brings the object back.",
        delete(VersionId="{marker}").status(204).gives(DeleteMarker=True, VersionId="{marker}"),
        get().gives("second"),
        given=REMOVED,
    ),
    told(
        "DeleteObject",
        "removes-version",
        "Removing a version removes it for good, and no other.",
        delete(VersionId="{first}").status(204).gives(VersionId="{first}"),
        refused(get(VersionId="{first}"), "NoSuchVersion"),
        get().gives("second"),
        given=TWO,
    ),
    told(
        "DeleteObject",
        "removes-current",
        "When the current version is removed, the one before is current.",
        delete(VersionId="{second}"),
        get().gives("first"),
        keys("letter"),
        given=TWO,
    ),
    told(
        "DeleteObject",
        "removes-all",
        "When all versions are removed, the bucket can be.",
        delete(VersionId="{first}"),
        delete(VersionId="{second}"),
        ask("DeleteBucket"),
        given=TWO,
    ),
    told(
        "DeleteObject",
        "put-over-marker",
        "A put over a delete marker is the object from then on.",
        put("letter", "third"),
        get().gives("third"),
        given=REMOVED,
    ),
    told(
        "DeleteObject",
        "marker-on-nothing",
        "Removing what never was makes a delete marker, too.",
        delete("nothing").gives(DeleteMarker=True),
        ask("ListObjectVersions").fields({"DeleteMarkers[].Key": [["nothing"]]}),
        given=(versioned(),),
    ),
    told(
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
    told(
        "GetObject",
        "marker-told",
        "A refusal says if it is a delete marker that stands there.",
        refused(get(), "NoSuchKey").headed(
            {"x-amz-delete-marker": "true", "x-amz-version-id": "{marker}"}
        ),
        given=REMOVED,
    ),
    told(
        "HeadObject",
        "marker-told",
        "HEAD, too, says if it is a delete marker that stands there.",
        refused(head(), "NoSuchKey").headed({"x-amz-delete-marker": "true"}),
        given=REMOVED,
    ),
)


class TestVersions(Stories):
    """Versions and delete markers."""

    told = (*STATUS, *READING, *REMOVING)
