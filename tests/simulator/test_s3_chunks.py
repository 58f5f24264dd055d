"""Bodies that are `aws-chunked`, with signed or unsigned chunks and trailers."""

from __future__ import annotations

import io
from collections.abc import Mapping
from importlib import import_module

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.simulator.bridge.s3.auth.chunk_decoder import ChunkDecoder
from fixtures.simulator.bridge.s3.auth.sigv4_chunk import ChunkSigner, signing_key
from tests.support.s3_requests import (
    AUTHENTICATOR,
    EXAMPLE,
    SERVICE,
    example_authenticator,
    parse_request,
    raised_error,
)

CHECKSUMS = import_module("botocore.httpchecksum")

# Amazon's example of a body in chunks: 65 KiB of the letter a.
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


def chunked_body(signatures: tuple[str, ...], trailer: bytes = b"") -> bytes:
    """The example's body as it is sent."""
    body = b""
    for size, signature in zip(SIZES, signatures, strict=True):
        body += f"{size:x};chunk-signature={signature}\r\n".encode() + b"a" * size
        body += b"\r\n" if size else b""
    return body + trailer + b"\r\n"


def decoder(
    more: Mapping[str, str] | None = None, seed: str = SEED, names: str = ""
) -> ChunkDecoder:
    """The decoder for the request of Amazon's example."""
    request_headers = {
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
    request_headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={EXAMPLE.api_key}/20130524/us-east-1/s3/aws4_request,"
        f"SignedHeaders={signed},Signature={seed}"
    )
    request = parse_request(
        "PUT", "http://s3.amazonaws.com/examplebucket/chunkObject.txt", request_headers
    )
    chunks = example_authenticator().authenticate(request).chunk_decoder()
    assert chunks is not None
    return chunks


def trailing_decoder() -> ChunkDecoder:
    """The decoder for the example with a checksum as trailer."""
    return decoder(
        {
            "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            "x-amz-trailer": "x-amz-checksum-crc32c",
        },
        SEED_WITH_TRAILERS,
        "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
        "x-amz-storage-class;x-amz-trailer",
    )


def decode(
    chunks: ChunkDecoder, body: bytes, step: int = 1 << 20
) -> tuple[bytes, Mapping[str, str]]:
    """The content and the trailers of a body that arrives in pieces."""
    content = b"".join(chunks.feed(body[at : at + step]) for at in range(0, len(body), step))
    return content, chunks.finish()


def error_code(chunks: ChunkDecoder, body: bytes) -> str:
    """The code that a body is refused with."""
    return raised_error(decode, chunks, body).code


@pytest.mark.parametrize("step", [1, 7, 1000, 1 << 20])
def test_documented_chunks(step: int) -> None:
    """The signed chunks in Amazon's reference are accepted, in pieces of any size."""
    assert decode(decoder(), chunked_body(SIGNATURES), step) == (b"a" * 66560, {})


@pytest.mark.parametrize("step", [1, 1 << 20])
def test_documented_trailers(step: int) -> None:
    """The documented checksum trailer, with a signature of its own, is accepted."""
    content, trailers = decode(trailing_decoder(), chunked_body(WITH_TRAILERS, TRAILER), step)
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
def test_changed_chunks(old: bytes, new: bytes, code: str) -> None:
    """Nothing in a signed body can be changed."""
    body = chunked_body(SIGNATURES)
    assert old in body
    assert error_code(decoder(), body.replace(old, new, 1)) == code


@pytest.mark.parametrize("cut", [1, 60, 90, 200, 30000, 66000])
def test_missing_chunks(cut: int) -> None:
    """A body that ends early is incomplete, wherever it ends."""
    body = chunked_body(SIGNATURES)
    assert error_code(decoder(), body[: -cut - 2]) in ("IncompleteBody", "SignatureDoesNotMatch")


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
def test_changed_trailers(trailer: bytes, code: str) -> None:
    """Trailers cannot be changed, and only announced ones are accepted."""
    assert error_code(trailing_decoder(), chunked_body(WITH_TRAILERS, trailer)) == code


