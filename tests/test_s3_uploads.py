"""Bodies that are signed piece by piece, and forms that browsers upload with."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest
from botocore.auth import HmacV1PostAuth, S3SigV4PostAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpchecksum import AwsChunkedWrapper, Crc32Checksum
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.simulator.bridge.s3.chunks import Chunks
from fixtures.simulator.bridge.s3.errors import S3Error
from fixtures.simulator.bridge.s3.forms import Form, Forms
from fixtures.simulator.bridge.s3.seal import Seal, signing_key
from fixtures.simulator.bridge.s3.signing import Authenticator
from tests.bridge_requests import KEY, Key, lookup
from tests.s3_requests import SERVICE, received

# --- chunks ---------------------------------------------------------------------------------------

# Amazon's example of a body in chunks: 65 KiB of the letter a.
EXAMPLE = Key("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "johnsmith")
IN_2013 = 1369353600.0
SIZES = (65536, 1024, 0)
SIGNATURES = (
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
)
SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
WITH_TRAILERS = (
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
)
SEED_WITH_TRAILERS = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
TRAILER = (
    b"x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:"
    b"d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n"
)


def chunked(signatures: tuple[str, ...], trailer: bytes = b"") -> bytes:
    """The example on the wire."""
    body = b""
    for size, signature in zip(SIZES, signatures, strict=True):
        body += f"{size:x};chunk-signature={signature}\r\n".encode() + b"a" * size
        body += b"\r\n" if size else b""
    return body + trailer + b"\r\n"


def decoder(more: Mapping[str, str] | None = None, seed: str = SEED, names: str = "") -> Chunks:
    """What the request of Amazon's example is decoded with."""
    given = {
        "Host": "s3.amazonaws.com",
        "x-amz-date": "20130524T000000Z",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "Content-Encoding": "aws-chunked",
        "x-amz-decoded-content-length": "66560",
        "Content-Length": "66824",
        **(more or {}),
    }
    signed = names or (
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
        "x-amz-decoded-content-length;x-amz-storage-class"
    )
    given["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={EXAMPLE.api_key}/20130524/us-east-1/s3/aws4_request,"
        f"SignedHeaders={signed},Signature={seed}"
    )
    request = received("PUT", "http://s3.amazonaws.com/examplebucket/chunkObject.txt", given)
    authenticator = Authenticator({EXAMPLE.api_key: EXAMPLE}.get, lambda: IN_2013)
    found = authenticator.identify(request).decoder()
    assert found is not None
    return found


def trailing_decoder() -> Chunks:
    """The same for the example with a checksum behind the content."""
    return decoder(
        {
            "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            "x-amz-trailer": "x-amz-checksum-crc32c",
        },
        SEED_WITH_TRAILERS,
        "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
        "x-amz-storage-class;x-amz-trailer",
    )


def decoded(chunks: Chunks, body: bytes, step: int = 1 << 20) -> tuple[bytes, Mapping[str, str]]:
    """The content of a body that arrives in pieces, and what trails it."""
    content = b"".join(chunks.feed(body[at : at + step]) for at in range(0, len(body), step))
    return content, chunks.finish()


def refusal(chunks: Chunks, body: bytes) -> str:
    """The code with which a body is refused."""
    with pytest.raises(S3Error) as refused:
        decoded(chunks, body)
    return refused.value.code


@pytest.mark.parametrize("step", [1, 7, 1000, 1 << 20])
def test_documented_chunks(step: int) -> None:
    """The signed chunks that Amazon's reference prints are accepted, in whatever pieces they
    arrive."""
    assert decoded(decoder(), chunked(SIGNATURES), step) == (b"a" * 66560, {})


