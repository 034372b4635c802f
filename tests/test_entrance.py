"""The door: who may fetch what over HTTP, whoever knows the address."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from analytics.access import Access, Person
from analytics.app import access, desk, entrance, signing
from analytics.app.access import Files, Logins, Looker, Sessions
from analytics.app.entrance import HEALTH, MEDIA, NOT_IN, RETURN, UPLOADS, Entrance
from analytics.site import Refusal, Site
from tests.bureau import SITE

PEOPLE = (Person("a", ("analyst",)), Person("b", ("leader",)), Person("c", ("admin",)))
PROXIED = replace(SITE, access=Access(header="X-Remote-User", proxies=("10.0.0.1",), people=PEOPLE))
DIRECT = replace(SITE, access=Access(claim="sub", people=PEOPLE))


async def inside(scope: Scope, receive: Receive, send: Send) -> None:
    """What lies behind the door says who it was told of."""
    request = Request(scope, receive)
    await JSONResponse({"user": request.headers.get("x-remote-user", "")})(scope, receive, send)


def ask(
    path: str,
    client: str = "10.0.0.1",
    user: str = "",
    cookies: dict[str, str] | None = None,
    method: str = "GET",
) -> httpx.Response:
    async def go() -> httpx.Response:
        way = httpx.ASGITransport(Entrance(inside), client=(client, 1))
        async with httpx.AsyncClient(transport=way, base_url="http://here", cookies=cookies) as browser:
            return await browser.request(method, path, headers={"X-Remote-User": user} if user else {})

    return asyncio.run(go())


@pytest.fixture(autouse=True)
def registers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody was here before; a's file is f1, his session s1; c's session is s3."""
    files, sessions = Files(), Sessions()
    monkeypatch.setattr(access, "exists", lambda: False)  # no server of another test says who is here
    monkeypatch.setattr(access, "_calculate_file_id", lambda content, kind, name: "f1")
    files.keep(b"rows", "text/csv", "a.csv", Looker("a"))
    sessions.keep("s1", Looker("a"))
    sessions.keep("s3", Looker("c"))
    monkeypatch.setattr(entrance, "FILES", files)
    monkeypatch.setattr(entrance, "SESSIONS", sessions)
    monkeypatch.setattr(access, "LOGINS", Logins())
    signing.secrets.cache_clear()
    yield
    signing.secrets.cache_clear()


def at(monkeypatch: pytest.MonkeyPatch, site: Site, token: dict[str, object] | None = None) -> None:
    """The site, and where a token is given sign-in with a cookie that says it."""
    monkeypatch.setattr(desk, "site", lambda: site)
    for module in (access, entrance):
        monkeypatch.setattr(module, "signs_in", lambda: token is not None)
    said = None if not token else str(token).replace("'", '"').encode()
    monkeypatch.setattr(
        entrance, "_get_signed_cookie_with_chunks", lambda cookies, name: said if cookies else None
    )


def test_a_header_counts_from_a_proxy_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """From anybody else it is taken away, however it is written, before anything reads it."""
    at(monkeypatch, PROXIED)
    assert ask("/", user="A").json() == {"user": "A"}
    forged = ask("/", client="10.0.0.9", user="a")
    assert (forged.status_code, forged.text) == (403, NOT_IN)
    assert ask("/").status_code == 403
    assert ask("/", user="stranger").status_code == 403
    assert ask(HEALTH, client="10.0.0.9", user="a").json() == {"user": ""}


def test_a_header_that_stands_twice_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that adds its own to the visitor's would let the visitor say who it is."""
    at(monkeypatch, PROXIED)

    async def go() -> int:
        way = httpx.ASGITransport(Entrance(inside), client=("10.0.0.1", 1))
        async with httpx.AsyncClient(transport=way, base_url="http://here") as browser:
            both = [("X-Remote-User", "a"), ("X-Remote-User", "b")]
            return (await browser.get("/", headers=both)).status_code

    assert asyncio.run(go()) == 400


def opened(*headers: tuple[str, str], times: int = 1) -> list[list[tuple[str, str]] | None]:
    """What the pages behind the door were asked with, None for those that it did not open; all stay open."""
    seen: list[list[tuple[str, str]] | None] = []

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append([(name.decode(), value.decode()) for name, value in scope["headers"]])
        await asyncio.sleep(0.2)

    async def go() -> None:
        door = Entrance(page)

        async def one() -> None:
            raw = [(name.lower().encode(), value.encode()) for name, value in headers]
            scope = {"type": "websocket", "path": "/", "headers": raw, "client": ("10.0.0.1", 1)}

            async def receive() -> dict[str, str]:
                return {"type": "websocket.connect"}

            async def send(message: dict[str, object]) -> None:
                seen.append(None)

            await door(scope, receive, send)  # type: ignore[arg-type]

        await asyncio.gather(*(one() for _ in range(times)))

    asyncio.run(go())
    return seen


def test_behind_a_proxy_a_page_opens_for_who_may_come_in(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, PROXIED)
    assert opened(("X-Remote-User", "stranger")) == [None]
    assert opened() == [None]
    assert opened(("X-Remote-User", "a")) != [None]


