"""`petition erase`: one person taken out of the data, at their request."""

from __future__ import annotations

import click

from analytics.cli.noting import note
from analytics.cli.params import DATA, petition
from analytics.engine import data_folder
from analytics.ingest.erase import code_typed
from analytics.ingest.erase import erase as take_out
from analytics.ingest.identity import mark_of
from analytics.settings import load_site
from analytics.site import site_file
from analytics.store import Store

AFTERWARDS = """还须人工办理：
  1. 以前的备份里仍有此人的代码：请用 petition backup 另写一份新备份，再销毁以前的备份
  2. 以后导入的文件里若仍有此人，会再次写入：请先在来源系统删除，或在导入后再运行一次本命令
  3. 导出过的文件、被拒绝行的工作簿不在数据目录里：请自行清理
  4. 正在运行的看板在载入新版本前，内存里仍是原来的版本：请重新启动看板"""


@petition.command(help="删除个人信息：把一个人从数据中除去（件数不变），以前的版本一并清除，不能撤销")
@click.option("--code", metavar="代码", help="信访人代码；不用时在提示后输入身份证号，或“姓名 电话”")
@click.option("--yes", is_flag=True, help="不再确认")
@DATA
def erase(code: str | None, yes: bool, data: str | None) -> None:
    """Asks who, never taking an ID number from the command line, where others can read it."""
    folder = data_folder(data)
    store = Store(folder)
    store.in_use()
    if not code:
        code = code_typed(store, click.prompt("身份证号，或“姓名 电话”（不显示）", hide_input=True, err=True))
    if not yes:
        click.confirm(
            f"将从 {folder} 删除此人的代码，并清除信访事项和重复关联以前的全部版本，不能撤销。继续吗",
            abort=True,
            err=True,
        )
    note(folder, "删除个人信息", f"信访人标记 {mark_of(code)}")
    done = take_out(store, load_site(site_file(folder)), code)
    click.echo(
        f"已删除：{done.items:,} 件信访事项不再记有此人，件数不变；信访事项从第 {done.version} 版起可查，"
        "此前的版本已清除，已归档的材料仍可查"
    )
    click.echo(AFTERWARDS, err=True)