@pytest.mark.parametrize("step", [1, 1 << 20])
def test_documented_trailers(step: int) -> None:
    """So is the checksum that trails them, which has a signature of its own."""
    content, trailers = decoded(trailing_decoder(), chunked(WITH_TRAILERS, TRAILER), step)
    assert (content, trailers) == (b"a" * 66560, {"x-amz-checksum-crc32c": "sOO8/Q=="})


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"aaa", b"aab", "SignatureDoesNotMatch"),
        (b"ad80c", b"bd80c", "SignatureDoesNotMatch"),
        (b"b6c6e", b"c6c6e", "SignatureDoesNotMatch"),
        (b";chunk-signature", b";chunk-signatura", "IncompleteBody"),
        (b"10000;", b"0x10;", "IncompleteBody"),
        (b"10000;", b"10001;", "SignatureDoesNotMatch"),
        (b"10000;", b"-1000;", "IncompleteBody"),
        (b"10000;", b"fffffffffff;", "IncompleteBody"),
        (b"\r\n0;", b"\r\n1;", "InvalidChunkSizeError"),
        (b"10000;", b"1" * 5000, "IncompleteBody"),
    ],
)
def test_chunks_that_were_changed(old: bytes, new: bytes, code: str) -> None:
    """Nothing in a signed body can be changed."""
    body = chunked(SIGNATURES)
    assert old in body
    assert refusal(decoder(), body.replace(old, new, 1)) == code


@pytest.mark.parametrize("cut", [1, 60, 90, 200, 30000, 66000])
def test_chunks_that_are_missing(cut: int) -> None:
    """A body that ends early is incomplete, wherever it ends."""
    body = chunked(SIGNATURES)
    assert refusal(decoder(), body[: -cut - 2]) in ("IncompleteBody", "SignatureDoesNotMatch")


@pytest.mark.parametrize(
    ("trailer", "code"),
    [
        (TRAILER.replace(b"sOO8", b"sOO9"), "SignatureDoesNotMatch"),
        (TRAILER.replace(b"d81f", b"\xff81f"), "SignatureDoesNotMatch"),
        (TRAILER.partition(b"\r\n")[0] + b"\r\n", "SignatureDoesNotMatch"),
        (b"", "MalformedTrailerError"),
        (b"x-amz-meta-a:b\r\n" + TRAILER, "MalformedTrailerError"),
        (b"x-amz-checksum-crc32c\r\n", "MalformedTrailerError"),
        (TRAILER.partition(b"\r")[0] + b"\r\n" + TRAILER, "MalformedTrailerError"),
        (TRAILER + b"\r\nmore\r\n", "IncompleteBody"),
    ],
)
def test_trailers_that_were_changed(trailer: bytes, code: str) -> None:
    """Nor can what trails it be, and only what was announced may trail."""
    assert refusal(trailing_decoder(), chunked(WITH_TRAILERS, trailer)) == code


def test_small_chunks() -> None:
    """Only the last signed chunk may be small, as at Amazon."""
    seal = Seal(signing_key("SK", "20130524/us-east-1/s3/aws4_request"), "", "", "0" * 64)
    digest = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"  # of an a
    first = seal.of_chunk(seal.seed, digest)
    body = f"1;chunk-signature={first}\r\na\r\n1;chunk-signature={first}\r\na\r\n".encode()
    assert refusal(Chunks(2, seal, frozenset()), body) == "InvalidChunkSizeError"


def unsigned(headers: Mapping[str, str]) -> Chunks | None:
    """What the body of a request with these headers, which nobody signed, is decoded with."""
    request = received("PUT", f"{SERVICE}/bucket/key", headers)
    return Authenticator(lookup, time.time).identify(request).decoder()


@settings(max_examples=40, deadline=None)
@given(content=st.binary(max_size=300), size=st.integers(1, 99), step=st.integers(1, 99))
def test_chunks_of_botocore(content: bytes, size: int, step: int) -> None:
    """Unsigned chunks with a checksum behind them, as today's SDKs send them."""
    wrapper = AwsChunkedWrapper(
        io.BytesIO(content), Crc32Checksum, "x-amz-checksum-crc32", chunk_size=size
    )
    body = wrapper.read()
    chunks = unsigned(
        {
            "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            "x-amz-decoded-content-length": str(len(content)),
            "x-amz-trailer": "x-amz-checksum-crc32",
        }
    )
    assert chunks is not None
    checksum = Crc32Checksum()
    checksum.update(content)
    wanted = {"x-amz-checksum-crc32": checksum.b64digest()}
    assert decoded(chunks, body, step) == (content, wanted)


