"""Funnels: limits by Spiegelhalter's formula, who lies outside, what the site's inhabitants add."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.answers import Figure, answer
from analytics.catalogue import METRICS
from analytics.engine import Engine
from analytics.insight.chance import drawn_in
from analytics.insight.funnel import INNER, OUTER, Funnel, Place, funnel_of, in_the_funnel
from analytics.model import Period, Selection
from analytics.places import Township
from analytics.render import plotly
from analytics.settings import load_site
from analytics.site import ROOT, Refusal
from analytics.store import Store
from tests.results import result

RATE = METRICS["repeat_rate"]
EVEN = {f"{at}镇": (20 + at % 3, 100) for at in range(12)}


def test_limits_are_those_of_the_formula() -> None:
    """p ± z √(φ p(1−p)/n); twelve groups about 21 % vary less than chance: φ = 1."""
    made = funnel_of(result("repeat_rate", "township", EVEN), 10)
    assert made
    assert made.spread == 1
    assert made.common == pytest.approx(sum(k for k, _ in EVEN.values()) / 1200)
    reach = 1.96 * sqrt(made.common * (1 - made.common) / 50)
    assert made.limits(50, INNER) == pytest.approx((made.common - reach, made.common + reach), rel=1e-4)
    assert made.limits(1, OUTER) == (0, 1)
    assert "都在偶然波动之内" in in_the_funnel(made)


def test_one_far_out_is_named_and_does_not_excuse_itself() -> None:
    made = funnel_of(result("repeat_rate", "township", {**EVEN, "远镇": (60, 100), "低镇": (0, 100)}), 10)
    assert made
    assert made.spread == 1, "the outermost scores are drawn in"
    assert {p.member: made.side(p) for p in made.places if made.side(p)} == {"远镇": 1, "低镇": -1}
    assert in_the_funnel(made).endswith("；远镇偏高（60.0%）、低镇偏低（0.0%），超出99.8%界限")


def test_groups_that_differ_widen_the_funnel() -> None:
    spread = {f"{at}镇": (10 + 4 * at, 100) for at in range(12)}
    made = funnel_of(result("repeat_rate", "township", spread), 10)
    assert made
    scores = [(p.value - made.common) / sqrt(made.common * (1 - made.common) / p.size) for p in made.places]
    assert made.spread == pytest.approx(drawn_in(scores))
    assert made.spread > 5


def test_small_groups_and_those_that_are_nobody_are_left_out() -> None:
    found = result("repeat_rate", "township", {**EVEN, "小镇": (5, 9), "未填": (30, 60), "零镇": (0, 0)})
    made = funnel_of(found, 10)
    assert made
    assert {p.member for p in made.places} == set(EVEN)
    assert funnel_of(result("repeat_rate", "township", {"甲镇": (1, 20), "乙镇": (2, 20)}), 10) is None
    assert funnel_of(result("repeat_rate", "township", dict.fromkeys(EVEN, (0, 50))), 10) is None
    assert funnel_of(result("repeat_rate", "township", dict.fromkeys(EVEN, (50, 50))), 10) is None
    assert "画不出漏斗" in in_the_funnel(None)


def test_items_by_inhabitants() -> None:
    """24 of 40,000 are 6.0 in 10,000; limits are Poisson's."""
    counts = {"甲镇": 24, "乙镇": 12, "丙镇": 33, "丁镇": 90, "戊镇": 5}
    heads = {"甲镇": 40_000, "乙镇": 21_000, "丙镇": 52_000, "丁镇": 50_000}
    made = funnel_of(result("petitions", "township", counts), 10, heads)
    assert made
    assert {p.member for p in made.places} == set(heads)
    assert made.shown(24 / 40_000) == "6.0件/万人"
    low, high = made.limits(400_000, INNER)
    assert (low + high) / 2 == pytest.approx(made.common)
    assert funnel_of(result("petitions", "township", counts), 10) is None, "nobody said how many live there"
    assert funnel_of(result("repeat_rate", "township", EVEN), 10, heads) is None


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(50, 500)), min_size=3, max_size=30))
def test_larger_groups_have_narrower_limits_and_outer_hold_inner(pairs: list[tuple[int, int]]) -> None:
    made = Funnel(RATE, tuple(Place(str(at), *pair) for at, pair in enumerate(pairs)))
    if not made.common:
        return
    widths = [made.limits(size, OUTER)[1] - made.limits(size, OUTER)[0] for size in (10, 100, 1000)]
    assert widths == sorted(widths, reverse=True)
    for place in made.places:
        assert abs(made.side(place, OUTER)) <= abs(made.side(place, INNER))


