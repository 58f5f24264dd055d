"""Hooks of the reference bridge through which a visitor sees, and may alter, what it replies and
what it calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from lxml import etree

from fixtures.simulator.bridge.hooks import Hooks
from fixtures.simulator.bridge.s3.errors import render_error
from fixtures.simulator.bridge.s3.replies import XML_TYPE, S3Reply
from tools.coverage.alterable import Alterable, CallParameters, Ec2Document, S3ReplyParts
from tools.coverage.leaves import ERRORS, operation_of

if TYPE_CHECKING:
    from fixtures.simulator.bridge.ec2.cloud import Cloud, CommandResult, NextCommand
    from fixtures.simulator.bridge.s3.call import S3Call
    from fixtures.simulator.bridge.s3.errors import S3Error
    from fixtures.simulator.bridge.s3.hooks import NextOperation
    from fixtures.simulator.bridge.s3.request import S3Request

Visitor: TypeAlias = Callable[[Alterable], None]
_REQUEST_ID = "0000000000000001"
# The headers that the service adds to every reply, where a visitor may alter them.
_GENERAL = {"date": "Thu, 01 Jan 2026 00:00:00 GMT", "x-amz-request-id": _REQUEST_ID}


@dataclass(frozen=True, slots=True)
class Visits:
    """Calls a visitor for every reply and every documented call.

    `commands`: the documented command by action. `operations`: the S3 operations by which replies
    are grouped.
    """

    visit: Visitor
    commands: Mapping[str, str]
    operations: frozenset[str]

    def hooks(self) -> Hooks:
        """The hooks that make these visits."""
        return Hooks(
            command=self._command,
            reply=self._ec2_reply,
            s3_operation=self._s3_operation,
            s3_refusal=self._s3_refusal,
        )

    async def _command(
        self, cloud: Cloud, command: str, parameters: Mapping[str, str], call_next: NextCommand
    ) -> CommandResult:
        if command != self.commands.get(cloud.action):
            return await call_next(command, parameters)
        call = CallParameters(cloud.action, parameters)
        self.visit(call)
        return await call_next(command, call.values)

    def _ec2_reply(self, action: str, text: str) -> str:
        try:
            root = etree.fromstring(text.encode())
        except etree.XMLSyntaxError:
            return text
        is_answer = etree.QName(root).localname == f"{action}Response"
        reply = Ec2Document(action if is_answer else ERRORS, text)
        self.visit(reply)
        return reply.document.text().decode() if reply.altered else text

    async def _s3_operation(self, call: S3Call, call_next: NextOperation) -> S3Reply:
        request = call.request
        resource = "/{Bucket}/{Key+}" if request.key else "/{Bucket}" if request.bucket else "/"
        headers = frozenset(request.headers)
        operation = operation_of(self.operations, request.method, resource, request.query, headers)
        reply = await call_next(call)
        return self._visited(operation, reply)

    def _s3_refusal(self, request: S3Request, error: S3Error) -> S3Reply | None:
        document = render_error(error, request.raw_path, _REQUEST_ID)
        reply = S3Reply(error.status, {**XML_TYPE, **error.headers}, document)
        return self._visited(ERRORS, reply)

    def _visited(self, group: str, reply: S3Reply) -> S3Reply:
        parts = S3ReplyParts(group, reply)
        added = {name: value for name, value in _GENERAL.items() if name not in parts.headers}
        parts.headers |= added
        self.visit(parts)
        for name, value in added.items():
            if parts.headers.get(name) == value:  # not altered: the service sends its own
                del parts.headers[name]
        return parts.reply if parts.altered else reply