def test_small_chunks() -> None:
    """Only the last signed chunk may be small, as with Amazon."""
    seal = ChunkSigner(signing_key("SK", "20130524/us-east-1/s3/aws4_request"), "", "", "0" * 64)
    digest = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"  # of an a
    first = seal.chunk_signature(seal.seed, digest)
    body = f"1;chunk-signature={first}\r\na\r\n1;chunk-signature={first}\r\na\r\n".encode()
    assert error_code(ChunkDecoder(2, seal, frozenset()), body) == "InvalidChunkSizeError"


def unsigned_decoder(headers: Mapping[str, str]) -> ChunkDecoder | None:
    """The decoder for an anonymous request with these headers."""
    request = parse_request("PUT", f"{SERVICE}/bucket/key", headers)
    return AUTHENTICATOR.authenticate(request).chunk_decoder()


@settings(max_examples=40, deadline=None)
@given(
    content=st.binary(max_size=300).map(lambda piece: piece * 100),
    size=st.integers(8192, 9999),
    step=st.integers(1, 9999),
)
def test_chunks_of_botocore(content: bytes, size: int, step: int) -> None:
    """Unsigned chunks with a checksum trailer, as current SDKs send them."""
    wrapper = CHECKSUMS.AwsChunkedWrapper(
        io.BytesIO(content), CHECKSUMS.Crc32Checksum, "x-amz-checksum-crc32", chunk_size=size
    )
    body = wrapper.read()
    chunks = unsigned_decoder(
        {
            "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            "x-amz-decoded-content-length": str(len(content)),
            "x-amz-trailer": "x-amz-checksum-crc32",
        }
    )
    assert chunks is not None
    checksum = CHECKSUMS.Crc32Checksum()
    checksum.update(content)
    trailers = {"x-amz-checksum-crc32": checksum.b64digest()}
    assert decode(chunks, body, step) == (content, trailers)


def test_small_unsigned_chunks() -> None:
    """Only the last chunk may be smaller than 8 KiB, signed or not."""
    large, small = b"2000\r\n" + b"a" * 8192 + b"\r\n", b"1\r\na\r\n"
    end = b"0\r\n\r\n"
    assert decode(ChunkDecoder(8193, None, frozenset()), large + small + end)[0][-2:] == b"aa"
    small_first = ChunkDecoder(8194, None, frozenset())
    assert error_code(small_first, large + small + small + end) == "InvalidChunkSizeError"


def test_detection_of_chunks() -> None:
    """A body is chunked if x-amz-content-sha256 or Content-Encoding says so."""
    length = {"x-amz-decoded-content-length": "3"}
    chunks = unsigned_decoder({"Content-Encoding": "gzip, aws-chunked", **length})
    assert chunks is not None
    assert decode(chunks, b"3\r\nabc\r\n0\r\n\r\n") == (b"abc", {})
    assert unsigned_decoder({"Content-Encoding": "gzip", **length}) is None


@pytest.mark.parametrize(
    ("kind", "length", "code"),
    [
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", None, "MissingContentLength"),
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x", "InvalidArgument"),
        ("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "3", "NotImplemented"),
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "3", "InvalidRequest"),
    ],
)
def test_invalid_chunk_headers(kind: str, length: str | None, code: str) -> None:
    """Chunks need a length and a known kind, and signed ones a signed request."""
    headers = {"x-amz-content-sha256": kind}
    if length is not None:
        headers["x-amz-decoded-content-length"] = length
    assert raised_error(unsigned_decoder, headers).code == code


def test_too_much_content() -> None:
    """A body with more content than announced is refused before it is stored."""
    chunks = ChunkDecoder(3, None, frozenset())
    assert raised_error(chunks.feed, b"4\r\n").code == "IncompleteBody"
