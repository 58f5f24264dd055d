"""Which cases must notice that the bridge is not on the port that the files name."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kills.expected.expectation import Expected, fails

_NOT_ON_NEW = "is not served on the new port"
_NO_NUMBERS = tuple(f"ports/*/no-port/{name}[*]" for name in ("text", "zero", "negative"))
PORTS: Mapping[str, Expected] = {
    "ignores-the-port-of-the-files": fails(
        (
            "ports/*/changed/*",
            "ports/*/one-file/server.xml[*]",
            "ports/*/one-file/server-nonssl.xml[*]",
            "ports/*/form/*",
            "ports/*/no-port/*",
        ),
        text="the old port accepts connections",
    ),
    "keeps-the-old-port-beside-the-new": fails(
        (
            "ports/*/changed/*",
            "ports/*/one-file/server.xml[*]",
            "ports/*/one-file/server-nonssl.xml[*]",
            "ports/*/form/*",
        ),
        text="the old port accepts connections",
    ),
    "reads-server-nonssl-alone": fails(("ports/*/one-file/server.xml[*]",), text=_NOT_ON_NEW),
    "reads-the-port-of-server-ssl": fails(("ports/*/one-file/*",), text="is not served on the"),
    "takes-a-comment-for-the-connector": fails(("ports/*/form/comment[*]",), text=_NOT_ON_NEW),
    "finds-the-service-by-its-name": fails(("ports/*/form/other-names[*]",), text=_NOT_ON_NEW),
    "opens-any-port-for-port-0": fails(
        ("ports/*/no-port/zero[*]",), text="the server listens on 1 port(s) that no file names"
    ),
    "keeps-its-port-for-an-unusable-one": fails(
        (*_NO_NUMBERS, "ports/*/no-port/too-large[*]"), text="the old port accepts connections"
    ),
    "stays-down-after-an-unusable-port": fails(
        ("ports/*/no-port/*",), text="is not served after the files were put back"
    ),
    "closes-its-port-before-the-restart": fails(
        ("ports/*/not-restarted/*",), text="is not served on the old port"
    ),
}
