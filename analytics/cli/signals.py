"""`petition signals`: whether a month's numbers are beyond what chance explains."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date

import click
from tabulate import tabulate

from analytics.catalogue import DIMENSIONS
from analytics.cli.params import DATA, MONTH, petition, table_or, where_of
from analytics.cli.selecting import selecting, versions_of
from analytics.cli.told import asked, days_and_versions, opened, remind
from analytics.insight.judgement import judged
from analytics.insight.verdict import Judgement, power_in_words
from analytics.insight.wording import number
from analytics.model import Period
from analytics.result import Key, Result


@petition.command(help="判断一个月的数字是否超出正常波动")
@click.argument("metric", metavar="指标")
@click.option("--by", multiple=True, metavar="维度", help="分组维度，可重复；各行一起判断")
@click.option("--month", type=MONTH, required=True, help="月份 YYYY-MM")
@click.option("--history", type=click.IntRange(12, 120), default=24, help="以此前多少个月为依据，12 至 120")
@selecting(days=False)
@table_or("json")
@DATA
def signals(
    metric: str,
    by: Sequence[str],
    month: Period,
    history: int,
    where: Sequence[str],
    as_of: date | None,
    wanted: Sequence[str],
    form: str,
    data: str | None,
) -> None:
    """Prints for each row value, expected, limits, judgement and the rule that gave it."""
    engine = opened(data)
    versions = versions_of(wanted, (metric,))
    result = engine.ask((metric,), by, month, where_of(where), "none", as_of, versions)
    found = {key: one for (_, key), one in judged(engine, result, months=history).items()}
    remind(engine, result)
    (_print_json if form == "json" else _print_table)(result, _in_order(result, found), history)


def _in_order(result: Result, found: Mapping[Key, Judgement]) -> dict[Key, Judgement]:
    """In the reading order of a query's rows, those with nothing now last."""
    keys = dict.fromkeys([*result.keys, *sorted(found)])
    return {key: found[key] for key in keys}


def _print_json(result: Result, found: Mapping[Key, Judgement], history: int) -> None:
    (metric,) = result.metrics
    rows: list[dict[str, object]] = [
        {
            **dict(zip(result.query.by, key, strict=True)),
            "value": one.value,
            "expected": one.expected,
            "lower": one.lower,
            "upper": one.upper,
            "judgement": one.verdict,
            "word": one.word,
            "rule": one.rule,
            "told": one.in_words(metric),
        }
        for key, one in found.items()
    ]
    content = {"metric": metric.name, "rows": rows, "history": history} | asked(result)
    click.echo(json.dumps(content, ensure_ascii=False, indent=1))


def _print_table(result: Result, found: Mapping[Key, Judgement], history: int) -> None:
    (metric,) = result.metrics
    groups = [DIMENSIONS[d].label for d in result.query.by]
    headers = [*groups, metric.label, "预期", "正常范围", "判断", "依据"]
    rows = []
    for key, one in found.items():
        members = [DIMENSIONS[d].label_of(m) for d, m in zip(result.query.by, key, strict=True)]
        numbers = [number(metric, one.value), one.expected_in_words(metric), one.range_in_words(metric)]
        rows.append([*members, *numbers, one.word, one.basis])
    click.echo(tabulate(rows, headers, disable_numparse=True))
    told = [f"{days_and_versions(result)}；以此前 {history} 个月为依据"]
    if len(found) == 1:
        told.append(power_in_words(metric, next(iter(found.values()))))
    click.echo("\n".join(filter(None, told)))