def test_who_says_chunks() -> None:
    """A body is in chunks if its hash or its encoding says so."""
    length = {"x-amz-decoded-content-length": "3"}
    chunks = unsigned({"Content-Encoding": "gzip, aws-chunked", **length})
    assert chunks is not None
    assert decoded(chunks, b"3\r\nabc\r\n0\r\n\r\n") == (b"abc", {})
    assert unsigned({"Content-Encoding": "gzip", **length}) is None


@pytest.mark.parametrize(
    ("kind", "length", "code"),
    [
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", None, "MissingContentLength"),
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x", "InvalidArgument"),
        ("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "3", "NotImplemented"),
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "3", "InvalidRequest"),
    ],
)
def test_chunks_that_cannot_be(kind: str, length: str | None, code: str) -> None:
    """Chunks need a length, a kind that is known, and a signature if they are to have theirs."""
    headers = {"x-amz-content-sha256": kind}
    if length is not None:
        headers["x-amz-decoded-content-length"] = length
    with pytest.raises(S3Error) as refused:
        unsigned(headers)
    assert refused.value.code == code


def test_more_than_announced() -> None:
    """A body with more content than was announced is refused before it is stored."""
    chunks = Chunks(3, None, frozenset())
    with pytest.raises(S3Error, match="IncompleteBody"):
        chunks.feed(b"4\r\n")


# --- forms ----------------------------------------------------------------------------------------

LATER, BEFORE = "2030-01-01T12:00:00Z", "2014-05-13T16:53:19Z"
NOW = 1_400_000_000.0
FORMS = Forms(lookup, lambda: NOW)
CONDITIONS: list[Any] = [
    {"bucket": "bucket"},
    ["starts-with", "$key", "foo"],
    {"acl": "private"},
    ["starts-with", "$Content-Type", "text/plain"],
    ["content-length-range", 0, 1024],
]
FIELDS = {"key": "foo.txt", "acl": "private", "Content-Type": "text/plain"}


def policy(conditions: Any = None, expiration: Any = LATER, **more: Any) -> dict[str, Any]:
    """A form's policy."""
    wanted = CONDITIONS if conditions is None else conditions
    return {"expiration": expiration, "conditions": wanted, **more}


def filled(
    document: Any, fields: Mapping[str, str] | None = None, *, new: bool = False
) -> dict[str, str]:
    """A form that botocore signed: with version 2, or with the `new` one."""
    request = AWSRequest("POST", f"{SERVICE}/bucket")
    request.context["s3-presign-post-fields"] = dict(FIELDS if fields is None else fields)
    request.context["s3-presign-post-policy"] = deepcopy(document)  # which it adds to
    credentials = Credentials(KEY.api_key, KEY.secret_key)
    signer = S3SigV4PostAuth(credentials, "s3", "us-east-1") if new else HmacV1PostAuth(credentials)
    signer.add_auth(request)
    return dict(request.context["s3-presign-post-fields"])


def resigned(document: bytes, fields: Mapping[str, str] | None = None) -> dict[str, str]:
    """A form whose policy is any text at all, signed."""
    encoded = base64.b64encode(document).decode()
    signature = HmacV1PostAuth(Credentials(KEY.api_key, KEY.secret_key)).sign_string(encoded)
    given = FIELDS if fields is None else fields
    signs = {"AWSAccessKeyId": "AK", "signature": signature, "policy": encoded}
    return {**given, **signs}


def form_refusal(fields: Mapping[str, str], forms: Forms = FORMS) -> tuple[str, int]:
    """Code and status with which a form is refused."""
    with pytest.raises(S3Error) as refused:
        forms.admit(fields, "bucket")
    return refused.value.code, refused.value.status


