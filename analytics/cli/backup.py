"""`petition backup` and `petition restore`: everything in one file, and back."""

from __future__ import annotations

from pathlib import Path

import click

from analytics.backup import Backup
from analytics.backup import backup as back_up
from analytics.backup import restore as bring_back
from analytics.cli.noting import noted_if_possible
from analytics.cli.params import DATA, petition
from analytics.engine import data_folder
from analytics.site import site_file
from analytics.store import Store

FILE = click.argument("file", metavar="文件", type=click.Path(path_type=Path))
NOTED = 8
"""Characters of a backup's digest in the audit log: more could be masked as a telephone number."""
WAITING = "另一个导入正在写入，等它结束后开始备份……"
CONFIDENTIAL = "备份含全部信访数据和站点密钥，未加密：请按内部机密存放，专人保管，不要经公网传送"


@petition.command(help="备份：数据的全部版本、标记与交办记录、归档、站点设置和密钥，写成一个文件并校验")
@FILE
@DATA
def backup(file: Path, data: str | None) -> None:
    """Writes one file and reads it again."""
    folder = data_folder(data)
    done = back_up(Store(folder), site_file(folder), file, lambda: click.echo(WAITING, err=True))
    noted_if_possible(folder, "备份", f"{done.path} {done.digest[:NOTED]}")
    click.echo(f"已备份 {folder} 到 {done.path}：{_size(done)}，写后已逐个校验")
    click.echo(f"校验码 {done.digest}（另处抄存；恢复时用 --digest 核对是不是这一份）")
    click.echo(CONFIDENTIAL, err=True)


@petition.command(help="恢复：先校验备份文件，再写入一个空目录")
@FILE
@click.option("--digest", default="", metavar="校验码", help="备份时给出的校验码：不是那一份就不恢复")
@DATA
def restore(file: Path, digest: str, data: str | None) -> None:
    """Into the data directory, which must be empty."""
    folder = data_folder(data, importing=True)
    done = bring_back(file, folder, digest)
    noted_if_possible(folder, "恢复", f"{done.path} {done.digest[:NOTED]}")
    click.echo(f"已从 {done.path} 恢复到 {folder}：{_size(done)}；站点设置 site.toml 在同一目录")


def _size(done: Backup) -> str:
    return f"{len(done.sums):,} 个文件，{done.path.stat().st_size / 1e6:,.1f} MB"
