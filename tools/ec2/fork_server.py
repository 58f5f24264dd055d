"""`python -m tools.ec2.fork_server FD`: starts commands warm, for whoever runs hundreds of them.

Loaded once, it forks for each command that the socket FD brings: a line of JSON, an array of the
command's words and its environment, with three descriptors: for its output, for its complaints, and
for what becomes of it. There the process group is told at once, in the end the exit status and when
it was (monotonic), a line each. The command is a process of its own, as if it had been started by
its name.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
import traceback
from time import monotonic
from typing import NoReturn

from tools.ec2.main import main

LARGEST = 1 << 20  # bytes that are taken at once


def serve(orders: socket.socket) -> None:
    """Fork for each order until the other end is closed."""
    gc.freeze()  # what is loaded by now stays shared between all commands
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits here for those who watch
    while True:
        order, descriptors, _, _ = socket.recv_fds(orders, LARGEST, 3)
        while not order.endswith(b"\n"):
            piece = orders.recv(LARGEST)
            if not piece:
                return
            order += piece
        if os.fork() == 0:
            orders.close()
            _watch(*json.loads(order), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _watch(words: list[str], environment: dict[str, str], *descriptors: int) -> NoReturn:
    """The parent of one command, which tells of it."""
    output, complaints, fate = descriptors
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.write(fate, b"%d\n" % os.getpid())
    command = os.fork()
    if command == 0:
        os.close(fate)
        os.dup2(output, 1)
        os.dup2(complaints, 2)
        _command(words, environment)
    _, status = os.waitpid(command, 0)
    at = monotonic()
    os.write(fate, b"%d %f\n" % (os.waitstatus_to_exitcode(status), at))
    os._exit(0)


def _command(words: list[str], environment: dict[str, str]) -> NoReturn:
    """One command, as the interpreter would have run it."""
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = words
    status = 1
    try:
        status = main(words)
    except SystemExit as asked:
        status = asked.code if isinstance(asked.code, int) else 1
    except BaseException:  # noqa: BLE001  # shown as the interpreter shows a crash
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as inherited:
        serve(inherited)
