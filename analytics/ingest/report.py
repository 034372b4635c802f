"""What an import did, row by row where rows were refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import Enum
from itertools import islice
from typing import Any

import pandas as pd

WARNINGS_KEPT = 10_000


class Rule(Enum):
    """Why a row is rejected or remarked on, and what its exporter should do."""

    KEY_MISSING = "没有编号", "补上编号后重新导出"
    KEY_SCIENTIFIC = "编号被写成科学计数法，原来的数字已丢失", "把该列设为文本格式后从原系统重新导出"
    KEY_REPEATED = "编号在同一文件中前面已出现过", "只保留一行，或改正编号"
    KEY_PERSONAL = "编号里有证件号、电话等个人信息，不能入库", "换成原系统的编号后重新导出"
    LONG = "文字过长", "核对内容是否串行；确需保留的请缩写"
    DATE = "不是正确的日期", "改成 2021-01-05 这样的日期"
    DATE_FUTURE = "日期晚于今天（北京时间）", "核对日期是否写错"
    DATE_ORDER = "早于登记（交办、督办）日期", "核对两个日期，改正写错的一个"
    MEMBER = "不在允许的取值之内", "改成允许的取值，或在映射文件的 [values] 中对应"
    NUMBER = "不是整数", "改成整数，例如 1"
    NUMBER_RANGE = "超出允许的范围", "核对数字，改到允许的范围之内"
    FLAG = "不是“是”或“否”", "改成“是”或“否”"
    REQUIRED = "必填的值为空", "补上这一列的值"
    REQUIRED_NEW = "库中没有这个编号，而文件缺少新增所必填的列", "补上这一列，或先导入含这一列的文件"
    DUE_EARLY = "期限早于登记（交办、督办）日期", "核对期限；已按原样导入"
    REPLY_EARLY = "答复早于受理", "核对两个日期；已按原样导入"
    TOWNSHIP = "镇街不在名单内，计入“未识别”", "改正名称，或在 site.toml 的镇街名单中加上这种写法"
    REGION = (
        "区划代码不在名单内，或与镇街名称不一致；镇街按名称计",
        "核对代码与名称，或在 site.toml 的镇街名单中补上代码",
    )
    CLASS = "内容分类不在全国分类之内，按原样保留", "核对分类名称"
    RATED = "有评价而无评价日期，按办结日期计", "补上评价日期"
    LEVEL = "没有写明层级，不计入接访、排查的落实情况", "补上层级，或在映射文件的 [constants] 中给出"
    UNUSUAL = (
        "不是常用的取值，按原样保留；按取值统计的指标（下访、处置等）不计入",
        "核对写法，或在映射文件的 [values] 中对应",
    )
    OFFICIAL = "不在领导名单内，不计入下访落实率", "改正姓名，或在 site.toml 的 [[officials]] 中加上"
    UNIT = (
        "不在排查单位名单内，不计入应排尽排率",
        "改正名称，或在 site.toml 的 [[departments]]（aliases）或镇街的 villages 中加上",
    )
    RESOLVED_MORE = "化解数多于排查数（交办数）", "核对两个数字；已按原样导入"
    COVERAGE_JUMP = "数据截止日一次前进过多，多为日期写错", "核对最晚的日期；无误则不必处理"

    @property
    def text(self) -> str:
        """What is wrong."""
        return self.value[0]

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that was not imported: its first fault, the others in `also`. `row` as Excel numbers it.

    `column` is the contract's name, `header` the file's.
    """

    file: str
    row: int
    column: str
    value: str
    rule: str
    remedy: str
    also: tuple[str, ...] = ()
    header: str = ""

    def as_json(self) -> dict[str, Any]:
        """As other programs read it."""
        return {k: v for k, v in asdict(self).items() if k != "header"}


@dataclass(frozen=True, slots=True)
class Warning:
    """Something odd in a row that was imported all the same; `row` None: about the whole import."""

    file: str
    row: int | None
    column: str
    value: str
    rule: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.file} 第 {self.row} 行 " if self.row else ""
        return f"{where}{self.column} {self.value}：{self.rule}；{self.remedy}"


@dataclass
class Report:
    """What an import did, or a preview would do; `refused` says why nothing was imported.

    `total` counts the rows that came; `notes` are remarks about the files (columns that were left out);
    `excerpt` holds the rejected rows as exported, in the order of `rejected`, personal columns hidden.
    """

    dataset: str
    files: tuple[str, ...] = ()
    total: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: tuple[str, ...] = ()
    rejected: list[Rejection] = field(default_factory=list)
    warnings: list[Warning] = field(default_factory=list)
    warning_count: int = 0
    notes: list[str] = field(default_factory=list)
    version: int = 0
    covers_to: date | None = None
    refused: str = ""
    excerpt: pd.DataFrame = field(default_factory=pd.DataFrame)

    def warn(self, warnings: Iterable[Warning], count: int) -> None:
        """Keeps the first thousands; the count stays exact."""
        room = WARNINGS_KEPT - len(self.warnings)
        self.warnings += [warning for _, warning in zip(range(room), warnings, strict=False)]
        self.warning_count += count

    def as_json(self) -> dict[str, Any]:
        """As other programs read it; `removed` only where a period was replaced."""
        counts = {name: getattr(self, name) for name in ("dataset", "inserted", "updated", "unchanged")}
        return {
            **counts,
            **({"removed": list(self.removed)} if self.removed else {}),
            "rejected": [rejection.as_json() for rejection in self.rejected],
            "warnings": [asdict(warning) for warning in self.warnings]
            + [{"rule": note, "remedy": "需要导入的列请改表头，或写进映射文件"} for note in self.notes],
            "version": self.version,
        }


class Remarks:
    """What is odd in the rows of one file: told column by column, in whatever pieces these come."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Rule], list[Warning]] = {}
        self._counts: Counter[tuple[str, Rule]] = Counter()

    def add(self, column: str, rule: Rule, warnings: Iterator[Warning], count: int) -> None:
        """Some more of them."""
        kept = self._kept.setdefault((column, rule), [])
        kept += islice(warnings, max(0, WARNINGS_KEPT - len(kept)))
        self._counts[column, rule] += count

    def tell(self, report: Report) -> None:
        """All of them."""
        for what, warnings in self._kept.items():
            report.warn(warnings, self._counts[what])
