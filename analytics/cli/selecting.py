"""What a question selects: its days, members and versions, the same options for every command that asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import click

from analytics.catalogue import METRICS
from analytics.cli.params import DAY, MONTH, Decorator
from analytics.contract import DATASETS
from analytics.engine import Engine
from analytics.model import Period

_DAYS = (
    click.option("--month", type=MONTH, help="月份 YYYY-MM"),
    click.option("--from", "start", type=DAY, help="起日（含）"),
    click.option("--to", "end", type=DAY, help="止日（含）"),
)
_REST = (
    click.option("--where", multiple=True, metavar="维度=成员", help="筛选；同一维度为“或”，不同维度为“且”"),
    click.option("--as-of", type=DAY, help="统计截止日"),
    click.option("--version", "wanted", multiple=True, metavar="版本", help="数据版本：N，或 数据集=N"),
)


def selecting(days: bool = True) -> Decorator:
    """The options --month, --from and --to (where the days are free), --where, --as-of and --version."""

    def added(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed((*_DAYS, *_REST) if days else _REST):
            command = option(command)
        return command

    return added


def period_of(
    engine: Engine, metrics: Sequence[str], month: Period | None, start: date | None, end: date | None
) -> Period | None:
    """The days asked for; None: all covered. Raises UsageError."""
    if month and (start or end):
        raise click.UsageError("--month 与 --from/--to 只能用一种")
    if month or not (start or end):
        return month
    covered = engine.query(metrics).selection.period
    try:
        return Period(start or covered.start, end or covered.end)
    except ValueError as fault:
        raise click.UsageError(str(fault)) from None


def versions_of(texts: Sequence[str], metrics: Sequence[str]) -> dict[str, int]:
    """`N` for the one dataset used, or `dataset=N`, repeated. Raises UsageError."""
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
