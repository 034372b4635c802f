"""The `petition` command: a contract that other programs call as written."""

from __future__ import annotations

import csv
import itertools
import json
import os
import re
import runpy
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable, Container, Iterable, Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
from tabulate import tabulate
from tqdm import tqdm

from analytics import annual
from analytics.catalogue import DIMENSIONS, METRICS, UnknownName, dimensions_of
from analytics.contract import DATASETS, IMPORTED
from analytics.engine import Engine, data_folder, open_engine
from analytics.ingest import (
    Report,
    check_target,
    import_files,
    import_rows,
    outdated,
    rederive,
    write_rejected,
)
from analytics.ingest.demo import DEMO_END, demo_rows
from analytics.insight.wording import amount, maturing, period_in_words
from analytics.model import Comparison, Metric, Period, Selection
from analytics.render.table import columns, shown_rows
from analytics.result import Result
from analytics.settings import load_site
from analytics.site import ROOT, Refusal, site_file
from analytics.store import Store

Decorator = Callable[[Callable[..., None]], Callable[..., None]]
REFUSED, MISUSED = 1, 2


class Day(click.ParamType[date]):
    """A date written YYYY-MM-DD."""

    name = "日期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Raises BadParameter."""
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}”不是日期，请写成 YYYY-MM-DD，例如 2021-11-30", param, ctx)


class Span(click.ParamType[Period]):
    """A period written YYYY-MM-DD..YYYY-MM-DD."""

    name = "起..止"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        """Raises BadParameter."""
        start, _, end = str(value).partition("..")
        try:
            return Period(date.fromisoformat(start), date.fromisoformat(end))
        except ValueError:
            self.fail(f"“{value}”不是期间，请写成 起..止，例如 2021-11-01..2021-11-30", param, ctx)


class Month(click.ParamType[Period]):
    """A month written YYYY-MM."""

    name = "月份"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        """Raises BadParameter."""
        try:
            return Period.month(value)
        except ValueError as fault:
            self.fail(str(fault), param, ctx)


class Year(click.ParamType[Period]):
    """A year written YYYY."""

    name = "年份"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        """Raises BadParameter."""
        if not re.fullmatch(r"[1-9]\d{3}", str(value)):
            self.fail(f"年份“{value}”不是四位数字，例如 2021", param, ctx)
        return Period.named(str(value))


DAY, SPAN, MONTH, YEAR = Day(), Span(), Month(), Year()
DATA = click.option(
    "--data", metavar="目录", help="数据目录；默认 PETITION_DATA，其次 data/store，再次 data/demo"
)


def table_or(*others: str) -> Decorator:
    """The --format option."""
    return click.option(
        "--format", "form", type=click.Choice(["table", *others]), default="table", help="输出格式"
    )


class Commands(click.Group):
    """The sub-commands; none given is refused, an unknown one with the nearest."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Raises UsageError."""
        if not args:
            raise click.UsageError("没有给出命令", ctx)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Raises UsageError."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            near = get_close_matches(args[0], self.commands, n=1)
            hint = f"，您要的可能是 {near[0]}" if near else ""
            raise click.UsageError(f"没有命令 {args[0]}{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, help="信访统计：导入、查询、指标口径、检查、看板")
def petition() -> None:
    """Container of the sub-commands."""


# --- demo and import --------------------------------------------------------------------------------


@petition.command(help="写入演示数据（兴宁市 2019—2021 年，演示用，非真实记录）")
@click.option("--scale", type=click.IntRange(1), default=1, help="县级业务量的倍数；大于 1 时为多个县")
@DATA
def demo(scale: int, data: str | None) -> None:
    """Writes the demo."""
    folder = data_folder(data) if data or os.environ.get("PETITION_DATA") else ROOT / "data" / "demo"
    write_demo(folder, scale)
    click.echo(f"演示数据已写入 {folder}")


def write_demo(folder: Path, scale: int = 1) -> None:
    """Writes the demo into a folder. Raises Refusal where it holds real rows."""
    store, site = Store(folder), load_site(site_file(folder))
    if store.versions() and not store.is_demo:
        raise Refusal(f"{folder} 里是真实数据，不能写入演示数据：请用 --data 另指一个目录")
    for dataset, rows in demo_rows(site, scale).items():
        import_rows(store, site, dataset, rows, demo=True, covers_to=DEMO_END)


@petition.command("import", help="导入导出文件（CSV、XLSX、XLS、Parquet，可多个）")
@click.argument("files", nargs=-1, required=True, metavar="文件…", type=click.Path(path_type=Path))
@click.option("--dataset", type=click.Choice(list(IMPORTED)), help="数据集；默认按表头判断")
@click.option("--mapping", type=click.Path(path_type=Path), help="列名对应文件（TOML）")
@click.option("--covers-to", type=DAY, help="数据完整到哪一天")
@click.option("--replace", type=SPAN, help="文件包含该期间的全部记录，库中多出的移除")
@click.option("--rejected", type=click.Path(path_type=Path), help="把被拒绝的行写成工作簿（.xlsx）")
@click.option("--json", "as_json", is_flag=True, help="结果用 JSON 输出")
@DATA
def import_(
    files: Sequence[Path],
    dataset: str | None,
    mapping: Path | None,
    covers_to: date | None,
    replace: Period | None,
    rejected: Path | None,
    as_json: bool,
    data: str | None,
) -> None:
    """Imports files of one dataset as one version."""
    folder = data_folder(data, importing=True)
    site = load_site(site_file(folder))
    if rejected:
        check_target(rejected)
    with tqdm(unit="行", leave=False, disable=None) as bar:
        report = import_files(
            Store(folder), site, files, dataset, mapping, covers_to, replace, _progress(bar)
        )
    if rejected and report.rejected:
        write_rejected(report, rejected)
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=1))
    else:
        _tell(report)
    if report.refused:
        raise Refusal(report.refused)


