"""A viewer without a browser: speaks the websocket protocol that Streamlit's page speaks.

One Viewer is one open page: it opens an address, clicks, chooses, downloads, and sees what is drawn. A
hundred of them need no more than a hundred connections.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect

PATIENCE = 300.0
_XSRF = "_streamlit_xsrf"
_WORDS = {"markdown": "body", "html": "body", "heading": "body", "text": "body", "plotly_chart": "spec"}
_END = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


@dataclass(frozen=True)
class Drawn:
    """One element on the page: its kind, its message, and the fragment that it belongs to."""

    kind: str
    message: Any
    fragment: str

    @property
    def label(self) -> str:
        """As it is called on the screen."""
        return str(getattr(self.message, "label", ""))


@dataclass(frozen=True)
class Answer:
    """Of one HTTP request."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Viewer:
    """One page, open from `with Viewer(address)` on. Not to be shared between threads."""

    def __init__(
        self, address: str, headers: Mapping[str, str] | None = None, origin: str | None = None
    ) -> None:
        self._host = urlsplit(address).netloc
        self._headers = dict(headers or {})
        self.received = 0
        """Bytes that came over the websocket."""
        self.heard: list[bytes] | None = None
        """The messages as they came, where somebody wants to keep them."""
        self.run_seconds: list[float] = []
        self.session = ""
        self.query = ""
        self.page = ""
        self.pages: dict[str, str] = {}
        self._drawn: dict[tuple[int, ...], Drawn] = {}
        self._states: dict[str, WidgetState] = {}
        self._xsrf = self._token()
        cookie = "; ".join(filter(None, (self._headers.get("Cookie"), f"{_XSRF}={self._xsrf}")))
        self.stream = f"ws://{self._host}/_stcore/stream"
        self.handshake: dict[str, Any] = {
            "origin": origin or f"http://{self._host}",
            "subprotocols": ["streamlit", self._xsrf],
            "additional_headers": {**self._headers, "Cookie": cookie},
            "compression": None,
            "max_size": None,
            "proxy": None,
        }
        """How a page of its own is opened, by whatever speaks the protocol."""
        self._connection = connect(self.stream, **self.handshake)
        self._socket = self._connection.__enter__()

    def __enter__(self) -> Viewer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the page."""
        self._connection.__exit__(None, None, None)

    # --- what a person does ---

    def open(self, page: str = "", query: str = "") -> Viewer:
        """Goes to an address of the dashboard as a browser does that opens it."""
        self.query, self.page = query, ""
        self._states.clear()
        return self._run(page_name=page)

    def go(self, page: str) -> Viewer:
        """Goes to another page by the menu."""
        self.page = self.pages[page]
        self._states.clear()
        return self._run()

    def rerun(self) -> Viewer:
        """As if something had been clicked that changes nothing."""
        return self._run()

    def click(self, button: Drawn | str) -> Viewer:
        """Clicks a button, by its label or as found."""
        found = self.find("button", button) if isinstance(button, str) else button
        return self._run(found.fragment, WidgetState(id=found.message.id, trigger_value=True))

    def choose(self, widget: Drawn | str, *values: str) -> Viewer:
        """Chooses in a select box, a multiselect or a row of buttons; leaves it so."""
        found = self.find("", widget) if isinstance(widget, str) else widget
        state = WidgetState(id=found.message.id)
        if found.kind == "selectbox":
            state.string_value = values[0]
        else:
            state.string_array_value.data.extend(values)
        self._states[state.id] = state
        return self._run(found.fragment)

    def download(self, button: Drawn | str) -> Answer:
        """Clicks a download button and fetches the file."""
        return self.fetch(self.made(button))

    def made(self, button: Drawn | str) -> str:
        """Clicks a download button; where the file is then."""
        found = self.find("download_button", button) if isinstance(button, str) else button
        url = found.message.url
        if found.message.deferred_file_id:
            said = BackMsg()
            said.backend_operation_request.request_id = uuid4().hex
            said.backend_operation_request.session_id = self.session
            said.backend_operation_request.deferred_file.file_id = found.message.deferred_file_id
            self.say(said)
            answer = self._until("backend_operation_response").backend_operation_response
            if answer.error_msg:
                raise AssertionError(answer.error_msg)
            url = answer.deferred_file.url
        return str(url)

    def upload(self, content: bytes, session: str = "", headers: Mapping[str, str] | None = None) -> Answer:
        """Brings a file to this page's session, or to another one."""
        edge = uuid4().hex
        body = (
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n'
            f"Content-Type: text/csv\r\n\r\n".encode()
            + content
            + f"\r\n--{edge}--\r\n".encode()
        )
        sent = {"Content-Type": f"multipart/form-data; boundary={edge}", "X-Xsrftoken": self._xsrf}
        path = f"/_stcore/upload_file/{session or self.session}/{uuid4()}"
        return self.fetch(path, "PUT", body, {**sent, **(headers or {})})

    # --- what a person sees ---

    @property
    def drawn(self) -> list[Drawn]:
        """Everything on the page, from top to bottom."""
        return [self._drawn[place] for place in sorted(self._drawn)]

    def all(self, kind: str) -> list[Drawn]:
        """The elements of a kind that can be used."""
        return [d for d in self.drawn if d.kind == kind and not getattr(d.message, "disabled", False)]

    def find(self, kind: str, label: str) -> Drawn:
        """The element with that label, of that kind or of any."""
        found = [d for d in self.drawn if d.kind.startswith(kind) and d.label == label]
        if not found:
            raise AssertionError(f"no {kind} {label!r} on the page: {[d.label for d in self.all(kind)]}")
        return found[0]

    @property
    def screen(self) -> list[str]:
        """All words and all drawings, which are the same where the numbers are."""
        return [str(getattr(d.message, _WORDS[d.kind])) for d in self.drawn if d.kind in _WORDS]

    @property
    def errors(self) -> list[str]:
        """Red boxes and exceptions on the page."""
        found = [str(d.message.body) for d in self.all("alert") if d.message.format == Alert.ERROR]
        return found + [f"{d.message.type}: {d.message.message}" for d in self.all("exception")]

    # --- the protocol ---

    def say(self, message: BackMsg) -> None:
        """Sends a message as it is."""
        self._socket.send(message.SerializeToString())

    def say_bytes(self, data: bytes | str) -> None:
        """Sends what may be no message at all."""
        self._socket.send(data)

    def hear(self, timeout: float = PATIENCE) -> ForwardMsg:
        """The next message; what is drawn follows. Raises ConnectionClosed, TimeoutError."""
        data = self._socket.recv(timeout)
        assert isinstance(data, bytes)
        self.received += len(data)
        if self.heard is not None:
            self.heard.append(data)
        message = ForwardMsg.FromString(data)
        self._take(message)
        return message

    def fetch(
        self, path: str, method: str = "GET", body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One HTTP request with this page's cookies."""
        cookie = "; ".join(filter(None, (self._headers.get("Cookie"), f"{_XSRF}={self._xsrf}")))
        return asked(self._host, path, method, body, {**self._headers, "Cookie": cookie, **(headers or {})})

    def ask_to_run(self, fragment: str = "", *states: WidgetState, page_name: str = "") -> None:
        """Asks for a run and does not wait for it."""
        said = BackMsg()
        run = said.rerun_script
        run.query_string, run.page_script_hash, run.page_name = self.query, self.page, page_name
        run.fragment_id = fragment
        run.widget_states.widgets.extend([*self._states.values(), *states])
        run.context_info.timezone, run.context_info.locale = "Asia/Shanghai", "zh-CN"
        run.context_info.url = f"http://{self._host}/{page_name}"
        self.say(said)

    def _run(self, fragment: str = "", *states: WidgetState, page_name: str = "") -> Viewer:
        began = time.monotonic()
        if fragment:
            self._drawn = {at: d for at, d in self._drawn.items() if d.fragment != fragment}
        self.ask_to_run(fragment, *states, page_name=page_name)
        while self._until("script_finished").script_finished not in _END:
            pass
        self.run_seconds.append(time.monotonic() - began)
        return self

    def _until(self, kind: str) -> ForwardMsg:
        end = time.monotonic() + PATIENCE
        while True:
            message = self.hear(max(end - time.monotonic(), 0.01))
            if message.WhichOneof("type") == kind:
                return message

    def _take(self, message: ForwardMsg) -> None:
        takes: dict[str, Callable[[ForwardMsg], None]] = {
            "new_session": self._begin,
            "navigation": self._know,
            "page_info_changed": self._address,
            "delta": self._draw,
        }
        if take := takes.get(message.WhichOneof("type") or ""):
            take(message)

    def _begin(self, message: ForwardMsg) -> None:
        self.session = message.new_session.initialize.session_id or self.session
        if not message.metadata.run.fragment_ids:
            self._drawn.clear()

    def _know(self, message: ForwardMsg) -> None:
        self.page = message.navigation.page_script_hash
        self.pages = {p.url_pathname: p.page_script_hash for p in message.navigation.app_pages}

    def _address(self, message: ForwardMsg) -> None:
        self.query = message.page_info_changed.query_string

    def _draw(self, message: ForwardMsg) -> None:
        place, delta = tuple(message.metadata.delta_path), message.delta
        if delta.WhichOneof("type") == "add_block":
            self._drawn = {at: d for at, d in self._drawn.items() if at[: len(place)] != place}
        elif delta.WhichOneof("type") == "new_element":
            kind = delta.new_element.WhichOneof("type") or ""
            self._drawn[place] = Drawn(kind, getattr(delta.new_element, kind, None), delta.fragment_id)

    def _token(self) -> str:
        answer = asked(self._host, "/_stcore/health", headers=self._headers)
        cookie = answer.headers.get("set-cookie", "")
        return cookie.partition(f"{_XSRF}=")[2].partition(";")[0]


def asked(
    host: str,
    path: str,
    method: str = "GET",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """One HTTP request, its path as written."""
    connection = http.client.HTTPConnection(host, timeout=PATIENCE)
    try:
        connection.putrequest(
            method,
            path,
            skip_host="Host" in (headers or {}),
            skip_accept_encoding=True,
        )
        for name, value in {
            **({"Content-Length": str(len(body))} if body else {}),
            **(headers or {}),
        }.items():
            connection.putheader(name, value)
        connection.endheaders(body or None)
        found = connection.getresponse()
        return Answer(found.status, {name.lower(): value for name, value in found.getheaders()}, found.read())
    finally:
        connection.close()
