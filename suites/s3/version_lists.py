"""S3: lists of versions; and what versions refuse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fixtures.model import ProcedureRequirement
from suites.s3 import ISO, LETTER, RAW, Stories, ask, get, put, refused, rejects, rights, versioned
from suites.s3.versions import HISTORY, NEEDED, REMOVED, TWO, UNKNOWN, told

LISTED = "Versions[].[Key, VersionId, IsLatest]"
LISTING = (
    told(
        "ListObjectVersions",
        "newest-first",
        "Versions of a key are listed from the newest to the oldest, the current one marked.",
        ask("ListObjectVersions").fields(
            {LISTED: [[["letter", "{second}", True], ["letter", "{first}", False]]]}
        ),
        given=TWO,
    ),
    told(
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
    told(
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
    told(
        "ListObjectVersions",
        "without-versioning",
        "In a bucket without versions every object is listed as the version null.",
        ask("ListObjectVersions").fields({LISTED: [[["letter", "null", True]]]}),
        given=(put(),),
    ),
    told(
        "ListObjectVersions",
        "prefix",
        "A prefix leaves only versions of keys that begin with it.",
        ask("ListObjectVersions", Prefix="a").fields({"Versions[].Key": [["a", "a"]]}),
        shelf=HISTORY,
    ),
    told(
        "ListObjectVersions",
        "delimiter",
        "A delimiter rolls up what is below it.",
        ask("ListObjectVersions", Delimiter="/").fields(
            {"CommonPrefixes[].Prefix": [["c/"]], "Versions[].Key": [["a", "a", "b"]]}
        ),
        shelf=HISTORY,
    ),
    told(
        "ListObjectVersions",
        "key-marker",
        "The list goes on after the key marker.",
        ask("ListObjectVersions", KeyMarker="a").fields({"Versions[].Key": [["b", "c/d"]]}),
        shelf=HISTORY,
    ),
    told(
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
    told(
        "ListObjectVersions",
        "empty",
        "An empty bucket has no versions.",
        ask("ListObjectVersions").gives(
            Versions={"absent": True}, DeleteMarkers={"absent": True}, IsTruncated=False
        ),
    ),
)


def _rejected(*arguments: Any, **overlay: Any) -> ProcedureRequirement:
    return rejects(*arguments, capabilities=NEEDED, **overlay)


def _unknown_versions() -> Iterator[ProcedureRequirement]:
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


class TestVersionLists(Stories):
    """Versions listed, and refused."""

    told = (*LISTING, *REJECTIONS)
