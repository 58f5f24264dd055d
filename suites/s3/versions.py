"""S3: versions of objects, and delete markers."""

from __future__ import annotations

from suites.s3.dsl import (
    LETTER,
    Cases,
    S3Suite,
    bucket_with,
    copy,
    delete,
    get,
    head,
    list_keys,
    must_fail,
    put,
    request,
    set_versioning,
)

VERSIONING = Cases(frozenset({"s3-versioning"}))
TWO_VERSIONS = (
    set_versioning(),
    put("letter", "first", Metadata={"n": "1"}).save(first="VersionId"),
    put("letter", "second", Metadata={"n": "2"}).save(second="VersionId"),
)
UNDER_MARKER = (*TWO_VERSIONS, delete().save(marker="VersionId"))
BEFORE_VERSIONING = (put("letter", "before"), set_versioning())
VERSIONS_BUCKET = bucket_with(
    "history",
    *(set_versioning(), put("a", "1"), put("a", "2"), put("b", "1"), delete("b"), put("c/d", "1")),
)
UNKNOWN = "0123456789abcdef0123456789abcdef"
VERSION = {"matches": r"\S+"}


STATUS = (
    VERSIONING.answers(
        "GetBucketVersioning",
        "never",
        "A new bucket has no versioning status.",
        request("GetBucketVersioning").returns(Status={"absent": True}),
    ),
    VERSIONING.answers(
        "PutBucketVersioning",
        "enabled",
        "Versioning can be enabled, and the status is returned.",
        set_versioning(),
        request("GetBucketVersioning").returns(Status="Enabled"),
    ),
    VERSIONING.answers(
        "PutBucketVersioning",
        "suspended",
        "Versioning can be suspended, and the status is returned.",
        set_versioning("Suspended"),
        request("GetBucketVersioning").returns(Status="Suspended"),
        setup=(set_versioning(),),
    ),
    VERSIONING.answers(
        "PutBucketVersioning",
        "enabled-again",
        "Suspended versioning can be enabled again.",
        set_versioning(),
        request("GetBucketVersioning").returns(Status="Enabled"),
        setup=(set_versioning(), set_versioning("Suspended")),
    ),
)

READING = (
    VERSIONING.answers(
        "PutObject",
        "version-told",
        "A put to a versioned bucket returns the id of the new version.",
        put().returns(VersionId=VERSION),
        setup=(set_versioning(),),
    ),
    VERSIONING.answers(
        "PutObject",
        "no-version-told",
        "A put to a bucket without versioning returns no version id.",
        put().returns(VersionId={"absent": True}),
        verify=(get().returns(LETTER),),
    ),
    VERSIONING.answers(
        "GetObject",
        "current-version",
        "A read without a version id returns the current version.",
        get().returns("second", VersionId="{second}").with_fields({"Metadata.n": "2"}),
        setup=TWO_VERSIONS,
    ),
    VERSIONING.answers(
        "GetObject",
        "old-version",
        "An old version can be read by its id.",
        get(VersionId="{first}")
        .returns("first", VersionId="{first}")
        .with_fields({"Metadata.n": "1"}),
        setup=TWO_VERSIONS,
    ),
    VERSIONING.answers(
        "HeadObject",
        "old-version",
        "HEAD of an old version returns its headers.",
        head(VersionId="{first}").returns(ContentLength=5).with_fields({"Metadata.n": "1"}),
        setup=TWO_VERSIONS,
    ),
    VERSIONING.answers(
        "GetObject",
        "null-version",
        "An object from before versioning has the version id null.",
        get(VersionId="null").returns("before"),
        setup=(*BEFORE_VERSIONING, put("letter", "after")),
    ),
    VERSIONING.answers(
        "GetObject",
        "null-version-current",
        "An object from before versioning is current until it is overwritten.",
        get().returns("before"),
        setup=BEFORE_VERSIONING,
    ),
    VERSIONING.answers(
        "PutObject",
        "suspended-makes-null",
        "While versioning is suspended, a put creates the version null.",
        put("letter", "third").returns(VersionId={"optional": ["null"]}),
        get(VersionId="null").returns("third"),
        get(VersionId="{first}").returns("first"),
        setup=(*TWO_VERSIONS, set_versioning("Suspended")),
    ),
    VERSIONING.answers(
        "PutObject",
        "suspended-replaces-null",
        "While versioning is suspended, a put replaces the version null and no other.",
        put("letter", "new null"),
        request("ListObjectVersions").with_fields({"Versions[].VersionId": {"count": 2}}),
        get(VersionId="null").returns("new null"),
        setup=(*BEFORE_VERSIONING, put("letter", "kept"), set_versioning("Suspended")),
    ),
    VERSIONING.answers(
        "CopyObject",
        "version-told",
        "A copy returns its version id and that of its source.",
        copy().with_fields({"VersionId": VERSION, "CopySourceVersionId": "{second}"}),
        setup=TWO_VERSIONS,
    ),
    VERSIONING.answers(
        "CopyObject",
        "restores",
        "Copying an old version over the object restores it.",
        copy("letter", "{bucket}/letter?versionId={first}"),
        get().returns("first"),
        get(VersionId="{second}").returns("second"),
        setup=TWO_VERSIONS,
    ),
)

