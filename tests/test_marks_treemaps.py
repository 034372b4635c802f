"""Nested dimensions as areas."""

from __future__ import annotations

import plotly.graph_objects as go

from analytics.render import plotly
from analytics.render.marks import look
from analytics.render.marks.treemaps import tint
from tests.answers import contrast, made
from tests.results import Number, result

TOPICS: dict[str, Number] = {
    "城乡建设 房屋征收 补偿": 6,
    "城乡建设 房屋征收 安置": 2,
    "城乡建设 物业 未填": 4,
    "教育 未填 未填": 3,
    "政法 法院 未填": 1,
    "政法 未填 未填": 2,
    "未填 未填 未填": 2,
}


def tree(numbers: dict[str, Number], by: str = "topic_1 topic_2 topic_3") -> go.Figure:
    return plotly.draw(made("treemap", result("petitions", by, numbers)))


def paths(drawn: go.Figure) -> dict[tuple[str, ...], int]:
    """The value of each node by its path from the whole down."""
    (trace,) = drawn.data
    parent = dict(zip(trace.ids, trace.parents, strict=True))
    names = {node: text.split("<br>")[0] for node, text in zip(trace.ids, trace.text, strict=True)}

    def path(node: str) -> tuple[str, ...]:
        return (*path(parent[node]), names[node]) if node else ()

    return {path(node): value for node, value in zip(trace.ids, trace.values, strict=True)}


def test_sums_of_every_level_are_exact() -> None:
    drawn = tree(TOPICS)
    (trace,) = drawn.data
    assert trace.branchvalues == "total"
    assert paths(drawn) == {
        ("全部",): 20,
        ("全部", "城乡建设"): 12,
        ("全部", "城乡建设", "房屋征收"): 8,
        ("全部", "城乡建设", "房屋征收", "补偿"): 6,
        ("全部", "城乡建设", "房屋征收", "安置"): 2,
        ("全部", "城乡建设", "物业"): 4,
        ("全部", "教育"): 3,
        ("全部", "政法"): 3,
        ("全部", "政法", "法院"): 1,
        ("全部", "政法", "未填"): 2,
        ("全部", "未填"): 2,
    }


def test_one_level_and_two() -> None:
    assert paths(tree({"甲": 3, "乙": 1}, "topic_1")) == {("全部",): 4, ("全部", "甲"): 3, ("全部", "乙"): 1}
    assert ("全部", "甲", "丙") in paths(tree({"甲 丙": 3}, "topic_1 topic_2"))


def test_names_that_look_like_paths_stay_apart() -> None:
    assert len(paths(tree({"甲/乙 丙": 1, "甲 乙/丙": 2}, "topic_1 topic_2"))) == 5


def test_one_level_is_shown_at_a_time_and_its_path_leads_back() -> None:
    drawn = tree(TOPICS)
    assert drawn.data[0].maxdepth == 2
    assert drawn.data[0].pathbar.visible is not False
    assert (
        drawn.layout.margin.t
        > plotly.draw(made("ranking", result("petitions", "township", {"甲": 1}))).layout.margin.t
    )
    assert drawn.data[0].labels[0] == "全部 20件"


def test_an_area_says_name_number_and_share_of_the_level_above() -> None:
    (trace,) = tree(TOPICS).data
    assert "城乡建设<br>12件<br>60.0%" in trace.text
    assert "房屋征收<br>8件<br>66.7%" in trace.text
    assert "城乡建设 › 房屋征收 › 补偿 6件，占房屋征收的75.0%" in trace.hovertext
    assert trace.hovertext[0] == "全部 20件"


def test_a_branch_keeps_the_hue_of_its_first_level() -> None:
    (trace,) = tree(TOPICS).data
    by_path = dict(zip(paths(tree(TOPICS)), trace.marker.colors, strict=True))
    assert (
        by_path["全部", "城乡建设"] == tint(look.HUES[0]) == by_path["全部", "城乡建设", "房屋征收", "补偿"]
    )
    assert by_path["全部", "未填"] == look.PALE


def test_beyond_seven_hues_areas_are_grey() -> None:
    drawn = tree({f"类{n:02}": 40 - n for n in range(12)}, "topic_1")
    colours = list(drawn.data[0].marker.colors)[1:]
    assert colours[:7] == [tint(hue) for hue in look.HUES]
    assert set(colours[7:]) == {tint(look.GREY)}


def test_dark_text_can_be_read_on_every_area() -> None:
    for colour in (*map(tint, look.HUES), tint(look.GREY), look.PALE, "#ffffff"):
        assert contrast(look.INK, colour) >= 4.5
    assert tree(TOPICS).data[0].textfont.color == look.INK


def test_nothing_is_drawn_of_noughts() -> None:
    assert not tree({"甲": 0}, "topic_1").data


def test_a_click_goes_down() -> None:
    """Dragging is off for all charts; the areas take their clicks themselves."""
    assert tree(TOPICS).layout.dragmode is False
    assert "staticPlot" not in plotly.CONFIG


def test_names_are_text_not_markup() -> None:
    (trace,) = tree({"<b>甲</b>": 3}, "topic_1").data
    assert trace.labels[1] == "&lt;b&gt;甲&lt;/b&gt; 3件"
    assert trace.text[1].startswith("&lt;b&gt;甲")
    assert trace.hovertext[1] == "&lt;b&gt;甲&lt;/b&gt; 3件，占全部的100.0%"
