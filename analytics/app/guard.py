"""The outermost wall: who may speak to the server at all, in which form, and what every answer carries.

Whatever starts the server (`petition serve`, streamlit run, uvicorn), what is asked passes here first.
Sources: OWASP HTTP Security Response Headers; W3C CSP 3; DNS rebinding: Jackson et al. 2007.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import re
from asyncio import to_thread
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import streamlit
from google.protobuf.message import DecodeError
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime import exists, get_instance

from analytics.app import desk
from analytics.app.access import accounts
from analytics.app.entrance import UPLOADS
from analytics.app.faults import noted
from analytics.app.signing import signs_in
from analytics.site import Refusal, Serving

_log = logging.getLogger(__name__)

STREAM = "/_stcore/stream"
INNER, OPEN = ("/_stcore/", "/component/", "/app/static/"), ("/_stcore/health", "/_stcore/host-config")
"""Streamlit's own addresses are closed but for those that a viewer needs."""
LONGEST_ADDRESS, MOST_HEADERS, LONGEST_MESSAGE = 8 * 1024, 32 * 1024, 1024 * 1024
"""Bytes of an address with its query, of all headers together, of a message on the websocket."""
MOST_VIEWERS, MOST_FILES, MOST_UPLOADED = 300, 50, 1024 * 1024 * 1024
"""Open pages at once; files that one page has brought; bytes of all files brought and not yet let go."""
SLOWEST_SECONDS = 60.0
"""How long a body may make no progress."""
SAID = frozenset({"rerun_script", "stop_script", "app_heartbeat", "file_urls_request"})
OPERATIONS = frozenset({"deferred_file", "dataframe_chunk"})
"""What a page says to the server; anything else (emptying everybody's cache) is not heard."""

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_NAMED = re.compile(r"(?:\[(?P<six>[0-9a-f:]+)\]|(?P<name>[a-z0-9.-]+))(?::\d{1,5})?")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
_ODD = re.compile(rb"%(?:00|2e|2f|5c)|\\", re.IGNORECASE)


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
        "worker-src 'self' blob:; frame-src 'none'; frame-ancestors 'none'; form-action 'self'; "
        "object-src 'none'; base-uri 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Forced by Streamlit and Plotly: 'unsafe-eval' (their charts), inline styles, data: and blob: pictures."""
HTTPS_ONLY = "max-age=31536000"
KEPT = "immutable"
"""Only what says so of itself, being named after its version, may be kept by a browser."""


class Guard:
    """Refuses what may not speak to the server; puts the headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._viewers = 0
        self._arriving = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one page's websocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        serving, open_to_all = await to_thread(_present)
        if scope["type"] == "websocket":
            await self._page(scope, receive, send, serving, open_to_all)
            return
        answer = _Answer(send, serving)
        if refused := _refused(scope, serving, open_to_all):
            await refused(scope, receive, answer)
            return
        bringing = scope["path"].startswith(UPLOADS) and scope["method"] == "PUT"
        try:
            await (self._upload if bringing else self._app)(scope, receive, answer)
        except Exception as fault:
            number = noted(fault)
            if not answer.begun:  # else it stays cut off: nobody may take a part for the whole
                await _told(500, f"程序出错（编号 {number}）：请把编号告诉管理员")(scope, receive, answer)

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        size = Headers(scope=scope).get("content-length", "")
        if not size.isdecimal():
            await _told(411, "上传时要说明文件大小")(scope, receive, send)
            return
        session = scope["path"].removeprefix(UPLOADS).partition("/")[0]
        if refused := _no_room(session, self._arriving + int(size)):
            await refused(scope, receive, send)
            return
        self._arriving += int(size)
        try:
            await self._app(scope, _patient(receive), send)
        finally:
            self._arriving -= int(size)

    async def _page(
        self, scope: Scope, receive: Receive, send: Send, serving: Serving, open_to_all: bool
    ) -> None:
        headers = Headers(scope=scope)
        same = urlsplit(headers.get("origin", "")).netloc == headers.get("host", "")
        known = _is_known(headers, serving) and (open_to_all or _is_local(scope))
        if scope["path"] != STREAM or not same or not known or self._viewers >= MOST_VIEWERS:
            _log.warning("a page was refused: %s of %s viewers", self._viewers, MOST_VIEWERS)
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        self._viewers += 1
        try:
            await self._app(scope, _heard(receive, send), send)
        finally:
            self._viewers -= 1


def _present() -> tuple[Serving, bool]:
    """How the site is served now, and whether to other machines too: only where people have accounts."""
    try:
        site = desk.site()
    except Refusal:  # the page says what is wrong with site.toml
        return Serving(), signs_in()
    return site.serving, accounts(site)


def _told(status: int, words: str) -> Response:
    return PlainTextResponse(words, status)


def _refused(scope: Scope, serving: Serving, open_to_all: bool) -> Response | None:
    """Why this request is not answered; None where it is."""
    headers, path, raw = Headers(scope=scope), scope["path"], scope.get("raw_path") or b""
    uploading = path.startswith(UPLOADS)
    if not _is_known(headers, serving):
        return _told(400, "不认识这个地址：请用管理员给的网址打开（site.toml 的 [server] hosts）")
    if not open_to_all and not _is_local(scope):
        return _told(403, "没有设置登录，看板只供本机打开：请管理员先设置登录")
    if len(raw) + len(scope["query_string"]) > LONGEST_ADDRESS:
        return _told(414, "网址太长")
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEADERS:
        return _told(431, "请求头太长：请清除本站的 Cookie 后重试")
    if "\0" in path or path.startswith("//") or ".." in path.split("/") or _ODD.search(raw):
        return _told(400, "网址不对")
    if scope["method"] not in ("GET", "HEAD", *(("PUT", "DELETE") if uploading else ())):
        return _told(405, "不接受这种请求")
    if path.startswith(INNER) and path not in OPEN and not uploading:
        return _told(404, "没有这一页")
    return None


def _is_known(headers: Headers, serving: Serving) -> bool:
    """Whether the server is asked for by one of its names: any other may be a foreign page's trick."""
    asked = headers.getlist("host")
    named = _NAMED.fullmatch(asked[0].lower()) if len(asked) == 1 else None
    name = (named["six"] or named["name"]) if named else ""
    return name in _LOCAL or name in serving.hosts


