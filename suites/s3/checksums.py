"""S3: checksums of what is uploaded, in headers; and the MD5s that Content-MD5 may not have."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterator, Mapping

from fixtures.model import ProcedureRequirement, Step
from suites.s3.dsl import (
    LETTER,
    RAW,
    Cases,
    S3Suite,
    get,
    list_keys,
    must_fail,
    put,
    rejects,
    request,
)
from suites.s3.multipart import begin_upload, list_parts, upload_part

CHECKSUMS = Cases(frozenset({"s3-checksums"}), ("boto3", "raw"))
_DATA = LETTER.encode()
MD5_OF_LETTER = "YOTaDvmH59giOCs89Wz8Vg=="


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


# The checksums of LETTER by the names of botocore's arguments; Python itself has no CRC-32C, no
# CRC-64 and no xxHash.
OF_LETTER: Mapping[str, str] = {
    "CRC32": _base64(zlib.crc32(_DATA).to_bytes(4, "big")),
    "CRC32C": "k6JKZA==",
    "CRC64NVME": "NsQhJc9iEhk=",
    "SHA1": _base64(hashlib.sha1(_DATA, usedforsecurity=False).digest()),
    "SHA256": _base64(hashlib.sha256(_DATA).digest()),
    "SHA512": _base64(hashlib.sha512(_DATA).digest()),
    "MD5": MD5_OF_LETTER,
    "XXHASH3": "MgsNVElXhDs=",
    "XXHASH64": "eqRTDiU4tgk=",
    "XXHASH128": "swa9p2Y52sd7XL6DEvn8VQ==",
}
OF_OTHER_DATA: Mapping[str, str] = {
    kind: _base64(bytes(len(base64.b64decode(value)))) for kind, value in OF_LETTER.items()
}
SOME_MD5 = "AAAAAAAAAAAAAAAAAAAAAA=="
BY_CLIENT = ("CRC32", "SHA1", "SHA256")  # what boto3 computes without other packages


def _keeps_old(
    name: str, text: str, step: Step, *codes: str, drivers: tuple[str, ...] = CHECKSUMS.drivers
) -> ProcedureRequirement:
    """A case whose PUT is refused: the object that was there before stays."""
    return CHECKSUMS.rejects(
        "PutObject",
        name,
        text,
        must_fail(step, *codes),
        setup=(put(),),
        verify=(get().returns(LETTER),),
        drivers=drivers,
    )


def _kinds() -> Iterator[ProcedureRequirement]:
    for kind, value in OF_LETTER.items():
        argument, header = f"Checksum{kind}", f"x-amz-checksum-{kind.lower()}"
        yield CHECKSUMS.answers(
            "PutObject",
            f"checksum-{kind.lower()}",
            f"An object that matches its {header} is stored, and the checksum returned with it.",
            put(**{argument: value}).with_fields({argument: value}),
            get(ChecksumMode="ENABLED")
            .returns(LETTER, ChecksumType={"optional": ["FULL_OBJECT"]})
            .with_fields({argument: value}),
        )
        yield _keeps_old(
            f"checksum-{kind.lower()}-wrong",
            f"An object that does not match its {header} is not stored; the old one stays.",
            put("letter", "new", **{argument: value}),
            "BadDigest",
        )
        yield CHECKSUMS.rejects(
            "UploadPart",
            f"checksum-{kind.lower()}-wrong",
            f"A part that does not match its {header} is not stored.",
            must_fail(upload_part(1, LETTER, **{argument: OF_OTHER_DATA[kind]}), "BadDigest"),
            setup=(begin_upload(ChecksumAlgorithm=kind),),
            verify=(list_parts().returns(Parts={"absent": True}),),
            capabilities={"s3-multipart"},
        )
    for kind in BY_CLIENT:
        argument = f"Checksum{kind}"
        yield CHECKSUMS.answers(
            "PutObject",
            f"checksum-by-client-{kind.lower()}",
            f"The {kind} that a client computes by itself is returned with the object.",
            put(ChecksumAlgorithm=kind).with_fields({argument: OF_LETTER[kind]}),
            drivers=("boto3",),
        )


CONTRADICTIONS = (
    _keeps_old(
        "checksums-of-two-kinds",
        "An object with checksums of two kinds is refused, even if both are right.",
        put("letter", LETTER, ChecksumCRC32=OF_LETTER["CRC32"], ChecksumSHA1=OF_LETTER["SHA1"]),
        "InvalidRequest",
    ),
    _keeps_old(
        "checksum-of-another-kind",
        "An object whose x-amz-sdk-checksum-algorithm is not that of its checksum is refused.",
        put("letter", LETTER, ChecksumCRC32=OF_LETTER["CRC32"]).tampered_with(
            headers="x-amz-sdk-checksum-algorithm: SHA1"
        ),
        *("InvalidRequest", "BadDigest"),
        drivers=RAW,
    ),
    _keeps_old(
        "checksum-missing",
        "An object with x-amz-sdk-checksum-algorithm, but without a checksum, is refused.",
        put("letter", "new").tampered_with(headers="x-amz-sdk-checksum-algorithm: SHA256"),
        "InvalidRequest",
        drivers=RAW,
    ),
    _keeps_old(
        "checksum-unknown-kind",
        "An object with a checksum of an unknown kind is refused.",
        put("letter", "new").tampered_with(headers="x-amz-checksum-crc7: AAAAAA=="),
        "InvalidRequest",
        drivers=RAW,
    ),
    _keeps_old(
        "checksum-no-base64",
        "An object with a checksum that is not base64 is refused.",
        put("letter", "new", ChecksumCRC32="no checksum"),
        *("InvalidRequest", "BadDigest"),
    ),
    _keeps_old(
        "checksum-too-short",
        "An object with a checksum of another length than its kind has is refused.",
        put("letter", LETTER, ChecksumSHA256=OF_LETTER["CRC32"]),
        *("InvalidRequest", "BadDigest"),
    ),
    _keeps_old(
        "checksum-empty",
        "An object with an empty checksum is refused.",
        put("letter", "new").tampered_with(headers="x-amz-checksum-crc32:"),
        *("InvalidRequest", "BadDigest"),
        drivers=RAW,
    ),
    _keeps_old(
        "checksum-wrong-md5-right",
        "An object that matches its Content-MD5, and not its checksum, is not stored.",
        put(ContentMD5=MD5_OF_LETTER, ChecksumCRC32=OF_OTHER_DATA["CRC32"]),
        "BadDigest",
    ),
    _keeps_old(
        "checksum-right-md5-wrong",
        "An object that matches its checksum, and not its Content-MD5, is not stored.",
        put(ContentMD5=SOME_MD5, ChecksumCRC32=OF_LETTER["CRC32"]),
        "BadDigest",
    ),
    CHECKSUMS.rejects(
        "DeleteObjects",
        "checksum-wrong",
        "A list of keys that does not match its checksum deletes nothing.",
        must_fail(
            request("DeleteObjects", Delete={"Objects": [{"Key": "letter"}]}).tampered_with(
                headers=f"x-amz-checksum-crc32: {OF_LETTER['CRC32']}"
            ),
            "BadDigest",
        ),
        setup=(put(),),
        verify=(list_keys("letter"),),
        drivers=RAW,
    ),
)

NO_MD5 = {"empty": "", "blank": "  ", "hexadecimal": "60e4da0ef987e7d822382b3cf56cfc56"}


def _invalid_md5s() -> Iterator[ProcedureRequirement]:
    for name, value in NO_MD5.items():
        sent = {"headers": f"Content-MD5:{value}"}
        yield rejects(
            "PutObject",
            f"md5-{name}",
            f"A Content-MD5 that is no MD5 in base64 ({name}) is refused: the old object stays.",
            must_fail(put("letter", "new").tampered_with(**sent), "InvalidDigest"),
            setup=(put(),),
            verify=(get().returns(LETTER),),
            drivers=RAW,
        )
        yield rejects(
            "UploadPart",
            f"md5-{name}",
            f"A part whose Content-MD5 is no MD5 in base64 ({name}) is not stored.",
            must_fail(upload_part(1, LETTER).tampered_with(**sent), "InvalidDigest"),
            setup=(begin_upload(),),
            verify=(list_parts().returns(Parts={"absent": True}),),
            capabilities={"s3-multipart"},
            drivers=RAW,
        )
        yield rejects(
            "DeleteObjects",
            f"md5-{name}",
            f"A list of keys whose Content-MD5 is no MD5 in base64 ({name}) deletes nothing.",
            must_fail(
                request("DeleteObjects", Delete={"Objects": [{"Key": "letter"}]}).tampered_with(
                    **sent
                ),
                *("InvalidDigest", "InvalidRequest"),
            ),
            setup=(put(),),
            verify=(list_keys("letter"),),
            drivers=RAW,
        )


class TestChecksums(S3Suite):
    """Checksums and digests of uploads."""

    requirements = (*_kinds(), *CONTRADICTIONS, *_invalid_md5s())
