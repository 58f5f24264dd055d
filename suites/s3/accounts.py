"""S3: an account of a sub-domain is a stranger to a bucket, and a disabled user is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixtures.model import ProcedureRequirement, Step
from suites.s3.dsl import (
    LETTER,
    Cases,
    S3Suite,
    delete,
    get,
    head,
    list_keys,
    must_fail,
    put,
    request,
)

RIGHTS = Cases(drivers=("boto3", "raw"))
DISABLED = ("AccessDenied", "InvalidAccessKeyId")
OPERATIONS: Mapping[str, Step] = {
    "GetObject": get(),
    "HeadObject": head(),
    "PutObject": put("letter", "another text"),
    "DeleteObject": delete(),
    "ListObjects": request("ListObjects"),
    "GetBucketLocation": request("GetBucketLocation"),
    "DeleteBucket": request("DeleteBucket"),
}
UNCHANGED = (get().returns(LETTER), list_keys("letter"))


def _rights() -> Iterator[ProcedureRequirement]:
    for operation, step in OPERATIONS.items():
        yield RIGHTS.checks_access(
            operation,
            "subdomain",
            f"{operation} on a bucket of an account in another domain is refused.",
            must_fail(step.by("subdomain_user"), "AccessDenied"),
            setup=(put(),),
            verify=UNCHANGED,
        )
        yield RIGHTS.checks_access(
            operation,
            "disabled",
            f"{operation} of a disabled user is refused.",
            must_fail(step.by("disabled_user"), *DISABLED),
            setup=(put(),),
            verify=UNCHANGED,
        )
    yield RIGHTS.checks_access(
        "ListBuckets",
        "disabled",
        "A disabled user gets no list of buckets.",
        must_fail(request("ListBuckets").by("disabled_user"), *DISABLED),
        setup=(put(),),
    )
    yield RIGHTS.checks_access(
        "ListBuckets",
        "subdomain",
        "The list of an account's buckets leaves out those of an account in another domain.",
        request("ListBuckets").with_fields({"Buckets[].Name": {"includes": ["{bucket}"]}}),
        request("ListBuckets")
        .by("subdomain_user")
        .with_fields({"Buckets[?Name=='{bucket}']": {"count": [0]}}),
    )


class TestAccounts(S3Suite):
    """Users of other domains, and disabled ones."""

    requirements = tuple(_rights())