def test_nobody_takes_up_anothers_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever knows its number; its owner does."""
    at(monkeypatch, PROXIED)
    for user, kept in (("a", "streamlit, x, s1"), ("b", "streamlit, x")):
        (seen,) = opened(("X-Remote-User", user), ("Sec-WebSocket-Protocol", "streamlit, x, s1"))
        assert dict(seen or ())["sec-websocket-protocol"] == kept


def test_one_account_cannot_take_every_place(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, PROXIED)
    seen = opened(("X-Remote-User", "a"), times=entrance.MOST_PAGES + 5)
    assert seen.count(None) == 5


def test_files_are_their_owners(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, PROXIED)
    assert ask(f"{MEDIA}f1.csv", user="a").status_code == 200
    for user in ("b", "stranger", ""):
        assert ask(f"{MEDIA}f1.csv", user=user).status_code == 404
    assert ask(f"{MEDIA}f2.csv", user="a").status_code == 404
    assert ask(f"{MEDIA}f1.csv", client="10.0.0.9", user="a").status_code == 404


def test_files_that_wait_are_let_go_after_a_while_and_where_they_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held: list[list[str]] = []
    monkeypatch.setattr(access, "exists", lambda: True)
    monkeypatch.setattr(access, "_hold", held.append)
    monkeypatch.setattr(access, "_calculate_file_id", lambda content, kind, name: name)
    monkeypatch.setattr(access, "HELD_BYTES", 10)
    files = Files()
    for name, size in (("a", 4), ("b", 4), ("c", 4), ("d", 40)):
        files.keep(b"x" * size, "text/csv", name, Looker("a"))
    assert held == [["a"], ["a", "b"], ["b", "c"], ["d"]]
    late = time.monotonic() + access.HELD_SECONDS + 1
    monkeypatch.setattr(access.time, "monotonic", lambda: late)
    files.let_go()
    assert held[-1] == []


def test_only_who_imports_brings_files_and_only_to_their_own_session(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, PROXIED)
    assert ask(f"{UPLOADS}s3/x", user="c", method="PUT").status_code == 200
    assert ask(f"{UPLOADS}s1/x", user="c", method="PUT").status_code == 404
    assert ask(f"{UPLOADS}s1/x", user="a", method="PUT").status_code == 404


def test_signed_in_by_cookie_files_are_their_owners_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A forged header says nothing where no proxy is set up; a sign-in that is over opens nothing."""
    at(monkeypatch, DIRECT, {"sub": "a", "iat": int(time.time())})
    cookie = {"any": "cookie"}
    assert ask(f"{MEDIA}f1.csv", cookies=cookie).status_code == 200
    assert ask(f"{MEDIA}f1.csv").status_code == 404
    assert ask(f"{MEDIA}f1.csv", user="a").status_code == 404
    at(monkeypatch, DIRECT, {"sub": "a", "iat": int(time.time()) - 9_999})
    assert ask(f"{MEDIA}f1.csv", cookies=cookie).status_code == 404


def test_back_to_where_one_was_going(monkeypatch: pytest.MonkeyPatch) -> None:
    """After signing in; nowhere but to a page of the dashboard."""
    at(monkeypatch, DIRECT, {"sub": "a", "iat": int(time.time())})
    first = ask("/backlog?period=2021-10")
    assert RETURN in first.headers["set-cookie"] and "httponly" in first.headers["set-cookie"].lower()
    kept = {RETURN: "%2Fbacklog%3Fperiod%3D2021-10"}
    back = ask("/", cookies=kept)
    assert (back.status_code, back.headers["location"]) == (307, "/backlog?period=2021-10")
    for elsewhere in ("%2F%2Fevil.example", "https%3A%2F%2Fevil.example", "%2Fmedia%2Ff1.csv"):
        assert ask("/", cookies={RETURN: elsewhere}).headers["location"] == "/"
    assert "set-cookie" not in ask("/backlog", cookies={"any": "cookie"}).headers


def test_with_a_broken_site_file_nothing_is_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Site:
        raise Refusal("site.toml")

    at(monkeypatch, PROXIED)
    monkeypatch.setattr(desk, "site", broken)
    assert ask(f"{MEDIA}f1.csv", user="a").status_code == 404
    assert ask(f"{UPLOADS}s3/x", user="c", method="PUT").status_code == 404


def written(folder: Path, text: str, mode: int = 0o600) -> None:
    """The settings of the sign-in, for a server that starts now."""
    (folder / "secrets.toml").write_text(text, "utf-8")
    (folder / "secrets.toml").chmod(mode)
    signing.secrets.cache_clear()


def test_settings_of_the_sign_in_that_cannot_be_read_keep_the_server_shut(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A slip there must not open the door."""
    folder = tmp_path_factory.mktemp("secrets")
    monkeypatch.setattr(signing, "site_file", lambda data: folder / "site.toml")
    assert not signing.signs_in()
    complete = "\n".join(f'{name} = "{name * 4}"' for name in signing.NEEDED)
    for text, told in (
        ("[auth", "读不了"),
        ("[auth]\n", "缺少 redirect_uri"),
        (f"[auth]\n{complete}".replace("cookie_secret" * 4, "short"), "太短"),
    ):
        written(folder, text)
        with pytest.raises(Refusal, match=told):
            signing.signs_in()
    written(folder, f"[auth]\n{complete}")
    assert signing.signs_in()
    (folder / "secrets.toml").unlink()
    assert signing.signs_in()  # fixed for the life of the process: taking the file away opens nothing


@pytest.mark.skipif(os.name != "posix", reason="Windows has no file modes")
@pytest.mark.parametrize("mode", [0o640, 0o602])
def test_settings_of_the_sign_in_that_others_may_read_or_write_keep_the_server_shut(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mode: int
) -> None:
    monkeypatch.setattr(signing, "site_file", lambda data: tmp_path / "site.toml")
    complete = "\n".join(f'{name} = "{name * 4}"' for name in signing.NEEDED)
    written(tmp_path, f"[auth]\n{complete}", mode)
    with pytest.raises(Refusal, match="chmod 600"):
        signing.signs_in()
    written(tmp_path, f"[auth]\n{complete}")
    assert signing.signs_in()
