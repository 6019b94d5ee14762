"""Requests to a server that end in time, whatever it does: says nothing, or one byte after another."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx

from reconciler import __version__
from reconciler.actions.run import ActionFailed
from reconciler.scheduler.events import told

CONNECT_TIMEOUT = 10.0
LOOK = 0.05
"""Seconds to connect, and between two looks at whether a run was cancelled."""

MOST_BYTES = 1_000_000
"""Of an answer."""


class Answer(NamedTuple):
    status: int
    body: bytes
    location: str = ""  # where a redirect leads; none is followed


@dataclass(slots=True, kw_only=True)
class Exchange:
    """Requests and answers that share one deadline."""

    client: httpx.Client
    timeout: float
    cancelled: threading.Event
    _sockets: list[socket.socket] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)
    _cut: str | None = None  # why it was cut short

    def ask(self, method: str, address: str, token: str, content: Any = None) -> Answer:
        """One request. Raises ActionFailed where there is no whole answer."""
        request = self.client.build_request(
            method,
            address,
            json=content,
            headers={"Authorization": f"Bearer {token}"},
            extensions={"trace": self._note_connection},
        )
        try:
            answer = self._read(request)
        except httpx.TimeoutException as error:
            raise ActionFailed(self._cut or self._late(error)) from None
        except (httpx.HTTPError, OSError) as error:
            raise ActionFailed(self._cut or f"the server did not answer: {told(error)}") from None
        if self._cut is not None:  # an answer without a length ends like this too
            raise ActionFailed(self._cut)
        return answer

    def _read(self, request: httpx.Request) -> Answer:
        response = self.client.send(request, stream=True)
        try:
            body = bytearray()
            for piece in response.iter_bytes():
                body += piece
                if len(body) > MOST_BYTES:
                    raise ActionFailed(f"the answer is longer than {MOST_BYTES:,} bytes")
            return Answer(response.status_code, bytes(body), response.headers.get("Location", ""))
        finally:
            response.close()

    def _note_connection(self, event: str, about: Mapping[str, Any]) -> None:
        """The socket, by a name of our own: TLS puts another object in its place."""
        if event == "connection.connect_tcp.complete":
            self._sockets.append(about["return_value"].get_extra_info("socket").dup())

    def _late(self, error: httpx.TimeoutException) -> str:
        if isinstance(error, httpx.ConnectTimeout):
            return "the server did not answer: no connection in time"
        return f"the server did not answer within {self.timeout:g} s"

    def _watch(self) -> None:
        """In a thread of its own: what is closed under a thread that reads does not wake it, this does."""
        deadline = time.monotonic() + self.timeout
        while not self._ended.wait(LOOK):
            if self.cancelled.is_set():
                self._cut = "cancelled"
            elif time.monotonic() >= deadline:
                self._cut = f"the server did not answer within {self.timeout:g} s"
            if self._cut is not None:
                for one in self._sockets:
                    with suppress(OSError):  # it is closed already
                        one.shutdown(socket.SHUT_RDWR)


@contextmanager
def exchange(timeout: float, cancelled: threading.Event, tls: ssl.SSLContext) -> Iterator[Exchange]:
    """Whatever is asked within the block has ended `timeout` seconds after its start, or on `cancelled`."""
    limits = httpx.Timeout(timeout, connect=min(timeout, CONNECT_TIMEOUT))
    headers = {"User-Agent": f"task-scheduler/{__version__}", "Accept-Encoding": "identity"}
    client = httpx.Client(
        verify=tls, timeout=limits, headers=headers, follow_redirects=False, trust_env=False
    )
    with client:
        one = Exchange(client=client, timeout=timeout, cancelled=cancelled)
        watch = threading.Thread(target=one._watch, name="deadline", daemon=True)
        watch.start()
        try:
            yield one
        finally:
            one._ended.set()
            watch.join()
            for each in one._sockets:
                each.close()
