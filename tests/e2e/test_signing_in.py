"""Signing in with a real OpenID Connect provider: who may see what, through the browser and around it."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import PATIENCE, READY, serving
from playwright.sync_api import Browser, BrowserContext, Page

from tests.roles import ROLES, site_with
from tests.serving import free_port

pytestmark = pytest.mark.long

PROVIDER = Path(__file__).parent / "provider"
PEOPLE = {**ROLES, "unverified": ROLES["leader"]}
"""The provider gives whoever signs in as NAME the address NAME@bureau.example."""


@dataclass
class Site:
    """The guarded dashboard: its address, and its site.toml, which is written anew to change roles."""

    address: str
    settings: Path

    def write(self, people: dict[str, str] = PEOPLE, idle_minutes: int = 30) -> None:
        """Whose roles are what."""
        plain = site_with(people, "@bureau.example")
        timed = plain.replace("idle_minutes = 30", f"idle_minutes = {idle_minutes}")
        self.settings.write_text(timed, "utf-8")


@contextmanager
def provider(folder: Path, callback: str, port: int) -> Iterator[str]:
    """Runs the provider, installed from its registry; gives its issuer."""
    if not (shutil.which("npm") and shutil.which("node")):
        pytest.fail("没有找到 node 和 npm：登录的测试要用真实的登录服务，请先安装 Node.js")
    shutil.copytree(PROVIDER, folder, dirs_exist_ok=True)
    install = ["npm", "install", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(install, cwd=folder, check=True, timeout=300)
    process = subprocess.Popen(["node", "provider.mjs", str(port), callback], cwd=folder)
    issuer = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + PATIENCE
        while status(f"{issuer}/.well-known/openid-configuration") != 200:
            assert process.poll() is None and time.monotonic() < deadline, "the provider did not start"
            time.sleep(0.1)
        yield issuer
    finally:
        process.kill()
        process.wait()


def status(url: str, cookies: str = "") -> int:
    """What a plain request is answered."""
    request = urllib.request.Request(url, headers={"Cookie": cookies} if cookies else {})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


@pytest.fixture(scope="module")
def site(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("signing in")
    data, port, other = Path(shutil.copytree(demo, folder / "data")), free_port(), free_port()
    callback = f"http://127.0.0.1:{port}/oauth2callback"
    (data / "secrets.toml").write_text(
        f"""[auth]
redirect_uri = "{callback}"
cookie_secret = "only-for-tests-only-for-tests-only"
client_id = "petition"
client_secret = "only-for-tests"
server_metadata_url = "http://127.0.0.1:{other}/.well-known/openid-configuration"
client_kwargs = {{ scope = "openid email", prompt = "login" }}
""",
        "utf-8",
    )
    (data / "secrets.toml").chmod(0o600)
    made = Site(f"http://127.0.0.1:{port}", data / "site.toml")
    made.write()
    with provider(folder / "provider", callback, other), serving(data, folder / "log.txt", port):
        yield made


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser of somebody who was never here."""
    made = chromium.new_context(viewport={"width": 1280, "height": 720}, accept_downloads=True)
    yield made
    made.close()


@pytest.fixture
def sign_in(site: Site, settle: Callable[[Page], None]) -> Callable[..., Page]:
    """Opens a page, signs in as NAME on the way, and comes back to where it was going."""

    def go(context: BrowserContext, name: str, page: str = "townships") -> Page:
        opened = context.new_page()
        opened.goto(f"{site.address}/{page}")
        settle(opened)
        opened.get_by_role("button", name="登录", exact=True).click()
        opened.fill("input[name=login]", name)
        opened.fill("input[name=password]", "any")
        opened.click("button[type=submit]")
        opened.wait_for_load_state()
        if opened.url.startswith(site.address) is False:
            opened.click("button[type=submit]")  # allows the dashboard to know the address
        opened.wait_for_url(f"{site.address}/**")
        settle(opened)
        return opened

    return go


def text(page: Page) -> str:
    return page.get_by_test_id("stApp").inner_text()


def test_nobody_sees_anything_before_signing_in(
    site: Site, context: BrowserContext, settle: Callable[[Page], None]
) -> None:
    """Neither on the page nor in what the server sends."""
    page, frames = context.new_page(), []
    page.on("websocket", lambda ws: ws.on("framereceived", lambda data: frames.append(data)))
    page.goto(f"{site.address}/overview")
    settle(page)
    assert "请先登录" in text(page) and "信访总量" not in text(page)
    sent = b"".join(f if isinstance(f, bytes) else f.encode() for f in frames)
    assert frames and "信访总量".encode() not in sent and "宁中镇".encode() not in sent


