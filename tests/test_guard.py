"""The wall around the running server: asked as browsers, foreign pages and attackers ask it."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from uvicorn.server import ServerState
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from analytics.app import guard
from analytics.app import server as listening
from analytics.app.guard import HEADERS, LONGEST_ADDRESS, LONGEST_MESSAGE, MOST_FILES, MOST_HEADERS
from analytics.site import ROOT, Refusal
from tests.load import Answer, Viewer, asked
from tests.serving import PATIENCE, Server, free_port, serving

CHINESE = re.compile(r"[\u4e00-\u9fff]")
TRACE = re.compile(r"Traceback|File \"|\.py\b|streamlit\.io|Error:")
PAGE = "/townships?period=2021-11"


@pytest.fixture(scope="module")
def server(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(demo, tmp_path_factory.mktemp("guard") / "log.txt") as found:
        yield found


@pytest.fixture
def viewer(server: Server) -> Iterator[Viewer]:
    with Viewer(server.address) as found:
        yield found


def ask(server: Server, path: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
    return asked(urlsplit(server.address).netloc, path, method, headers=headers)


# --- headers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (PAGE, 200),
        ("/", 307),
        ("/static/media/none.js", 200),
        ("/menu.js", 200),
        ("/media/none", 404),
        ("/_stcore/health", 200),
        ("/_stcore/metrics", 404),
        ("//other.example/", 400),
    ],
)
def test_every_answer_of_the_running_server_has_the_headers(server: Server, path: str, status: int) -> None:
    answer = ask(server, path)
    assert answer.status == status
    assert {name: answer.headers[name.lower()] for name in HEADERS} == HEADERS
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_what_is_named_after_its_version_is_kept_the_rest_is_not(server: Server) -> None:
    page = ask(server, PAGE).body.decode()
    (script,) = re.findall(r'src="\./(static/js/index\.[^"]+\.js)"', page)
    found = ask(server, f"/{script}", headers={"Accept-Encoding": "gzip"})
    assert "immutable" in found.headers["cache-control"]
    assert found.headers["content-encoding"] == "gzip"


def test_a_download_is_for_nobodys_cache(viewer: Viewer) -> None:
    answer = viewer.open("townships", "period=2021-11").download("CSV")
    assert answer.status == 200
    assert "兴田街道" in answer.body.decode("utf-8-sig")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment")


def test_a_file_waits_for_who_wants_it_whatever_others_do(viewer: Viewer, server: Server) -> None:
    """Streamlit lets go of a file that no page shows after any two runs, be they anybody's."""
    file = viewer.open("townships", "period=2021-11").made("Excel")
    with Viewer(server.address) as other:
        for _ in range(3):
            other.open("", "period=2021-11")
    assert viewer.fetch(file).status == 200


def test_no_header_lets_another_page_in() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert HEADERS["X-Frame-Options"] == "DENY"


# --- hosts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "127.0.0.1:80:80", "", "127.0.0.2"],
)
def test_another_name_is_refused(server: Server, host: str) -> None:
    answer = ask(server, PAGE, headers={"Host": host})
    assert answer.status == 400
    assert "不认识这个地址" in answer.body.decode() or not host


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]:8501", "LOCALHOST:1"])
def test_this_machines_own_names_are_answered(server: Server, host: str) -> None:
    assert ask(server, PAGE, headers={"Host": host}).status == 200


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_who_comes_by_way_of_a_proxy_is_not_this_machine(server: Server, name: str) -> None:
    answer = ask(server, PAGE, headers={name: "127.0.0.1"})
    assert (answer.status, "只供本机" in answer.body.decode()) == (403, True)


