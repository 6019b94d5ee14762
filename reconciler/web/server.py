"""The server, in a thread of its own: a slow request delays no fire."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reconciler.errors import UsageError
from reconciler.web.metrics import metrics
from reconciler.web.view import View

STALLED = 10.0
"""Seconds without a pass of the loop from which on the scheduler counts as ill."""

STOP_TIMEOUT = 5.0
GRACE = 2
"""Seconds for the thread to end, and for the answers that it is sending."""

BACKLOG = 100


@contextmanager
def serving(view: View, host: str, port: int) -> Iterator[int]:
    """Serve for as long as the block lasts; gives the port, which is chosen where 0 is asked for.

    Raises UsageError where the address cannot be had.
    """
    listener = _listen(host, port)
    server = uvicorn.Server(
        uvicorn.Config(
            _application(view),
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",  # what a client sends is no event of the scheduler
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="web", daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(STOP_TIMEOUT)
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    """From here on a connection is accepted, if not answered yet, and nobody else gets the address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise UsageError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    return listener


def _application(view: View) -> Starlette:
    async def healthz(request: Request) -> Response:
        since = _stalled(view)
        is_well = since is None or since <= STALLED
        said = {"healthy": is_well, "seconds_since_last_pass": since}
        return JSONResponse(said, 200 if is_well else 503)

    async def readyz(request: Request) -> Response:
        hindrance = _hindrance(view)
        return JSONResponse({"ready": hindrance is None, "reason": hindrance}, 503 if hindrance else 200)

    async def metrics_page(request: Request) -> Response:
        return Response(metrics(view), media_type="text/plain; version=0.0.4; charset=utf-8")

    pages = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics_page}
    return Starlette(routes=[Route(path, page, methods=["GET"]) for path, page in pages.items()])


def _stalled(view: View) -> float | None:
    """Seconds since the last pass of the loop; None while it is not to pass: loading, or letting runs end."""
    if not view.is_ready or view.is_stopping:
        return None
    return round(view.now() - view.snapshot().last_pass, 3)


def _hindrance(view: View) -> str | None:
    if not view.is_ready:
        return "the table is being loaded"
    if view.is_stopping:
        return "stopping"
    if not view.is_reachable:
        return "the database is away"
    return None
