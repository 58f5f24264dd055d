"""The log of `conform record`: one JSON object a line for each call that passed the proxy."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from fixtures.model import UsageError
from fixtures.observers import parsing
from fixtures.observers.exchange_buffer import ExchangeListener, ProxyExchange

_JOBS = 10_000  # started jobs that are remembered, so that their end can name the command


class CallLog(ExchangeListener):
    """Writes a line for each exchange when it has ended; secrets are masked."""

    def __init__(self) -> None:
        self._jobs: dict[str, str] = {}  # job id → the command that started it

    def open(self, path: Path, stack: ExitStack) -> None:
        """Append to that file, which `stack` closes; `UsageError` if it cannot be written."""
        try:
            self._file = stack.enter_context(path.open("a", encoding="utf-8", buffering=1))
        except OSError as error:
            raise UsageError(f"{path}: cannot write: {error.strerror}") from error

    def on_end(self, exchange: ProxyExchange) -> None:
        """Write the line of an exchange."""
        self._file.write(json.dumps(self._fields(exchange), ensure_ascii=False) + "\n")

    def _fields(self, exchange: ProxyExchange) -> dict[str, Any]:
        call = exchange.parse()
        fields: dict[str, Any] = {
            "at": round(exchange.at, 6),
            "seconds": round(exchange.ended - exchange.at, 6),
            "method": exchange.method,
            "command": call.request.command,
            "key": call.request.api_key,
            "parameters": call.request.parameters,
            "status": call.status,
            "answer": call.answer,
            "bytes": exchange.size,
        }
        if exchange.failure:
            fields["trouble"] = exchange.failure
        if job := parsing.started_job_id(call):
            self._jobs[job] = call.request.command
            if len(self._jobs) > _JOBS:
                del self._jobs[next(iter(self._jobs))]
        if result := parsing.job_result(call):
            command = self._jobs.pop(result[0], "")
            fields["job"] = {"id": result[0], "command": command, "status": result[1]}
        return fields
