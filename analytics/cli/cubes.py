"""`petition cubes`: the stored sums of a great dataset, made anew where they lack."""

from __future__ import annotations

from contextlib import nullcontext

import click

from analytics.cli.params import DATA, petition
from analytics.cubes import Cubes
from analytics.engine import data_folder
from analytics.spark import cluster
from analytics.store import Store


@petition.command(help="补建汇总（百万行以上的数据集；导入时自动跟进，升级后或换集群计算时用）")
@click.option("--spark", metavar="地址", help="由 Spark 集群计算，例如 spark://主机:7077；默认本机计算")
@click.option(
    "--at", default="", metavar="地址", help="集群看到的数据目录，例如 s3a://桶/store；默认同一路径"
)
@DATA
def cubes(spark: str | None, at: str, data: str | None) -> None:
    """Brings the cubes of every dataset served in line with its rows."""
    store = Store(data_folder(data))
    kept, done = Cubes(store), []
    with store.lock(), cluster(spark, str(store.path), at) if spark else nullcontext() as adder:
        for name, version in store.served().versions.items():
            if kept.refresh(name, version, adder):
                done.append(name)
    click.echo(f"已建好汇总：{'、'.join(done)}" if done else "汇总已是最新，或数据集不大、不需要汇总")
