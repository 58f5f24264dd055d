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
import select
import signal
import socket
import sys
import traceback
from contextlib import suppress
from time import monotonic
from typing import NoReturn

from tools.ec2.main import main

MAX_READ = 1 << 20  # bytes that are read at once


class ForkServer:
    """Forks commands, and reports their status when they end."""

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._status_pipes: dict[int, int] = {}  # by process id
        self._ended, self._wake = socket.socketpair()

    def serve(self) -> None:
        """Fork for each request until the other end of the socket is closed."""
        gc.freeze()  # so that the memory of what is loaded stays shared with all commands
        self._wake.setblocking(False)
        self._ended.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # a handler, so that the socket is written
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        while True:
            ready, _, _ = select.select([self._requests, self._ended], [], [])
            if self._ended in ready:
                self._ended.recv(MAX_READ)
                self._report_ended()
            if self._requests in ready and not self._start():
                return

    def _start(self) -> bool:
        """Start the requested command; False if there is no request any more."""
        request, descriptors, _, _ = socket.recv_fds(self._requests, MAX_READ, 3)
        while not request.endswith(b"\n"):
            piece = self._requests.recv(MAX_READ)
            if not piece:
                return False
            request += piece
        stdout, stderr, status_pipe = descriptors
        process = os.fork()
        if process == 0:
            self._leave(status_pipe)
            os.dup2(stdout, 1)
            os.dup2(stderr, 2)
            _run_command(*json.loads(request))
        with suppress(OSError):  # it has ended already
            os.setpgid(process, process)
        self._status_pipes[process] = status_pipe
        _write(status_pipe, b"%d\n" % process)
        os.close(stdout)
        os.close(stderr)
        return True

    def _leave(self, status_pipe: int) -> None:
        """In the new process: close what belongs to the server."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setpgid(0, 0)  # here as well as in the server, whichever is first
        for owned in (self._requests, self._ended, self._wake):
            owned.close()
        for pipe in (status_pipe, *self._status_pipes.values()):
            os.close(pipe)

    def _report_ended(self) -> None:
        """Write the status of the commands that have ended."""
        while self._status_pipes:
            process, status = os.waitpid(-1, os.WNOHANG)
            if process == 0:
                return
            pipe = self._status_pipes.pop(process)
            _write(pipe, b"%d %f\n" % (os.waitstatus_to_exitcode(status), monotonic()))
            os.close(pipe)


def _write(pipe: int, line: bytes) -> None:
    with suppress(BrokenPipeError):  # the command took too long, its status is of no interest
        os.write(pipe, line)


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
        ForkServer(inherited).serve()
