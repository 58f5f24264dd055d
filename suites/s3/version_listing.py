"""S3: lists of versions; and what versions refuse."""

from __future__ import annotations

from collections.abc import Iterator

from fixtures.model import ProcedureRequirement
from suites.s3.dsl import ISO, LETTER, RAW, S3Suite, get, must_fail, put, request, set_versioning
from suites.s3.versions import TWO_VERSIONS, UNDER_MARKER, UNKNOWN, VERSIONING, VERSIONS_BUCKET

LISTED = "Versions[].[Key, VersionId, IsLatest]"
LISTING = (
    VERSIONING.answers(
        "ListObjectVersions",
        "newest-first",
        "Versions of a key are listed from the newest to the oldest, the current one marked.",
        request("ListObjectVersions").with_fields(
            {LISTED: [[["letter", "{second}", True], ["letter", "{first}", False]]]}
        ),
        setup=TWO_VERSIONS,
    ),
    VERSIONING.answers(
        "ListObjectVersions",
        "markers",
        "Delete markers are listed apart, and are the current version.",
        request("ListObjectVersions").with_fields(
            {
                "DeleteMarkers[].[Key, VersionId, IsLatest]": [[["letter", "{marker}", True]]],
                "Versions[].IsLatest": [[False, False]],
            }
        ),
        setup=UNDER_MARKER,
    ),
    VERSIONING.answers(
        "ListObjectVersions",
        "entry",
        "An entry tells size, ETag, date and owner of its version.",
        request("ListObjectVersions", Prefix="a").with_fields(
            {
                "Versions[0].Size": 1,
                "Versions[0].ETag": '"c81e728d9d4c2f636f067f89cc14862c"',
                "Versions[0].LastModified": ISO,
                "Versions[0].StorageClass": "STANDARD",
                "Versions[0].Owner.ID": {"present": True},
            }
        ),
        shared_bucket=VERSIONS_BUCKET,
    ),
    VERSIONING.answers(
        "ListObjectVersions",
        "without-versioning",
        "In a bucket without versions every object is listed as the version null.",
        request("ListObjectVersions").with_fields({LISTED: [[["letter", "null", True]]]}),
        setup=(put(),),
    ),
    VERSIONING.answers(
        "ListObjectVersions",
        "prefix",
        "A prefix leaves only versions of keys that begin with it.",
        request("ListObjectVersions", Prefix="a").with_fields({"Versions[].Key": [["a", "a"]]}),
        shared_bucket=VERSIONS_BUCKET,
    ),
    VERSIONING.answers(
        "ListObjectVersions",
        "delimiter",
        "A delimiter rolls up what is below it.",
        request("ListObjectVersions", Delimiter="/").with_fields(
            {"CommonPrefixes[].Prefix": [["c/"]], "Versions[].Key": [["a", "a", "b"]]}
        ),
        shared_bucket=VERSIONS_BUCKET,
    ),
    VERSIONING.answers(
        "ListObjectVersions",
        "key-marker",
        "The list goes on after the key marker.",
        request("ListObjectVersions", KeyMarker="a").with_fields(
            {"Versions[].Key": [["b", "c/d"]]}
        ),
        shared_bucket=VERSIONS_BUCKET,
    ),
    VERSIONING.answers(
        "ListObjectVersions",
        "pages",
        "A list in pages goes on between two versions of a key.",
        request("ListObjectVersions", MaxKeys=1)
        .with_fields({"Versions[].VersionId": [["{second}"]], "IsTruncated": True})
        .save(key="NextKeyMarker", version="NextVersionIdMarker"),
        request("ListObjectVersions", KeyMarker="{key}", VersionIdMarker="{version}").with_fields(
            {"Versions[].VersionId": [["{first}"]], "IsTruncated": False}
        ),
        setup=TWO_VERSIONS,
    ),
    VERSIONING.answers(
        "ListObjectVersions",
        "empty",
        "An empty bucket has no versions.",
        request("ListObjectVersions").returns(
            Versions={"absent": True}, DeleteMarkers={"absent": True}, IsTruncated=False
        ),
    ),
)


def _unknown_versions() -> Iterator[ProcedureRequirement]:
    for operation in ("GetObject", "HeadObject"):
        yield VERSIONING.rejects(
            operation,
            "unknown-version",
            "A version that there is not cannot be read.",
            must_fail(
                request(operation, Key="letter", VersionId=UNKNOWN),
                "NoSuchVersion",
                "InvalidArgument",
            ),
            setup=TWO_VERSIONS,
        )


REJECTIONS = (
    *_unknown_versions(),
    VERSIONING.rejects(
        "GetObject",
        "delete-marker-by-version",
        "A delete marker cannot be read.",
        must_fail(get(VersionId="{marker}"), "MethodNotAllowed"),
        setup=UNDER_MARKER,
    ),
    VERSIONING.rejects(
        "PutBucketVersioning",
        "unknown-status",
        "There is no other status than Enabled and Suspended.",
        must_fail(
            set_versioning("Perhaps"), "MalformedXML", "IllegalVersioningConfigurationException"
        ),
        drivers=RAW,
    ),
    VERSIONING.rejects(
        "PutBucketVersioning",
        "malformed-xml",
        "What is no XML says nothing of versioning.",
        must_fail(
            set_versioning().tampered_with(body="<VersioningConfiguration><Status>"), "MalformedXML"
        ),
        verify=(request("GetBucketVersioning").returns(Status={"absent": True}),),
        drivers=RAW,
    ),
    VERSIONING.rejects(
        "ListObjectVersions",
        "version-marker-without-key",
        "A version marker says nothing without a key marker.",
        must_fail(request("ListObjectVersions", VersionIdMarker=UNKNOWN), "InvalidArgument"),
        shared_bucket=VERSIONS_BUCKET,
    ),
    VERSIONING.checks_access(
        "PutBucketVersioning",
        "foreign",
        "Only the owner says whether a bucket has versions.",
        must_fail(set_versioning().by("other"), "AccessDenied"),
        verify=(request("GetBucketVersioning").returns(Status={"absent": True}),),
    ),
    VERSIONING.checks_access(
        "GetBucketVersioning",
        "foreign",
        "Only the owner is told whether a bucket has versions.",
        must_fail(request("GetBucketVersioning").by("other"), "AccessDenied"),
    ),
    VERSIONING.checks_access(
        "ListObjectVersions",
        "foreign",
        "Versions in another account's private bucket are not listed.",
        must_fail(request("ListObjectVersions").by("other"), "AccessDenied"),
        setup=(put("letter", LETTER),),
    ),
)


class TestVersionLists(S3Suite):
    """Versions listed, and refused."""

    requirements = (*LISTING, *REJECTIONS)