def test_without_accounts_only_this_machine_is_listened_to(server: Server) -> None:
    assert "只有本机能打开看板" in server.logged
    port = f"{urlsplit(server.address).port:04X}"
    listening = [line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    assert f"0100007F:{port}" in listening
    assert f"00000000:{port}" not in listening


def test_started_for_all_addresses_it_still_answers_this_machine_only(
    monkeypatch: pytest.MonkeyPatch, demo: Path
) -> None:
    monkeypatch.setenv("PETITION_DATA", str(demo))
    scope = {"path": "/", "query_string": b"", "method": "GET", "headers": [(b"host", b"localhost")]}
    serving, to_all = guard._present()
    assert not to_all
    for client, refused in (("127.0.0.1", False), ("::1", False), ("192.168.1.7", True), ("", True)):
        answer = guard._refused({**scope, "client": (client, 5)}, serving, to_all)
        assert (answer is not None and answer.status_code == 403) is refused
    monkeypatch.setattr(guard.desk, "site", _broken)
    assert guard._present()[1] is False


def _broken() -> None:
    raise Refusal("site.toml")


# --- what is asked -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/..%2fetc/passwd",
        "/static/../../etc/passwd",
        "/static/%2e%2e/x",
        "//etc/passwd",
        "/%00",
        "/a%5c..%5cb",
        "/a\\b",
    ],
)
def test_addresses_that_lead_elsewhere_are_refused(server: Server, path: str) -> None:
    answer = ask(server, path)
    assert (answer.status, answer.body.decode()) == (400, "网址不对")


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/metrics",
        "/_stcore/script-health-check",
        "/_stcore/agent/mcp",
        "/_stcore/bidi-components/x/y",
        "/_stcore/allowed-message-origins",
        "/component/x/index.html",
        "/app/static/x",
    ],
)
def test_inner_addresses_are_closed(server: Server, path: str) -> None:
    assert (ask(server, path).status, ask(server, f"{path}/").status) == (404, 404)


def test_no_folder_is_listed_and_no_foreign_page_may_hold_it(server: Server) -> None:
    listing = ask(server, "/static/js/", headers={"Accept": "text/html"})
    assert "index." not in listing.body.decode().replace("index.html", "").replace("static/js/index", "")
    assert b'"allowedOrigins":[]' in ask(server, "/_stcore/host-config").body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT"])
def test_only_reading_is_accepted(server: Server, method: str) -> None:
    assert ask(server, PAGE, method).status == 405


def test_long_addresses_and_headers_are_refused(server: Server) -> None:
    assert ask(server, f"/?period={'9' * LONGEST_ADDRESS}").status == 414
    assert ask(server, PAGE, headers={"X-Long": "x" * MOST_HEADERS}).status == 431