def test_a_leader_comes_back_to_the_page_and_sees_no_records(
    context: BrowserContext, sign_in: Callable[..., Page], settle: Callable[[Page], None], site: Site
) -> None:
    page = sign_in(context, "leader", "backlog?period=2021-10")
    assert page.url.endswith("/backlog?period=2021-10")
    assert "leader@bureau.example（领导）" in text(page)
    assert page.get_by_role("button", name="明细").count() == 0
    assert "您的角色不能看明细记录" in text(page)
    page.goto(f"{site.address}/data")
    settle(page)
    assert "您的角色不能看数据导入情况" in text(page)


def test_a_township_sees_itself_whatever_the_address_says(
    context: BrowserContext, sign_in: Callable[..., Page], settle: Callable[[Page], None], site: Site
) -> None:
    page = sign_in(context, "town")
    assert "新陂镇" not in text(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).first.click()
    rows = download.value.path().read_text("utf-8-sig")
    assert "宁中镇" in rows and "新陂镇" not in rows
    page.goto(f"{site.address}/townships?township=%E6%96%B0%E9%99%82%E9%95%87")
    settle(page)
    assert "宁中镇" in text(page) and "新陂镇" not in text(page)


def test_the_auditor_sees_the_log_only(
    context: BrowserContext, sign_in: Callable[..., Page], settle: Callable[[Page], None], site: Site
) -> None:
    page = sign_in(context, "auditor", "overview")
    for name in ("overview", "townships", "data", "lookup", "public"):
        page.goto(f"{site.address}/{name}?period=2021-11")
        settle(page)
        assert "信访总量" not in text(page)


def test_a_file_is_given_to_whom_it_was_made_for(
    chromium: Browser, context: BrowserContext, sign_in: Callable[..., Page], site: Site
) -> None:
    """Not to one who knows its address, signed in or not; not to its owner after signing out."""
    page, addresses = sign_in(context, "analyst"), []
    page.on("request", lambda request: addresses.append(request.url) if "/media/" in request.url else None)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).first.click()
    assert download.value.path().stat().st_size
    (address,) = set(addresses)
    assert status(address) == 404
    own = "; ".join(f"{c['name']}={c['value']}" for c in context.cookies(site.address))
    assert status(address, own) == 200
    other = chromium.new_context()
    sign_in(other, "leader")
    theirs = "; ".join(f"{c['name']}={c['value']}" for c in other.cookies(site.address))
    other.close()
    assert status(address, theirs) == 404
    page.get_by_role("button", name="退出").click()
    page.wait_for_timeout(2_000)
    assert status(address, own) == 404


def test_a_role_that_is_taken_away_is_gone_at_the_next_click(
    context: BrowserContext, sign_in: Callable[..., Page], settle: Callable[[Page], None], site: Site
) -> None:
    page = sign_in(context, "analyst", "backlog?period=2021-11")
    assert page.get_by_role("button", name="明细").count()
    try:
        site.write(PEOPLE | {"analyst": 'roles = ["leader"]'})
        page.get_by_role("button", name="下月").click()
        settle(page)
        assert "（领导）" in text(page) and page.get_by_role("button", name="明细").count() == 0
        site.write({name: role for name, role in PEOPLE.items() if name != "analyst"})
        page.get_by_role("button", name="上月").click()
        settle(page)
        assert "没有使用权限" in text(page) and "积案剩余" not in text(page)
    finally:
        site.write()


@pytest.mark.parametrize(("name", "told"), [("stranger", "没有使用权限"), ("unverified", "请先登录")])
def test_who_is_not_listed_or_not_verified_is_not_let_in(
    context: BrowserContext, sign_in: Callable[..., Page], name: str, told: str
) -> None:
    page = sign_in(context, name)
    assert told in text(page) and "信访总量" not in text(page)


def test_a_page_left_alone_is_cleared_and_its_cookie_worth_nothing(
    chromium: Browser, context: BrowserContext, sign_in: Callable[..., Page], site: Site
) -> None:
    try:
        site.write(idle_minutes=1)
        page = sign_in(context, "analyst")
        assert "信访总量" in text(page)
        page.get_by_text("没有操作，已退出登录").wait_for(timeout=150_000)
        assert "信访总量" not in text(page)
        copied = chromium.new_context()
        copied.add_cookies(context.cookies(site.address))  # type: ignore[arg-type]
        again = copied.new_page()
        again.goto(f"{site.address}/townships")
        again.wait_for_selector(READY)
        again.get_by_text(re.compile("已退出登录")).wait_for()
        copied.close()
    finally:
        site.write()
