"""`conform record`: the recording proxy alone, which shows the CloudStack calls of a bridge."""

from __future__ import annotations

import argparse
import json
import signal
from contextlib import ExitStack
from pathlib import Path
from threading import Event

from fixtures.model import HarnessError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    for name, metavar, text in (
        ("--listen", "HOST:PORT", "where the bridge sends its CloudStack calls"),
        ("--upstream", "URL", "the CloudStack that gets them"),
    ):
        parser.add_argument(name, required=True, metavar=metavar, help=text)
    parser.add_argument(
        "--out",
        required=True,
        type=Path,
        metavar="FILE",
        help="file to append to: a JSON object for each call, a line each, secrets masked",
    )


def execute(options: argparse.Namespace) -> int:
    """Record until SIGINT or SIGTERM; one line of JSON says when and where."""
    from fixtures.observers.proxy import Proxy
    from tools.conform.call_log import CallLog

    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with ExitStack() as stack:
        log = CallLog()
        proxy = Proxy(options.listen, options.upstream, log)
        stack.callback(proxy.stop)
        log.open(options.out, stack)
        stack.enter_context(proxy)
        print(json.dumps({"listen": proxy.url, "upstream": options.upstream}), flush=True)
        while not stopped.wait(0.2):
            if not proxy.is_alive:
                raise HarnessError(f"the proxy failed: {proxy.failure}")
    return 0
