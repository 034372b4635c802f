"""`petition rotate`: another secret, after which nobody's code is what it was."""

from __future__ import annotations

import click

from analytics.cli.noting import note
from analytics.cli.params import DATA, petition
from analytics.engine import data_folder
from analytics.ingest.identity import renew_secret
from analytics.store import Store

_EFFECT = (
    "换站点密钥：此后导入的信访人代码与以前的对不上，重复信访不再跨过今天关联；"
    "已存的数据与数字不变，旧密钥不能找回"
)


@petition.command(help="更换站点密钥（密钥可能被人看到时用；此后的信访人代码与以前对不上）")
@click.option("--yes", is_flag=True, help="不再询问")
@DATA
def rotate(yes: bool, data: str | None) -> None:
    """Replaces the secret of the data directory."""
    store = Store(data_folder(data, importing=True))
    if not yes:
        click.confirm(f"{_EFFECT}。确定更换？", abort=True, err=True)
    note(store.path, "更换密钥")
    with store.lock():
        renew_secret(store.path)
    click.echo("站点密钥已更换：请重新备份（petition backup），并妥善销毁旧备份或注明其中是旧密钥")
