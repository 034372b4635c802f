"""The real dashboard in a real browser: no console error, no request to any other host."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import browser as machine
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests import serving as process
from tests.serving import PATIENCE

# The script has ended, nothing of its last run is still shown, nothing is still to come.
READY = (
    '[data-testid="stApp"][data-test-script-state="notRunning"]'
    ':not(:has([data-stale="true"], [data-testid="stSkeleton"]))'
)
expect.set_options(timeout=PATIENCE * 1000)  # like every other wait: a bound, not an expectation
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"),
    "--process-per-site",  # windows of a process share the scripts that it has compiled
)
# On a deep link Streamlit asks below the page's own path first, is answered 404, and asks at the root.
PROBE = re.compile(r"/\w+/_stcore/(health|host-config)$")


@contextmanager
def serving(data: Path, log: Path, port: int | None = None) -> Iterator[str]:
    """Runs the dashboard over `data`, on a free port unless told; gives its address."""
    with process.serving(data, log, port=port) as server:
        yield server.address


@pytest.fixture(scope="session")
def server(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard over the demo data, for tests that only read; its address."""
    with serving(demo, tmp_path_factory.mktemp("server") / "log.txt") as address:
        yield address


@pytest.fixture
def own_data(demo: Path, tmp_path: Path) -> Path:
    """A copy of the demo data, for a test that writes."""
    return Path(shutil.copytree(demo, tmp_path / "own data"))


@pytest.fixture
def own_server(own_data: Path, tmp_path: Path) -> Iterator[str]:
    """A dashboard over `own_data`, for a test that imports; its address."""
    with serving(own_data, tmp_path / "log.txt") as address:
        yield address


# Not for the session: while Playwright runs, its event loop stands in the way of asyncio in other tests.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of a file that a worker runs."""
    path = machine.chromium()
    if not path:
        pytest.fail("没有找到 Chromium：请用 make test 运行，或先执行 python tests/e2e/browser.py")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS])
        yield browser
        browser.close()


def settle(page: Page) -> None:
    """Waits until the page stands still, and fails if it shows an exception."""
    for _ in range(3):  # a click takes a moment to reach the server: ready must be ready for a while
        page.wait_for_selector(READY)
        page.wait_for_timeout(100)
    assert page.get_by_test_id("stException").all_inner_texts() == []


@pytest.fixture(name="settle")
def _settle() -> Callable[[Page], None]:
    """Call it after each click: `settle(page)`."""
    return settle


@pytest.fixture
def open_page() -> Callable[[Page, str], None]:
    """Opens an address and waits for the whole page: `open_page(page, server + "/backlog")`."""

    def open_(page: Page, url: str) -> None:
        page.goto(url)
        settle(page)

    return open_


def _watch(page: Page) -> list[str]:
    """Everything a page must not do, as it happens."""
    faults: list[str] = []

    def host(url: str) -> None:
        if urlsplit(url).hostname not in (None, "127.0.0.1"):
            faults.append(f"request to another host: {url}")

    def console(message: ConsoleMessage) -> None:
        if message.type == "error" and not PROBE.search(message.location["url"]):
            faults.append(f"console: {message.text} {message.location['url']}")

    page.on("console", console)
    page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    page.on("request", lambda request: host(request.url))
    page.on("websocket", lambda socket: host(socket.url))
    return faults


@pytest.fixture(scope="module")
def windows(chromium: Browser) -> Iterator[BrowserContext]:
    """What the windows of a file share: the dashboard's scripts, loaded and compiled once."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 720},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE * 1000)
    _keep_open(context)
    yield context
    context.close()


def _keep_open(windows: BrowserContext) -> None:
    """A window that stands empty, so that the process of those that come and go outlives them."""
    window = windows.new_page()
    window.route("**/*", lambda route: route.fulfill(body=""))
    window.goto("http://127.0.0.1/")


@pytest.fixture
def page(windows: BrowserContext) -> Iterator[Page]:
    """A fresh window of a projector's size; at its end nothing may have gone wrong in it."""
    page = windows.new_page()
    faults = _watch(page)
    yield page
    seen = "\n".join(faults)  # a server that was the test's own has gone by now, which is no fault
    _forget(windows)
    assert not seen, seen


def _forget(windows: BrowserContext) -> None:
    """Closes all windows but the empty one; what they allowed and kept is gone."""
    for window in windows.pages[1:]:
        if window.url.startswith("http"):
            window.evaluate("localStorage.clear()")
        window.close()
    windows.clear_cookies()
    windows.clear_permissions()
