"""What sub-commands take: days, months, the data directory, the output format; and the group they join."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click

from analytics.model import Period

Decorator = Callable[[Callable[..., None]], Callable[..., None]]


EARLIEST, LATEST = 1900, 2199
"""Years that may be asked about: beyond them there is no day a year before or after."""


class Day(click.ParamType[date]):
    """A date written YYYY-MM-DD."""

    name = "日期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Raises BadParameter."""
        try:
            day = date.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}”不是日期，请写成 YYYY-MM-DD，例如 2021-11-30", param, ctx)
        if not EARLIEST <= day.year <= LATEST:
            self.fail(f"日期 {value} 的年份应在 {EARLIEST} 至 {LATEST} 之间", param, ctx)
        return day


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
            month = Period.month(value)
        except ValueError as fault:
            self.fail(str(fault), param, ctx)
        if not EARLIEST <= month.start.year <= LATEST:
            self.fail(f"月份 {value} 的年份应在 {EARLIEST} 至 {LATEST} 之间", param, ctx)
        return month


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


MODULES = {
    "demo": "data",
    "import": "data",
    "query": "query",
    "catalogue": "query",
    "report": "report",
    "brief": "brief",
    "signals": "signals",
    "explain": "explain",
    "project": "project",
    "check": "serve",
    "backup": "backup",
    "restore": "backup",
    "cubes": "cubes",
    "rotate": "secret",
    "erase": "erase",
    "serve": "serve",
}
"""The module of each sub-command: only the one that is called is loaded."""


class Commands(click.Group):
    """The sub-commands; none given is refused, an unknown one with the nearest."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of their use."""
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Loads its module."""
        if cmd_name in MODULES:
            import_module(f"analytics.cli.{MODULES[cmd_name]}")
        return super().get_command(ctx, cmd_name)

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
            near = get_close_matches(args[0], MODULES, n=1)
            hint = f"，您要的可能是 {near[0]}" if near else ""
            raise click.UsageError(f"没有命令 {args[0]}{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, help="信访统计：导入、查询、指标口径、检查、看板")
def petition() -> None:
    """Container of the sub-commands."""


def where_of(texts: Iterable[str]) -> dict[str, list[str]]:
    """The --where options as dimension → members. Raises UsageError."""
    where: dict[str, list[str]] = {}
    for text in texts:
        name, sign, member = text.partition("=")
        if not sign or not name:
            raise click.UsageError(f"--where “{text}”应写成 维度=成员，例如 township=宁中镇")
        where.setdefault(name, []).append(member)
    return where
