"""What goes into the audit log by itself, and what each role is shown, on the real pages."""

from __future__ import annotations

import re
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from screens import opened, said, shown
from streamlit.testing.v1 import AppTest

from analytics.app import access, auditlog, decisions, desk, downloads, issuing, marking, noting, records
from analytics.app.access import Claim, Logins
from analytics.app.looker import Looker
from analytics.audit import Audit, Deed
from analytics.engine import Forbidden, open_engine
from analytics.ingest import import_files
from analytics.ingest.identity import code_of, mark_of, petitioner_secret
from analytics.masking import valid_id
from analytics.model import Period, Selection
from analytics.settings import load_site
from analytics.site import Refusal, site_file
from analytics.store import Store
from tests.roles import ROLES, site_with

SOMEBODY = "11010519491231002X"
MARCH = Selection(Period.month("2021-03"))


@pytest.fixture
def data(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo, with people."""
    folder = tmp_path / "data"
    shutil.copytree(demo, folder, ignore=shutil.ignore_patterns("archive", "*.sqlite*"))
    (folder / "site.toml").write_text(site_with(ROLES), "utf-8")
    monkeypatch.setenv("PETITION_DATA", str(folder))
    monkeypatch.setattr(access, "LOGINS", Logins())
    monkeypatch.setattr(noting, "TROUBLE", noting.Trouble())
    return folder


@pytest.fixture
def come(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """From now on it is this account that looks, signed in a moment ago."""

    def come(account: str) -> None:
        monkeypatch.setattr(access, "accounts", lambda site: True)
        monkeypatch.setattr(access, "_claim", lambda site: Claim(account, f"{account}|1", time.time()))

    return come


def emptied(data: Path) -> None:
    """Without the demo, which takes no real rows."""
    site = site_file(data).read_text("utf-8")
    shutil.rmtree(data)
    data.mkdir()
    (data / "site.toml").write_text(site, "utf-8")


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
    emptied(data)
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
    data: Path, come: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who can mend it is told; the others are not troubled. It is not tried again at every click."""
    tried = []
    monkeypatch.setattr(Audit, "note", lambda *_: tried.append(1) or refuse())
    for account, is_told in (("leader", False), ("admin", True), ("leader", False)):
        come(account)
        app = opened()
        assert ("审计日志没有保存" in said(app)) == is_told and "信访总量" in said(app)
    assert len(tried) == 1


def test_what_changes_is_noted_first_and_what_cannot_be_noted_does_not_change(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decisions, marks, what is issued."""
    done: list[str] = []
    for module, name in ((decisions, "decide"), (decisions, "change"), (marking, "say")):
        monkeypatch.setattr(module, name, lambda *_, name=name: done.append(name))
    monkeypatch.setattr(issuing, "issued", lambda *_: done.append("issued") or refuse())
    buttons = Buttons(monkeypatch)
    view = desk.View(open_engine(data), MARCH)
    brief = SimpleNamespace(title="2021年3月材料", sources=("一处",))
    issuing._file(view, brief, "docx", False, "Word", "")
    alert = SimpleNamespace(told="宁中镇信访总量上升")

    def click() -> None:
        decisions._note(view, "2021-03", "topics", {"what": "a", "who": "b", "due": "c"})
        marking._say(view, [alert], "confirmed", "note")  # type: ignore[list-item]
        with pytest.raises(Refusal):
            buttons.made["Word"]()

    click()
    assert done == ["decide", "say", "issued"]
    assert [(d.action, d.what) for d in noted(data)] == [
        ("记交办事项", f"2021-03 {decisions.TITLES['topics']}"),
        ("标记预警", "已核实 宁中镇信访总量上升"),
        ("印发材料", "2021年3月材料.docx"),
    ]
    monkeypatch.setattr(Audit, "note", refuse)
    click()
    assert done == ["decide", "say", "issued"]


def test_an_import_is_noted_from_its_preview_to_its_end(data: Path, come: Callable[[str], None]) -> None:
    """Of the bureau's own rows; the log is where they go."""
    emptied(data)
    come("admin")
    app = opened()
    shown(app, "data")
    content = "信访件编号,登记日期,信访形式\nQ1,2021-11-05,来信\n".encode()
    app.file_uploader[0].set_value([("十一月 13800138000.csv", content, "text/csv")])
    app.run()
    assert "预览（尚未写入）" in said(app)
    next(b for b in app.button if b.label == "确认导入").click()
    app.run()
    assert "已导入" in said(app)
    found = [(d.action, d.what) for d in noted(data) if "导入" in d.action]
    assert found == [
        ("预检导入", "十一月 ［电话］.csv"),
        ("导入", "开始：十一月 ［电话］.csv"),
        ("导入", "完成：新增 1，更新 0，未变 0，移除 0，拒绝 0"),
    ]


def test_signing_in_and_out_and_what_is_opened_is_noted(
    data: Path, come: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The menu of a chart, the records behind a number, the meeting; each once."""
    come("analyst")
    app = opened()
    (key,) = set(re.findall(r"menu-townships[-\d]+(?=\")", said(app)))
    app.session_state[key] = True
    app.run()
    next(b for b in app.button if b.label == "明细").click()
    app.run()
    app.button("meeting").click().run()
    monkeypatch.setattr(access.st, "logout", lambda: None)
    access.sign_out(Looker("analyst", "analyst|1", words="analyst（分析人员）"))
    found = noted(data)
    assert {d.who for d in found} == {"analyst（分析人员）"}
    drawn = "信访总量 · 2021年11月 · 单位：件 · 同比对比2020年11月"
    assert [(d.action, d.what, d.filters) for d in found] == [
        ("登录", "进入看板", ""),
        ("查看页面", "总览", "2021年11月"),
        ("打开导出", "信访总量_2021-11-01_2021-11-30", drawn),
        ("查看明细", "信访总量", "2021年11月"),
        ("查看页面", "会议模式 首屏", "2021年11月"),
        ("退出", "", ""),
    ]


def test_what_leaves_from_within_a_page_is_noted_with_its_own_filters(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The records behind one bar are not those of the page."""
    buttons = Buttons(monkeypatch)
    view = desk.View(open_engine(data), MARCH)
    records.ledger(view, "petitions", MARCH.keep("township", "宁中镇"), (), "key")
    buttons.made["CSV"]()
    assert [(d.action, d.filters) for d in noted(data)] == [
        ("查看明细", "2021年3月；镇街=宁中镇"),
        ("导出", "2021年3月；镇街=宁中镇"),
    ]


# --- the page of the log ---------------------------------------------------------------------------------


def numbers(app: AppTest) -> list[int]:
    return [int(number) for number in app.dataframe[0].value["序号"]]


def test_the_auditor_turns_pages_and_filters(
    data: Path, come: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditlog, "SHOWN", 3)
    for number in range(5):
        Audit(data).note(Deed("某甲" if number % 2 else "某乙", "导出", f"表{number}"))
    come("auditor")
    app = opened()
    assert numbers(app) == [7, 6, 5]
    assert app.button("audit-newer").disabled
    app.button("audit-older").click().run()
    assert numbers(app) == [4, 3, 2] and "第 4 至 2 条" in said(app)
    app.button("audit-older").click().run()
    assert numbers(app) == [1] and app.button("audit-older").disabled
    app.button("audit-newer").click().run()
    assert numbers(app) == [4, 3, 2]
    app.selectbox("audit-who").set_value("某乙").run()
    assert numbers(app) == [5, 3, 1], "other entries begin at their own first page"
    app.selectbox("audit-action").set_value("登录").run()
    assert "没有符合条件的记录" in said(app)


def test_what_leaves_the_log_is_noted_with_what_was_asked_of_it(
    data: Path, come: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    come("auditor")
    buttons = Buttons(monkeypatch)
    app = opened()
    app.selectbox("audit-action").set_value("登录").run()
    assert "末条校验码" in buttons.made["CSV"]().decode()
    last = noted(data)[-1]
    assert (last.action, last.filters, last.rows) == ("导出", "动作=登录", 1)


def test_the_page_of_a_log_that_was_tampered_with_opens_and_says_so(
    data: Path, come: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it is too long to be followed at every click: then on demand."""
    come("auditor")
    app = opened()
    assert "完好" in said(app)
    with closing(sqlite3.connect(Audit(data).ledger.path)) as connection, connection:
        connection.execute("DROP TRIGGER no_update")
        connection.execute("UPDATE deeds SET text = 'x' WHERE number = 1")
    app.run()
    assert "第 1 条起被改动过" in app.error[0].value and numbers(app)[-1] == 1
    monkeypatch.setattr(auditlog, "FOLLOWED_EACH_TIME", 0)
    with closing(sqlite3.connect(Audit(data).ledger.path)) as connection, connection:
        connection.execute("DROP TRIGGER no_delete")
        connection.execute("DELETE FROM deeds WHERE number > 1")
    app.run()
    assert "共 2 条" in app.error[0].value
    app.button("audit-again").click().run()
    assert "共 1 条" in app.error[0].value


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
    ("account", "told", "deed"),
    [
        ("nobody@county.example", "没有使用权限", ("不予进入", "账号没有使用权限")),
        ("leader", "没有操作，已退出登录", ("退出", "长时间没有操作")),
    ],
)
def test_who_is_not_listed_or_idle_is_shown_nothing(
    data: Path, come: Callable[[str], None], account: str, told: str, deed: tuple[str, str]
) -> None:
    come(account)
    access.LOGINS.end("leader|1")
    app = opened()
    assert told in said(app) and "信访总量" not in said(app)
    last = noted(data)[-1]
    assert ((last.action, last.what), last.who) == (deed, account)
    assert "会话" in last.place
