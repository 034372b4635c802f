"""The demo's supervision orders: who asked for them, on which petition or case, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.contract import UNFILLED
from analytics.ingest.demo.days import LAST, MISSING, until_last, working
from analytics.ingest.demo.dice import Dice, Rows, Values
from analytics.ingest.demo.tables import STAFF

Wanted = Callable[[pd.DataFrame], "pd.Series[bool]"]


def _new_matters(p: pd.DataFrame) -> pd.Series[bool]:
    """初信初访: first letters and visits at the county's own counter."""
    return (p["source"] == "local") & p["channel"].isin(["letter", "visit"]) & ~p["is_repeat"].fillna(True)


def _sent_down(p: pd.DataFrame) -> pd.Series[bool]:
    return (p["source"] == "superior") & p["handling"].isin(["交办", "督办"])


def _stubborn(p: pd.DataFrame) -> pd.Series[bool]:
    return (p["source"] == "local") & (p["is_repeat"].fillna(False) | (p["persons"] >= 5))


def _rural(p: pd.DataFrame) -> pd.Series[bool]:
    return p["category_1"].isin(["农村农业", "自然资源", "纪检监察"])


def _polluted(p: pd.DataFrame) -> pd.Series[bool]:
    return p["category_1"] == "生态环境"


READ = (
    *("petition_id", "source", "channel", "persons", "is_repeat", "handling", "category_1"),
    *("township", "responsible_unit", "transferred_on", "closed_on", "resolved"),
)
"""What is looked at, or taken over, of a petition."""


@dataclass(frozen=True)
class Orders:
    """At most so many orders from one side, issued between two days, on petitions of a kind."""

    ordered_by: str
    count: int
    start: str
    end: str
    wanted: Wanted


ORDERS = (
    Orders("全员包案", 90, "2021-02-22", "2021-12-10", _new_matters),
    Orders("上级信访部门", 18, "2019-02-18", "2019-12-27", _sent_down),
    Orders("上级信访部门", 22, "2020-03-02", "2020-12-25", _sent_down),
    Orders("上级信访部门", 14, "2021-02-22", "2021-12-10", _sent_down),
    Orders("领导批示", 9, "2019-02-18", "2019-12-27", _stubborn),
    Orders("领导批示", 11, "2020-03-02", "2020-12-25", _stubborn),
    Orders("领导批示", 6, "2021-02-22", "2021-12-10", _stubborn),
    Orders("省委巡视组", 8, "2021-04-06", "2021-06-30", _rural),
    Orders("中央生态环保督察组", 6, "2021-08-27", "2021-10-15", _polluted),
)
CASE_ORDERS = 14
"""On backlog cases, from the petition bureaus above."""

SHARED_OUT = (12, 11, 10, 10, 10, 10, 9, 9, 9)
"""How the 90 fall to the nine of the bureau."""

ISSUED_AFTER = ((0, 1), (0.6, 8), (1, 25))
DUE_DAYS = {15: 25, 30: 75}
LATE, LATE_DAYS = 0.06, ((0, 1), (1, 20))
SILENT = 0.03
"""Orders to which no answer came."""
ANSWER_SHARE = ((0, 0.15), (0.5, 0.7), (0.9, 0.97), (1, 1))
METHODS = {
    "": {"线上督办": 42, "实地督办": 30, "发函": 14, "约谈": 8, "通报": 6},
    "全员包案": {"线上督办": 62, "实地督办": 38},
    "case": {"实地督办": 55, "挂牌督办": 30, "约谈": 15},
}
ONLINE_TIMES = {1: 30, 2: 36, 3: 20, 4: 10, 5: 4}
ONSITE_TIMES = {0: 14, 1: 46, 2: 30, 3: 10}
UNFINISHED = {"整改中": 82, "退回重办": 18}
DISPOSITIONS: dict[str, dict[str, float]] = {
    "": {UNFILLED: 1},
    "已化解": {"解决问题到位": 78, "帮扶救助到位": 13, "思想教育到位": 9},
    "已办结": {"解决问题到位": 48, "思想教育到位": 39, "帮扶救助到位": 9, "依法处理": 4},
}
"""三到位一处理: in which way a matter was brought to its end."""
PROPOSALS = {"无": 79, "改进工作": 13, "完善政策": 6, "追究责任": 2}
ADOPTED, ADOPTED_DAYS = 0.75, ((0, 5), (1, 40))
PROBLEMS = {
    "责任单位答复不够具体": 20,
    "补偿标准双方分歧较大": 16,
    "权属证据不足": 14,
    "牵头单位不明确": 12,
    "政策解释不到位": 14,
    "历史资料缺失": 8,
    "履行协议进度滞后": 10,
    UNFILLED: 6,
}
MEASURES = {
    "召开协调会，明确牵头单位和时限": 20,
    "现场勘查并当面答复": 18,
    "包案领导约访，逐项解释政策": 16,
    "引导通过法定途径解决": 12,
    "组织人民调解": 14,
    "按规定落实补偿或救助": 14,
    UNFILLED: 6,
}


