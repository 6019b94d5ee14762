"""A line to a server that can be cut and mended."""

import contextlib
import socket
import threading
from collections.abc import Iterator

from tests.databases import Database


class Line:
    """Passes everything on, until it is cut: then what is open breaks, and nobody gets through."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._lock = threading.Lock()
        self._is_cut = False
        self._ends: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        with self._lock:
            self._is_cut = True
            ends, self._ends = self._ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        with self._lock:
            self._is_cut = False

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                with self._lock:
                    if self._is_cut:
                        client.close()
                        continue
                    server = socket.create_connection(("127.0.0.1", self._port))
                    self._ends += [client, server]
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with source, contextlib.suppress(OSError):
            while content := source.recv(65536):
                sink.sendall(content)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def line_to(database: Database) -> Iterator[tuple[Line, Database]]:
    """The line, and the database as it is reached through it."""
    assert database.server is not None
    line = Line(database.server.port)
    url = database.url.replace(f":{database.server.port}/", f":{line.port}/")
    try:
        yield line, Database(kind=database.kind, url=url, name=database.name, server=None)
    finally:
        line.close()
