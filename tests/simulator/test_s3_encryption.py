"""Server-side encryption, and the keys that clients need to read."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from fixtures.simulator.deployment import DeploymentOptions
from tests.support.s3_clients import error_of

pytestmark = pytest.mark.usefixtures("shared_bucket")

BUCKET = "secrets"
PART = hashlib.shake_128(b"secret").digest(5 * 2**20)
KEY = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
OTHER = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "o" * 32}
MANAGED: dict[str, Any] = {"ServerSideEncryption": "AES256"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The storage root."""
    return tmp_path_factory.mktemp("storage")


@pytest.fixture(scope="module")
def deployment_options(root: Path) -> DeploymentOptions:
    """A deployment with a storage root that tests can read."""
    return DeploymentOptions(storage_root=root)


def stores_plaintext(root: Path, content: bytes) -> bool:
    """Whether any file under the root contains the content unencrypted."""
    return any(content in path.read_bytes() for path in root.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("how", "needed"), [(KEY, KEY), (MANAGED, {}), ({"ServerSideEncryption": "aws:kms"}, {})]
)
@pytest.mark.parametrize("size", [5, 100_000])
def test_encryption(
    alice: Any, root: Path, how: dict[str, Any], needed: dict[str, Any], size: int
) -> None:
    """Encrypted content is returned whole and in part to permitted readers, and is not readable on
    disk."""
    which, body = {"Bucket": BUCKET, "Key": "k"}, PART[:size]
    response = alice.put_object(**which, Body=body, **how)
    assert response["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    stored = alice.get_object(**which, **needed)
    assert stored["Body"].read() == body
    response = alice.head_object(**which, **needed)
    for answer in (stored, response):
        assert answer.get("ServerSideEncryption") == how.get("ServerSideEncryption")
        assert answer.get("SSECustomerAlgorithm") == how.get("SSECustomerAlgorithm")
    stored = alice.get_object(**which, Range=f"bytes=3-{size - 1}", **needed)
    assert stored["Body"].read() == body[3:]
    assert not stores_plaintext(root, body[:64])
    alice.put_object(**which, Body=PART[:100_000])
    assert stores_plaintext(root, PART[:64])


def test_uploads_and_copies(alice: Any, root: Path) -> None:
    """Parts are encrypted, a range across parts is decrypted, and a copy has a key of its own."""
    which = {"Bucket": BUCKET, "Key": "parts"}
    begun = alice.create_multipart_upload(**which, **KEY)
    part = {**which, "UploadId": begun["UploadId"]}
    wrong = error_of(alice.upload_part, **part, PartNumber=1, Body=b"", **OTHER)
    assert wrong == (400, "InvalidRequest")
    assert error_of(alice.upload_part, **part, PartNumber=1, Body=b"") == (400, "InvalidRequest")
    bodies = (PART[::-1], PART, b"end")
    parts = [
        {"PartNumber": n, "ETag": alice.upload_part(**part, PartNumber=n, Body=b, **KEY)["ETag"]}
        for n, b in enumerate(bodies, 1)
    ]
    alice.complete_multipart_upload(**part, MultipartUpload={"Parts": parts})
    whole = b"".join(bodies)
    assert alice.get_object(**which, **KEY)["Body"].read() == whole
    for first, last in ((len(PART) - 3, len(whole) - 1), (len(PART), len(PART) + 17), (7, 8)):
        stored = alice.get_object(**which, Range=f"bytes={first}-{last}", **KEY)
        assert stored["Body"].read() == whole[first : last + 1]
    source = {f"CopySource{name}": value for name, value in KEY.items()}
    to = {"Bucket": BUCKET, "Key": "copy"}
    assert error_of(alice.copy_object, **to, CopySource=which) == (400, "InvalidRequest")
    alice.copy_object(**to, CopySource=which, **source, **OTHER)
    assert alice.get_object(**to, **OTHER)["Body"].read() == whole
    alice.copy_object(**to, CopySource=which, **source, **MANAGED)
    assert alice.get_object(**to)["Body"].read() == whole
    assert not stores_plaintext(root, whole[:64])


def test_encryption_headers_on_reads(alice: Any) -> None:
    """A read with encryption headers is refused: only writes may have them."""
    which = {"Bucket": BUCKET, "Key": "sealed"}
    alice.put_object(**which, Body=b"x", **MANAGED)

    def choose(params: dict[str, Any], **_: Any) -> None:
        params["headers"]["x-amz-server-side-encryption"] = "AES256"

    events = [f"before-call.s3.{name}" for name in ("GetObject", "HeadObject")]
    for event in events:
        alice.meta.events.register(event, choose)
    try:
        assert error_of(alice.get_object, **which) == (400, "InvalidArgument")
        assert error_of(alice.head_object, **which)[0] == 400
    finally:
        for event in events:
            alice.meta.events.unregister(event, choose)
    assert alice.get_object(**which)["Body"].read() == b"x"


def test_wrong_keys(alice: Any) -> None:
    """A read without the key or with another is refused, and so is an invalid key."""
    which = {"Bucket": BUCKET, "Key": "closed"}
    alice.put_object(**which, Body=b"x", **KEY)
    for key in ({}, OTHER):
        assert error_of(alice.get_object, **which, **key) == (400, "InvalidRequest")
        assert error_of(alice.head_object, **which, **key)[0] == 400
    for wrong in (
        {**KEY, "SSECustomerAlgorithm": "ROT13"},
        {**KEY, "SSECustomerKey": "short"},
        {**KEY, "SSECustomerKeyMD5": "AAAAAAAAAAAAAAAAAAAAAA=="},
        {**KEY, **MANAGED},
        {"ServerSideEncryption": "ROT13"},
        {"SSEKMSKeyId": "mine"},
    ):
        assert error_of(alice.put_object, **which, **wrong) == (400, "InvalidArgument")
    assert alice.get_object(**which, **KEY)["Body"].read() == b"x"
    alice.put_object(**which, Body=b"open")
    assert error_of(alice.get_object, **which, **KEY) == (400, "InvalidRequest")


def test_default_encryption(alice: Any, root: Path) -> None:
    """A bucket's default encryption applies to all later writes."""
    none = (404, "ServerSideEncryptionConfigurationNotFoundError")
    alice.create_bucket(Bucket="closed-bucket")
    assert error_of(alice.get_bucket_encryption, Bucket="closed-bucket") == none
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    configuration = {"Rules": [rule]}
    configure = {"Bucket": "closed-bucket", "ServerSideEncryptionConfiguration": configuration}
    alice.put_bucket_encryption(**configure)
    response = alice.get_bucket_encryption(Bucket="closed-bucket")
    assert response["ServerSideEncryptionConfiguration"] == configuration
    content = b"by default" * 10_000
    response = alice.put_object(Bucket="closed-bucket", Key="k", Body=content)
    assert response["ServerSideEncryption"] == "AES256"
    assert alice.get_object(Bucket="closed-bucket", Key="k")["Body"].read() == content
    assert not stores_plaintext(root, content[:64])
    rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] = "ROT13"
    assert error_of(alice.put_bucket_encryption, **configure) == (400, "MalformedXML")
    alice.delete_bucket_encryption(Bucket="closed-bucket")
    assert error_of(alice.get_bucket_encryption, Bucket="closed-bucket") == none
