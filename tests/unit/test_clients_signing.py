"""Signature version 2, against vectors from the bridge's own classes."""

from __future__ import annotations

import pytest

from fixtures.clients.ec2.signature_v2 import canonical_query, signature, string_to_sign, timestamp

PARAMETERS = {
    "Version": "2012-08-15",
    "Timestamp": "2014-05-21T10:00:00Z",
    "SignatureVersion": "2",
    "InstanceId.1": "a b",
    "Action": "DescribeInstances",
    "AWSAccessKeyId": "AK",
}


@pytest.mark.parametrize(
    ("path", "method", "expected"),
    [
        ("/awsapi", "HmacSHA256", "VO2gTJOiPLcdIUBVtj8McyoGw9RksN5LptqTRoG8dTs="),
        ("/awsapi/", "HmacSHA1", "iuMVFFxpEpInx/ruWBxIm3NNbgI="),
    ],
)
def test_signs_as_the_bridge_verifies(path: str, method: str, expected: str) -> None:
    """A request is signed as the real bridge's own code computes it, with either HMAC."""
    text = string_to_sign("GET", "LOCALHOST:7080", path, PARAMETERS | {"SignatureMethod": method})
    assert text.startswith(f"GET\nlocalhost:7080\n{path}\nAWSAccessKeyId=AK&Action=Desc")
    assert "InstanceId.1=a%20b" in text
    assert signature("SK", text, method) == expected


def test_percent_encoding_is_that_of_rfc_3986() -> None:
    """Only letters, digits and - _ . ~ are not encoded, and names sort by their bytes."""
    assert canonical_query({"b": "~*+/é", "B": "a b", "a.1": ""}) == (
        "B=a%20b&a.1=&b=~%2A%2B%2F%C3%A9"
    )


def test_timestamps_are_utc() -> None:
    """The time is in UTC, to the second, and may be in the past."""
    assert timestamp(-3600) < timestamp()
    assert len(timestamp()) == len("2014-05-21T10:00:00Z")
    assert timestamp().endswith("Z")
