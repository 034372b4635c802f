"""The door: who may fetch what over HTTP, and the way back to where somebody wanted to go before signing in.

Streamlit answers for pages by what a session is drawn, but gives a file to whoever knows its address; here
files are given to those only for whom they were made.
"""

from __future__ import annotations

import json
from asyncio import to_thread
from collections import Counter
from urllib.parse import quote, unquote

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import exists, get_instance
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

from analytics.access import Person
from analytics.app import desk
from analytics.app.access import FILES, SESSIONS, accounts, admitted, claimed
from analytics.app.navigation import ADDRESSES
from analytics.app.signing import signs_in
from analytics.site import Refusal, Site

MEDIA, UPLOADS, HEALTH = "/media/", "/_stcore/upload_file/", "/_stcore/health"
MOST_PAGES = 60
"""Open at once, of one account; of one address where nobody is signed in yet."""
RETURN = "petition_return"
RETURN_SECONDS = 600
NOT_YOURS = "这个文件不在，或不是为您生成的：请回到页面重新下载"
TWICE = "账号请求头出现了两次：请管理员让代理先删去来客自带的，再写自己的"
NOT_IN = "没有使用权限：请从单位统一入口登录，仍然如此请找管理员"


class Entrance:
    """Takes a proxy's header from proxies only, and guards files, uploads and, behind a proxy, everything."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._pages: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            site = await to_thread(desk.site)
        except Refusal:  # the page says what is wrong with site.toml; files wait until it is mended
            site = None
        if site is not None and not _only_from_proxies(scope, site):
            await _close(scope, receive, send)
            return
        if scope["type"] == "websocket" and site is not None:
            await self._page(scope, receive, send, site)
            return
        if scope["type"] == "http" and (refused := await to_thread(_refused, scope, site)):
            await refused(scope, receive, send)
            return
        if scope["type"] == "http" and site is not None and signs_in() and not site.access.header:
            await self._with_way_back(scope, receive, send, site)
            return
        await self._app(scope, receive, send)

    async def _page(self, scope: Scope, receive: Receive, send: Send, site: Site) -> None:
        """A page, of which nobody may have so many that others have none left."""
        who = await to_thread(_admitted, scope, site)
        if who is None or (accounts(site) and self._pages[who] >= MOST_PAGES):
            await _close(scope, receive, send)
            return
        self._pages[who] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._pages[who] -= 1
            self._pages += Counter()  # forgets who has none

    async def _with_way_back(self, scope: Scope, receive: Receive, send: Send, site: Site) -> None:
        """Notes where somebody not signed in wanted to go; leads there who comes back signed in."""
        request = HTTPConnection(scope)
        inside = _person(request, site) is not None
        back = unquote(request.cookies.get(RETURN, ""))
        if inside and scope["path"] == "/" and back and not scope["query_string"]:
            response = RedirectResponse(back if _is_page(back.partition("?")[0]) else "/")
            response.delete_cookie(RETURN)
            await response(scope, receive, send)
            return
        wanted = _address(scope)

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start" and not inside and wanted:
                kept = Response()
                kept.set_cookie(RETURN, quote(wanted), RETURN_SECONDS, httponly=True, samesite="lax")
                MutableHeaders(scope=message).append("set-cookie", kept.headers["set-cookie"])
            await send(message)

        await self._app(scope, receive, noting)


def _address(scope: Scope) -> str:
    """A page's address with its query; empty for anything else and for the first page as it is."""
    rest = scope["query_string"].decode("latin-1")
    page = scope["method"] == "GET" and _is_page(scope["path"]) and (scope["path"] != "/" or rest)
    return f"{scope['path']}{f'?{rest}' if rest else ''}" if page else ""


def _is_page(path: str) -> bool:
    return path.startswith("/") and not path.startswith("//") and path.strip("/") in ADDRESSES


def _only_from_proxies(scope: Scope, site: Site) -> bool:
    """The header that says who it is, from anybody else, says nothing; said twice it says too much: False."""
    if not site.access.header:
        return True
    client, name = (scope.get("client") or ("",))[0], site.access.header.lower().encode("latin-1")
    others = [(key, value) for key, value in scope["headers"] if key.lower() != name]
    if client not in site.access.proxies:
        scope["headers"] = others
    return len(scope["headers"]) - len(others) <= 1


def _admitted(scope: Scope, site: Site) -> str | None:
    """Whose page is opened, the account or the address; None where it may not be.

    Behind a proxy only by who may come in, otherwise it asks to sign in. A session is taken up again by the
    account only that it was of.
    """
    address = str((scope.get("client") or ("",))[0])
    if not accounts(site):
        return address
    person = _person(HTTPConnection(scope), site)
    scope["headers"] = [_without_others_session(header, person) for header in scope["headers"]]
    if person is not None:
        return person.account
    return None if site.access.header else address


def _without_others_session(header: tuple[bytes, bytes], person: Person | None) -> tuple[bytes, bytes]:
    """The third of what Streamlit sends as subprotocols is the session to take up again."""
    name, value = header
    if name.lower() != b"sec-websocket-protocol":
        return header
    parts = value.decode("latin-1").split(",")
    own = len(parts) < 3 or (person is not None and _looks_in(parts[2].strip(), person))
    return name, value if own else ",".join(parts[:2]).encode("latin-1")


async def _close(scope: Scope, receive: Receive, send: Send) -> None:
    """Neither a page nor an answer."""
    if scope["type"] == "http":
        await PlainTextResponse(TWICE, 400)(scope, receive, send)
    else:
        await receive()
        await send({"type": "websocket.close", "code": 1008})


def _refused(scope: Scope, site: Site | None) -> Response | None:
    """Why this request is not answered; None where it is."""
    path = scope["path"]
    guarded = path.startswith((MEDIA, UPLOADS))
    if site is None:
        return PlainTextResponse(NOT_YOURS, 404) if guarded else None
    if not accounts(site) or path == HEALTH:
        return None
    person = _person(HTTPConnection(scope), site)
    if guarded:
        own = person is not None and _is_own(path, person)
        return None if own else PlainTextResponse(NOT_YOURS, 404)
    if site.access.header and person is None:
        return PlainTextResponse(NOT_IN, 403)
    return None


def _person(request: HTTPConnection, site: Site) -> Person | None:
    cookie = _get_signed_cookie_with_chunks(request.cookies, USER_COOKIE_NAME) if signs_in() else None
    token = json.loads(cookie) if cookie else {}
    return admitted(site, claimed(site, request.headers, token))


def _is_own(path: str, person: Person) -> bool:
    """Whether a file was made in one of the person's own sessions, or is brought to one."""
    if path.startswith(UPLOADS):
        session = path.removeprefix(UPLOADS).partition("/")[0]
        return "import" in person.scope.rights and _looks_in(session, person)
    name = path.removeprefix(MEDIA).partition(".")[0]
    return FILES.is_of(name, person.account) or any(_looks_in(s, person) for s in _holders(name))


def _looks_in(session: str, person: Person) -> bool:
    found = SESSIONS.get(session)
    return found is not None and found.account == person.account


def _holders(name: str) -> list[str]:
    """The sessions whose page holds the file, as pictures are."""
    if not exists():
        return []
    files = get_instance().media_file_mgr
    with files._lock:
        made = {session: set(held.values()) for session, held in files._files_by_session_and_coord.items()}
    return [session for session, held in made.items() if name in held]
