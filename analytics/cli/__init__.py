"""The `petition` command: a contract that other programs call as written."""

from __future__ import annotations

import re
import sys
import tempfile

import click

from analytics.catalogue import UnknownName
from analytics.cli.data import write_demo
from analytics.cli.params import petition
from analytics.masking import visible
from analytics.site import Refusal
from analytics.trace import trace

__all__ = ["main", "petition", "write_demo"]

REFUSED, MISUSED = 1, 2


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
                return f"{param.opts[0]}：应是{_whole(param.type)}"
            choice = param.type if param and isinstance(param.type, click.Choice) else None
            text = f"只能是 {'、'.join(map(str, choice.choices))}" if choice else message
            return f"{param.opts[0] if param else ''}：{text}"
    if found := re.search(r"unexpected extra arguments? \((.*)\)", fault.message):
        return f"多出了 {found[1]}"
    return fault.message


def _whole(kind: click.types.IntParamType) -> str:
    """12 至 120 的整数."""
    low, high = getattr(kind, "min", None), getattr(kind, "max", None)
    if low is not None and high is not None:
        return f"{low} 至 {high} 的整数"
    return "整数" if low is None else f"不小于 {low} 的整数"


def main() -> None:
    """Runs the command; exit 0 done, 1 refused, 2 wrong usage; one Chinese message on stderr."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    try:
        petition(standalone_mode=False)
    except click.UsageError as fault:
        command = fault.ctx.command_path if fault.ctx else "petition"
        click.echo(f"用法有误：{visible(_usage(fault))}；用法见 {command} --help", err=True)
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
            f"程序出错（{type(fault).__name__}）：原有数据未变；详细记录在 {_kept(fault)}，请交给管理员",
            err=True,
        )
        sys.exit(REFUSED)


def _kept(fault: Exception) -> str:
    with tempfile.NamedTemporaryFile("w", suffix=".log", delete=False, encoding="utf-8") as file:
        file.write(trace(fault))
    return file.name