def _progress(bar: Any) -> Callable[[str, int, int], None]:
    def show(step: str, done: int, total: int) -> None:
        bar.set_description_str(step)
        bar.total = total
        bar.update(done - bar.n)

    return show


def _tell(report: Report) -> None:
    label = DATASETS[report.dataset].label
    click.echo(
        f"{label}：新增 {report.inserted}，更新 {report.updated}，未变 {report.unchanged}，"
        f"移除 {len(report.removed)}，拒绝 {len(report.rejected)}；版本 {report.version}"
    )
    for entry in report.rejected[:20]:
        click.echo(
            f"  拒绝 {entry.file} 第 {entry.row} 行 {entry.column}：{entry.rule}；{entry.remedy}", err=True
        )
    if len(report.rejected) > 20:
        click.echo(f"  其余 {len(report.rejected) - 20} 行略；用 --rejected 文件.xlsx 全部写出", err=True)
    for note in report.notes:
        click.echo(f"  提醒 {note}", err=True)
    for warning in report.warnings[:20]:
        click.echo(f"  提醒 {warning}", err=True)


# --- query ------------------------------------------------------------------------------------------


@petition.command(help="查询指标")
@click.argument("metrics", nargs=-1, required=True, metavar="指标…")
@click.option("--by", multiple=True, metavar="维度", help="分组维度，可重复")
@click.option("--month", type=MONTH, help="月份 YYYY-MM")
@click.option("--from", "start", type=DAY, help="起日（含）")
@click.option("--to", "end", type=DAY, help="止日（含）")
@click.option("--where", multiple=True, metavar="维度=成员", help="筛选；同一维度为“或”，不同维度为“且”")
@click.option("--compare", type=click.Choice(["none", "previous", "year_ago"]), default="none", help="对比")
@click.option("--as-of", type=DAY, help="统计截止日")
@click.option("--version", "wanted", multiple=True, metavar="版本", help="数据版本：N，或 数据集=N")
@table_or("json", "csv")
@DATA
def query(
    metrics: Sequence[str],
    by: Sequence[str],
    month: Period | None,
    start: date | None,
    end: date | None,
    where: Sequence[str],
    compare: Comparison,
    as_of: date | None,
    wanted: Sequence[str],
    form: str,
    data: str | None,
) -> None:
    """Prints the answer to one query."""
    engine = open_engine(data_folder(data))
    period = _period(engine, metrics, month, start, end)
    asked = engine.query(metrics, by, period, _where(where), compare, as_of, _versions(wanted, metrics))
    result = engine.answer(asked)
    used = dict(result.query.versions)
    for line in filter(None, [_stale(engine, used), *_cautions(result), maturing(result.metrics)]):
        click.echo(f"提醒：{line}", err=True)
    {"json": _print_json, "csv": _print_csv, "table": _print_table}[form](result)


def _period(
    engine: Engine, metrics: Sequence[str], month: Period | None, start: date | None, end: date | None
) -> Period | None:
    if month and (start or end):
        raise click.UsageError("--month 与 --from/--to 只能用一种")
    if month or not (start or end):
        return month
    covered = engine.query(metrics).selection.period
    try:
        return Period(start or covered.start, end or covered.end)
    except ValueError as fault:
        raise click.UsageError(str(fault)) from None