REMOVING = (
    VERSIONING.answers(
        "DeleteObject",
        "makes-marker",
        "Deleting an object of a versioned bucket creates a delete marker, whose id is returned.",
        delete().with_status(204).returns(DeleteMarker=True, VersionId=VERSION),
        setup=TWO_VERSIONS,
        verify=(must_fail(get(), "NoSuchKey"),),
    ),
    VERSIONING.answers(
        "DeleteObject",
        "keeps-versions",
        "The versions under a delete marker stay readable.",
        delete(),
        get(VersionId="{first}").returns("first"),
        get(VersionId="{second}").returns("second"),
        setup=TWO_VERSIONS,
    ),
    VERSIONING.answers(
        "ListObjects",
        "not-under-marker",
        "A list of keys leaves out those under a delete marker.",
        list_keys("other"),
        setup=(*UNDER_MARKER, put("other")),
    ),
    VERSIONING.answers(
        "DeleteObject",
        "removes-marker",
        "Deleting the delete marker restores the object.",
        delete(VersionId="{marker}")
        .with_status(204)
        .returns(DeleteMarker=True, VersionId="{marker}"),
        get().returns("second"),
        setup=UNDER_MARKER,
    ),
    VERSIONING.answers(
        "DeleteObject",
        "removes-version",
        "Deleting a version removes it for good, and no other.",
        delete(VersionId="{first}").with_status(204).returns(VersionId="{first}"),
        must_fail(get(VersionId="{first}"), "NoSuchVersion"),
        get().returns("second"),
        setup=TWO_VERSIONS,
    ),
    VERSIONING.answers(
        "DeleteObject",
        "removes-current",
        "After the current version is deleted, the one before is current.",
        delete(VersionId="{second}"),
        get().returns("first"),
        list_keys("letter"),
        setup=TWO_VERSIONS,
    ),
    VERSIONING.answers(
        "DeleteObject",
        "removes-all",
        "After all versions are deleted, the bucket can be deleted.",
        delete(VersionId="{first}"),
        delete(VersionId="{second}"),
        request("DeleteBucket"),
        setup=TWO_VERSIONS,
        verify=(must_fail(request("HeadBucket"), "NoSuchBucket"),),
    ),
    VERSIONING.answers(
        "DeleteObject",
        "put-over-marker",
        "A put over a delete marker is the current version.",
        put("letter", "third"),
        get().returns("third"),
        setup=UNDER_MARKER,
    ),
    VERSIONING.answers(
        "DeleteObject",
        "marker-on-nothing",
        "Deleting a key that never existed creates a delete marker.",
        delete("nothing").returns(DeleteMarker=True),
        request("ListObjectVersions").with_fields({"DeleteMarkers[].Key": [["nothing"]]}),
        setup=(set_versioning(),),
    ),
    VERSIONING.answers(
        "DeleteObject",
        "suspended-removes-null",
        "While versioning is suspended, deleting replaces the version null by a delete marker.",
        delete().returns(DeleteMarker=True),
        must_fail(get(), "NoSuchKey"),
        get(VersionId="{kept}").returns("kept"),
        request("ListObjectVersions").with_fields(
            {"DeleteMarkers[].VersionId": [["null"]], "Versions[].VersionId": [["{kept}"]]}
        ),
        setup=(
            *BEFORE_VERSIONING,
            put("letter", "kept").save(kept="VersionId"),
            set_versioning("Suspended"),
        ),
    ),
    VERSIONING.answers(
        "GetObject",
        "marker-told",
        "An error for a key under a delete marker names the marker.",
        must_fail(get(), "NoSuchKey").with_headers(
            {"x-amz-delete-marker": "true", "x-amz-version-id": "{marker}"}
        ),
        setup=UNDER_MARKER,
    ),
    VERSIONING.answers(
        "HeadObject",
        "marker-told",
        "An error to HEAD for a key under a delete marker says so.",
        must_fail(head(), "NoSuchKey").with_headers({"x-amz-delete-marker": "true"}),
        setup=UNDER_MARKER,
    ),
)


class TestVersions(S3Suite):
    """Versions and delete markers."""

    requirements = (*STATUS, *READING, *REMOVING)
