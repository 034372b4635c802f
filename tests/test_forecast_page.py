"""The page 预测 and the command `petition project`: over the demo, and where there is little to go by."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from analytics.catalogue import METRICS
from analytics.cli import petition
from analytics.engine import Engine
from analytics.insight.closing import outlook
from analytics.insight.survival import curve
from analytics.insight.volumes import history, volumes
from analytics.model import Period, Selection
from analytics.render import forecast
from analytics.render.plotly import Said
from tests import screens
from tests.bureau import Bureau, Row, case, item

ALL = Selection(Period(date(2021, 1, 1), date(2021, 11, 30)))
SAID = Said("标题", "说明", "来源")


@pytest.fixture
def bureau(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bureau:
    """An empty store, which app and command then show."""
    monkeypatch.setenv("PETITION_DATA", str(tmp_path / "store"))
    return Bureau(tmp_path / "store")


def page(name: str = "forecast") -> str:
    return screens.shown(screens.opened(), name)


def project(*arguments: str) -> Any:
    ran = CliRunner().invoke(petition, ["project", "--format", "json", *arguments])
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.stdout)


def cases(closed: Sequence[str | None], **more: Any) -> list[Row]:
    """Cases assigned in January 2021, closed on these days by whichever rule of the site."""
    return [
        case(n, "2021-01-04", lead_official="市领导一", reported_on=day, verified_on=day, **more)
        for n, day in enumerate(closed)
    ]


# --- the command -----------------------------------------------------------------------------------


def test_each_batch_of_the_demo_has_its_line(demo: Path) -> None:
    found = project("--data", str(demo))
    assert found["as_of"] == "2021-12-13"
    assert found["versions"] == {"backlog": 1}
    assert found["batches"] == found["rows"]
    first, second = found["rows"]
    assert (first["batch"], first["assigned"], first["remaining"], first["status"]) == (
        *("第一批", 110, 0),
        "finished",
    )
    assert first["projected_low"] == first["projected_median"] == first["projected_high"]
    assert first["backtest"]["projections"] >= first["backtest"]["held"] > 0
    assert (second["assigned"], second["closed"], second["remaining"]) == (38, 15, 23)
    assert "2021-12-13" < second["projected_low"] < second["projected_median"] < second["projected_high"]
    assert second["due_on"] == "2022-06-30"
    assert second["pace_needed_per_week"] == pytest.approx(23 * 7 / 199)
    assert (second["level"], second["backtest"]) == (0.8, {"projections": 0, "held": 0})


def test_it_knows_only_what_was_closed_by_the_day(bureau: Bureau) -> None:
    days = [f"2021-{month:02d}-10" for month in range(2, 10)]
    bureau.bring("backlog", *cases(days))
    (early,) = project("--as-of", "2021-05-31")["rows"]
    (late,) = project("--as-of", "2021-09-10")["rows"]
    assert (early["closed"], early["remaining"]) == (4, 4)
    assert early["projected_low"] > "2021-05-31"
    assert (late["remaining"], late["projected_high"]) == (0, "2021-09-10")
    assert (early["due_on"], early["probability_on_time"], early["status"]) == (None, None, "undated")


def test_filters_reach_the_command(bureau: Bureau) -> None:
    bureau.bring("backlog", *cases(["2021-02-01", None], township="宁中镇"))
    assert project("--where", "township=宁中")["rows"][0]["assigned"] == 2
    assert project("--where", "township=新陂镇")["rows"] == []


def test_it_speaks_where_there_is_nothing(bureau: Bureau) -> None:
    ran = CliRunner().invoke(petition, ["project"])
    assert ran.exit_code == 0
    assert "信访积案没有数据" in ran.stderr
    assert "还没有可回测的预计" in ran.stdout


def test_a_day_after_the_data_is_remarked(bureau: Bureau) -> None:
    bureau.bring("backlog", *cases(["2021-02-01", None]))
    ran = CliRunner().invoke(petition, ["project", "--as-of", "2021-06-30"])
    assert "晚于数据截止日" in ran.stderr
    assert "没有时限" in ran.stdout


# --- the page --------------------------------------------------------------------------------------


def test_over_the_demo(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETITION_DATA", str(demo))
    app = screens.opened()
    told = screens.shown(app, "forecast")
    for words in (
        "各批次积案何时办结",
        "剩余24宗",
        "80%区间",
        "谁落后于批次进度",
        "积案预计的回测",
        "今后三个月预计多少",
        "照搬上年同月为",
    ):
        assert words in told, words
    (behind,) = [f.value for f in app.main.dataframe if "按进度应办结" in f.value.columns]
    assert behind.iloc[0]["包案领导"] == "市领导九"
    assert set(behind["备注"]) == {"样本小"}
    app.selectbox(key=next(b.key for b in app.main.selectbox)).set_value("letters").run()
    assert "来信预计2021年12月" in screens.said(app)
    told = screens.shown(app, "backlog")
    assert "预计20" in told


def test_without_any_backlog(bureau: Bureau) -> None:
    bureau.bring("petitions", item(1, "2021-03-05"))
    told = page()
    assert "尚未导入信访积案" in told
    assert "谁落后" not in told
    assert "历史不足24个整月，不作预计" in told


def test_with_the_backlog_alone(bureau: Bureau) -> None:
    bureau.bring("backlog", *cases([None]))
    told = page()
    assert "尚无办结，不作预计" in told
    assert "还没有办结的积案，画不出办结曲线" in told
    assert "没有填办结时限" in told
    assert "尚未导入信访事项" in told


def test_with_everything_closed(bureau: Bureau) -> None:
    bureau.bring(
        "backlog", *cases([f"2021-{month:02d}-10" for month in range(2, 10)]), covers_to=date(2021, 9, 30)
    )
    told = page()
    assert "交办8宗，2021-09-10全部办结" in told
    assert "谁落后" not in told
    assert "次落在区间内" in told
    assert "交办8宗" in page("backlog")


def test_before_anything_was_assigned(bureau: Bureau) -> None:
    bureau.bring("petitions", item(1, "2020-12-31"), covers_to=date(2020, 12, 31))
    bureau.bring("backlog", *cases(["2021-02-01", None]))
    told = page()
    assert "到 2020-12-31 为止，所选范围内没有交办的积案，不作预计" in told
    assert "谁落后" not in told


def test_a_passed_time_limit(bureau: Bureau) -> None:
    bureau.bring("backlog", *cases(["2021-02-01", "2021-03-31", None], due_on="2021-03-01"))
    assert "时限2021-03-01已过30天，仍有1宗未办结" in page()


# --- the charts ------------------------------------------------------------------------------------


def test_charts_are_drawn_with_what_is_said(demo_engine: Engine) -> None:
    batches = outlook(demo_engine, ALL, demo_engine.versions(), date(2021, 11, 30))
    found = volumes(history(demo_engine, METRICS["petitions"], ALL, demo_engine.versions()))
    curves = [(b.batch, curve(b.spells, b.day)) for b in batches]
    drawn = (
        forecast.burn_down(batches, SAID),
        forecast.closing_curves(curves, SAID),
        forecast.next_months(METRICS["petitions"], found, SAID),
    )
    for figure in drawn:
        assert "标题" in figure.layout.title.text
        assert figure.data
    burned = drawn[0]
    assert [a.text for a in burned.layout.annotations if "时限" in a.text] == ["第二批时限"]
    ahead = drawn[2].data[3]
    assert list(ahead.y[1:]) == [e.high for e in found.ahead]


def test_names_of_batches_are_no_markup() -> None:
    from analytics.app.finish import finishes_html
    from analytics.engine import Spell
    from analytics.insight.closing import projections

    day = date(2021, 3, 1)
    (found,) = projections([Spell("1", "<b>批</b>", day, None, None)], day)
    assert "<b>批" not in finishes_html((found,))
    assert "<b><b>" not in str(forecast.burn_down((found,), SAID).layout.annotations)
