"""A server with a full bucket, ours or moto's: `python -m tools.bench.full_bucket moto 100000`.

The bucket is filled within the process, because filling moto's over HTTP would take minutes. When
the server is ready, one line of JSON has its URL and a user's keys; it serves until stdin ends.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from fixtures.simulator.bridge.s3.auth.users import canonical_user
from fixtures.simulator.bridge.s3.policy.acl_headers import canned_acl
from fixtures.simulator.bridge.s3.storage.catalogue import S3Database, new_delete_marker
from fixtures.simulator.bridge.s3.storage.records import Bucket
from fixtures.simulator.deployment import Deployment, DeploymentOptions
from fixtures.simulator.management.database import open_engine

BUCKET, OWNER = "full", "alice"
Details = dict[str, str]  # s3 (URL), access_key, secret_key


def key(number: int) -> str:
    """The key of the object with that number; keys are in the order of their numbers."""
    return f"photos/{number // 100:06}/{number % 100:02}.jpg"


@contextmanager
def moto(keys: int) -> Iterator[Details]:
    """moto's server, in a thread of this process."""
    from moto.s3.models import s3_backends  # which takes a second to import
    from moto.server import ThreadedMotoServer

    backend = s3_backends["123456789012"]["aws"]
    backend.create_bucket(BUCKET, "us-east-1")
    for number in range(keys):
        backend.put_object(BUCKET, key(number), b"x")
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield {"s3": f"http://{host}:{port}", "access_key": "AK", "secret_key": "SK"}
    server.stop()


@contextmanager
def ours(keys: int) -> Iterator[Details]:
    """The simulated deployment, on a database with the full bucket."""
    with tempfile.TemporaryDirectory() as directory:
        options = DeploymentOptions(database_url=f"sqlite:///{directory}/full.sqlite")
        _fill(options.database_url, keys)
        with Deployment(options) as deployment:
            user = next(user for user in deployment.users if user.name == OWNER)
            yield {
                "s3": deployment.s3_url,
                "access_key": user.access_key,
                "secret_key": user.secret_key,
            }


def _fill(url: str, keys: int) -> None:
    now, owner = time.time(), canonical_user(OWNER)
    acl = canned_acl("private", owner, owner)
    database = S3Database(open_engine(url))
    with database.transaction() as catalogue:
        catalogue.add_bucket(Bucket(0, BUCKET, owner, now, "", "", acl, {}))
        bucket = catalogue.bucket(BUCKET)
        assert bucket is not None
        for number in range(keys):
            empty = new_delete_marker(key(number), owner, now)
            catalogue.add_version(
                bucket, replace(empty, is_delete_marker=False, size=1, etag="0" * 32, data=b"x")
            )
    database.close()


SIDES: dict[str, Callable[[int], AbstractContextManager[Details]]] = {"ours": ours, "moto": moto}

if __name__ == "__main__":
    with SIDES[sys.argv[1]](int(sys.argv[2])) as details:
        print(json.dumps(details), flush=True)
        sys.stdin.read()