def _where(texts: Iterable[str]) -> dict[str, list[str]]:
    where: dict[str, list[str]] = {}
    for text in texts:
        name, sign, member = text.partition("=")
        if not sign or not name:
            raise click.UsageError(f"--where “{text}”应写成 维度=成员，例如 township=宁中镇")
        where.setdefault(name, []).append(member)
    return where


def _versions(texts: Sequence[str], metrics: Sequence[str]) -> dict[str, int]:
    """`N` for the one dataset used, or `dataset=N`, repeated."""
    used = dict.fromkeys(METRICS[name].dataset for name in metrics if name in METRICS)
    versions: dict[str, int] = {}
    for text in texts:
        name, _, digits = text.rpartition("=")
        if not digits.isdecimal() or (name and name not in DATASETS):
            raise click.UsageError(f"--version “{text}”应写成 N 或 数据集=N，例如 petitions=3")
        if not name and len(used) > 1:
            raise click.UsageError(
                f"所查指标来自多个数据集（{'、'.join(used)}），请写成 --version {next(iter(used))}={digits}"
            )
        versions |= {name: int(digits)} if name else dict.fromkeys(used, int(digits))
    return versions


def _stale(engine: Engine, used: Container[str]) -> str:
    """That stored rows follow older settings, which reading must not change; empty where none do."""
    stale = [DATASETS[name].label for name in outdated(engine.store, engine.site) if name in used]
    return f"站点设置已改动，{'、'.join(stale)}仍按原设置：启动看板或再次导入后更新" if stale else ""


def _cautions(result: Result) -> list[str]:
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


