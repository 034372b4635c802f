"""The server around the pages: headers on every answer, what is closed, addresses that name their period."""

from __future__ import annotations

import asyncio
import gc
import re
import runpy
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import plotly
import pytest
import streamlit
from starlette.responses import PlainTextResponse
from starlette.routing import Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from analytics.app import faults, guard, server
from analytics.app.guard import HEADERS, Guard
from analytics.app.navigation import ADDRESSES, FIRST
from analytics.app.server import NamedPeriod
from analytics.site import ROOT, Serving
from tests.bureau import Bureau, case

PAGE = PlainTextResponse("the page")


@dataclass(frozen=True)
class Response:
    status: int
    headers: dict[str, str]
    body: bytes


def ask(
    app: ASGIApp,
    path: str,
    query: bytes = b"",
    method: str = "GET",
    host: str = "127.0.0.1:8501",
    client: str = "127.0.0.1",
) -> Response:
    """One request to an ASGI app."""
    scope: Scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "headers": [(b"host", host.encode())],
        "client": (client, 50000),
    }
    sent: list[Message] = []

    asked: Iterator[Message] = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        for message in asked:
            return message
        return await asyncio.Event().wait()  # type: ignore[return-value]  # nobody goes away

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Response(sent[0]["status"], headers, b"".join(m.get("body", b"") for m in sent[1:]))


# --- headers and what is closed -------------------------------------------------------------------


def test_every_answer_has_the_headers() -> None:
    answer = ask(Guard(PAGE), "/townships")
    assert (answer.status, answer.body) == (200, b"the page")
    assert {name: answer.headers[name.lower()] for name in HEADERS} == HEADERS


def test_a_header_that_the_page_sets_itself_stays() -> None:
    own = PlainTextResponse("x", headers={"Referrer-Policy": "no-referrer"})
    assert ask(Guard(own), "/").headers["referrer-policy"] == "no-referrer"


def test_only_streamlits_own_inline_scripts_may_run() -> None:
    policy = HEADERS["Content-Security-Policy"]
    (scripts,) = re.findall(r"script-src ([^;]*)", policy)
    page = Path(str(streamlit.__file__)).parent / "static" / "index.html"
    inline = re.findall(r"<script>", page.read_text("utf-8"))
    assert inline
    assert len(re.findall(r"'sha256-[\w+/=]{44}'", scripts)) == len(inline)
    assert "'unsafe-inline'" not in scripts
    assert not re.search(r"https?:|\*", policy)


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/"])
def test_metrics_are_closed(path: str) -> None:
    answer = ask(Guard(PAGE), path)
    assert (answer.status, answer.body.decode()) == (404, "没有这一页")


