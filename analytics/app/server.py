"""The server around the pages: what is settled at start, addresses, where it listens."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys
import tempfile
from asyncio import to_thread
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import h11
import plotly
import pyarrow as pa
import uvicorn
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config
from streamlit.web import bootstrap
from uvicorn.protocols.http.h11_impl import H11Protocol

from analytics.app import desk
from analytics.app.access import FILES, accounts
from analytics.app.desk import engine
from analytics.app.faults import keep_messages_out
from analytics.app.guard import LONGEST_MESSAGE
from analytics.app.navigation import ADDRESSES, FIRST
from analytics.app.selection import PERIOD, default_period, main_coverage
from analytics.app.uploads import clear_left_over
from analytics.running import scratch
from analytics.site import ROOT, Refusal

LIBRARY, SCRIPT = f"plotly-{plotly.__version__}.min.js", "menu.js"
"""What the browser draws pictures with, named after its version, and what it does in a chart's menu.

Both stand beside the pages: their addresses are relative.
"""


class NamedPeriod:
    """Gives an address without a period the one it would show: copied, it stays the same view."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"].strip("/") in ADDRESSES:
            page, rest = scope["path"].strip("/"), scope["query_string"].decode("latin-1")
            if target := await _named(page, rest):
                await RedirectResponse(target)(scope, receive, send)
                return
        await self._app(scope, receive, send)


async def _named(page: str, rest: str) -> str:
    """The address with its period, the first page by its one name; empty where it is that already."""
    given = PERIOD in dict(parse_qsl(rest, keep_blank_values=True))
    period = "" if given else await to_thread(_present_period)
    if not period and page != FIRST:
        return ""
    query = "&".join(part for part in (f"{PERIOD}={period}" if period else "", rest) if part)
    # One leading slash: //townships would be another host.
    return f"/{'' if page == FIRST else page}{'?' + query if query else ''}"


def _present_period() -> str:
    """The period shown by default; empty where there are no data or they cannot be read."""
    try:
        present = engine()
        return default_period(main_coverage(present)) if present.versions() else ""
    except Refusal:
        return ""


async def _library(_: Request) -> FileResponse:
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return FileResponse(Path(str(plotly.__file__)).parent / "package_data" / "plotly.min.js", headers=kept)


async def _script(_: Request) -> FileResponse:
    return FileResponse(Path(__file__).with_name(SCRIPT), headers={"Cache-Control": "no-cache"})


ROUTES = (Route(f"/{LIBRARY}", _library), Route(f"/{SCRIPT}", _script))
"""What the server gives besides the pages."""


TIDY_SECONDS = 30.0
_YOUNG = 20_000
"""New things between two looks for rings among them: a run makes thousands, nearly all without any."""
_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h


@asynccontextmanager
async def settle(_: Any) -> AsyncIterator[None]:
    """Imports what pages need and freezes it: otherwise each rerun's collection walks over it again."""
    import analytics.app.explore
    import analytics.app.importing  # noqa: F401  (between them they load all that pages use)

    keep_messages_out()
    clear_left_over()
    tempfile.tempdir = str(scratch())  # what is uploaded lies there too, and never outlives the server
    gc.collect()
    gc.freeze()
    usual = gc.get_threshold()
    gc.set_threshold(_YOUNG, *usual[1:])
    tidying = [asyncio.create_task(work()) for work in (_keep_memory_together, _collect, _let_files_go)]
    yield
    for task in tidying:
        task.cancel()
    gc.set_threshold(*usual)
    gc.unfreeze()


async def _collect() -> None:
    """Lets go of rings of what refers to each other: pages leave them, with views and all that was drawn.

    By itself the interpreter looks for them once there is a quarter more of everything, which is too seldom.
    """
    while True:
        await asyncio.sleep(TIDY_SECONDS)
        await to_thread(gc.collect)


async def _let_files_go() -> None:
    """What was made and fetched waits no longer, though nobody makes another file."""
    while True:
        await asyncio.sleep(TIDY_SECONDS)
        await to_thread(FILES.let_go)


async def _keep_memory_together() -> None:
    """Each run is a thread of its own, and glibc would give each its own heap, never to be given back.

    Nor does Arrow give back by itself what it needed once.
    """
    if not sys.platform.startswith("linux"):
        return
    library = ctypes.CDLL(None)
    if not hasattr(library, "malloc_trim"):  # another C library
        return
    library.mallopt(_ARENA_MAX, 2)
    while True:
        await asyncio.sleep(TIDY_SECONDS)
        await to_thread(pa.default_memory_pool().release_unused)
        await to_thread(library.malloc_trim, 0)


# --- listening ---------------------------------------------------------------------------------------------

HERE = "127.0.0.1"
REQUEST_SECONDS = 20.0
MOST_CONNECTIONS, MOST_UNREAD = 2_000, 64 * 1024


class _Patient(H11Protocol):
    """Closes a connection that takes too long to say what it asks."""

    _seen: object = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def _wait(self) -> None:
        self.loop.call_later(REQUEST_SECONDS, self._look)

    def _look(self) -> None:
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return
        if self.conn.their_state is h11.IDLE and self.scope is self._seen:
            self.transport.close()
            return
        self._seen = self.scope
        self._wait()


def listen(app: ASGIApp, port: int) -> None:
    """Serves until stopped: to this machine only, unless people have accounts."""
    config._main_script_path = str(ROOT / "dashboard.py")  # beside it lies .streamlit/config.toml
    bootstrap.load_config_options({"server.port": port})
    site = desk.site()
    address = site.serving.address if accounts(site) else HERE
    if not accounts(site):
        print("没有设置登录：只有本机能打开看板（127.0.0.1）")
    uvicorn.run(
        app,
        host=address,
        port=port,
        http=_Patient,
        ws="websockets-sansio",
        ws_max_size=LONGEST_MESSAGE,
        ws_per_message_deflate=False,
        proxy_headers=False,  # whoever comes through a proxy is not from this machine
        server_header=False,
        access_log=False,  # addresses are nobody's business
        log_level="warning",
        limit_concurrency=MOST_CONNECTIONS,
        h11_max_incomplete_event_size=MOST_UNREAD,
        timeout_graceful_shutdown=5,
    )
