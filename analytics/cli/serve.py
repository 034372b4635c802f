"""`petition check` and `petition serve`: what is wrong, and the dashboard itself."""

from __future__ import annotations

import os
import re
import runpy
import socket
import sys
from typing import Any

import click

from analytics.audit import SHOWN_CODE, Audit, broken
from analytics.briefs.again import differing
from analytics.briefs.archive import damaged
from analytics.cli.data import write_demo
from analytics.cli.params import DATA, petition
from analytics.contract import DATASETS
from analytics.cubes import Cubes
from analytics.engine import data_folder, open_engine
from analytics.ingest import outdated, rederive
from analytics.ingest.identity import SECRET, petitioner_secret
from analytics.settings import load_site
from analytics.site import ROOT, Refusal, site_file
from analytics.store import Store


class Noted(click.ParamType[tuple[int, str]]):
    """Number and code of an entry of the audit log, as they were noted down."""

    name = "条数:校验码"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, str]:
        """Raises BadParameter."""
        found = re.fullmatch(rf"(\d{{1,15}}):([0-9a-f]{{{SHOWN_CODE},64}})", str(value), re.ASCII)
        if found is None:
            self.fail(f"“{value}”应写成 条数:校验码，例如 120:884a1c13cb424f2b", param, ctx)
        return int(found[1]), found[2]


@petition.command(help="检查数据、归档与设置：有什么问题，怎么办")
@click.option("--recompute", is_flag=True, help="用归档自带的数据重算每一份归档的每一个数")
@click.option("--audit", type=Noted(), metavar="条数:校验码", help="与以前抄下的审计日志条数和末条校验码核对")
@DATA
def check(recompute: bool, audit: tuple[int, str] | None, data: str | None) -> None:
    """Reads every file of what is served and of the archives. Exit 1 where something is wrong."""
    folder = data_folder(data)
    engine = open_engine(folder)
    click.echo(
        f"数据目录 {folder}{'（演示数据）' if engine.store.is_demo else ''}；单位 {engine.site.bureau}"
    )
    if not engine.versions():
        click.echo("没有数据：请用 petition import 导入，或用 petition demo 写入演示数据")
    stale, kept = outdated(engine.store, engine.site), Cubes(engine.store)
    for dataset, version in engine.versions().items():
        coverage = engine.coverage(dataset)
        days = f"{coverage.first} 至 {coverage.last}" if coverage else "没有记录"
        click.echo(f"{DATASETS[dataset].label}：第 {version} 版，{days}")
        if dataset in stale:
            click.echo("  站点设置已改动：下一次导入或启动看板时按新设置重算", err=True)
        if kept.lacking(dataset, version):
            click.echo("  缺汇总，数字不受影响、只是慢一些：请运行 petition cubes", err=True)
    for dataset in engine.store.unlisted():
        click.echo(f"  {DATASETS[dataset].label}没有校验记录，下一次导入时补上", err=True)
    told = [engine.warning] if engine.warning else []
    told += [f"{one.named}：{one.what}" for one in engine.store.served().damage]
    told += damaged(folder)
    if recompute:
        told += differing(folder)
    chain = Audit(folder).chain(audit)
    click.echo(chain.words)
    told += broken(chain)
    if told:
        raise Refusal("\n".join(told))


@petition.command(help="启动看板（没有数据时先写入演示数据）")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, help="端口")
@DATA
def serve(port: int, data: str | None) -> None:
    """Starts the dashboard, for this machine only unless people have accounts; writes the demo first where
    there is no data, and the site's secret where there is none.
    """
    folder = data_folder(data)
    if Store(folder).is_kept:
        raise Refusal(f"{folder} 是归档的数据，看板不打开它：请用 petition query --data 查询当时的数字")
    if not Store(folder).versions():
        click.echo("正在写入演示数据……")
        write_demo(folder)
    else:
        rederive(Store(folder), load_site(site_file(folder)))
    if not (folder / SECRET).exists() and os.access(folder, os.W_OK):
        petitioner_secret(folder)
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
