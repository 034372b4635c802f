"""`petition demo` and `petition import`: what comes in."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from analytics.cli.noting import noted_if_possible
from analytics.cli.params import DATA, DAY, SPAN, petition
from analytics.contract import DATASETS, IMPORTED
from analytics.engine import data_folder
from analytics.ingest import Report, check_target, import_files, import_rows, write_rejected
from analytics.ingest.demo import DEMO_END, demo_rows
from analytics.ingest.demo.counties import HEAD, MOST, counties, files_over
from analytics.model import Period
from analytics.settings import load_site
from analytics.site import ROOT, Refusal, Site, site_file
from analytics.store import Store


@petition.command(help="写入演示数据（兴宁市 2019—2021 年，演示用，非真实记录）")
@click.option(
    "--scale", type=click.IntRange(1, MOST), default=1, help="县级业务量的倍数；大于 1 时为多个县及其上级"
)
@DATA
def demo(scale: int, data: str | None) -> None:
    """Writes the demo."""
    folder = data_folder(data) if data or os.environ.get("PETITION_DATA") else ROOT / "data" / "demo"
    write_demo(folder, scale)
    click.echo(f"演示数据已写入 {folder}")


def write_demo(folder: Path, scale: int = 1) -> None:
    """Writes the demo into a folder; of several counties with the site.toml of the bureau over them.

    Raises Refusal where the folder holds real rows, or a site.toml that is not the demo's.
    """
    store, file = Store(folder), folder / "site.toml"
    if store.versions() and not store.is_demo:
        raise Refusal(f"{folder} 里是真实数据，不能写入演示数据：请用 --data 另指一个目录")
    if file.exists() and file.read_text("utf-8").startswith(HEAD):
        file.unlink()
    county = load_site(site_file(folder))
    site = _over_counties(folder, county, scale) if scale > 1 else county
    for dataset, rows in demo_rows(county, scale).items():
        import_rows(store, site, dataset, rows, demo=True, covers_to=DEMO_END)


def _over_counties(folder: Path, county: Site, scale: int) -> Site:
    """The bureau over the demo's counties, described beside their rows."""
    file = folder / "site.toml"
    if file.exists():
        raise Refusal(f"多个县的演示要写自己的 site.toml，而 {file} 已有：请用 --data 另指一个目录")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files_over(counties(county, scale)).items():
        (folder / name).write_text(text, "utf-8")
    return load_site(file)


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
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=1))
    else:
        _tell(report)
    if not report.refused:
        names = "、".join(file.name for file in files)
        noted_if_possible(folder, "导入", f"{names}：{_counts(report)}；第 {report.version or 0} 版")
    if rejected and report.rejected:
        write_rejected(report, rejected)
    if report.refused:
        raise Refusal(report.refused)


def _progress(bar: Any) -> Callable[[str, int, int], None]:
    def show(step: str, done: int, total: int) -> None:
        bar.set_description_str(step)
        bar.total = total
        bar.update(done - bar.n)

    return show


def _counts(report: Report) -> str:
    return (
        f"新增 {report.inserted}，更新 {report.updated}，未变 {report.unchanged}，"
        f"移除 {len(report.removed)}，拒绝 {len(report.rejected)}"
    )


def _tell(report: Report) -> None:
    label = DATASETS[report.dataset].label
    click.echo(f"{label}：{_counts(report)}；版本 {report.version}")
    for entry in report.rejected[:20]:
        click.echo(
            f"  拒绝 {entry.file} 第 {entry.row} 行 {entry.column}：{entry.rule}；{entry.remedy}", err=True
        )
    if len(report.rejected) > 20:
        click.echo(f"  其余 {len(report.rejected) - 20} 行略；用 --rejected 文件.xlsx 全部写出", err=True)
    for words in report.notes:
        click.echo(f"  提醒 {words}", err=True)
    for warning in report.warnings[:20]:
        click.echo(f"  提醒 {warning}", err=True)
