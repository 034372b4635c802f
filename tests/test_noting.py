"""What goes into the audit log by itself, and what each role is shown, on the real pages."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from screens import opened, said, shown
from streamlit.testing.v1 import AppTest

from analytics.app import access, desk, downloads
from analytics.app.access import Claim, Logins
from analytics.app.looker import Looker
from analytics.audit import Audit, Deed
from analytics.engine import Forbidden, open_engine
from analytics.ingest import import_files
from analytics.ingest.identity import code_of, mark_of, petitioner_secret
from analytics.masking import valid_id
from analytics.model import Period, Selection
from analytics.settings import load_site
from analytics.site import ROOT, Refusal, site_file
from analytics.store import Store

SOMEBODY = "11010519491231002X"
ROLES = {
    "leader": 'roles = ["leader"]',
    "analyst": 'roles = ["analyst"]',
    "officer": 'roles = ["officer"]',
    "town": 'roles = ["township"]\ntownship = "宁中镇"',
    "admin": 'roles = ["admin"]',
    "auditor": 'roles = ["auditor"]',
}
MARCH = Selection(Period.month("2021-03"))


@pytest.fixture
def data(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo, with people."""
    folder = tmp_path / "data"
    shutil.copytree(demo, folder, ignore=shutil.ignore_patterns("archive", "*.sqlite*"))
    people = "".join(f'[[people]]\naccount = "{name}"\n{role}\n\n' for name, role in ROLES.items())
    (folder / "site.toml").write_text(f"{(ROOT / 'site.toml').read_text('utf-8')}\n{people}", "utf-8")
    monkeypatch.setenv("PETITION_DATA", str(folder))
    monkeypatch.setattr(access, "LOGINS", Logins())
    return folder


