"""A relay in front of a server, which a test can freeze: no more bytes are forwarded."""

from __future__ import annotations

import socket
import threading
from typing import Self


class Freezer:
    """Forwards bytes between clients and a local port until `freeze`; a context manager."""

    def __init__(self, port: int) -> None:
        """`port`: of the server."""
        self._server_port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = [self._listener]
        self._frozen = threading.Event()
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for part in self._open:
            part.close()

    def freeze(self) -> None:
        """Forward nothing any more: clients can still connect, and get no answer."""
        self._frozen.set()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            server = socket.create_connection(("127.0.0.1", self._server_port))
            self._open += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while piece := source.recv(65536):
                if self._frozen.is_set():
                    return
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
        except OSError:  # one of them is gone
            return
