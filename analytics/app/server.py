"""The server around the pages: headers, what is closed, what is settled at start, what a fault shows."""

from __future__ import annotations

import base64
import gc
import hashlib
import logging
import re
import time
from asyncio import to_thread
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import plotly
import streamlit
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from analytics.app.desk import engine
from analytics.app.navigation import ADDRESSES, FIRST
from analytics.app.selection import PERIOD, default_period, main_coverage
from analytics.app.uploads import clear_left_over
from analytics.site import Refusal
from analytics.trace import trace

_log = logging.getLogger(__name__)

LIBRARY, SCRIPT = f"plotly-{plotly.__version__}.min.js", "menu.js"
"""What the browser draws pictures with, named after its version, and what it does in a chart's menu.

Both stand beside the pages: their addresses are relative.
"""
CLOSED = ("/_stcore/metrics",)


def _inline_scripts() -> str:
    """Hashes of the scripts that stand in Streamlit's own page: no other inline script may run."""
    page = Path(str(streamlit.__file__)).parent / "static" / "index.html"
    scripts = re.findall(r"<script>(.*?)</script>", page.read_text("utf-8"), re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    return " ".join(f"'sha256-{digest}'" for digest in digests)


HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'self'; script-src 'self' 'unsafe-eval' {_inline_scripts()}; "
        "style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; "
        "worker-src 'self' blob:; frame-ancestors 'self'; object-src 'none'; base-uri 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class SecurityHeaders:
    """Adds the headers to every response and answers 404 for what is closed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"].startswith(CLOSED):
            await PlainTextResponse("404", status_code=404)(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


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


@asynccontextmanager
async def settle(_: Any) -> AsyncIterator[None]:
    """Imports what pages need and freezes it: otherwise each rerun's collection walks over it again."""
    import analytics.app.explore
    import analytics.app.importing  # noqa: F401  (between them they load all that pages use)

    clear_left_over()
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def apologise(fault: Exception) -> bool:
    """What a viewer sees of a fault of the program: where its trace is, not the trace itself."""
    number = f"{time.time_ns() // 1_000_000:x}"[-8:]
    _log.error("fault %s\n%s", number, trace(fault))
    streamlit.error(
        f"这一页没能显示完：程序出错（编号 {number}）。请刷新重试；仍然如此，请把编号告诉管理员，"
        "运行看板的窗口里有详细记录。"
    )
    return True
