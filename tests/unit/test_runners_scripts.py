"""The documentation's scripts: how they sign, and what becomes of answers that boto cannot read."""

from __future__ import annotations

from pathlib import Path

from fixtures.model import ReplyKind
from fixtures.runners.scripts import Settings, ec2_script, next_step, s3_script
from tests.support.recording_server import RecordingServer, http_response, recording_server

CLOSING = "Connection: close\r\n"  # boto itself leaves its sockets to the garbage collector
IMAGES = (
    "<DescribeImagesResponse><imagesSet><item><imageId>a</imageId></item></imagesSet>"
    "</DescribeImagesResponse>"
)


def settings(server: RecordingServer, folder: Path) -> Settings:
    """A reader's settings for the server."""
    (folder / "s3cs.py").write_text("content", "utf-8")
    return Settings(f"http://127.0.0.1:{server.port}/awsapi", "AK", "SK", folder)


def test_ec2_is_signed_as_in_the_script_s_time(tmp_path: Path) -> None:
    """boto 2.49 by itself would sign with version 4, which no bridge of that time supports."""
    with recording_server() as server:
        server.answers = [http_response(IMAGES, extra=CLOSING)]
        steps = ec2_script(settings(server, tmp_path))
        assert [next(steps)[0], next(steps)[0]] == ["connect", "images"]
        (request,) = server.requests
    assert request.parameters["SignatureVersion"] == "2"


def test_what_boto_cannot_read_is_the_target_s(tmp_path: Path) -> None:
    """The ETag of other data makes boto raise S3DataError, which is no defect of the harness."""
    tag = 'ETag: "d41d8cd98f00b204e9800998ecf8427e"\r\n' + CLOSING
    with recording_server() as server:
        server.answers = [http_response("", "200 OK", tag)]
        steps, name = s3_script(settings(server, tmp_path)), "start"
        while name:
            name, reply = next_step(steps)
    assert reply.kind is ReplyKind.GARBLED
    assert reply.message.startswith("S3DataError: ")
