"""Who is looking: known by the sign-in (OIDC) or by a proxy's header, let in by site.toml, out when idle."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

import streamlit as st
from streamlit.runtime import exists, get_instance
from streamlit.runtime.memory_media_file_storage import _calculate_file_id
from streamlit.runtime.scriptrunner import get_script_run_ctx

from analytics.access import Person, forbidden, plain_account
from analytics.app.looker import LOCALLY, Looker
from analytics.app.noting import TROUBLE, seen
from analytics.app.plain import plain
from analytics.app.signing import signs_in
from analytics.app.signouts import is_over, remember
from analytics.engine import Forbidden
from analytics.model import Right
from analytics.site import Refusal, Site

FILES_KEPT, LOGINS_KEPT = 10_000, 100_000
HELD_SECONDS, HELD_BYTES = 60.0, 64 * 1024 * 1024
"""How long a file that was made waits to be fetched, and how much may wait together."""
_HELD = "held"  # no session is called so
LOOK_SECONDS = 20
"""How often an open page looks whether it has been left alone too long."""


def accounts(site: Site) -> bool:
    """Whether people have accounts; without, only this machine may look."""
    return bool(site.access.header) or signs_in()


# --- sign-ins and their last click ------------------------------------------------------------------------


class Logins:
    """When each sign-in was last used, in seconds since 1970. Safe to share between threads.

    One that was never seen counts from its beginning, so that a restarted server lets nobody stay for ever;
    one that somebody signed out of before is over.
    """

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}
        self._lock = threading.Lock()

    def is_idle(self, login: str, began: float, seconds: float) -> bool:
        """Whether nobody clicked for so long."""
        with self._lock:
            last = self._seen.get(login)
        if last is None:
            last = 0.0 if _was_ended(login) else began
        return time.time() - last > seconds

    def use(self, login: str) -> None:
        """A click."""
        with self._lock:
            self._seen[login] = time.time()
            if len(self._seen) > LOGINS_KEPT:
                self._seen = dict(sorted(self._seen.items(), key=lambda one: one[1])[LOGINS_KEPT // 2 :])

    def end(self, login: str) -> None:
        """Signed out, or idle too long: a copy of its cookie is worth nothing."""
        with self._lock:
            self._seen[login] = 0.0


def _was_ended(login: str) -> bool:
    """Whether somebody signed out of it, perhaps before this server started."""
    try:
        return is_over(login)
    except Refusal as fault:
        TROUBLE.say(str(fault))  # what cannot be read is told; idle time still holds
        return False


class Sessions:
    """Who looks in which session: what a session was given, nobody else may fetch."""

    def __init__(self) -> None:
        self._lookers: dict[str, Looker] = {}
        self._lock = threading.Lock()

    def keep(self, session: str, looker: Looker) -> None:
        """Notes it; sessions that are gone are forgotten."""
        with self._lock:
            if session not in self._lookers and exists():
                alive = get_instance().is_active_session
                self._lookers = {name: one for name, one in self._lookers.items() if alive(name)}
            self._lookers[session] = looker

    def get(self, session: str) -> Looker | None:
        """Whoever looks in that session."""
        with self._lock:
            return self._lookers.get(session)


class Files:
    """Whose a file is that a button made: the server would give it to whoever knows its address.

    Until it is fetched it is held: Streamlit lets go of what no page shows once any two runs have ended.
    """

    def __init__(self) -> None:
        self._owners: OrderedDict[str, set[str]] = OrderedDict()
        self._held: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, content: bytes, kind: str, name: str, looker: Looker) -> None:
        """Notes that the file was made for the looker."""
        with self._lock:
            identity = _calculate_file_id(content, kind, name)
            self._owners.setdefault(identity, set()).add(looker.account)
            self._owners.move_to_end(identity)
            while len(self._owners) > FILES_KEPT:
                self._owners.popitem(last=False)
            self._held[identity] = time.monotonic() + HELD_SECONDS, len(content)
            self._held.move_to_end(identity)
        self.let_go()

    def let_go(self) -> None:
        """Holds no longer what has waited for long, nor the oldest where too much waits; never the newest."""
        with self._lock:
            size = sum(size for _, size in self._held.values())
            for identity, (end, own) in list(self._held.items()):
                if time.monotonic() > end or (size > HELD_BYTES and len(self._held) > 1):
                    del self._held[identity]
                    size -= own
            if exists():
                _hold(list(self._held))

    def is_of(self, identity: str, account: str) -> bool:
        """Whether it was made for that account."""
        with self._lock:
            return account in self._owners.get(identity, ())


def _hold(files: list[str]) -> None:
    """As if one more page showed these, and no others."""
    media = get_instance().media_file_mgr
    with media._lock:
        media._files_by_session_and_coord[_HELD] = {identity: identity for identity in files}


LOGINS, SESSIONS, FILES = Logins(), Sessions(), Files()


@dataclass(frozen=True)
class Claim:
    """What a browser says and proves about who it is: the account, its sign-in and when that began."""

    account: str
    login: str
    began: float


def claimed(site: Site, headers: Mapping[str, str], token: Mapping[str, object]) -> Claim | None:
    """Who it is by the proxy's header, else by the verified token; None for nobody.

    An e-mail address that its provider says is not verified is nobody's.
    """
    access = site.access
    if access.header:
        account = plain_account(headers.get(access.header, ""))
        return Claim(account, "", time.time()) if account else None
    account = plain_account(str(token.get(access.claim) or ""))
    verified = token.get("email_verified") in (None, True, "true")  # some providers say it as a text
    if not account or (access.claim == "email" and not verified):
        return None
    began = token.get("iat")
    began = float(began) if isinstance(began, (int, float)) else 0.0
    return Claim(account, f"{account}|{began:.0f}", began)


def admitted(site: Site, claim: Claim | None) -> Person | None:
    """The person, where site.toml lists the account and its sign-in is not over."""
    if claim is None or LOGINS.is_idle(claim.login, claim.began, idle_seconds(site)):
        return None
    return site.access.person(claim.account)


def idle_seconds(site: Site) -> float:
    """How long a page may be left alone."""
    return site.access.idle_minutes * 60.0


# --- the way in ------------------------------------------------------------------------------------------


def looker(site: Site) -> Looker:
    """Whoever is looking in this run; draws the way in and ends the run where nobody may.

    Every full run is a click; who has not clicked for long is out.
    """
    if not accounts(site):
        return LOCALLY
    claim = _claim(site)
    if claim is None:
        _way_in(site, "请先登录。")
    _same_session(claim.account)
    if LOGINS.is_idle(claim.login, claim.began, idle_seconds(site)):
        LOGINS.end(claim.login)
        _forget()
        seen(Looker(claim.account, words=claim.account, place=_place(site)), "退出", "长时间没有操作")
        _way_in(site, f"超过 {site.access.idle_minutes} 分钟没有操作，已退出登录。")
    person = site.access.person(claim.account)
    if person is None:
        seen(Looker(claim.account, words=claim.account, place=_place(site)), "不予进入", "账号没有使用权限")
        _way_in(site, f"账号 {claim.account} 没有使用权限：请管理员在 site.toml 的 [[people]] 里添加。")
    LOGINS.use(claim.login)
    found = Looker(person.account, claim.login, person.scope, person.words, _place(site))
    SESSIONS.keep(_session(), found)
    seen(found, "登录", "进入看板")
    _watch(site, claim)
    return found


def _claim(site: Site) -> Claim | None:
    token = dict(st.user) if signs_in() and st.user.is_logged_in else {}
    claim = claimed(site, st.context.headers, token)
    if claim and not claim.login:  # a proxy signs people in: what can be idle here is the page
        return Claim(claim.account, f"{claim.account}|{_session()}", claim.began)
    return claim


def _place(site: Site) -> str:
    """From which address, in which session."""
    passed = st.context.headers.get("X-Forwarded-For", "") if site.access.header else ""
    address = passed.rpartition(",")[2].strip() or st.context.ip_address or "127.0.0.1"
    return f"{address} 会话 {_session()[:8]}"


def _session() -> str:
    context = get_script_run_ctx()
    return context.session_id if context else ""


def _same_session(account: str) -> None:
    """What one person typed and previewed is not there for the next one in the same browser."""
    if st.session_state.setdefault("account", account) != account:
        _forget()
        st.session_state["account"] = account


def _forget() -> None:
    st.session_state.clear()


def _watch(site: Site, claim: Claim) -> None:
    """Looks now and then whether the page has been left alone: it must not stay on the screen."""

    @st.fragment(run_every=LOOK_SECONDS)
    def look() -> None:
        if LOGINS.is_idle(claim.login, claim.began, idle_seconds(site)):
            st.rerun(scope="app")

    look()


def _way_in(site: Site, words: str) -> NoReturn:
    """Says why nobody is let in, and how to get in."""
    with st.container(key="entrance", horizontal_alignment="center", gap="medium"):
        st.markdown(f"### {plain(site.bureau)} · 信访统计分析看板", width="content")
        st.markdown(plain(words), width="content")
        if signs_in() and not site.access.header:
            st.button("登录", on_click=_sign_in, type="primary")
        else:
            st.caption("请从单位统一入口重新打开。", width="content")
    st.stop()


def _sign_in() -> None:
    st.login()


def sign_out(looker: Looker) -> None:
    """Ends this sign-in here, for good, and at the provider."""
    LOGINS.end(looker.login)
    try:
        remember(looker.login)
    except Refusal as fault:
        TROUBLE.say(str(fault))
    seen(looker, "退出", "")
    st.logout()


# --- what changed meanwhile -------------------------------------------------------------------------------


def permit(site: Site, looker: Looker, right: Right) -> None:
    """Whether the looker may, by site.toml as it is now: what was drawn may rest on an older one.

    Raises Forbidden.
    """
    if not accounts(site):
        return
    if looker.login and LOGINS.is_idle(looker.login, 0.0, idle_seconds(site)):
        raise Forbidden("超过时间没有操作，已退出登录：请重新登录")
    LOGINS.use(looker.login)
    person = site.access.person(looker.account)
    if person is None or right not in person.scope.rights or person.scope.rows != looker.scope.rows:
        refused(looker, forbidden(right))
        raise Forbidden(forbidden(right))


def refused(looker: Looker, words: str) -> None:
    """Notes that somebody was refused something; a log that cannot be written changes nothing about that."""
    with suppress(Refusal):
        seen(looker, "不予办理", words)