def supervisions(dice: Dice, petitions: pd.DataFrame, cases: pd.DataFrame, code: str) -> pd.DataFrame:
    """All supervision orders of one county by day of issue, each on another petition or case."""
    subjects = [_on_cases(dice, cases)]
    free = petitions.loc[petitions["transferred_on"].notna(), list(READ)]
    for orders in ORDERS:
        subjects.append(_on_petitions(dice, orders, free))
        free = free[~free["petition_id"].isin(subjects[-1]["petition_id"])]
    rows = pd.concat(subjects, ignore_index=True).sort_values("issued_on", kind="stable", ignore_index=True)
    dated = rows["issued_on"].dt.strftime("%Y%m%d")
    rows["supervision_id"] = [f"{code}DB{day}{number:04d}" for number, day in enumerate(dated, start=1)]
    return rows.assign(**_followed(dice, rows))


def _on_petitions(dice: Dice, orders: Orders, petitions: pd.DataFrame) -> pd.DataFrame:
    """Petitions of the wanted kind that were not closed when the order was issued."""
    sent = petitions["transferred_on"].between(orders.start, orders.end)
    rows = petitions[sent & orders.wanted(petitions)]
    transferred = rows["transferred_on"].to_numpy().astype("datetime64[D]")
    issued = working(transferred + dice.days(ISSUED_AFTER, len(rows)), transferred)
    closed = rows["closed_on"].to_numpy().astype("datetime64[D]")
    fit = np.flatnonzero((issued <= np.datetime64(orders.end)) & ~(closed <= issued))
    chosen = np.sort(dice.shuffled(fit)[: orders.count])
    rows = rows.assign(issued_on=issued).iloc[chosen]
    supervisors = _supervisors(dice, len(rows))
    return rows.assign(ordered_by=orders.ordered_by, case_id=UNFILLED, supervisor=supervisors)


def _supervisors(dice: Dice, count: int) -> Values:
    """About as many orders for each of the staff, some having a few more."""
    shares = np.array(SHARED_OUT) / sum(SHARED_OUT)
    at = (np.arange(count) + 0.5) / count
    return dice.shuffled(np.array(STAFF, dtype=object)[np.searchsorted(np.cumsum(shares), at)])


def _on_cases(dice: Dice, cases: pd.DataFrame) -> pd.DataFrame:
    """Backlog cases, some weeks before they were reported or the last day came."""
    chosen = np.sort(dice.shuffled(np.arange(len(cases)))[:CASE_ORDERS])
    rows = cases.iloc[chosen]
    assigned = rows["assigned_on"].to_numpy().astype("datetime64[D]")
    until = rows["reported_on"].to_numpy().astype("datetime64[D]")
    until = np.where(np.isnat(until), LAST, until)
    issued = working(assigned + ((until - assigned) * dice.uniform(CASE_ORDERS)), assigned)
    return rows.assign(
        issued_on=issued,
        petition_id=UNFILLED,
        ordered_by="上级信访部门",
        supervisor=_supervisors(dice, CASE_ORDERS),
        closed_on=rows["reported_on"],
        resolved=rows["resolved_on"].notna(),
    )


def _followed(dice: Dice, rows: pd.DataFrame) -> Rows:
    """Due date, answer, outcome and what was proposed."""
    n = len(rows)
    issued = rows["issued_on"].to_numpy().astype("datetime64[D]")
    allowed = dice.pick(DUE_DAYS, n).astype(np.int64)
    answered = _answered(dice, issued, allowed)
    silent = np.isnat(answered)
    proposal = np.where(silent, "无", dice.pick(PROPOSALS, n))
    adopted = (proposal != "无") & dice.chance(ADOPTED, n)
    followed = until_last(working(answered + dice.days(ADOPTED_DAYS, n), answered))
    side = np.where(rows["petition_id"] == UNFILLED, "case", rows["ordered_by"])
    method = dice.pick_for(side, METHODS)
    onsite = dice.pick(ONSITE_TIMES, n).astype(np.int64)
    return {
        "method": method,
        "online_times": dice.pick(ONLINE_TIMES, n).astype(np.int64),
        "onsite_times": np.maximum(onsite, method == "实地督办"),
        "due_on": issued + allowed,
        "feedback_on": answered,
        "outcome": np.where(silent, UNFILLED, _outcome(dice, rows)),
        "problem": dice.pick(PROBLEMS, n),
        "measure": dice.pick(MEASURES, n),
        "proposal": proposal,
        "proposal_adopted_on": np.where(adopted, followed, MISSING),
    }


def _answered(dice: Dice, issued: Values, allowed: Values) -> Values:
    """Mostly within the days allowed; a few late, a few never, and the newest not yet."""
    n = len(issued)
    in_time = issued + np.rint(allowed * dice.spread(ANSWER_SHARE, n)).astype(np.int64)
    late = issued + allowed + dice.days(LATE_DAYS, n)
    answered = np.where(
        dice.chance(LATE, n), working(late, issued + allowed + 1), working(in_time, issued, issued + allowed)
    )
    return np.where(dice.chance(SILENT, n), MISSING, until_last(answered))


def _outcome(dice: Dice, rows: pd.DataFrame) -> Values:
    resolved = rows["resolved"].to_numpy(dtype=bool)
    closed = rows["closed_on"].notna().to_numpy()
    ended = np.where(resolved, "已化解", "已办结")
    return np.where(closed, ended, dice.pick(UNFINISHED, len(rows)))


def dispositions(dice: Dice, orders: pd.DataFrame) -> Values:
    """In which of the four ways each order ended; 未填 where it has not."""
    return dice.pick_for(orders["outcome"].to_numpy(dtype=object), DISPOSITIONS)