def test_what_is_not_http_passes() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: object, send: object) -> None:
        seen.append(scope["type"])

    asyncio.run(Guard(app)({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    for kind in ("websocket", "lifespan"):
        asyncio.run(NamedPeriod(app)({"type": kind, "path": "/_stcore/metrics"}, None, None))  # type: ignore[arg-type]
    assert seen == ["lifespan", "websocket", "lifespan"]


def test_the_server_gives_what_draws_pictures_and_the_script_of_the_menus() -> None:
    app = Router(server.ROUTES)
    library, script = (ask(app, f"/{name}") for name in (server.LIBRARY, server.SCRIPT))
    assert b"downloadImage" in library.body
    assert "immutable" in library.headers["cache-control"]
    assert plotly.__version__ in server.LIBRARY
    assert b"toImage" in script.body
    assert script.headers["cache-control"] == "no-cache"
    assert all(
        answer.headers["content-type"].split("/")[1][:10] == "javascript" for answer in (library, script)
    )


def test_where_people_come_by_https_browsers_keep_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    serving = Serving(hosts=("kanban.example",), https=True)
    monkeypatch.setattr(guard, "_present", lambda: (serving, True))
    cookie = PlainTextResponse("x")
    cookie.set_cookie("name", "value")
    answer = ask(Guard(cookie), "/", host="kanban.example:443", client="192.168.1.7")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert answer.headers["set-cookie"].endswith("; Secure")
    assert ask(Guard(PAGE), "/", host="other.example", client="192.168.1.7").status == 400
    monkeypatch.setattr(guard, "_present", lambda: (Serving(), True))
    assert "strict-transport-security" not in ask(Guard(cookie), "/").headers


def test_a_fault_of_our_own_answers_in_chinese_with_all_headers() -> None:
    async def broken(*_: object) -> None:
        raise ValueError("secret")

    answer = ask(Guard(broken), "/menu.js")
    assert (answer.status, "程序出错（编号" in answer.body.decode()) == (500, True)
    assert "secret" not in answer.body.decode()
    assert answer.headers["x-frame-options"] == "DENY"


def test_a_fault_in_the_midst_of_an_answer_adds_nothing_to_it() -> None:
    async def breaking(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise ValueError("secret")

    assert ask(Guard(breaking), "/menu.js").body == b"half"


# --- the period in the address --------------------------------------------------------------------


@pytest.fixture
def covered(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo is served: data to 13 December 2021."""
    monkeypatch.setenv("PETITION_DATA", str(demo))


@pytest.mark.usefixtures("covered")
@pytest.mark.parametrize("name", sorted(ADDRESSES - {FIRST}))
def test_an_address_without_a_period_gets_the_one_shown(name: str) -> None:
    answer = ask(NamedPeriod(PAGE), f"/{name}")
    assert answer.status == 307
    assert answer.headers["location"] == f"/{name}?period=2021-11"


@pytest.mark.usefixtures("covered")
@pytest.mark.parametrize(
    ("path", "query", "location"),
    [
        (
            "/",
            "township=%E5%AE%81%E4%B8%AD%E9%95%87",
            "/?period=2021-11&township=%E5%AE%81%E4%B8%AD%E9%95%87",
        ),
        ("/townships/", "a=1&a=2", "/townships?period=2021-11&a=1&a=2"),
        ("/", "myperiod=2021-01", "/?period=2021-11&myperiod=2021-01"),
        ("//townships", "", "/townships?period=2021-11"),
        ("//", "", "/?period=2021-11"),
        ("/overview", "", "/?period=2021-11"),
        ("/overview", "period=2021&a=1", "/?period=2021&a=1"),
    ],
)
def test_the_rest_of_the_address_stays(path: str, query: str, location: str) -> None:
    assert ask(NamedPeriod(PAGE), path, query.encode()).headers["location"] == location


@pytest.mark.usefixtures("covered")
@pytest.mark.parametrize(
    ("path", "query", "method"),
    [
        ("/", "period=2021-03", "GET"),
        ("/townships", "channel=x&period=2021", "GET"),
        ("/", "period=", "GET"),
        ("/_stcore/health", "", "GET"),
        ("/static/js/index.js", "", "GET"),
        ("/media/overview", "", "GET"),
        ("/nosuchpage", "", "GET"),
        ("/", "", "POST"),
    ],
)
def test_other_requests_pass(path: str, query: str, method: str) -> None:
    answer = ask(NamedPeriod(PAGE), path, query.encode(), method)
    assert (answer.status, answer.body) == (200, b"the page")


@pytest.mark.usefixtures("covered")
def test_a_query_that_is_no_text_is_answered_all_the_same() -> None:
    assert ask(NamedPeriod(PAGE), "/", b"township=\xff\xfe").status == 307


def test_without_data_nothing_is_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETITION_DATA", str(tmp_path))
    assert ask(NamedPeriod(PAGE), "/").status == 200
    assert ask(NamedPeriod(PAGE), f"/{FIRST}").headers["location"] == "/"


def test_without_petitions_the_period_is_of_what_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Bureau(tmp_path / "store").bring("backlog", case(1, "2021-03-05"))
    monkeypatch.setenv("PETITION_DATA", str(tmp_path / "store"))
    assert ask(NamedPeriod(PAGE), "/").headers["location"] == "/?period=2021-03"


def test_with_data_that_cannot_be_read_nothing_is_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PETITION_DATA", str(tmp_path))
    monkeypatch.setenv("PETITION_SITE", str(tmp_path / "missing.toml"))
    assert ask(NamedPeriod(PAGE), "/").status == 200


# --- a fault of the program -----------------------------------------------------------------------


def test_a_fault_is_told_by_number_and_its_trace_goes_to_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []
    monkeypatch.setattr(streamlit, "error", told.append)
    assert faults.apologise(ValueError("secret path"))
    (number,) = re.findall(r"编号 (\w+)", told[0])
    assert "secret path" not in told[0]
    (record,) = caplog.records
    assert number in record.getMessage()
    assert "builtins.ValueError" in record.getMessage()
    assert not record.exc_info
    assert "secret path" not in record.getMessage()


@pytest.mark.usefixtures("covered")
def test_the_dashboard_is_wrapped_in_all_of_it() -> None:
    app = runpy.run_path(str(ROOT / "dashboard.py"))["app"]
    metrics, page = ask(app, "/_stcore/metrics"), ask(app, "/townships")
    assert (metrics.status, page.status) == (404, 307)
    assert page.headers["location"] == "/townships?period=2021-11"
    assert page.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]


def test_rings_that_pages_leave_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """The interpreter looks for them only once there is a quarter more of everything."""

    class Ring:
        def __init__(self) -> None:
            self.itself = self

    async def served() -> bool:
        async with server.settle(None):
            left = weakref.ref(Ring())
            for _ in range(500):
                if left() is None:
                    return True
                await asyncio.sleep(0.02)
        return False

    monkeypatch.setattr(server, "TIDY_SECONDS", 0.01)
    gc.disable()
    try:
        assert asyncio.run(served())
    finally:
        gc.enable()
