"""`python -m tools.ec2.fork_server FD`: forks commands, so that they need not load their modules.

For each request on the socket FD it forks a process that runs one command. A request is a line of
JSON, an array of the command's words and its environment, and three file descriptors: stdout,
stderr, and a pipe for the status. Two lines are written to the pipe: the process group at once, and
at the end the exit status and its time (monotonic). The command is a process of its own, as if it
had been started by its name.
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

MAX_READ = 1 << 20  # bytes that are read at once


def serve(requests: socket.socket) -> None:
    """Fork for each request until the other end of the socket is closed."""
    gc.freeze()  # so that the memory of what is loaded stays shared with all commands
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the forked processes are not waited for
    while True:
        request, descriptors, _, _ = socket.recv_fds(requests, MAX_READ, 3)
        while not request.endswith(b"\n"):
            piece = requests.recv(MAX_READ)
            if not piece:
                return
            request += piece
        if os.fork() == 0:
            requests.close()
            _watch(*json.loads(request), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _watch(words: list[str], environment: dict[str, str], *descriptors: int) -> NoReturn:
    """The parent of one command, which reports its status."""
    stdout, stderr, status_pipe = descriptors
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.write(status_pipe, b"%d\n" % os.getpid())
    command = os.fork()
    if command == 0:
        os.close(status_pipe)
        os.dup2(stdout, 1)
        os.dup2(stderr, 2)
        _run_command(words, environment)
    _, status = os.waitpid(command, 0)
    at = monotonic()
    os.write(status_pipe, b"%d %f\n" % (os.waitstatus_to_exitcode(status), at))
    os._exit(0)


def _run_command(words: list[str], environment: dict[str, str]) -> NoReturn:
    """Run one command, as the interpreter would."""
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = words
    status = 1
    try:
        status = main(words)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001  # printed as the interpreter prints a crash
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as inherited:
        serve(inherited)
