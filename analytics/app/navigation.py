"""Which pages there are: a line a page, in the order of the bar above."""

from __future__ import annotations

from pathlib import Path

from analytics.model import Right
from analytics.site import ROOT

PAGES = (
    ("", "overview", "总览"),
    ("", "worklist", "待办"),
    ("受理", "channels", "来信来访"),
    ("受理", "content", "热点问题"),
    ("受理", "service", "服务中心"),
    ("受理", "order", "依法分类与秩序"),
    ("办理", "timeliness", "办理质效"),
    ("办理", "firsthand", "初信初访包案"),
    ("办理", "supervision", "督查督办"),
    ("办理", "lookup", "按证件查件"),
    ("化解", "backlog", "积案"),
    ("化解", "receptions", "接访下访"),
    ("化解", "screening", "矛盾排查"),
    ("研判", "brief", "研判材料"),
    ("研判", "signals", "是否异常"),
    ("研判", "changes", "变化分解"),
    ("研判", "warnings", "预警"),
    ("研判", "forecast", "预测"),
    ("研判", "repeats", "重复信访"),
    ("对象", "townships", "镇街"),
    ("对象", "township", "镇街画像"),
    ("对象", "unit", "单位画像"),
    ("对象", "leader", "领导画像"),
    ("分析", "annual", "年度报告"),
    ("分析", "public", "对外公布"),
    ("分析", "explore", "自助分析"),
    ("分析", "methods", "方法说明"),
    ("分析", "dictionary", "指标口径"),
    ("分析", "audit", "审计日志"),
    ("", "data", "数据"),
)
"""Group (a drop-down; "" stands in the bar itself), module under pages/ (also the address), title."""

NEEDED: dict[str, Right] = {"data": "data", "lookup": "people", "public": "decide", "audit": "audit"}
"""What a page needs that is not about numbers."""


def needed(name: str) -> Right:
    """The right that a page is of use with."""
    return NEEDED.get(name, "counts")


FIRST = PAGES[0][1]
"""The page shown first: its address is the empty one."""

ADDRESSES = frozenset({"", *(name for _, name, _ in PAGES)})


def source(name: str) -> Path:
    """The page's module."""
    return ROOT / "pages" / f"{name}.py"