@pytest.fixture
def come(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """From now on it is this account that looks, signed in a moment ago."""

    def come(account: str) -> None:
        monkeypatch.setattr(access, "accounts", lambda site: True)
        monkeypatch.setattr(access, "_claim", lambda site: Claim(account, f"{account}|1", time.time()))

    return come


def noted(data: Path) -> list[Deed]:
    """The oldest first."""
    return [one.deed for one in reversed(Audit(data).newest(999))]


# --- what is noted -----------------------------------------------------------------------------------------


def test_what_is_seen_is_noted_once_with_filters_and_versions(data: Path) -> None:
    app = opened()
    shown(app, "worklist")
    app.run()
    found = noted(data)
    assert [(d.action, d.what) for d in found] == [
        ("查看页面", "总览"),
        ("查看页面", "待办"),
        ("查看明细", "登记转送"),
    ]
    assert {d.filters for d in found} == {"2021年11月"} and {d.who for d in found} == {"本机"}
    assert "信访事项 1" in found[0].versions and found[2].rows == 1
    app.sidebar.multiselect(key="township").set_value(["宁中镇"]).run()
    assert noted(data)[-1].filters == "2021年11月；镇街=宁中镇"


def test_a_person_is_looked_up_by_number_and_noted_by_code(data: Path) -> None:
    """The number is nowhere but in the box that it was typed into."""
    export = data.parent / "export.csv"
    export.write_text(f"信访件编号,登记日期,信访形式,身份证号\nQ1,2021-11-05,来信,{SOMEBODY}\n", "utf-8")
    shutil.rmtree(data / "petitions")  # the demo takes no real rows
    site = site_file(data).read_text("utf-8")
    shutil.rmtree(data)
    data.mkdir()
    (data / "site.toml").write_text(site, "utf-8")
    import_files(Store(data), load_site(site_file(data)), [export])
    app = opened()
    shown(app, "lookup")

    def ask(number: str, why: str) -> str:
        app.text_input(key="lookup-number").set_value(number)
        app.text_input(key="lookup-reason").set_value(why)
        next(b for b in app.button if b.label == "查询").click()
        app.run()
        return said(app)

    assert valid_id(SOMEBODY)
    assert "请写明事由" in ask(SOMEBODY, "查")
    assert "不是有效的" in ask("110105194912310021", "核对重复信访")
    assert not [d for d in noted(data) if d.action == "按证件查件"]
    told = ask(SOMEBODY, "核对重复信访，电话13800138000")
    assert "共 1 件" in told and SOMEBODY not in told
    deed = noted(data)[-1]
    assert (deed.action, deed.why) == ("按证件查件", "核对重复信访，电话［电话］")
    assert deed.what == f"信访人标记 {mark_of(code_of(SOMEBODY, petitioner_secret(data)))}"
    for path in data.rglob("*"):
        assert not path.is_file() or SOMEBODY.encode() not in path.read_bytes()
    assert "没有找到" in ask("440524198001010013", "核对重复信访")


class Buttons:
    """Takes the buttons that are drawn: what a click on them would do."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made: dict[str, Callable[[], bytes]] = {}
        monkeypatch.setattr(downloads.st, "download_button", self._take)

    def _take(self, label: str, work: Callable[[], bytes], name: str, kind: str, **_: Any) -> None:
        self.made[label] = work


def table_of(data: Path, looker: Looker) -> desk.View:
    """A page of the looker's with one table to take along."""
    view = desk.View(open_engine(data).seen_by(looker.scope), MARCH, looker)
    downloads.downloads(view, "某表", lambda: (["列"], [[1], [2]], {}), "key", right="records")
    return view


def test_what_leaves_is_noted_and_what_cannot_be_noted_does_not_leave(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    buttons = Buttons(monkeypatch)
    table_of(data, Looker("某甲", words="某甲（分析人员）", place="10.0.0.1 会话 ab"))
    assert noted(data) == []
    assert b"1" in buttons.made["CSV"]()
    assert noted(data) == [
        Deed(
            "某甲（分析人员）",
            "导出",
            "某表.csv",
            "2021年3月",
            rows=2,
            place="10.0.0.1 会话 ab",
            versions=noted(data)[0].versions,
        )
    ]
    monkeypatch.setattr(Audit, "note", refuse)
    with pytest.raises(Refusal):
        buttons.made["Excel"]()


def refuse(*_: object) -> None:
    raise Refusal("没有保存")


def test_a_log_that_cannot_be_written_does_not_stand_before_the_page(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Audit, "note", refuse)
    app = opened()
    assert "审计日志没有保存" in said(app) and "信访总量" in said(app)


# --- what each role is shown -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ROLES)
def test_each_role_is_shown_what_it_may_see(data: Path, come: Callable[[str], None], name: str) -> None:
    come(name)
    app = opened()
    pages = {page: shown(app, page) for page in ("overview", "worklist", "data", "lookup", "public", "audit")}
    may = load_site(site_file(data)).access.person(name).scope.rights  # type: ignore[union-attr]
    forbidden = {page for page, told in pages.items() if "您的角色不能" in told}
    needs = {"data": "data", "lookup": "people", "public": "decide", "audit": "audit"}
    assert forbidden - {"worklist"} == {p for p in pages if needs.get(p, "counts") not in may} - {"worklist"}
    assert ("信访总量" in pages["overview"]) == ("counts" in may)
    assert ("确认导入" in pages["data"] or "导出文件" in pages["data"]) == ("import" in may)
    assert ("明细" in labels(app, "overview")) == ("records" in may)
    assert ("您的角色不能看明细记录" in pages["worklist"]) == ("counts" in may and "records" not in may)
    if name == "town":
        assert "新陂镇" not in shown(app, "townships")
    refused = [d for d in noted(data) if d.action == "不予办理"]
    assert bool(refused) == bool(forbidden - {"worklist"})
    assert all(d.who.startswith(name) for d in noted(data))


def labels(app: AppTest, page: str) -> set[str]:
    shown(app, page)
    return {button.label for button in app.button}


def test_a_role_that_changed_holds_from_the_next_click_on(
    data: Path, come: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the page, and for a button that was drawn before."""
    come("analyst")
    app = opened()
    assert "明细" in labels(app, "overview")
    buttons = Buttons(monkeypatch)
    access.LOGINS.use("analyst|1")
    view = table_of(data, Looker("analyst", "analyst|1", desk.site().access.people[1].scope))
    assert buttons.made["CSV"]()
    path = data / "site.toml"
    path.write_text(path.read_text("utf-8").replace('roles = ["analyst"]', 'roles = ["leader"]'), "utf-8")
    with pytest.raises(Forbidden):
        buttons.made["CSV"]()
    assert not view.still("records") and view.still("counts")  # a dialog or menu that stood open
    access.LOGINS.end("analyst|1")
    assert not view.still("counts")
    assert "不予办理" in [d.action for d in noted(data)]
    monkeypatch.undo()
    monkeypatch.setattr(access, "LOGINS", Logins())
    monkeypatch.setenv("PETITION_DATA", str(data))
    come("analyst")
    assert "明细" not in labels(app, "overview")


@pytest.mark.parametrize(
    ("account", "told"), [("nobody", "没有使用权限"), ("leader", "没有操作，已退出登录")]
)
def test_who_is_not_listed_or_idle_is_shown_nothing(
    data: Path, come: Callable[[str], None], account: str, told: str
) -> None:
    come(account)
    access.LOGINS.end("leader|1")
    app = opened()
    assert told in said(app) and "信访总量" not in said(app)
    assert noted(data)[-1].action in ("不予进入", "退出")
