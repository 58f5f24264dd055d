"""Bodies on their way to the disk, and the removal of files."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fixtures.simulator.bridge.s3.errors import S3Error
from fixtures.simulator.bridge.s3.storage.body import receive_draft
from fixtures.simulator.bridge.s3.storage.files import LARGEST_IN_ROW, Storage
from fixtures.simulator.bridge.s3.storage.integrity import ExpectedDigests

MIB = 2**20


@dataclass
class PiecewiseBody:
    """A body that arrives in pieces."""

    pieces: list[bytes]
    trailers: Mapping[str, str] = field(default_factory=dict)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            await asyncio.sleep(0)  # lets others run, as waiting for a socket does
            yield piece


class FullDisk:
    """A cipher that fails like writing to a full disk, after some bytes."""

    def __init__(self, room: int) -> None:
        self.room = room

    def update(self, data: bytes, /) -> bytes:
        """The same data, until the disk is full."""
        self.room -= len(data)
        if self.room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return data


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    """A storage root under `tmp_path/root`."""
    new_storage = Storage(tmp_path / "root")
    yield new_storage
    new_storage.close()


def files_in(storage: Storage) -> list[Path]:
    """All files below the root."""
    return [path for path in storage.root.rglob("*") if path.is_file()]


def cut(content: bytes, sizes: random.Random) -> list[bytes]:
    """Content in pieces as sockets deliver them: some large, some small."""
    pieces, at = [], 0
    while at < len(content):
        size = sizes.choice((1, 1460, 49_999, 65_483, 256_000))
        pieces.append(content[at : at + size])
        at += size
    return pieces


SIZES = (0, 1, LARGEST_IN_ROW, LARGEST_IN_ROW + 1, 49_999, 50_001, 300_000, 5 * MIB, 18 * MIB)


@pytest.mark.parametrize("size", SIZES)
def test_bodies_of_every_size(storage: Storage, size: int) -> None:
    """Whatever the size of a body and of its pieces, content and digests are stored correctly."""
    dice = random.Random(size)
    content = dice.randbytes(size)
    claims = ExpectedDigests(
        md5=hashlib.md5(content, usedforsecurity=False).digest(),
        sha256=hashlib.sha256(content).hexdigest(),
        algorithm="CRC32",
    )
    body = PiecewiseBody(cut(content, dice))
    draft, digests = asyncio.run(receive_draft(body, claims, storage, None))
    name = draft.commit()
    stored = draft.data if name is None else storage.root.joinpath("objects", name[:2], name)
    assert (stored.read_bytes() if isinstance(stored, Path) else stored) == content
    assert (draft.size, digests.etag) == (size, claims.md5.hex() if claims.md5 else "")


@pytest.mark.parametrize(
    "claims", [ExpectedDigests(md5=bytes(16)), ExpectedDigests(sha256="0" * 64)]
)
def test_wrong_digest_of_a_large_body(storage: Storage, claims: ExpectedDigests) -> None:
    """A large body without the announced hash is refused and removed."""
    body = PiecewiseBody([bytes(256_000)] * 20)
    with pytest.raises(S3Error):
        asyncio.run(receive_draft(body, claims, storage, None))
    assert files_in(storage) == []


@pytest.mark.parametrize("room", [0, 3 * MIB, 15 * MIB])
def test_full_disk(storage: Storage, room: int) -> None:
    """A full disk is reported as such at any point of a body, and nothing is left of the body."""
    body = PiecewiseBody([bytes(256_000)] * 64)
    with pytest.raises(OSError, match="No space"):
        asyncio.run(receive_draft(body, ExpectedDigests(), storage, FullDisk(room)))
    assert files_in(storage) == []


def open_removed_files() -> list[str]:
    """The removed files that this process still holds open."""
    descriptors = (Path("/proc/self/fd") / name for name in os.listdir("/proc/self/fd"))
    return [
        target
        for path in descriptors
        if os.path.lexists(path) and (target := os.readlink(path)).endswith(" (deleted)")
    ]


@pytest.mark.parametrize("size", [LARGEST_IN_ROW + 1, 4 * MIB])
def test_removed_files(storage: Storage, size: int) -> None:
    """A removed file cannot be opened; its space is free at the latest when the storage is closed.
    Removing it again is no error."""
    draft = storage.new_draft()
    draft.write(bytes(size))
    name = draft.commit()
    assert name is not None
    storage.remove([name])
    assert files_in(storage) == []
    storage.remove([name])
    storage.close()
    assert not [path for path in open_removed_files() if name in path]


def test_reads_survive_removal(storage: Storage) -> None:
    """A large object is read to its end although it is overwritten meanwhile."""
    draft = storage.new_draft()
    draft.write(b"x" * 2 * MIB)
    name = draft.commit()
    assert name is not None
    reader = storage.open(name)
    storage.remove([name])
    assert os.pread(reader, 3 * MIB, 0) == b"x" * 2 * MIB
    os.close(reader)


FAULTS = """
import resource
from fixtures.simulator.bridge.s3.storage.allocation import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        blocks = [bytes(bytearray(1_000_000)) for _ in range(4)]
        del blocks
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

keep_freed_memory()
faults()
print(faults())
"""


def test_memory_of_blocks_is_reused() -> None:
    """The memory of a body's block is used for the next one, without asking the system for new
    pages."""
    done = subprocess.run(
        [sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 1000  # of 20,000 that it takes otherwise
