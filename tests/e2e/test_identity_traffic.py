"""Two hundred invented people in files of every format: nowhere in what the server writes, logs or sends."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import serving
from identities import FORMS, IMPORTED, Identity, found, people, planted, searched, write
from playwright.sync_api import Error, Page, Response, WebSocket, expect

from analytics import cli
from analytics.app.navigation import ADDRESSES
from analytics.contract import DATASETS
from analytics.site import ROOT
from tests.serving import PATIENCE

Open = Callable[[Page, str], None]
Settle = Callable[[Page], None]


class Traffic:
    """What the server sends a window: frames of its sockets, bodies of its answers, addresses, downloads."""

    def __init__(self, page: Page) -> None:
        self.frames: list[bytes] = []
        self._answers: list[Response] = []
        page.on("websocket", self._listen)
        page.on("response", lambda answer: self._answers.append(answer))

    def _listen(self, socket: WebSocket) -> None:
        def keep(frame: str | bytes) -> None:
            self.frames.append(frame.encode() if isinstance(frame, str) else frame)

        socket.on("framereceived", keep)
        socket.on("framesent", keep)

    def gather(self) -> None:
        """Takes the bodies while the browser still has them."""
        answers, self._answers = self._answers, []
        for answer in answers:
            self.frames.append(answer.url.encode())
            if "text/javascript" in answer.headers.get("content-type", ""):
                continue
            if "attachment" in answer.headers.get("content-disposition", ""):  # kept as a file
                continue
            try:
                self.frames.append(answer.body())
            except Error:  # a redirect
                continue


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory that takes any share of rejected rows; what is temporary goes where it is searched."""
    folder, temp = tmp_path / "data", tmp_path / "temp"
    folder.mkdir()
    temp.mkdir()
    text = (ROOT / "site.toml").read_text("utf-8")
    (folder / "site.toml").write_text(text.replace("reject_limit = 0.05", "reject_limit = 1.0"), "utf-8")
    monkeypatch.setenv("TMPDIR", str(temp))
    monkeypatch.setattr(tempfile, "tempdir", str(temp))
    return folder


def run(log: Path, *arguments: str) -> None:
    """The command in this process: it starts once for all; what it says goes into the log."""
    done = CliRunner().invoke(cli.petition, arguments)
    with log.open("ab") as file:
        file.write(done.stdout_bytes + done.stderr_bytes + str(done.exception).encode())


def import_everything(data: Path, files: Path, who: Sequence[Identity], log: Path) -> None:
    """Each dataset in each format, sound and bad, through the command."""
    for number, dataset in enumerate(IMPORTED):
        for sound in (True, False):
            form = FORMS[(number + sound) % len(FORMS)]
            file = write(files, f"{dataset.name}{sound}", planted(dataset, who, sound=sound), form)
            rejected = log.with_name(f"{dataset.name}{sound}.xlsx")
            options = ("--dataset", dataset.name, "--data", str(data))
            run(log, "import", str(file), *options, "--json", "--rejected", str(rejected))
            run(log, "import", str(file), *options)


def upload(page: Page, file: Path, settle: Settle) -> None:
    page.locator('input[type="file"]').first.set_input_files(file)
    told = page.get_by_text("预览（尚未写入）").or_(page.get_by_test_id("stAlert")).first
    expect(told).to_be_visible(timeout=PATIENCE * 1000)
    settle(page)


def download(page: Page, button: str, folder: Path) -> None:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button, exact=True).first.click()
    shutil.copy(waiting.value.path(), folder / waiting.value.suggested_filename)


@pytest.mark.long
def test_two_hundred_people_are_nowhere(
    page: Page, data: Path, tmp_path: Path, open_page: Open, settle: Settle
) -> None:
    who, out = people(200), tmp_path / "out"
    files = tmp_path.parent / f"{tmp_path.name} files"
    out.mkdir()
    files.mkdir()
    import_everything(data, files, who, out / "commands.log")
    traffic = Traffic(page)
    with serving(data, out / "server.log") as address:
        _upload_and_look(page, address, files, who, out, (open_page, settle), traffic)
    run(out / "commands.log", "brief", "--month", "2021-11", "--out", str(out / "brief"), "--data", str(data))
    run(out / "commands.log", "backup", str(out / "backup.zip"), "--data", str(data))
    for form in ("csv", "json", "table"):
        command = ("query", "petitions", "--by", "responsible_unit", "--format", form, "--data", str(data))
        run(out / "commands.log", *command)
    assert (out / "backup.zip").exists() and len(list((out / "brief").iterdir())) == 3
    assert traffic.frames
    assert found(who, b"\n".join(traffic.frames), "traffic") == []
    assert searched(who, tmp_path) == []


def _upload_and_look(
    page: Page,
    address: str,
    files: Path,
    who: Sequence[Identity],
    out: Path,
    ways: tuple[Open, Settle],
    traffic: Traffic,
) -> None:
    open_page, settle = ways
    headers, rows = planted(DATASETS["petitions"], who, sound=True)
    again = [[f"网页{number}", *row[1:]] for number, row in enumerate(rows)]
    open_page(page, f"{address}/data")
    upload(page, write(files, "again", (headers, again), "xlsx"), settle)
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_test_id("stMain")).to_contain_text("已导入 新增 200", timeout=PATIENCE * 1000)
    settle(page)
    open_page(page, f"{address}/data")
    upload(page, write(files, "bad", planted(DATASETS["petitions"], who, sound=False), "csv"), settle)
    download(page, "下载被拒绝的行（Excel）", out)
    headless = files / "headless.csv"
    headless.write_text("\n".join(",".join(one.secrets) for one in who), "utf-8")
    open_page(page, f"{address}/data")
    upload(page, headless, settle)
    traffic.gather()
    for place in ADDRESSES:
        open_page(page, f"{address}/{place}?period=2021-11")
        traffic.gather()
    open_page(page, f"{address}/brief?period=2021-11")
    for button in ("Word", "PowerPoint", "Excel 附表"):
        download(page, button, out)
    traffic.gather()
    page.goto("about:blank")  # before the server goes
