"""`conform record`: the recording proxy alone, for whoever wants to see what a bridge asks."""

from __future__ import annotations

import argparse
import json
import signal
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Any

from fixtures.model import HarnessError, UsageError
from fixtures.observers import parsing
from fixtures.observers.exchange_buffer import ExchangeListener, ProxyExchange
from fixtures.observers.proxy import Proxy

_JOBS = 10_000  # begun jobs that are remembered, to tell at their end whose they were


def record(options: argparse.Namespace) -> int:
    """Record until SIGINT or SIGTERM; one line of JSON says when and where."""
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with ExitStack() as stack:
        lines = CallLog()
        proxy = Proxy(options.listen, options.upstream, lines)
        stack.callback(proxy.stop)
        lines.open(options.out, stack)
        stack.enter_context(proxy)
        print(json.dumps({"listen": proxy.url, "upstream": options.upstream}), flush=True)
        while not stopped.wait(0.2):
            if not proxy.is_alive:
                raise HarnessError(f"the proxy broke: {proxy.failure}")
    return 0


class CallLog(ExchangeListener):
    """Writes a line for each call as it ends, without secrets."""

    def __init__(self) -> None:
        self._jobs: dict[str, str] = {}  # job → the command that began it

    def open(self, path: Path, stack: ExitStack) -> None:
        """Add to that file (UsageError)."""
        try:
            self._file = stack.enter_context(path.open("a", encoding="utf-8", buffering=1))
        except OSError as broken:
            raise UsageError(f"{path}: cannot write: {broken.strerror}") from broken

    def ended(self, passage: ProxyExchange) -> None:
        """Write its line."""
        self._file.write(json.dumps(self._told(passage), ensure_ascii=False) + "\n")

    def _told(self, passage: ProxyExchange) -> dict[str, Any]:
        heard = passage.parse()
        told: dict[str, Any] = {
            "at": round(passage.at, 6),
            "seconds": round(passage.ended - passage.at, 6),
            "method": passage.method,
            "command": heard.request.command,
            "key": heard.request.api_key,
            "parameters": heard.request.parameters,
            "status": heard.status,
            "answer": heard.answer,
            "bytes": passage.size,
        }
        if passage.failure:
            told["trouble"] = passage.failure
        if job := parsing.started_job_id(heard):
            self._jobs[job] = heard.request.command
            if len(self._jobs) > _JOBS:
                del self._jobs[next(iter(self._jobs))]
        if end := parsing.job_result(heard):
            command = self._jobs.pop(end[0], "")
            told["job"] = {"id": end[0], "command": command, "status": end[1]}
        return told