def _is_local(scope: Scope) -> bool:
    """Whether it comes from this machine itself, not by way of a proxy on it."""
    try:
        near = ip_address((scope.get("client") or ("",))[0]).is_loopback
    except ValueError:
        return False
    return near and not any(name in _FORWARDED for name in Headers(scope=scope))


class _Answer:
    """What is sent to whoever asked, with our headers; `begun`: whether anything was."""

    def __init__(self, send: Send, serving: Serving) -> None:
        self._send = send
        self._serving = serving
        self.begun = False

    async def __call__(self, message: Message) -> None:
        self.begun = True
        if message["type"] == "http.response.start":
            self._put_headers(message)
        await self._send(message)

    def _put_headers(self, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        for name in [name for name in headers if name == "server" or name.startswith("access-control-")]:
            del headers[name]
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        if KEPT not in headers.get("cache-control", ""):
            headers["Cache-Control"] = "no-store"
        if self._serving.https:
            headers["Strict-Transport-Security"] = HTTPS_ONLY
            message["headers"] = [
                (name, value + b"; Secure" if _is_open_cookie(name, value) else value)
                for name, value in message["headers"]
            ]


def _is_open_cookie(name: bytes, value: bytes) -> bool:
    return name.lower() == b"set-cookie" and b"; secure" not in value.lower()


# --- files that are brought --------------------------------------------------------------------------------


def _no_room(session: str, more: int) -> Response | None:
    """Why no file may be brought to this session now; None where it may."""
    if not exists() or not get_instance().is_active_session(session):
        return _told(404, "页面已经关闭：请刷新后重新上传")
    held = get_instance().uploaded_file_mgr.file_storage  # type: ignore[attr-defined]
    if len(held.get(session, ())) >= MOST_FILES:
        return _told(413, f"一次最多上传 {MOST_FILES} 个文件：请分几次导入")
    size = sum(len(file.data) for files in list(held.values()) for file in list(files.values()))
    if size + more > MOST_UPLOADED:
        return _told(413, "正在导入的文件太多：请等别人导入完，或用 petition import 导入")
    return None


def _patient(receive: Receive) -> Receive:
    """A body that stands still is given up."""

    async def received() -> Message:
        try:
            return await asyncio.wait_for(receive(), SLOWEST_SECONDS)
        except TimeoutError:
            return {"type": "http.disconnect"}

    return received


# --- what a page says --------------------------------------------------------------------------------------


def _heard(receive: Receive, send: Send) -> Receive:
    """Messages of a page, without those that no page of ours sends. One too long or malformed ends it."""

    async def received() -> Message:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            fault = _fault(message.get("bytes"))
            if not fault:
                return message
            _log.warning("a page's message was refused: %s", fault)
            if fault != UNHEARD:
                await send({"type": "websocket.close", "code": fault})
                return {"type": "websocket.disconnect", "code": fault}

    return received


UNHEARD, BAD, TOO_LONG = 1, 1002, 1009
"""Why a message does not go on: the codes of RFC 6455 where the connection ends with it."""


def _fault(data: bytes | None) -> int:
    """Which; 0 for none."""
    if data is None:
        return BAD
    if len(data) > LONGEST_MESSAGE:
        return TOO_LONG
    said = BackMsg()
    try:
        said.ParseFromString(data)
    except DecodeError:
        return BAD
    kind = said.WhichOneof("type")
    if kind == "backend_operation_request":
        return 0 if said.backend_operation_request.WhichOneof("payload") in OPERATIONS else UNHEARD
    if kind == "file_urls_request" and len(said.file_urls_request.file_names) > MOST_FILES:
        return UNHEARD
    return 0 if kind in SAID else UNHEARD
