"""`petition report`: the annual figures."""

from __future__ import annotations

import csv
import itertools
import json
import sys
from collections.abc import Sequence

import click
from tabulate import tabulate

from analytics import annual
from analytics.citing import command
from analytics.cli.params import DATA, YEAR, petition, table_or
from analytics.cli.told import cautions, kind, opened, stale, versions_in_words
from analytics.insight.wording import amount, period_in_words
from analytics.model import Period, Selection


@petition.command(help="年度报告：一年的各项数字，与上年对比，各附查询语句")
@click.option("--year", type=YEAR, required=True, help="年份 YYYY")
@table_or("json", "csv")
@DATA
def report(year: Period, form: str, data: str | None) -> None:
    """Prints the annual figures, each with the query that gives it."""
    engine = opened(data)
    found = annual.report(engine, Selection(year))
    told = [line for result in found.results for line in cautions(result)]
    for line in filter(None, dict.fromkeys([stale(engine, dict(found.versions)), *told])):
        click.echo(f"提醒：{line}", err=True)
    store = f" {command('--data', data)}" if data else ""
    lines = [(c.title, line, line.query + store) for c in found.chapters for line in c.lines]
    {"json": _report_json, "csv": _report_csv, "table": _report_table}[form](found, lines)


Reported = Sequence[tuple[str, annual.Line, str]]
"""Lines of the report: the section's title, the line, and its query with the data directory."""


def _report_json(found: annual.Report, lines: Reported) -> None:
    sections: dict[str, list[dict[str, object]]] = {}
    for title, line, query in lines:
        sections.setdefault(title, []).append(_reported(line) | {"query": query})
    content = {
        "year": found.period.start.year,
        "from": f"{found.period.start}",
        "to": f"{found.period.end}",
        "as_of": f"{found.as_of}",
        "versions": dict(found.versions),
        "sections": [{"title": title, "lines": rows} for title, rows in sections.items()],
    }
    click.echo(json.dumps(content, ensure_ascii=False, indent=1))


def _reported(line: annual.Line) -> dict[str, object]:
    m = line.metric
    return {
        "label": line.label,
        "metric": m.name,
        "where": dict(line.selection.members),
        "members_of": line.counted or None,
        "value": line.value,
        "base": line.base,
        "change": line.change,
        "unit": "" if m.is_rate else m.unit,  # a rate is a fraction
        "kind": kind(m),
        "remark": line.remark,
        "note": m.note,
        "basis": m.basis,
    }


def _report_csv(found: annual.Report, lines: Reported) -> None:
    names = ("label", "metric", "value", "base", "change", "unit", "kind", "remark")
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["section", *names, "query"])
    for title, line, query in lines:
        row = _reported(line)
        writer.writerow([title, *(row[name] for name in names), query])


def _report_table(found: annual.Report, lines: Reported) -> None:
    before = "上年同期" if found.period.unfinished else "上年"
    headers = ["指标", "本年", before, "变化", "备注", "查询"]
    align = ["left", "right", "right", "left", "left", "left"]
    click.echo(f"年度报告：{period_in_words(found.period)}")
    for title, group in itertools.groupby(lines, key=lambda entry: entry[0]):
        rows = [
            [x.label, amount(x.metric, x.value), amount(x.metric, x.base), x.change_words, x.remark, query]
            for _, x, query in group
        ]
        click.echo(f"\n{title}\n")
        click.echo(tabulate(rows, headers, colalign=align, disable_numparse=True))
    click.echo(f"\n数据截至 {found.as_of}；{versions_in_words(found.versions)}")
