"""S3 stores that store nothing: their lists are empty, or they give every request one answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from fixtures.simulator.bridge.hooks import Hooks
from fixtures.simulator.bridge.s3.call import S3Call
from fixtures.simulator.bridge.s3.errors import S3Error, render_error
from fixtures.simulator.bridge.s3.hooks import NextOperation
from fixtures.simulator.bridge.s3.replies import XML_TYPE, S3Reply
from fixtures.simulator.bridge.s3.request import S3Request
from fixtures.simulator.bridge.s3.routing import operation_for
from fixtures.simulator.deployment import Deployment
from fixtures.simulator.mutations.mutation import Application, bridge_hooks

_ENTRY = re.compile(
    rb"<(Buckets|Contents|CommonPrefixes|Version|DeleteMarker|Upload|Part)>.*?</\1>", re.DOTALL
)
Recorded = dict[str, S3Reply]


async def _empty_lists(call: S3Call, call_next: NextOperation) -> S3Reply:
    reply = await call_next(call)
    if call.request.method != "GET" or reply.headers.get("content-type") != "application/xml":
        return reply
    return replace(reply, body=_ENTRY.sub(b"", reply.body))


def _always(reply: S3Reply) -> Application:
    async def answer(call: S3Call, call_next: NextOperation) -> S3Reply:
        del call, call_next
        return reply

    return bridge_hooks(lambda _: Hooks(s3_operation=answer, s3_refusal=lambda *_: reply))


def _yesterday(recorded: Recorded) -> Callable[[Deployment], Hooks]:
    async def repeat(call: S3Call, call_next: NextOperation) -> S3Reply:
        name = _name(call.request)
        return recorded[name] if name in recorded else await call_next(call)

    def repeat_instead(request: S3Request, error: S3Error) -> S3Reply | None:
        del error
        return recorded.get(_name(request))

    return lambda _: Hooks(s3_operation=repeat, s3_refusal=repeat_instead)


def _name(request: S3Request) -> str:
    """The operation that a request is for, empty for none."""
    try:
        return operation_for(request).__qualname__
    except S3Error:
        return ""


EMPTY_LISTS = bridge_hooks(lambda _: Hooks(s3_operation=_empty_lists))
NO_CONTENT = _always(S3Reply(200))


def refuse_all(code: str) -> Application:
    """Every request is refused with this code."""
    error = S3Error(code)
    return _always(S3Reply(error.status, XML_TYPE, render_error(error, "/", "0")))


def repeat_answers(recorded: Recorded) -> Application:
    """Every operation is answered as it was when `record_answers` saw it."""
    return bridge_hooks(_yesterday(recorded))


@contextmanager
def record_answers(deployment: Deployment) -> Iterator[Recorded]:
    """The last answer to each operation inside the block."""
    recorded: Recorded = {}

    async def hook(call: S3Call, call_next: NextOperation) -> S3Reply:
        reply = await call_next(call)
        if reply.file is None:
            recorded[_name(call.request)] = reply
        return reply

    with bridge_hooks(lambda _: Hooks(s3_operation=hook))(deployment):
        yield recorded