@pytest.mark.parametrize("new", [False, True], ids=["v2", "v4"])
def test_signed_forms(new: bool) -> None:
    """A form that its author signed lets in who fills it as he meant, in both versions."""
    assert FORMS.admit(filled(policy(), new=new), "bucket") == Form(KEY, "foo.txt", 0, 1024)
    assert form_refusal(filled(policy(), new=new), Forms(lookup, lambda: 2e9))[0] == "AccessDenied"


def test_anonymous_forms() -> None:
    """A form that nobody signed is anonymous, and may say what it likes."""
    assert FORMS.admit(FIELDS, "bucket") == Form(None, "foo.txt")


def test_names_of_files() -> None:
    """The key may be the name of the file, which must then fit the policy."""
    fields = filled(policy(), {**FIELDS, "key": "${filename}"})
    assert FORMS.admit(fields, "bucket", "foo-1").key == "foo-1"
    with pytest.raises(S3Error, match="Policy Condition failed"):
        FORMS.admit(fields, "bucket", "bar")


@pytest.mark.parametrize(
    ("conditions", "fields"),
    [
        ([{"bUcKeT": "bucket"}, ["StArTs-WiTh", "$KeY", "foo"]], {"kEy": "foo.txt"}),
        ([{"bucket": "bucket"}, {"key": "\\$foo"}], {"key": "\\$foo"}),
        ([{"bucket": "bucket"}, ["eq", "$key", "a"]], {"key": "a", "x-ignore-b": "c"}),
        ([{"bucket": "bucket"}, ["starts-with", "$key", ""]], {"key": ""}),
        (
            [{"bucket": "bucket"}, {"key": "k"}, {"success_action_status": 201}],
            {"key": "k", "success_action_status": "201"},
        ),
        (
            [{"bucket": "bucket"}, {"key": "k"}, ["starts-with", "$Content-Type", "image/"]],
            {"key": "k", "Content-Type": "image/png, image/gif"},
        ),
        (
            [["starts-with", "$bucket", "b"], {"key": "k"}, ["starts-with", "$x-amz-meta-a", "b"]],
            {"key": "k", "x-amz-meta-a": "bc"},
        ),
    ],
)
def test_conditions_that_are_met(conditions: list[Any], fields: dict[str, str]) -> None:
    """Names go in any case, values do not."""
    assert FORMS.admit(filled(policy(conditions), fields), "bucket").caller is KEY


@pytest.mark.parametrize(
    ("conditions", "fields"),
    [
        (CONDITIONS[1:], FIELDS),
        (CONDITIONS, {**FIELDS, "key": "Foo"}),
        (CONDITIONS, {**FIELDS, "acl": "public-read"}),
        (CONDITIONS, {**FIELDS, "x-amz-meta-a": "b"}),
        (CONDITIONS, {**FIELDS, "success_action_redirect": "http://127.0.0.1/"}),
        ([*CONDITIONS, {"bucket": "other"}], FIELDS),
        ([*CONDITIONS, ["starts-with", "$x-amz-meta-a", ""]], FIELDS),
        ([*CONDITIONS, ["eq", "$x-amz-meta-a", ""]], {**FIELDS, "x-amz-meta-a": "b"}),
        (
            [{"bucket": "bucket"}, {"key": "k"}, ["starts-with", "$Content-Type", "image/"]],
            {"key": "k", "Content-Type": "image/png,text/html"},
        ),
    ],
)
def test_conditions_that_are_not_met(conditions: list[Any], fields: dict[str, str]) -> None:
    """A form must be filled as its author said, with no more and no less."""
    assert form_refusal(filled(policy(conditions), fields)) == ("AccessDenied", 403)


