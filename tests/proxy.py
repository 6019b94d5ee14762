"""A proxy between a program and its server, which loses a question or its answer."""

import contextlib
import re
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

from tests.databases import Database

COMMIT = re.compile(rb"COMMIT(?!TED)")


class Proxy:
    """Once it is armed it cuts the line at the first question that matches, before or after passing it on."""

    def __init__(
        self,
        port: int,
        *,
        passes_on: bool,
        stays_closed: bool = False,
        cuts_at: re.Pattern[bytes] = COMMIT,
    ) -> None:
        self.port, self.passes_on, self.stays_closed, self.cuts_at = port, passes_on, stays_closed, cuts_at
        self.armed, self.cut = threading.Event(), threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.at: int = self.listener.getsockname()[1]
        self.threads: list[threading.Thread] = []
        self.start(self.accept)

    def start(self, work: Callable[..., None], *given: Any) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)
        self.threads.append(thread)
        thread.start()

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join(10)

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                if self.cut.is_set() and self.stays_closed:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self.port))
                self.start(self.pass_on, client, server, True)
                self.start(self.pass_on, server, client, False)

    def pass_on(self, source: socket.socket, sink: socket.socket, is_asking: bool) -> None:
        with source, contextlib.suppress(OSError):
            while content := source.recv(65536):
                is_armed = is_asking and self.armed.is_set() and not self.cut.is_set()
                if is_armed and self.cuts_at.search(content):
                    self.lose(source, sink, content)
                    break
                sink.sendall(content)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

    def lose(self, client: socket.socket, server: socket.socket, content: bytes) -> None:
        self.cut.set()
        client.shutdown(socket.SHUT_RDWR)  # no answer comes through any more
        if self.passes_on:
            server.sendall(content)  # which it reads before it learns that we are gone


@contextlib.contextmanager
def proxied(database: Database, **given: Any) -> Iterator[tuple[Proxy, str]]:
    """A proxy before the server of a database, and the URL of the database through it."""
    assert database.server is not None
    proxy = Proxy(database.server.port, **given)
    url = database.url.replace(f":{database.server.port}/", f":{proxy.at}/")
    try:
        yield proxy, url + ("?sslmode=disable" if database.kind == "postgresql" else "")
    finally:
        proxy.close()
