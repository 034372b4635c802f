"""When a batch of backlog cases will be finished, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analytics.insight.closing import FEWEST, FURTHEST, PACE_WEEKS, Finish, Past, Projection, precedents

ONE_SIDED = 0.3
"""Past ranges missed on one side beyond this share are said to tend that way; a tenth is meant to."""

STATUS = {
    "finished": "已全部办结",
    "overdue": "已过时限",
    "undated": "没有时限",
    "unknown": "无从预计",
    "likely": "多半能按时",
    "uncertain": "能否按时未定",
    "unlikely": "多半不能按时",
}


def sentences(found: Projection) -> list[str]:
    """What remains and when it may be finished; then the time limit. At most two, no cause claimed."""
    if not found.remaining:
        return [f"{found.batch}积案{found.assigned}宗已全部办结。"]
    remains = f"{found.batch}积案剩余{found.remaining}宗，{pace_in_words(found)}；{finish_in_words(found)}。"
    return [remains, f"{due_in_words(found)}。"]


def pace_in_words(found: Projection) -> str:
    """近8周每周办结0.9宗."""
    return f"近{PACE_WEEKS}周每周办结{found.pace:.1f}宗"


def finish_in_words(found: Projection) -> str:
    """预计2022-04—2022-07全部办结（80%区间）, or why nothing can be said."""
    if found.finish is None:
        return "尚无办结，不作预计"
    if not found.remaining:
        return f"{found.finish.high}全部办结"
    if (found.finish.high - found.day).days >= FURTHEST:
        return "按目前进度看不到全部办结之日"
    lent = "（借用其他批次的办结进度）" if found.rate and found.rate.borrowed else ""
    return f"预计{span_in_words(found.finish)}全部办结（80%区间）{lent}"


def span_in_words(finish: Finish) -> str:
    """2022-04—2022-07; days where the range is within two months."""
    form = "%Y-%m-%d" if (finish.high - finish.low).days < 60 else "%Y-%m"
    return f"{finish.low:{form}}—{finish.high:{form}}"


def due_in_words(found: Projection) -> str:
    """The time limit, the pace that it takes and how likely it is; or by how long it has passed."""
    if found.due is None:
        return "没有填办结时限"
    late = f"；现有{found.overdue}宗已过各自时限" if found.overdue else ""
    if found.due < found.day:
        return f"时限{found.due}已过{(found.day - found.due).days}天，仍有{found.remaining}宗未办结"
    weekly = found.pace_needed if (found.due - found.day).days >= 7 else None
    needed = f"，还需每周办结{weekly:.1f}宗" if weekly and weekly >= 0.05 else ""
    if found.on_time is None or found.left is None:
        return f"时限{found.due}{needed}{late}"
    likely = f"，按时全部办结的可能{chance_in_words(found.on_time)}，届时约剩{found.left:.0f}宗"
    return f"时限{found.due}{needed}{likely}{late}"


def precedents_in_words(found: Projection, batches: Iterable[Projection]) -> str:
    """参照：第一批办结到同样比例后，又用310天全部办结: the last two that are finished; empty without any."""
    told = [f"{name}办结到同样比例后，又用{days}天全部办结" for name, days in precedents(found, batches)]
    return f"参照：{'；'.join(told[-2:])}" if told else ""


def chance_in_words(share: float) -> str:
    """约35%, 不足1%, 99%以上."""
    if share < 0.01:
        return "不足1%"
    return "99%以上" if share > 0.99 else f"约{share:.0%}"


def backtest_in_words(past: Sequence[Past]) -> str:
    """过去16次预计，13次落在区间内; or why none can be looked back upon."""
    if not past:
        return f"还没有可回测的预计（要有已全部办结的批次，且当时已办结{FEWEST}宗以上）"
    early, late = sum(p.real < p.finish.low for p in past), sum(p.real > p.finish.high for p in past)
    held = len(past) - early - late
    ends = [f"{n}次{word}" for n, word in ((early, "早于区间"), (late, "晚于区间")) if n]
    missed = f"（{'，'.join(ends)}）" if ends else ""
    side = "早" if early > late else "晚"
    tends = f"，实际多比预计{side}" if max(early, late) > ONE_SIDED * len(past) else ""
    return f"过去{len(past)}次预计，{held}次落在区间内{missed}{tends}"
