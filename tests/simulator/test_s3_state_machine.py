"""The S3 store as a state machine: whatever order requests come in, it has what was stored, and a
refusal changes nothing."""

from __future__ import annotations

from contextlib import ExitStack
from urllib.parse import quote

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from lxml import etree

from fixtures.simulator.deployment import Deployment
from tests.support.property_limits import bounded
from tests.support.s3_clients import RawClient, RawReply

BUCKETS = st.sampled_from(["first", "second"])
KEYS = st.sampled_from(["a", "a/b", "\u00fc \u20ac", "..", "a//b", "%2e"])
CONTENTS = st.binary(max_size=20)
VERSIONING = (
    b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
    b"<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>",
)


def path_of(bucket: str, key: str) -> str:
    """The path of an object, without a slash in front."""
    return f"{bucket}/{quote(key)}"


class S3Machine(RuleBasedStateMachine):
    """Buckets and objects of one account, beside a model of them.

    A bucket of the model is the list of versions of each key, the newest last: id and content,
    which is None for a delete marker.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.buckets: dict[str, dict[str, list[tuple[str, bytes | None]]]] = {}
        self.versioning: dict[str, bool | None] = {}  # None before it was ever enabled

    @initialize()
    def start(self) -> None:
        """Serve an empty store."""
        self.client = RawClient(self.stack.enter_context(Deployment()))
        self.stack.callback(self.client.close)

    def teardown(self) -> None:
        """Stop the deployment."""
        self.stack.close()

    def send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> RawReply:
        """The reply to a signed request; `path` has no slash in front."""
        return self.client.send_signed(method, f"/{path}", body, headers)

    def current(self, bucket: str, key: str) -> bytes | None:
        """The content of a key, None without one."""
        versions = self.buckets.get(bucket, {}).get(key, [])
        return versions[-1][1] if versions else None

    def store(self, bucket: str, key: str, reply: RawReply, content: bytes | None) -> None:
        """Take a stored version, or delete marker, into the model."""
        versions = self.buckets[bucket].setdefault(key, [])
        identity = reply.headers.get("x-amz-version-id", "null")
        assert (identity != "null") == bool(self.versioning[bucket])
        if identity == "null":
            versions[:] = [version for version in versions if version[0] != "null"]
        if content is not None or self.versioning[bucket] is not None:
            versions.append((identity, content))

    @rule(bucket=BUCKETS)
    def create_bucket(self, bucket: str) -> None:
        """A bucket is created once."""
        status = self.send("PUT", bucket).status
        assert status == (409 if bucket in self.buckets else 200)
        self.buckets.setdefault(bucket, {})
        self.versioning.setdefault(bucket, None)

    @rule(bucket=BUCKETS)
    def delete_bucket(self, bucket: str) -> None:
        """Only an empty bucket is deleted."""
        status = self.send("DELETE", bucket).status
        if bucket not in self.buckets:
            assert status == 404
        elif any(self.buckets[bucket].values()):
            assert status == 409
        else:
            assert status == 204
            del self.buckets[bucket], self.versioning[bucket]

    @rule(bucket=BUCKETS, enabled=st.booleans())
    def set_versioning(self, bucket: str, enabled: bool) -> None:
        """Versioning is enabled and suspended."""
        document = VERSIONING[not enabled]
        status = self.send("PUT", f"{bucket}?versioning", document).status
        assert status == (200 if bucket in self.buckets else 404)
        if bucket in self.buckets:
            self.versioning[bucket] = enabled

    @rule(bucket=BUCKETS, key=KEYS, content=CONTENTS, sound=st.booleans())
    def put(self, bucket: str, key: str, content: bytes, sound: bool) -> None:
        """Content whose digest is wrong is not stored."""
        headers = {} if sound else {"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}
        reply = self.send("PUT", path_of(bucket, key), content, headers)
        if bucket not in self.buckets:
            assert reply.status in (400, 404)
        elif not sound:
            assert (reply.status, b"BadDigest" in reply.body) == (400, True)
        else:
            assert reply.status == 200
            self.store(bucket, key, reply, content)

    @rule(source=BUCKETS, key=KEYS, bucket=BUCKETS, name=KEYS)
    def copy(self, source: str, key: str, bucket: str, name: str) -> None:
        """A copy has the content of its source, which must be another object."""
        header = {"x-amz-copy-source": path_of(source, key)}
        content = self.current(source, key)
        reply = self.send("PUT", path_of(bucket, name), headers=header)
        if bucket not in self.buckets or content is None:
            assert reply.status in (400, 404)
        elif (source, key) == (bucket, name):
            assert reply.status == 400
        else:
            assert reply.status == 200
            self.store(bucket, name, reply, content)

    @rule(bucket=BUCKETS, key=KEYS)
    def delete(self, bucket: str, key: str) -> None:
        """In a bucket that was ever versioned a delete leaves a marker."""
        reply = self.send("DELETE", path_of(bucket, key))
        assert reply.status == (204 if bucket in self.buckets else 404)
        if bucket in self.buckets:
            self.store(bucket, key, reply, None)

    @rule(bucket=BUCKETS, key=KEYS, number=st.integers(0, 3))
    def delete_version(self, bucket: str, key: str, number: int) -> None:
        """Deleting a version removes that one only."""
        versions = self.buckets.get(bucket, {}).get(key, [])
        if number < len(versions):
            identity, _ = versions.pop(number)
            reply = self.send("DELETE", f"{path_of(bucket, key)}?versionId={identity}")
            assert reply.status == 204

    @rule(bucket=BUCKETS, key=KEYS)
    def read(self, bucket: str, key: str) -> None:
        """What is read is what was stored last."""
        reply, content = self.send("GET", path_of(bucket, key)), self.current(bucket, key)
        assert reply.status == (404 if content is None else 200)
        assert content is None or reply.body == content

    @invariant()
    def lists_show_the_model(self) -> None:
        """The lists of buckets, objects and versions have exactly what the model has."""
        root = etree.fromstring(self.client.send_signed("GET", "/").body)
        assert root.xpath("//*[local-name()='Bucket']/*[local-name()='Name']/text()") == sorted(
            self.buckets
        )
        for bucket, keys in self.buckets.items():
            root = etree.fromstring(self.send("GET", bucket).body)
            listed = root.xpath("//*[local-name()='Key']/text()")
            present = [key for key in keys if self.current(bucket, key) is not None]
            assert listed == sorted(present, key=str.encode)
            root = etree.fromstring(self.send("GET", f"{bucket}?versions").body)
            identities = root.xpath("//*[local-name()='VersionId']/text()")
            newest_first = [
                identity
                for key in sorted(keys, key=str.encode)
                for identity, _ in reversed(keys[key])
            ]
            assert identities == newest_first


TestS3 = S3Machine.TestCase
TestS3.settings = bounded(8, 25)
