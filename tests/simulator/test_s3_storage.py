"""Objects on disk: no path leaves the storage root, no content is incomplete or lost, and large
objects are not held in memory."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy.exc import SQLAlchemyError

from fixtures.simulator.bridge.s3.storage.files import LARGEST_IN_ROW, Storage
from fixtures.simulator.deployment import Deployment, DeploymentOptions
from tests.support.s3_clients import RawClient, UserClients, error_of
from tests.support.served_deployments import ServerProcess, start_server

LARGE = LARGEST_IN_ROW + 1


@pytest.fixture
def disk_clients(tmp_path: Path) -> Iterator[UserClients]:
    """Clients of a deployment that stores under `tmp_path/root`, with a bucket of alice's."""
    with Deployment(DeploymentOptions(storage_root=tmp_path / "root")) as deployment:
        running = UserClients(deployment)
        running().create_bucket(Bucket="disk")
        yield running
        running.close()


def files_in(folder: Path) -> list[Path]:
    """All files below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


NAMES = [
    "../../escaped",
    "..",
    ".",
    "/etc/escaped",
    "//double//slash/",
    "trailing/",
    "nul\0inside",
    "back\\slash",
    "\N{SNOWMAN}" * 341,  # 1,023 bytes of UTF-8
    "x" * 1024,
    "%2e%2e/encoded twice",
    "new\nline",
    "con",
    "a" * 300 + "/" + "b" * 300,
]


@pytest.mark.parametrize("encode", [quote, lambda key: quote(key, safe="/.")], ids=["all", "bare"])
def test_no_key_leaves_the_storage_root(
    disk_clients: UserClients, tmp_path: Path, encode: Any
) -> None:
    """For any key, the file is under the storage root, by a name without the key, and the object is
    listed and read under exactly that key."""
    wire = RawClient(disk_clients.deployment)
    before = {path for path in files_in(tmp_path) if not path.is_relative_to(tmp_path / "root")}
    for number, key in enumerate(NAMES):
        path, body = f"/disk/{encode(key)}", b"%d" % number * LARGE
        headers = wire.sign("PUT", path, body)
        assert wire.send("PUT", wire.url.path + path, body, headers).status == 200, key
        answer = wire.send("GET", wire.url.path + path, headers=wire.sign("GET", path))
        assert (answer.status, answer.body == body) == (200, True), key
    wire.close()
    listed = [entry["Key"] for entry in disk_clients().list_objects(Bucket="disk")["Contents"]]
    assert listed == sorted(NAMES, key=str.encode)
    outside = {path for path in files_in(tmp_path) if not path.is_relative_to(tmp_path / "root")}
    assert outside == before
    inside = files_in(tmp_path / "root")
    assert len(inside) == len(NAMES)
    assert all(len(path.name) == 32 and path.name.isalnum() for path in inside)


def test_keys_that_are_not_utf_8(disk_clients: UserClients) -> None:
    """A key that is not UTF-8 is refused, not mangled."""
    wire = RawClient(disk_clients.deployment)
    answer = wire.send("GET", f"{wire.url.path}/disk/%ff%fe")
    assert (answer.status, b"InvalidURI" in answer.body) == (400, True)
    wire.close()


def test_unreferenced_files_are_removed(disk_clients: UserClients, tmp_path: Path) -> None:
    """A file exists as long as a row references it."""
    alice, root = disk_clients(), tmp_path / "root"
    for _ in range(3):
        alice.put_object(Bucket="disk", Key="again", Body=b"x" * LARGE)
    assert len(files_in(root)) == 1
    upload = alice.create_multipart_upload(Bucket="disk", Key="parts")["UploadId"]
    which = {"Bucket": "disk", "Key": "parts", "UploadId": upload}
    for _ in range(2):
        alice.upload_part(**which, PartNumber=1, Body=b"x" * LARGE)
    assert len(files_in(root)) == 2
    alice.abort_multipart_upload(**which)
    alice.delete_object(Bucket="disk", Key="again")
    assert files_in(root) == []


def test_interrupted_put(disk_clients: UserClients, tmp_path: Path) -> None:
    """Readers see the old object while a new one arrives, and also if it never arrives
    completely."""
    alice = disk_clients()
    alice.put_object(Bucket="disk", Key="k", Body=b"old")
    wire = RawClient(disk_clients.deployment)
    body = b"new" * LARGE
    headers = wire.sign("PUT", "/disk/k", body)
    wire.connection.putrequest("PUT", f"{wire.url.path}/disk/k", skip_accept_encoding=True)
    for name, value in {**headers, "Content-Length": str(len(body))}.items():
        wire.connection.putheader(name, value)
    wire.connection.endheaders(body[:-1])
    assert alice.get_object(Bucket="disk", Key="k")["Body"].read() == b"old"
    wire.close()
    for _ in range(100):  # until the server has noticed
        if not files_in(tmp_path / "root"):
            break
        alice.head_object(Bucket="disk", Key="k")
    assert files_in(tmp_path / "root") == []
    assert alice.get_object(Bucket="disk", Key="k")["Body"].read() == b"old"


def test_missing_file(disk_clients: UserClients, tmp_path: Path, caplog: Any) -> None:
    """An object whose file is missing cannot be read, and the client gets InternalError."""
    alice = disk_clients()
    alice.put_object(Bucket="disk", Key="k", Body=b"x" * LARGE)
    (file,) = files_in(tmp_path / "root")
    file.unlink()
    with caplog.at_level("CRITICAL"):
        assert error_of(alice.get_object, Bucket="disk", Key="k") == (500, "InternalError")


def test_reads_are_not_interrupted(disk_clients: UserClients) -> None:
    """An object is read to its end although it is replaced and deleted meanwhile."""
    alice, size = disk_clients(), 8 * 2**20
    alice.put_object(Bucket="disk", Key="k", Body=b"1" * size)
    reading = alice.get_object(Bucket="disk", Key="k")["Body"]
    assert reading.read(10) == b"1" * 10
    alice.put_object(Bucket="disk", Key="k", Body=b"2" * size)
    alice.delete_object(Bucket="disk", Key="k")
    assert reading.read() == b"1" * (size - 10)


def test_large_objects_need_no_memory(disk_clients: UserClients) -> None:
    """An object of any size passes through in blocks."""
    wire, size = RawClient(disk_clients.deployment), 96 * 2**20
    link = disk_clients().generate_presigned_url("put_object", {"Bucket": "disk", "Key": "large"})
    target = link.partition(wire.url.netloc)[2]
    block = bytes(2**20)
    Path("/proc/self/clear_refs").write_text("5")  # reset the peak
    before = peak_memory()
    wire.connection.putrequest("PUT", target)
    wire.connection.putheader("Content-Length", str(size))
    wire.connection.endheaders()
    for _ in range(size // len(block)):
        wire.connection.send(block)
    reply = wire.connection.getresponse()
    assert (reply.status, reply.read()) == (200, b"")
    signed = wire.sign("GET", "/disk/large")
    wire.connection.request("GET", f"{wire.url.path}/disk/large", headers=signed)
    reply, got = wire.connection.getresponse(), 0
    while piece := reply.read(len(block)):
        got += len(piece)
    wire.close()
    assert got == size
    grown = peak_memory() - before
    assert grown < 48 * 1024, f"{grown} KiB"


def peak_memory() -> int:
    """The largest resident memory of this process so far, in KiB."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


