"""The data dictionary as Markdown, generated from the contract and the catalogue: data/README.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analytics.catalogue import DIMENSIONS, METRICS, dataset_has
from analytics.contract import DATASETS, PERSONAL, Dataset, Field, Kind
from analytics.model import Metric
from analytics.site import ROOT

TARGET = ROOT / "data" / "README.md"
_HEAD = """# 数据字典

本文件由程序按数据约定与指标目录生成（`make docs`），请勿手改。

- `data/store/`：真实数据（Delta Lake 表，每个数据集一个目录，按年分区）与站点清单；不进版本库。
- `data/demo/`：演示数据，结构相同；第一次导入真实数据后看板自动改用 `data/store/`。
- `data/reference/`：内容分类的对照表；省份与广东各地市、县区的代码和名称（`areas.csv`，GB/T 2260）。

日期按北京时间。`*` 为首次导入必填；更新时可只带编号与改动的列，文件里没有的列保持库中原值。
未给出的成员记为“未填”，评价记为“未评价”；姓名、证件号、电话、住址只用于计算信访人代码，一律不入库。
"""


def markdown() -> str:
    """The whole dictionary."""
    parts = [_HEAD]
    for dataset in DATASETS.values():
        parts += [f"\n## {dataset.label} `{dataset.name}`\n", _fields(dataset)]
        if metrics := [m for m in METRICS.values() if m.dataset == dataset.name]:
            known = [f"{d.label} `{d.name}`" for d in DIMENSIONS.values() if dataset_has(dataset, d.name)]
            parts += ["\n### 指标\n", _metrics(metrics), f"\n可按这些维度分组、筛选：{'、'.join(known)}。\n"]
    parts += ["\n## 识别后即弃的列\n", _personal()]
    return "".join(parts)


def _table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [" | ".join(line) for line in (headers, ["---"] * len(headers), *rows)]
    return "\n" + "".join(f"| {line} |\n" for line in lines)


def _fields(dataset: Dataset) -> str:
    rows = [
        (
            f"`{field.name}`" + ("*" if field.required else ""),
            field.label,
            field.kind.value,
            _values(field),
            _default(field),
            "、".join(field.aliases),
        )
        for field in dataset.inputs
    ]
    derived = [(f"`{f.name}`", f.label, f.kind.value, f.note) for f in dataset.fields if f.derived]
    if dataset.sources:
        names = "、".join(DATASETS[name].label for name in dataset.sources)
        text = f"\n由{names}与 site.toml 的设置推算，不能导入。\n"
    else:
        text = _table(["列", "名称", "类型", "取值", "未给出时", "也认得的表头"], rows)
    return text + ("\n导入时算出：\n" + _table(["列", "名称", "类型", "算法"], derived) if derived else "")


def _values(field: Field) -> str:
    if field.kind is Kind.INTEGER:
        return f"{field.low}–{field.high}"
    members = "、".join(m.value if m.shown == m.value else f"{m.value}（{m.shown}）" for m in field.members)
    return members if field.closed or field.kind is Kind.FLAG or not members else f"{members}……"


def _default(field: Field) -> str:
    if field.required:
        return "拒绝"
    if field.default is None:
        return "空"
    return {True: "是", False: "否"}[field.default] if isinstance(field.default, bool) else f"{field.default}"


def _metrics(metrics: Iterable[Metric]) -> str:
    rows = [
        (f"`{m.name}`", m.label, m.unit, "期末存量" if m.stock else "本期发生", m.note, m.basis)
        for m in metrics
    ]
    return _table(["代码", "名称", "单位", "累计", "口径", "依据"], rows)


def _personal() -> str:
    return _table(["列", "认得的表头"], [(p.label, "、".join(p.aliases)) for p in PERSONAL])


if __name__ == "__main__":
    TARGET.write_text(markdown(), "utf-8")