def test_who_says_too_slowly_what_they_ask_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "REQUEST_SECONDS", 0.1)

    async def slowly() -> bytes:
        loop, app = asyncio.get_running_loop(), PlainTextResponse("x")
        config = uvicorn.Config(app, http=listening._Patient, lifespan="off", log_level="warning")
        config.load()
        state = ServerState()
        server = await loop.create_server(lambda: listening._Patient(config, state, {}), "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"GET / HTTP/1.1\r\nHost: lo")
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        server.close()
        return answer

    assert asyncio.run(slowly()) == b""  # closed without a word


# --- the websocket -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null", "http://localhost"])
def test_another_pages_websocket_is_refused(server: Server, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        Viewer(server.address, origin=origin)
    assert refused.value.response.status_code == 403


def test_a_websocket_under_another_name_or_without_origin_is_refused(server: Server) -> None:
    url = f"ws://{urlsplit(server.address).netloc}/_stcore/stream"
    for headers in ({}, {"Origin": "http://evil.example"}):
        with pytest.raises(InvalidStatus), connect(url, additional_headers=headers, proxy=None):
            pass
    with pytest.raises(InvalidStatus), connect(url.replace("stream", "other"), proxy=None):
        pass


def test_nothing_is_compressed_on_the_websocket(viewer: Viewer) -> None:
    assert viewer._socket.protocol.extensions == []


@pytest.mark.parametrize("data", [b"\xff\xff\xff", "text", b"\x00" * (LONGEST_MESSAGE + 1)])
def test_what_is_no_message_ends_the_page_and_nothing_else(server: Server, data: bytes | str) -> None:
    with Viewer(server.address) as other, Viewer(server.address) as viewer:
        viewer.say_bytes(data)
        with pytest.raises(ConnectionClosed) as closed:
            for _ in range(50):
                viewer.hear(5)
        assert not TRACE.search(str(closed.value))
        assert other.open("townships", "period=2021-11").errors == []
    assert "Traceback" not in server.logged


def test_messages_that_no_page_of_ours_sends_are_not_heard(viewer: Viewer) -> None:
    viewer.open("dictionary")
    for name in ("clear_cache", "load_git_info", "set_run_on_save", "debug_shutdown_runtime"):
        viewer.say(BackMsg(**{name: True}))
    said = BackMsg()
    said.backend_operation_request.install_skills.SetInParent()
    viewer.say(said)
    said = BackMsg()
    said.file_urls_request.request_id = "1"
    said.file_urls_request.file_names.extend(["x"] * (MOST_FILES + 1))
    viewer.say(said)
    answers = {"git_info_changed", "file_urls_response", "backend_operation_response", "session_event"}
    with contextlib.suppress(TimeoutError):
        while True:
            assert viewer.hear(0.5).WhichOneof("type") not in answers
    assert viewer.rerun().errors == []


# --- files that are brought --------------------------------------------------------------------------------


def test_only_an_open_page_may_bring_files(viewer: Viewer) -> None:
    viewer.open("data")
    assert viewer.upload(b"x").status == 204
    assert viewer.upload(b"x", session="00000000-0000-0000-0000-000000000000").status == 404
    assert viewer.upload(b"x", headers={"X-Xsrftoken": "other"}).status == 403


def test_files_are_bounded_in_number_and_size(viewer: Viewer) -> None:
    viewer.open("data")
    assert {viewer.upload(b"x").status for _ in range(MOST_FILES)} == {204}
    full = viewer.upload(b"x")
    assert (full.status, "最多上传" in full.body.decode()) == (413, True)
    path = f"/_stcore/upload_file/{viewer.session}/1"
    for size, status in (("x", 400), (str(10**12), 413)):
        answer = viewer.fetch(path, "PUT", headers={"Content-Length": size})
        assert answer.status == status
    assert viewer.fetch(path, "PUT", headers={"Transfer-Encoding": "chunked"}).status == 411


# --- faults ------------------------------------------------------------------------------------------------

ODD = """
import streamlit as st
from analytics.app.desk import asker
from analytics.engine import DuckDB
from analytics.site import Refusal
from analytics.sql import Statement

def fail():
    raise ValueError("".join(["某某", "的身份证"]))

def slow():
    print("began", flush=True)
    try:
        endless = "SELECT count(*) FROM range(9999999) a, range(9999999) b"
        DuckDB("/nowhere", asker).rows(Statement(endless + " WHERE a.range * b.range % 7 = 3"))
    except Refusal:
        print("ended", flush=True)

st.button("回调", on_click=fail)
st.fragment(lambda: st.button("片段") and fail())()
st.download_button("下载", fail, "x.csv", on_click="ignore")
if st.button("页"):
    fail()
if st.button("慢"):
    slow()
"""


@pytest.fixture(scope="module")
def odd(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server around a page that fails wherever it is asked to, and one that takes for ever."""
    folder, port = tmp_path_factory.mktemp("odd"), free_port()
    (folder / "odd.py").write_text(ODD)
    text = (ROOT / "dashboard.py").read_text().replace('ROOT / "analytics/app/main.py"', f'"{folder}/odd.py"')
    (folder / "dashboard.py").write_text(text)
    environment = {"PETITION_DATA": str(demo), "PYTHONPATH": str(ROOT), "PETITION_PORT": str(port)}
    command = [sys.executable, str(folder / "dashboard.py")]
    with serving(demo, folder / "log", command, port, environment) as found:
        yield found


def until(happened: Callable[[], bool]) -> None:
    """Waits for it, at most so long that a slow machine is no fault."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("button", ["页", "回调", "片段"])
def test_no_trace_reaches_a_viewer_and_no_value_the_log(odd: Server, button: str) -> None:
    before = odd.logged.count("builtins.ValueError")
    with Viewer(odd.address) as page:
        (shown,) = page.open().click(button).errors
    assert "程序出错（编号" in shown
    assert not TRACE.search(shown)
    until(lambda: odd.logged.count("builtins.ValueError") > before)
    assert "某某的身份证" not in odd.logged
    assert "odd.py" in odd.logged


def test_a_download_that_fails_says_nothing_of_why(odd: Server) -> None:
    with Viewer(odd.address) as page, pytest.raises(AssertionError) as told:
        page.open().download("下载")
    assert not TRACE.search(str(told.value))
    assert "某某的身份证" not in odd.logged


def test_a_statement_ends_when_its_viewer_leaves(odd: Server) -> None:
    with Viewer(odd.address) as stays, Viewer(odd.address) as leaves:
        for viewer in (stays, leaves):
            button = viewer.open().find("button", "慢")
            viewer.ask_to_run("", WidgetState(id=button.message.id, trigger_value=True))
        until(lambda: odd.logged.count("began") == 2)
        time.sleep(1.0)
        assert "ended" not in odd.logged
        leaves.close()
        until(lambda: "ended" in odd.logged)
        time.sleep(1.0)
        assert odd.logged.count("ended") == 1  # who stays is still answered
    until(lambda: odd.logged.count("ended") == 2)
