"""What is said beside numbers: cautions on stderr, versions in words, the kind of a metric."""

from __future__ import annotations

from collections.abc import Container, Iterable

import click

from analytics.contract import DATASETS
from analytics.engine import Engine, data_folder, open_engine
from analytics.ingest import outdated
from analytics.insight.wording import maturing
from analytics.model import Metric
from analytics.result import Result


def opened(data: str | None) -> Engine:
    """The engine over the data directory; where not the newest data is shown, stderr says so."""
    engine = open_engine(data_folder(data))
    if engine.warning:
        click.echo(f"警告：{engine.warning}", err=True)
    return engine


def stale(engine: Engine, used: Container[str]) -> str:
    """That stored rows follow older settings, which reading must not change; empty where none do."""
    stale = [DATASETS[name].label for name in outdated(engine.store, engine.site) if name in used]
    return f"站点设置已改动，{'、'.join(stale)}仍按原设置：启动看板或再次导入后更新" if stale else ""


def cautions(result: Result) -> list[str]:
    """What a reader of the result must know besides."""
    used = dict.fromkeys(m.imported for m in result.metrics)
    empty = [DATASETS[name] for name in used if name not in result.coverage]
    lines = [f"{d.label}没有数据：请先用 petition import 导入" for d in empty]
    lines += [f"{DATASETS[d].label}数据只到 {day}，早于其他数据集" for d, day in result.lagging.items()]
    late = [d for d, c in result.coverage.items() if c.first > result.period.start]
    if result.query.by or late:
        lines += [
            f"{DATASETS[d].label}数据从 {result.coverage[d].first} 开始，此前的 0 是没有数据" for d in late
        ]
    if any(result.query.as_of > c.last for c in result.coverage.values()):
        lines.append(f"统计截止日 {result.query.as_of} 晚于数据截止日，其间没有数据")
    if result.period.empty:
        lines.append(f"所选期间在数据截止日 {result.query.as_of} 之后，尚无数据")
    if result.base_period is not None and result.coverage and not result.base_covered():
        lines.append(f"对比期 {result.base_period.start} 起早于数据起始日，对比不可信")
    return lines


def remind(engine: Engine, result: Result) -> None:
    """Says on stderr what a reader of the result must know besides."""
    used = dict(result.query.versions)
    for line in filter(None, [stale(engine, used), *cautions(result), maturing(result.metrics)]):
        click.echo(f"提醒：{line}", err=True)


def asked(result: Result) -> dict[str, object]:
    """What was asked as JSON gives it: days, cut-off, versions, the days compared with."""
    content: dict[str, object] = {
        "from": f"{result.period.start}",
        "to": f"{result.period.end}",
        "as_of": f"{result.query.as_of}",
        "versions": dict(result.query.versions),
    }
    if base := result.base_period:
        content["compared_with"] = {
            "from": f"{base.start}",
            "to": f"{base.last}",
            "covered": result.base_covered(),
        }
    return content


def days_and_versions(result: Result) -> str:
    """The same as the line below a table."""
    versions, period = versions_in_words(result.query.versions), result.period
    return f"\n{period.start} 至 {period.shown_end}；数据截至 {result.query.as_of}；{versions}"


def versions_in_words(versions: Iterable[tuple[str, int]]) -> str:
    """信访事项第 3 版，信访积案第 2 版."""
    return "，".join(f"{DATASETS[d].label}第 {v} 版" for d, v in versions)


def kind(m: Metric) -> str:
    """How it changes: a count relatively, anything else by a difference."""
    return "quantile" if m.quantile else "count" if m.is_count else "rate" if m.is_rate else "mean"