def put_until_killed(server: ServerProcess) -> list[str]:
    """Put objects over two connections until the server is killed; returns the acknowledged
    keys."""
    acknowledged: list[str] = []
    enough = threading.Event()

    def put(name: str) -> None:
        wire = RawClient(server)
        with contextlib.suppress(OSError, http.client.HTTPException):
            for number in itertools.count():
                key = f"{name}{number:04}"
                if wire.send_signed("PUT", f"/killed/{key}", key.encode() * LARGE).status != 200:
                    break
                acknowledged.append(key)
                if number == 10:
                    enough.set()
        wire.close()

    threads = [threading.Thread(target=put, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    assert enough.wait(30)
    server.process.kill()
    for thread in threads:
        thread.join()
    return acknowledged


def test_kill_loses_no_acknowledged_object(tmp_path: Path) -> None:
    """After `kill -9` during PUTs, every acknowledged object is complete, no other exists, and no
    file of others is left."""
    database_url = f"sqlite:///{tmp_path}/names.sqlite"
    with start_server("serve", "--db", database_url, "--storage", str(tmp_path / "root")) as server:
        wire = RawClient(server)
        assert wire.send_signed("PUT", "/killed").status == 200
        wire.close()
        acknowledged = put_until_killed(server)
    options = DeploymentOptions(database_url=database_url, storage_root=tmp_path / "root")
    with Deployment(options) as deployment:
        running = UserClients(deployment)
        alice = running()
        listed = {entry["Key"] for entry in alice.list_objects(Bucket="killed")["Contents"]}
        assert set(acknowledged) <= listed
        for key in listed:
            body = alice.get_object(Bucket="killed", Key=key)["Body"].read()
            assert body == key.encode() * LARGE, key
        running.close()
    assert len(files_in(tmp_path / "root")) == len(listed)


def test_abandoned_roots_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The temporary roots of killed servers are removed when the next one starts; those of running
    ones stay."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    code = "import time; from fixtures.simulator.bridge.s3.storage.files import Storage"
    owns = [
        sys.executable,
        "-c",
        f"{code}; s = Storage(); print(s.root, flush=True); time.sleep(60)",
    ]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    roots = []
    for killed in (True, False):
        process = subprocess.Popen(owns, stdout=subprocess.PIPE, text=True, env=environment)
        assert process.stdout is not None
        roots.append(Path(process.stdout.readline().strip()))
        if killed:
            process.kill()
            process.communicate()
    for root in roots:
        os.utime(root, (0, 0))  # of long ago
    young = Storage()
    remaining = {path for path in tmp_path.iterdir() if path.is_dir()}
    process.kill()
    process.communicate()
    assert remaining == {roots[1], young.root}
    young.close()
    assert not young.root.exists()


def test_shared_roots_are_not_swept(tmp_path: Path) -> None:
    """A server that starts on a root in use removes nothing that the other has just written or is
    writing; alone, it does."""
    first = Storage(tmp_path)
    first.sweep(set)
    writing, written = first.new_draft(), first.new_draft()
    for draft in (writing, written):
        draft.write(b"." * LARGE)
    written.commit()
    other = Storage(tmp_path)
    other.sweep(set)
    assert len(files_in(tmp_path)) == 2
    writing.commit()
    for storage in (other, first):
        storage.close()
    alone = Storage(tmp_path)
    alone.sweep(set)
    assert files_in(tmp_path) == []
    alone.close()


def test_grace_period(tmp_path: Path) -> None:
    """After a failover, a replica may reference a deleted object's file again: it is removed some
    time later only."""
    storages = [Storage(tmp_path / str(seconds), seconds) for seconds in (0.0, 60.0)]
    left = []
    for storage in storages:
        draft = storage.new_draft()
        draft.write(b"." * LARGE)
        name = draft.commit()
        assert name is not None
        storage.remove([name, name])
        left.append(len(files_in(storage.root)))
        storage.close()
    assert left == [0, 1]


def test_files_of_doubtful_commits(tmp_path: Path) -> None:
    """If it is unknown whether a commit succeeded, the file stays; it is removed if the commit was
    refused, and at a start if no row references it."""
    storage = Storage(tmp_path)
    for trouble, left in ((SQLAlchemyError("gone"), 1), (ValueError("refused"), 0)):
        draft = storage.new_draft()
        draft.write(b"." * LARGE)
        with contextlib.suppress(type(trouble)), draft:
            draft.commit()
            raise trouble
        assert len(files_in(tmp_path)) == left
        storage.sweep(set)
        assert files_in(tmp_path) == []
    storage.close()