@pytest.mark.parametrize(
    "document",
    [
        {"conditions": CONDITIONS},
        {"EXPIRATION": LATER, "conditions": CONDITIONS},
        {"expiration": LATER},
        {"expiration": LATER, "CONDITIONS": CONDITIONS},
        policy(expiration="2030-01-01 12:00:00.000001+00:00"),
        policy(expiration="soon"),
        policy(expiration="2030-13-41T12:00:00Z"),
        policy(expiration=7),
        policy({"bucket": "bucket"}),
        policy([{}]),
        policy([{"a": "b", "c": "d"}]),
        policy(["starts-with", "$key", "foo"]),
        policy([["starts-with", "key", "foo"]]),
        policy([["ends-with", "$key", "foo"]]),
        policy([["eq", "$key"]]),
        policy([["content-length-range", 0]]),
        policy([["content-length-range", -1, 0]]),
        policy([["content-length-range", 0, "many"]]),
        policy([[]]),
        policy([None]),
        [],
    ],
    ids=str,
)
def test_policies_that_are_none(document: Any) -> None:
    """A document that is no policy is refused as such, however well it is signed."""
    fields = resigned(json.dumps(document).encode())
    assert form_refusal(fields) == ("InvalidPolicyDocument", 400)


@pytest.mark.parametrize("document", [b"", b"{", b"\xff", b"[" * 100000])
def test_policies_that_are_no_json(document: bytes) -> None:
    """So is what is not even JSON."""
    assert form_refusal(resigned(document)) == ("InvalidPolicyDocument", 400)


def test_policies_end() -> None:
    """After the end that its author set, a form is of no use."""
    assert form_refusal(filled(policy(expiration=BEFORE))) == ("AccessDenied", 403)


@pytest.mark.parametrize(
    ("new", "changes", "refused"),
    [
        (False, {"signature": "AAAA"}, ("SignatureDoesNotMatch", 403)),
        (False, {"signature": "é"}, ("SignatureDoesNotMatch", 403)),
        (False, {"policy": "e30="}, ("SignatureDoesNotMatch", 403)),
        (False, {"AWSAccessKeyId": "KA"}, ("InvalidAccessKeyId", 403)),
        (False, {"signature": None}, ("InvalidArgument", 400)),
        (False, {"AWSAccessKeyId": None}, ("InvalidArgument", 400)),
        (False, {"policy": None}, ("InvalidArgument", 400)),
        (False, {"key": None}, ("InvalidArgument", 400)),
        (True, {"x-amz-signature": "0" * 64}, ("SignatureDoesNotMatch", 403)),
        (True, {"x-amz-credential": None}, ("InvalidArgument", 400)),
        (True, {"x-amz-credential": "AK"}, ("InvalidArgument", 400)),
        (True, {"x-amz-date": "20200101T000000Z"}, ("InvalidArgument", 400)),
        (True, {"x-amz-algorithm": "AWS4-HMAC-SHA1"}, ("InvalidArgument", 400)),
    ],
)
def test_forms_that_were_changed(
    new: bool, changes: dict[str, str | None], refused: tuple[str, int]
) -> None:
    """What signs a form must be there, and fit."""
    fields: dict[str, str | None] = {**filled(policy(), new=new), **changes}
    assert form_refusal({n: v for n, v in fields.items() if v is not None}) == refused


@pytest.mark.parametrize(
    ("size", "whole", "code"),
    [
        (511, True, "EntityTooSmall"),
        (511, False, None),
        (512, True, None),
        (1000, True, None),
        (1001, False, "EntityTooLarge"),
    ],
)
def test_sizes(size: int, whole: bool, code: str | None) -> None:
    """A file must be as long as the policy says, and one that is too long is stopped."""
    form = FORMS.admit(
        filled(policy([*CONDITIONS, ["content-length-range", "512", "1000"]])), "bucket"
    )
    if code is None:
        form.check_size(size, whole=whole)
        return
    with pytest.raises(S3Error) as refused:
        form.check_size(size, whole=whole)
    assert (refused.value.code, refused.value.status) == (code, 400)
