"""S3: parts of replies that the other cases do not compare: what a listing repeats of its request,
whose a thing is, and when it was made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.model import ProcedureRequirement
from suites.s3.dsl import (
    LETTER,
    LETTER_BUCKET,
    S3Suite,
    answers,
    copy,
    head,
    list_keys,
    put,
    request,
    set_versioning,
)
from suites.s3.multi_delete import delete_objects
from suites.s3.multipart import (
    MULTIPART,
    begin_upload,
    complete_upload,
    copy_part,
    list_parts,
    upload_part,
)
from suites.s3.policies import OTHER, checks_policy, put_policy, statement
from suites.s3.post_forms import accepts_form, post_form
from suites.s3.versions import VERSIONING, VERSIONS_BUCKET

DURING_THE_RUN = {"between": ["{run.start}", "{run.now}"]}
OWN_BUCKET = "Buckets[?Name=='{bucket}'] | [0]"
ME = {"ID": "{me}", "DisplayName": "{me.name}"}


def _user(at: str) -> dict[str, Any]:
    """The parts of a user that must be the caller; a display name may be left out."""
    return {f"{at}.ID": ME["ID"], f"{at}.DisplayName": {"optional": [ME["DisplayName"]]}}


OWNERS = (
    answers(
        "ListBuckets",
        "owner-name",
        "The owner of the list is the owner of its buckets, by id and name.",
        request("ListBuckets").with_fields(_user("Owner")).save(owner="Owner.ID"),
        request("GetBucketAcl").with_fields({"Owner.ID": "{owner}"}),
    ),
    answers(
        "GetBucketAcl",
        "own-grant",
        "The ACL of a new bucket grants everything to its owner, by id and name.",
        request("GetBucketAcl").with_fields({**_user("Owner"), **_user("Grants[0].Grantee")}),
        capabilities={"s3-acl"},
    ),
    answers(
        "GetObjectAcl",
        "own-grant",
        "The ACL of a new object grants everything to its owner, a canonical user.",
        request("GetObjectAcl", Key="letter").with_fields(
            {
                **_user("Owner"),
                **_user("Grants[0].Grantee"),
                "Grants[0].Grantee.Type": "CanonicalUser",
            }
        ),
        shared_bucket=LETTER_BUCKET,
        capabilities={"s3-acl"},
    ),
    *(
        answers(
            operation,
            "owner-name",
            "An object is listed with its owner, by id and name.",
            request(operation, **arguments).with_fields(_user("Contents[0].Owner")),
            shared_bucket=LETTER_BUCKET,
        )
        for operation, arguments in (("ListObjects", {}), ("ListObjectsV2", {"FetchOwner": True}))
    ),
    VERSIONING.answers(
        "ListObjectVersions",
        "owners",
        "Versions and delete markers are listed with their owners, by id and name.",
        request("ListObjectVersions").with_fields(
            {**_user("Versions[0].Owner"), **_user("DeleteMarkers[0].Owner")}
        ),
        setup=(set_versioning(), put(), request("DeleteObject", Key="letter")),
    ),
    MULTIPART.answers(
        "ListParts",
        "users",
        "The list of parts names initiator and owner, by id and name, and the storage class.",
        list_parts().with_fields(
            {**_user("Initiator"), **_user("Owner"), "StorageClass": "STANDARD"}
        ),
        setup=(begin_upload(),),
    ),
    MULTIPART.answers(
        "ListMultipartUploads",
        "users",
        "An upload is listed with initiator and owner, by id and name, and its storage class.",
        request("ListMultipartUploads").with_fields(
            {
                **_user("Uploads[0].Initiator"),
                **_user("Uploads[0].Owner"),
                "Uploads[0].StorageClass": "STANDARD",
            }
        ),
        setup=(begin_upload(),),
    ),
)

TIMES = (
    answers(
        "ListBuckets",
        "time",
        "A bucket is listed with the time at which it was created.",
        request("ListBuckets").with_fields({f"{OWN_BUCKET}.CreationDate": DURING_THE_RUN}),
    ),
    *(
        answers(
            operation,
            "time",
            "An object is shown with the time at which it was stored.",
            request(operation, Key="letter").with_headers({"Last-Modified": DURING_THE_RUN}),
            shared_bucket=LETTER_BUCKET,
        )
        for operation in ("GetObject", "HeadObject")
    ),
    *(
        answers(
            operation,
            "time",
            "An object is listed with the time at which it was stored.",
            request(operation).with_fields({"Contents[0].LastModified": DURING_THE_RUN}),
            shared_bucket=LETTER_BUCKET,
        )
        for operation in ("ListObjects", "ListObjectsV2")
    ),
    VERSIONING.answers(
        "ListObjectVersions",
        "time",
        "Versions and delete markers are listed with their times.",
        request("ListObjectVersions").with_fields(
            {
                "Versions[0].LastModified": DURING_THE_RUN,
                "DeleteMarkers[0].LastModified": DURING_THE_RUN,
            }
        ),
        setup=(set_versioning(), put(), request("DeleteObject", Key="letter")),
    ),
    answers(
        "CopyObject",
        "time",
        "The time in the reply is that of the copy.",
        copy().with_fields({"CopyObjectResult.LastModified": DURING_THE_RUN}),
        setup=(put(),),
    ),
    MULTIPART.answers(
        "ListParts",
        "time",
        "A part is listed with the time at which it was stored.",
        list_parts().with_fields({"Parts[0].LastModified": DURING_THE_RUN}),
        setup=(begin_upload(), upload_part(1)),
    ),
    MULTIPART.answers(
        "ListMultipartUploads",
        "time",
        "An upload is listed with the time at which it was begun.",
        request("ListMultipartUploads").with_fields({"Uploads[0].Initiated": DURING_THE_RUN}),
        setup=(begin_upload(),),
    ),
    MULTIPART.answers(
        "UploadPartCopy",
        "time",
        "The time in the reply is that of the new part.",
        copy_part().with_fields({"CopyPartResult.LastModified": DURING_THE_RUN}),
        setup=(put(), begin_upload()),
    ),
)

# By operation: what is sent and must be repeated; what is not sent must not be there.
REPEATED: Mapping[str, Mapping[str, Any]] = {
    "ListObjectVersions": {
        **{"Prefix": "c", "Delimiter": "/", "MaxKeys": 7, "KeyMarker": "b"},
        "EncodingType": "url",
    },
    "ListMultipartUploads": {
        **{"Prefix": "p", "Delimiter": "/", "MaxUploads": 7, "KeyMarker": "b"},
        "EncodingType": "url",
    },
    "ListObjects": {"Prefix": "l", "Delimiter": "/", "MaxKeys": 7, "Marker": "a"},
    "ListObjectsV2": {"Prefix": "l", "Delimiter": "/", "MaxKeys": 7, "StartAfter": "a"},
}
_CAPABILITIES = {
    "ListObjectVersions": {"s3-versioning"},
    "ListMultipartUploads": {"s3-multipart"},
}


def _repeated() -> Iterator[ProcedureRequirement]:
    for operation, arguments in REPEATED.items():
        decoded = {name: value for name, value in arguments.items() if name != "EncodingType"}
        bucket = "Bucket" if operation == "ListMultipartUploads" else "Name"
        yield answers(
            operation,
            "repeats-its-request",
            "A listing repeats the bucket and the parameters that it was asked for.",
            request(operation, **arguments).with_fields({**decoded, bucket: "{bucket}"}),
            capabilities=_CAPABILITIES.get(operation, set()),
        )


MARKERS = (
    answers(
        "ListObjects",
        "marker-value",
        "The marker of the next page is the last name of this one.",
        request("ListObjects", Delimiter="/", MaxKeys=1).with_fields({"NextMarker": "a"}),
        setup=(put("a"), put("b")),
    ),
    answers(
        "ListObjectVersions",
        "encoded-keys",
        "Keys are encoded as URLs where that is asked for.",
        request("ListObjectVersions", EncodingType="url").with_fields(
            {"Versions[].Key": [["a%26%C3%A9"]], "EncodingType": "url"}
        ),
        setup=(put("a&é"),),
        capabilities={"s3-versioning"},
    ),
    MULTIPART.answers(
        "ListMultipartUploads",
        "encoded-keys",
        "Keys are encoded as URLs where that is asked for.",
        request("ListMultipartUploads", EncodingType="url").with_fields(
            {"Uploads[].Key": [["a%26%C3%A9"]], "EncodingType": "url"}
        ),
        setup=(begin_upload("a&é"),),
    ),
    MULTIPART.answers(
        "ListMultipartUploads",
        "upload-marker",
        "A list of uploads repeats its markers, and names those of the next page.",
        request("ListMultipartUploads", MaxUploads=1)
        .with_fields(
            {
                "IsTruncated": True,
                "NextKeyMarker": "a",
                "NextUploadIdMarker": "{upload}",
                "UploadIdMarker": {"absent": True},
            }
        )
        .save(key="NextKeyMarker", id="NextUploadIdMarker"),
        request("ListMultipartUploads", KeyMarker="{key}", UploadIdMarker="{id}").with_fields(
            {"KeyMarker": "a", "UploadIdMarker": "{upload}", "Uploads[].Key": [["b"]]}
        ),
        setup=(begin_upload("b"), begin_upload("a")),
    ),
    VERSIONING.answers(
        "ListObjectVersions",
        "version-marker",
        "A list of versions repeats its markers, and names those of the next page.",
        request("ListObjectVersions", MaxKeys=1).save(
            key="NextKeyMarker", version="NextVersionIdMarker"
        ),
        request("ListObjectVersions", KeyMarker="{key}", VersionIdMarker="{version}").with_fields(
            {"KeyMarker": "{key}", "VersionIdMarker": "{version}"}
        ),
        shared_bucket=VERSIONS_BUCKET,
    ),
    MULTIPART.answers(
        "ListParts",
        "markers",
        "A list of parts repeats its marker, and names that of the next page.",
        list_parts(MaxParts=1).with_fields({"PartNumberMarker": [0], "NextPartNumberMarker": 1}),
        list_parts(PartNumberMarker=1).with_fields({"PartNumberMarker": 1}),
        setup=(begin_upload(), upload_part(1), upload_part(2)),
    ),
)


IDENTITIES = (
    VERSIONING.answers(
        "CopyObject",
        "version-of-the-copy",
        "The reply names the version that the copy became.",
        copy().save(version="VersionId"),
        head("copy").with_headers({"x-amz-version-id": "{version}"}),
        setup=(set_versioning(), put()),
    ),
    VERSIONING.answers(
        "HeadObject",
        "version-id",
        "The reply names the version that is described.",
        head().with_headers({"x-amz-version-id": "{version}"}),
        setup=(set_versioning(), put().save(version="VersionId")),
    ),
    VERSIONING.answers(
        "UploadPartCopy",
        "version-of-the-source",
        "The reply names the version that the part was copied from.",
        copy_part().with_headers({"x-amz-copy-source-version-id": "{version}"}),
        setup=(set_versioning(), put().save(version="VersionId"), begin_upload()),
        capabilities={"s3-multipart"},
    ),
    VERSIONING.answers(
        "CompleteMultipartUpload",
        "version-id",
        "The reply names the version that the object became.",
        complete_upload((1, "{one}")).save(version="VersionId"),
        head("parts").with_headers({"x-amz-version-id": "{version}"}),
        setup=(set_versioning(), begin_upload(), upload_part(1)),
        capabilities={"s3-multipart"},
    ),
    VERSIONING.answers(
        "DeleteObjects",
        "marker-version",
        "The reply names the versions of the delete markers that it created.",
        delete_objects("letter").save(marker="Deleted[0].DeleteMarkerVersionId"),
        request("ListObjectVersions").with_fields({"DeleteMarkers[].VersionId": [["{marker}"]]}),
        setup=(set_versioning(), put()),
    ),
    MULTIPART.answers(
        "CompleteMultipartUpload",
        "location",
        "The location is the URL of the object.",
        complete_upload((1, "{one}")).with_fields({"Location": {"matches": r"(.*/)?parts"}}),
        setup=(begin_upload(), upload_part(1)),
    ),
    accepts_form(
        "location-201",
        "The location in the reply's document is the URL of the object.",
        post_form({"success_action_status": "201"}).with_fields(
            {"Location": {"matches": r"https?://.*posted"}}
        ),
    ),
    checks_policy(
        "DeleteObjects",
        "one-key-only",
        "A key that may not be deleted is listed with Amazon's code, and the other one as deleted.",
        delete_objects("a", "b")
        .by("other")
        .with_fields(
            {
                "Deleted[].Key": [["a"]],
                "Errors[].[Key, Code]": [[["b", "AccessDenied"]]],
                "Errors[0].Message": {"present": True},
            }
        ),
        setup=(
            *(put("a"), put("b")),
            put_policy(statement("s3:DeleteObject", "arn:aws:s3:::{bucket}/a", Principal=OTHER)),
        ),
        verify=(list_keys("b"),),
    ),
    answers(
        "HeadObject",
        "content-range",
        "The headers of a part of an object name its range.",
        head(Range="bytes=5-9").with_headers(
            {"Content-Range": {"optional": [f"bytes 5-9/{len(LETTER)}"]}}
        ),
        shared_bucket=LETTER_BUCKET,
    ),
)


class TestReplyLeaves(S3Suite):
    """Parts of replies."""

    requirements = (*OWNERS, *TIMES, *_repeated(), *MARKERS, *IDENTITIES)
