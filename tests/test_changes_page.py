"""变化分解 on screen: one click from a compared number, the choice of dimensions, a page with an address."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.app.changes import chosen_row, row_chosen
from tests import screens
from tests.bureau import Bureau, item


@pytest.fixture
def bureau(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bureau:
    """12 letters in March 2020; 20 items in March 2021, of which 5 visits and 8 from 宁中镇; some between."""
    monkeypatch.setenv("PETITION_DATA", str(tmp_path / "store"))
    made = Bureau(tmp_path / "store")
    before = [item(n, "2020-03-05", township="新陂镇") for n in range(12)]
    months = [*(f"2020-{month:02d}" for month in range(4, 13)), "2021-01", "2021-02"]
    between = [item(f"{month} {n}", f"{month}-05", township="新陂镇") for month in months for n in range(15)]
    places = ["宁中镇"] * 8 + ["新陂镇"] * 12
    ways = ["visit"] * 5 + ["letter"] * 15
    now = [
        item(100 + n, "2021-03-05", township=place, channel=way)
        for n, (place, way) in enumerate(zip(places, ways, strict=True))
    ]
    made.bring("petitions", *before, *between, *now, covers_to=date(2021, 3, 31))
    return made


def press(app: AppTest, key: str) -> str:
    """Presses the first button whose key begins so; what the dialog then says."""
    button = next(b for b in app.button if str(b.key).startswith(key))
    button.click().run()
    assert [fault.message for fault in app.exception] == []
    return screens.over(app)


def test_a_tile_opens_where_its_change_lies(bureau: Bureau) -> None:
    app = screens.opened()
    told = press(app, "changes-tile-petitions")
    assert "变化来自哪里" in told
    assert "信访总量20件，同比上升66\\\\.7%，增加8件" in told
    assert "宁中镇\\\\+8件" in told
    assert "不说明为什么" in told


def test_only_what_divides_is_offered(bureau: Bureau) -> None:
    app = screens.opened()
    press(app, "changes-tile-petitions")
    assert [pill.options for pill in app.button_group if "镇街" in pill.options] == [["镇街", "信访形式"]]
    app.sidebar.multiselect(key="township").set_value(["宁中镇"]).run()
    told = press(app, "changes-tile-petitions")
    assert "筛选：镇街=宁中镇" in told
    assert "来访\\\\+5件、来信\\\\+3件" in told
    assert [pill.options for pill in app.button_group if "信访形式" in pill.options] == [["信访形式"]]


def test_headings_and_charts_that_compare_open_it_and_others_do_not(bureau: Bureau) -> None:
    app = screens.opened()
    for key in ("changes-heading", "changes-trend", "changes-townships", "changes-topics"):
        assert "增加8件" in press(app, key), key
    keys = [str(button.key) for button in app.button]
    assert any(key.startswith("records-sources") for key in keys)
    assert not any(key.startswith("changes-sources") for key in keys)


def test_what_cannot_be_divided_says_so_in_the_dialog(bureau: Bureau) -> None:
    app = screens.opened()
    screens.shown(app, "timeliness")
    assert "分位数不是各部分之和" in press(app, "changes-tile-median_days")


def test_a_chosen_row_is_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Place:
        class selection:  # noqa: N801
            rows = (3,)

    state: dict[str, object] = {"t": Place}
    monkeypatch.setattr("analytics.app.changes.st.session_state", state)
    assert chosen_row("t") is None
    row_chosen("t")
    assert chosen_row("t") == 3
    assert chosen_row("t") is None


def test_the_page_takes_metric_comparison_and_dimensions_from_its_address(bureau: Bureau) -> None:
    app = screens.opened()
    told = screens.shown(app, "changes")
    assert "增加8件" in told
    app.main.multiselect(key="within").set_value(["镇街", "信访形式"]).run()
    assert "宁中镇·来访\\\\+5件" in screens.said(app)
    app.main.selectbox(key="of").set_value("重复信访率").run()
    assert app.main.multiselect(key="within").value == []
    assert "没有分母" in screens.said(app)
    app.main.selectbox(key="of").set_value("积案剩余").run()
    assert "尚未导入信访积案" in screens.said(app)