def _print_json(result: Result) -> None:
    content: dict[str, object] = {
        "rows": result.rows(),
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
    click.echo(json.dumps(content, ensure_ascii=False, indent=1))


def _print_csv(result: Result) -> None:
    writer = csv.DictWriter(sys.stdout, list(columns(result)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(result.rows())


def _print_table(result: Result) -> None:
    lines, width = shown_rows(result), len(result.query.by)
    align = ["left"] * width + ["right"] * (len(columns(result)) - width)
    headers = list(columns(result).values())
    click.echo(tabulate(lines, headers, colalign=align if lines else None, disable_numparse=True))
    versions, period = _versions_in_words(result.query.versions), result.period
    click.echo(f"\n{period.start} 至 {period.shown_end}；数据截至 {result.query.as_of}；{versions}")


def _versions_in_words(versions: Iterable[tuple[str, int]]) -> str:
    return "，".join(f"{DATASETS[d].label}第 {v} 版" for d, v in versions)


# --- report -----------------------------------------------------------------------------------------


@petition.command(help="年度报告：一年的各项数字，与上年对比，各附查询语句")
@click.option("--year", type=YEAR, required=True, help="年份 YYYY")
@table_or("json", "csv")
@DATA
def report(year: Period, form: str, data: str | None) -> None:
    """Prints the annual figures, each with the query that gives it."""
    engine = open_engine(data_folder(data))
    found = annual.report(engine, Selection(year))
    cautions = [line for result in found.results for line in _cautions(result)]
    for line in filter(None, dict.fromkeys([_stale(engine, dict(found.versions)), *cautions])):
        click.echo(f"提醒：{line}", err=True)
    store = f" {annual.command('--data', data)}" if data else ""
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
        "kind": _kind(m),
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
    click.echo(f"\n数据截至 {found.as_of}；{_versions_in_words(found.versions)}")


# --- catalogue, check, serve --------------------------------------------------------------------------


@petition.command(help="指标与维度的口径")
@table_or("json")
@DATA
def catalogue(form: str, data: str | None) -> None:
    """Prints every metric and dimension."""
    if form == "json":
        content = {
            "metrics": [_described(m) for m in METRICS.values()],
            "dimensions": [
                {
                    "name": d.name,
                    "label": d.label,
                    "members": [{"value": v, "label": s} for v, s in d.members],
                }
                for d in DIMENSIONS.values()
            ],
        }
        click.echo(json.dumps(content, ensure_ascii=False, indent=1))
        return
    rows = [[m.name, m.label, m.unit, DATASETS[m.dataset].label, m.note] for m in METRICS.values()]
    click.echo(tabulate(rows, ["指标", "名称", "单位", "数据", "口径"]))
    click.echo()
    click.echo(tabulate([[d.name, d.label] for d in DIMENSIONS.values()], ["维度", "名称"]))


def _kind(m: Metric) -> str:
    """How it changes: a count relatively, anything else by a difference."""
    return "quantile" if m.quantile else "count" if m.is_count else "rate" if m.is_rate else "mean"


def _described(m: Metric) -> dict[str, object]:
    return {
        "name": m.name,
        "label": m.label,
        "unit": m.unit,
        "digits": m.digits,
        "better": m.better,
        "dataset": m.dataset,
        "accumulates": "stock" if m.stock else "flow",
        "kind": _kind(m),
        "matures": m.cohort,
        "dimensions": list(dimensions_of([m])),
        "basis": m.basis,
        "note": m.note,
    }


@petition.command(help="检查数据与设置：有什么问题，怎么办")
@DATA
def check(data: str | None) -> None:
    """Opens everything that is served. Exit 1 where something is wrong."""
    folder = data_folder(data)
    engine = open_engine(folder)
    click.echo(
        f"数据目录 {folder}{'（演示数据）' if engine.store.is_demo else ''}；单位 {engine.site.bureau}"
    )
    if not engine.versions():
        click.echo("没有数据：请用 petition import 导入，或用 petition demo 写入演示数据")
    stale = outdated(engine.store, engine.site)
    for dataset, version in engine.versions().items():
        coverage = engine.coverage(dataset)
        days = f"{coverage.first} 至 {coverage.last}" if coverage else "没有记录"
        click.echo(f"{DATASETS[dataset].label}：第 {version} 版，{days}")
        if dataset in stale:
            click.echo("  站点设置已改动：下一次导入或启动看板时按新设置重算", err=True)


@petition.command(help="启动看板（没有数据时先写入演示数据）")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, help="端口")
@DATA
def serve(port: int, data: str | None) -> None:
    """Starts the dashboard on 127.0.0.1; writes the demo first where there is no data."""
    folder = data_folder(data)
    if not Store(folder).versions():
        click.echo("正在写入演示数据……")
        write_demo(folder)
    else:
        rederive(Store(folder), load_site(site_file(folder)))
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise Refusal(f"端口 {port} 已被占用：请用 --port 换一个，或先关闭已启动的看板")
    if data:
        os.environ["PETITION_DATA"] = str(folder.resolve())
    os.environ["PETITION_PORT"] = f"{port}"
    click.echo(f"看板地址：http://127.0.0.1:{port}   （按 Ctrl+C 停止）")
    dashboard = ROOT / "dashboard.py"
    sys.argv = [str(dashboard)]
    runpy.run_path(str(dashboard), run_name="__main__")


# --- errors ---------------------------------------------------------------------------------------------


def _usage(fault: click.UsageError) -> str:
    match fault:
        case click.MissingParameter(param=param):
            name = param.make_metavar(fault.ctx) if param and fault.ctx else ""
            return f"缺少 {name}"
        case click.NoSuchOption(option_name=name, possibilities=near):
            return f"没有选项 {name}" + (f"，您要的可能是 {near[0]}" if near else "")
        case click.BadOptionUsage(option_name=name):
            return f"{name} 后面缺少内容"
        case click.BadParameter(param=param, message=message):
            if param and isinstance(param.type, click.types.IntParamType):
                return f"{param.opts[0]}：应是整数，且在允许的范围之内"
            choice = param.type if param and isinstance(param.type, click.Choice) else None
            text = f"只能是 {'、'.join(map(str, choice.choices))}" if choice else message
            return f"{param.opts[0] if param else ''}：{text}"
    return fault.message


def main() -> None:
    """Runs the command; exit 0 done, 1 refused, 2 wrong usage; one Chinese message on stderr."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    try:
        petition(standalone_mode=False)
    except click.UsageError as fault:
        command = fault.ctx.command_path if fault.ctx else "petition"
        click.echo(f"用法有误：{_usage(fault)}；用法见 {command} --help", err=True)
        sys.exit(MISUSED)
    except UnknownName as fault:
        click.echo(f"{fault}", err=True)
        sys.exit(MISUSED)
    except Refusal as fault:
        click.echo(f"{fault}", err=True)
        sys.exit(REFUSED)
    except click.Abort:
        sys.exit(130)
    except Exception as fault:  # the last resort: one message, and the trace where it can be found
        click.echo(
            f"程序出错（{type(fault).__name__}）：原有数据未变；详细记录在 {_trace()}，请交给管理员", err=True
        )
        sys.exit(REFUSED)


def _trace() -> str:
    with tempfile.NamedTemporaryFile("w", suffix=".log", delete=False, encoding="utf-8") as file:
        file.write(traceback.format_exc())
    return file.name