BY_HEAD = Figure("x", "？", "funnel", ("petitions",), ("township",), "twelve_months")
NOVEMBER = Selection(Period.month("2021-11"))


def test_a_site_that_gives_inhabitants_has_a_funnel_of_items(demo_engine: Engine) -> None:
    assert "画不出漏斗" in answer(demo_engine, BY_HEAD, NOVEMBER).title
    site = demo_engine.site
    peopled = tuple(replace(t, population=20_000 + 1_000 * at) for at, t in enumerate(site.townships))
    engine = Engine(Store(demo_engine.store.path), replace(site, townships=peopled))
    found = answer(engine, BY_HEAD, NOVEMBER)
    assert found.funnel
    assert "件/万人" in found.title
    drawn = plotly.draw(found)
    assert set(drawn.data[-1].customdata) == {t.name for t in peopled}
    assert drawn.layout.xaxis.title.text == "常住人口"


def test_inhabitants_change_nothing_that_was_derived() -> None:
    site = load_site(ROOT / "site.toml")
    peopled = replace(site, townships=tuple(replace(t, population=9) for t in site.townships))
    assert (peopled.derivation_hash, peopled.roster_hash) == (site.derivation_hash, site.roster_hash)


def test_inhabitants_are_read_from_the_settings_and_from_the_list(tmp_path: Path) -> None:
    head = 'bureau = "示例信访局"\ncounty = "示例县"\n'
    file, towns = tmp_path / "site.toml", tmp_path / "towns.csv"
    file.write_text(f'{head}[[townships]]\nname = "甲镇"\npopulation = 30000\n', "utf-8")
    assert load_site(file).townships == (Township("甲镇", population=30_000),)
    file.write_text(f'township_file = "towns.csv"\n{head}', "utf-8")
    towns.write_text("名称,人口\n甲镇,30000\n乙镇,\n", "utf-8")
    assert [t.population for t in load_site(file).townships] == [30_000, 0]
    towns.write_text("名称,人口\n甲镇,三万\n", "utf-8")
    with pytest.raises(Refusal, match=r"甲镇的人口“三万”应是整数"):
        load_site(file)
    file.write_text(f'{head}[[townships]]\nname = "甲镇"\npopulation = -1\n', "utf-8")
    with pytest.raises(Refusal, match="population"):
        load_site(file)


def _spread(pairs: list[tuple[int, int]]) -> float:
    places = tuple(Place(f"{at}", k, n) for at, (k, n) in enumerate(pairs))
    return Funnel(METRICS["repeat_rate"], places).spread


def test_extremes_do_not_make_themselves_normal() -> None:
    """Twenty groups of one share and one far out: its own distance hardly widens the funnel."""
    dice = np.random.default_rng(1)
    pairs = [(int(dice.binomial(400, 0.2)), 400) for _ in range(19)]
    assert _spread([*pairs, (200, 400)]) < 3
    assert _spread([(80, 400)] * 20) == 1
    differing = [(int(dice.binomial(400, share)), 400) for share in dice.beta(20, 80, 20)]
    assert _spread(differing) > 1.4, "but shares that do differ make it wider"
