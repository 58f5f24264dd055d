"""S3: lists of versions, and requests about versions that are refused."""

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
        "Versions of a key are listed from newest to oldest, the current one marked.",
        request("ListObjectVersions").with_fields(
            {LISTED: [[["letter", "{second}", True], ["letter", "{first}", False]]]}
        ),
        setup=TWO_VERSIONS,
    ),
    VERSIONING.answers(
        "ListObjectVersions",
        "markers",
        "Delete markers are listed apart from versions, with the current one marked.",
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
        "An entry has the size, ETag, date and owner of its version.",
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
        "In a bucket without versioning, every object is listed with the version id null.",
        request("ListObjectVersions").with_fields({LISTED: [[["letter", "null", True]]]}),
        setup=(put(),),
    ),
    VERSIONING.answers(
        "ListObjectVersions",
        "prefix",
        "A prefix selects the versions of keys that begin with it.",
        request("ListObjectVersions", Prefix="a").with_fields({"Versions[].Key": [["a", "a"]]}),
        shared_bucket=VERSIONS_BUCKET,
    ),
    VERSIONING.answers(
        "ListObjectVersions",
        "delimiter",
        "Keys with a delimiter are grouped by common prefix.",
        request("ListObjectVersions", Delimiter="/").with_fields(
            {"CommonPrefixes[].Prefix": [["c/"]], "Versions[].Key": [["a", "a", "b"]]}
        ),
        shared_bucket=VERSIONS_BUCKET,
    ),
    VERSIONING.answers(
        "ListObjectVersions",
        "key-marker",
        "The list begins after the key marker.",
        request("ListObjectVersions", KeyMarker="a").with_fields(
            {"Versions[].Key": [["b", "c/d"]]}
        ),
        shared_bucket=VERSIONS_BUCKET,
    ),
    VERSIONING.answers(
        "ListObjectVersions",
        "pages",
        "A page can end between two versions of a key.",
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
        "next-markers-after-the-end",
        "A list of versions that is not truncated has no markers of a next page.",
        request("ListObjectVersions").with_fields(
            {
                "IsTruncated": False,
                "NextKeyMarker": {"missing": True},
                "NextVersionIdMarker": {"missing": True},
            }
        ),
        shared_bucket=VERSIONS_BUCKET,
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
            "A version that does not exist cannot be read.",
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
        "A delete marker cannot be read by its version id.",
        must_fail(get(VersionId="{marker}"), "MethodNotAllowed"),
        setup=UNDER_MARKER,
    ),
    VERSIONING.rejects(
        "PutBucketVersioning",
        "unknown-status",
        "A versioning status other than Enabled and Suspended is refused.",
        must_fail(
            set_versioning("Perhaps"), "MalformedXML", "IllegalVersioningConfigurationException"
        ),
        drivers=RAW,
    ),
    VERSIONING.rejects(
        "PutBucketVersioning",
        "malformed-xml",
        "A body that is not well-formed XML does not change the versioning status.",
        must_fail(
            set_versioning().tampered_with(body="<VersioningConfiguration><Status>"), "MalformedXML"
        ),
        verify=(request("GetBucketVersioning").returns(Status={"absent": True}),),
        drivers=RAW,
    ),
    VERSIONING.rejects(
        "ListObjectVersions",
        "version-marker-without-key",
        "A version marker without a key marker is refused.",
        must_fail(request("ListObjectVersions", VersionIdMarker=UNKNOWN), "InvalidArgument"),
        shared_bucket=VERSIONS_BUCKET,
    ),
    VERSIONING.checks_access(
        "PutBucketVersioning",
        "foreign",
        "Another account cannot set the versioning of the owner's bucket.",
        must_fail(set_versioning().by("other"), "AccessDenied"),
        verify=(request("GetBucketVersioning").returns(Status={"absent": True}),),
    ),
    VERSIONING.checks_access(
        "GetBucketVersioning",
        "foreign",
        "Another account cannot read the versioning of the owner's bucket.",
        must_fail(request("GetBucketVersioning").by("other"), "AccessDenied"),
    ),
    VERSIONING.checks_access(
        "ListObjectVersions",
        "foreign",
        "Another account cannot list the versions in a private bucket.",
        must_fail(request("ListObjectVersions").by("other"), "AccessDenied"),
        setup=(put("letter", LETTER),),
    ),
)


class TestVersionListing(S3Suite):
    """ListObjectVersions, and rejections."""

    requirements = (*LISTING, *REJECTIONS)
