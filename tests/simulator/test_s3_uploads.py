"""Multipart uploads and POST forms over HTTP."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
import requests

from fixtures.simulator.bridge.s3.storage.integrity import CrcHash
from tests.support.s3_clients import UserClients, error_of

pytestmark = pytest.mark.usefixtures("shared_bucket")

BUCKET = "parts"
PART = hashlib.shake_128(b"part").digest(5 * 2**20)


class Upload:
    """An upload in progress of a key."""

    def __init__(self, client: Any, key: str, **settings: Any) -> None:
        created = client.create_multipart_upload(Bucket=BUCKET, Key=key, **settings)
        self.client = client
        self.which = {"Bucket": BUCKET, "Key": key, "UploadId": created["UploadId"]}
        self.parts: list[dict[str, Any]] = []

    def put(self, number: int, body: bytes, **more: Any) -> None:
        """Upload a part, and add it to the list of parts."""
        response = self.client.upload_part(**self.which, PartNumber=number, Body=body, **more)
        self.parts.append({"PartNumber": number, "ETag": response["ETag"]})

    @property
    def completion(self) -> dict[str, Any]:
        """The arguments that complete the upload with its parts."""
        return {**self.which, "MultipartUpload": {"Parts": self.parts}}


def test_multipart_upload(alice: Any) -> None:
    """Parts make an object, in the order of their numbers; until then, parts and upload are listed.
    The headers of the creation apply."""
    upload = Upload(alice, "whole", Metadata={"a": "b"}, ContentType="x/y")
    upload.put(2, b"wrong")
    upload.put(2, b"the end")
    upload.put(1, PART)
    upload.parts = [upload.parts[2], upload.parts[1]]
    listed = alice.list_parts(**upload.which)["Parts"]
    assert [(entry["PartNumber"], entry["Size"]) for entry in listed] == [(1, len(PART)), (2, 7)]
    page = alice.list_parts(**upload.which, MaxParts=1)
    assert (page["IsTruncated"], page["NextPartNumberMarker"]) == (True, 1)
    pending = alice.list_multipart_uploads(Bucket=BUCKET, Prefix="who")["Uploads"]
    assert [(entry["Key"], entry["UploadId"]) for entry in pending] == [
        ("whole", upload.which["UploadId"])
    ]
    assert error_of(alice.get_object, Bucket=BUCKET, Key="whole") == (404, "NoSuchKey")
    response = alice.complete_multipart_upload(**upload.completion)
    digests = hashlib.md5(PART).digest() + hashlib.md5(b"the end").digest()
    assert response["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-2"'
    stored = alice.get_object(Bucket=BUCKET, Key="whole")
    assert stored["Body"].read() == PART + b"the end"
    assert (stored["Metadata"], stored["ContentType"]) == ({"a": "b"}, "x/y")
    part = alice.get_object(Bucket=BUCKET, Key="whole", PartNumber=2)
    assert (part["Body"].read(), part["PartsCount"]) == (b"the end", 2)
    assert error_of(alice.get_object, Bucket=BUCKET, Key="whole", PartNumber=3)[0] == 416
    again = error_of(alice.complete_multipart_upload, **upload.completion)
    assert again == (404, "NoSuchUpload")
    assert "Uploads" not in alice.list_multipart_uploads(Bucket=BUCKET, Prefix="who")


def test_invalid_part_lists(alice: Any) -> None:
    """A list in the wrong order, or of parts that are missing or too small, completes nothing."""
    upload = Upload(alice, "not")
    upload.put(1, b"small")
    upload.put(2, b"end")
    right = upload.parts

    def completed(*parts: dict[str, Any]) -> tuple[int, str]:
        upload.parts = list(parts)
        return error_of(alice.complete_multipart_upload, **upload.completion)

    assert completed(right[1], right[0]) == (400, "InvalidPartOrder")
    assert completed(right[0], {"PartNumber": 3, "ETag": '"x"'}) == (400, "InvalidPart")
    assert completed({"PartNumber": 1, "ETag": right[1]["ETag"]}) == (400, "InvalidPart")
    assert completed(*right) == (400, "EntityTooSmall")
    assert completed() == (400, "MalformedXML")
    assert error_of(alice.get_object, Bucket=BUCKET, Key="not") == (404, "NoSuchKey")
    for number in (0, 10_001):
        code = error_of(alice.upload_part, **upload.which, PartNumber=number, Body=b"")
        assert code == (400, "InvalidArgument")
    upload.parts = right[:1]
    alice.complete_multipart_upload(**upload.completion)
    assert alice.get_object(Bucket=BUCKET, Key="not")["Body"].read() == b"small"


def test_aborted_upload(clients: UserClients) -> None:
    """An aborted upload is removed with its parts; only permitted writers can abort."""
    alice = clients()
    upload = Upload(alice, "aborted")
    upload.put(1, b"x")
    code = error_of(clients("bob").abort_multipart_upload, **upload.which)
    assert code == (403, "AccessDenied")
    alice.abort_multipart_upload(**upload.which)
    for call, more in (
        (alice.list_parts, {}),
        (alice.abort_multipart_upload, {}),
        (alice.upload_part, {"PartNumber": 1, "Body": b""}),
    ):
        assert error_of(call, **upload.which, **more) == (404, "NoSuchUpload")


def test_copied_parts(alice: Any) -> None:
    """A part can be a range of an object."""
    alice.put_object(Bucket=BUCKET, Key="source", Body=PART + b"0123456789")
    upload = Upload(alice, "pasted")
    for number, stretch in ((1, "bytes=3-5242882"), (2, "bytes=5242882-5242884")):
        response = alice.upload_part_copy(
            **upload.which,
            PartNumber=number,
            CopySource=f"{BUCKET}/source",
            CopySourceRange=stretch,
        )
        etag = response["CopyPartResult"]["ETag"]
        upload.parts.append({"PartNumber": number, "ETag": etag})
    alice.complete_multipart_upload(**upload.completion)
    body = alice.get_object(Bucket=BUCKET, Key="pasted")["Body"].read()
    assert body == PART[3:] + b"012" + b"234"
    source = {"CopySource": f"{BUCKET}/source", "PartNumber": 1}
    for stretch, refusal in (
        ("bytes=0-9999999", (416, "InvalidRange")),
        ("bytes=5-", (400, "InvalidArgument")),
    ):
        copied = {**Upload(alice, "no").which, **source, "CopySourceRange": stretch}
        assert error_of(alice.upload_part_copy, **copied) == refusal


@pytest.mark.parametrize(
    ("algorithm", "kind", "suffix"),
    [("SHA256", "COMPOSITE", "-2"), ("CRC32", "COMPOSITE", "-2"), ("CRC64NVME", "FULL_OBJECT", "")],
)
def test_checksums_of_parts(alice: Any, algorithm: str, kind: str, suffix: str) -> None:
    """The checksum of an upload is composite or of the full object, as requested."""
    upload = Upload(alice, "summed", ChecksumAlgorithm=algorithm, ChecksumType=kind)
    bodies = (PART, b"the end")
    for number, body in enumerate(bodies, 1):
        checksum = {"ChecksumAlgorithm": algorithm}
        if algorithm == "CRC64NVME":  # which botocore does not compute
            value = CrcHash(algorithm)
            value.update(body)
            checksum = {"ChecksumCRC64NVME": base64.b64encode(value.digest()).decode()}
        response = alice.upload_part(**upload.which, PartNumber=number, Body=body, **checksum)
        name = f"Checksum{algorithm}"
        part = {"PartNumber": number, "ETag": response["ETag"]}
        upload.parts.append({**part, name: response[name]} if name in response else part)
    response = alice.complete_multipart_upload(**upload.completion)
    assert (response["ChecksumType"], response[f"Checksum{algorithm}"][-2:] == "-2") == (
        kind,
        bool(suffix),
    )
    stored = alice.head_object(Bucket=BUCKET, Key="summed", ChecksumMode="ENABLED")
    assert stored[f"Checksum{algorithm}"] == response[f"Checksum{algorithm}"]
    if kind == "FULL_OBJECT":
        source = f"{BUCKET}/summed"
        alice.copy_object(
            Bucket=BUCKET, Key="again", CopySource=source, ChecksumAlgorithm=algorithm
        )
        copied = alice.head_object(Bucket=BUCKET, Key="again", ChecksumMode="ENABLED")
        assert copied[f"Checksum{algorithm}"] == response[f"Checksum{algorithm}"]
    response = alice.get_object_attributes(
        Bucket=BUCKET, Key="summed", ObjectAttributes=["ObjectParts", "ObjectSize"]
    )
    assert response["ObjectParts"]["TotalPartsCount"] == 2
    assert response["ObjectSize"] == len(PART) + 7


def post(alice: Any, key: str, body: bytes, **fields: str) -> requests.Response:
    """Send a form that alice signed, filled in."""
    conditions = [{name: value} for name, value in fields.items()]
    form = alice.generate_presigned_post(
        BUCKET, key, Fields=fields, Conditions=[*conditions, ["content-length-range", 1, 100_000]]
    )
    return requests.post(
        form["url"],
        data=form["fields"],
        files={"file": ("my file.txt", body)},
        allow_redirects=False,
        timeout=10,
    )


def test_post_forms(alice: Any) -> None:
    """A browser uploads what a signed form allows, and gets the reply that the form asks for."""
    body = b"--\r\n" * 10_000
    answer = post(alice, "up/${filename}", body, **{"x-amz-meta-a": "é", "Content-Type": "a/b"})
    assert (answer.status_code, answer.text) == (204, "")
    stored = alice.get_object(Bucket=BUCKET, Key="up/my file.txt")
    assert stored["Body"].read() == body
    assert stored["ContentType"] == "a/b"
    assert stored["Metadata"]["a"].encode("latin-1").decode() == "é"
    answer = post(alice, "up/2", b"x", success_action_status="201")
    assert answer.status_code == 201
    assert "<Key>up/2</Key>" in answer.text
    answer = post(alice, "up/3", b"x", success_action_redirect="http://localhost/done?x=1")
    assert answer.status_code == 303
    location = f"http://localhost/done?x=1&bucket={BUCKET}&key=up%2F3&etag=%22"
    assert answer.headers["location"].startswith(location)


def test_refused_forms(alice: Any, clients: UserClients) -> None:
    """A form that is too large, unsigned or malformed stores nothing."""
    for body, code in ((b"", "EntityTooSmall"), (b"x" * 100_001, "EntityTooLarge")):
        answer = post(alice, "refused", body)
        assert (answer.status_code, f"<Code>{code}</Code>" in answer.text) == (400, True)
    url = f"{clients.deployment.s3_url}/{BUCKET}"
    answer = requests.post(url, files={"key": b"refused", "file": b"x"}, timeout=10)
    assert (answer.status_code, "AccessDenied" in answer.text) == (403, True)
    answer = requests.post(url, data={"key": "refused"}, timeout=10)
    assert (answer.status_code, "PreconditionFailed" in answer.text) == (412, True)
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = requests.post(url, data=b"--y", headers=headers, timeout=10)
    assert (answer.status_code, "MalformedPOSTRequest" in answer.text) == (400, True)
    assert error_of(alice.get_object, Bucket=BUCKET, Key="refused") == (404, "NoSuchKey")
