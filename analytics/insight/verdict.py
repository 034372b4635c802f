"""What may be said of a number, and from what: the words of judgement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from analytics.insight.chance import ONE_IN, Prediction
from analytics.insight.wording import amount, number
from analytics.model import Metric

Verdict = Literal["normal", "up", "down", "high", "low", "small"]
VERDICTS: dict[Verdict, str] = {
    "normal": "正常波动",
    "up": "显著上升",
    "down": "显著下降",
    "high": "持续偏高",
    "low": "持续偏低",
    "small": "样本小",
}
"""What may be said of a number, in words."""

RULES = {
    "xmr": "单值控制图（XmR）",
    "laney": "比率控制图（p′，Laney 修正）",
    "exact": "精确条件界限",
    "student": "预测界限（t 分布）",
    "limits": "超出控制限",
    "run": "连续 7 个月在均值同一侧",
    "near": "近 3 个月有 2 个月接近控制限且同侧",
    "trend": "连续 7 个月逐月上升（或下降）",
    "sustained": "近 6 个月合计超出界限",
    "funnel": "近 12 个月超出各组之间的漏斗界限",
    "size": "规模太小，判断不了",
    "empty": "尚无数据",
    "nothing": "没有可算的",
    "history": "可比的历史不足 12 个月",
    "maturing": "随后仍会变化，暂不判断",
    "period": "只判断整月",
}
"""The instruments and what decides: `xmr` alone found nothing, `xmr.run` found a run."""


@dataclass(frozen=True)
class Judgement:
    """What may be said of one number, and from what.

    `expected`, `lower`, `upper` in the number's own unit: outside them it is 显著上升 or 显著下降; None where
    it is not judged. `rule`: the instrument, and after a dot what decided. `told`: what decided, in numbers.
    `prediction` and `level` tell what such limits find (`power_in_words`).
    """

    verdict: Verdict
    value: float | int | None
    rule: str
    expected: float | None = None
    lower: float | None = None
    upper: float | None = None
    told: str = ""
    prediction: Prediction | None = None
    level: float = ONE_IN

    @property
    def word(self) -> str:
        """正常波动, 显著上升…; why where there is no telling for another reason than size."""
        unsaid = self.rule if self.verdict == "small" and self.rule != "size" else ""
        return RULES[unsaid] if unsaid else VERDICTS[self.verdict]

    @property
    def basis(self) -> str:
        """What decided, else by which instrument nothing was found."""
        return self.told or RULES[self.rule.partition(".")[0]]

    @property
    def is_signal(self) -> bool:
        """Whether it is more than chance explains."""
        return self.verdict not in ("normal", "small")

    def range_in_words(self, metric: Metric) -> str:
        """70–310: between which values nothing is unusual; empty where it is not judged."""
        if self.lower is None or self.upper is None:
            return ""
        return f"{_edge(metric, self.lower)}–{_edge(metric, self.upper)}"

    def expected_in_words(self, metric: Metric) -> str:
        """190.5; empty where it is not judged."""
        return "" if self.expected is None else _edge(metric, self.expected)

    def in_words(self, metric: Metric) -> str:
        """正常波动：217件，预期190.0，正常范围70.0–310.1: the word with the numbers that it comes from."""
        if self.expected is None:
            return f"{metric.label}{amount(metric, self.value)}，{self.word}"
        numbers = f"{amount(metric, self.value)}，预期{self.expected_in_words(metric)}"
        told = f"；{self.told}" if self.told else ""
        return f"{self.word}：{numbers}，正常范围{self.range_in_words(metric)}{told}"


def verdict_in_title(judgement: Judgement) -> str:
    """，处于正常波动范围 · ，显著上升（超出控制上限）; empty where nothing may be said."""
    if judgement.verdict == "small":
        return ""
    if judgement.verdict == "normal":
        return "，处于正常波动范围"
    return f"，{judgement.word}（{judgement.told}）"


def _edge(metric: Metric, value: float) -> str:
    """A limit: with one decimal where it is not whole."""
    return f"{value:,.1f}".removesuffix(".0") if metric.is_count else number(metric, value)


_FACTORS = ((1.5, "增加一半"), (2.0, "增加一倍"))
_POINTS = ((-0.1, "下降 10 个百分点"), (0.1, "上升 10 个百分点"))


def power_in_words(metric: Metric, judgement: Judgement) -> str:
    """一个月增加一半，10 次约能发现 2 次；…: what a signal can and cannot detect at this size."""
    if judgement.prediction is None or judgement.expected is None:
        return ""
    possible = [point for point in _POINTS if 0 <= judgement.expected + point[0] <= 1]
    changes = possible if metric.is_rate else _FACTORS
    said = [f"{words}，{_times(judgement.prediction.found(by, judgement.level))}" for by, words in changes]
    return f"按目前规模，一个月{'；'.join(said)}"


def _times(chance: float) -> str:
    tenths = round(chance * 10)
    return {0: "几乎发现不了", 10: "几乎都能发现"}.get(tenths, f"10 次约能发现 {tenths} 次")
