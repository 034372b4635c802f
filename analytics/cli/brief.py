"""`petition brief`: the month's brief as files that people can edit."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import click

from analytics.briefs.brief import Brief
from analytics.briefs.compose import brief as composed
from analytics.cli.noting import noted_if_possible
from analytics.cli.params import DATA, MONTH, petition
from analytics.cli.told import opened
from analytics.engine import Engine
from analytics.model import Period, Selection
from analytics.render.documents import DRAFT, FORMATS, as_draft, documents, file_name, issued
from analytics.site import Refusal


class Formats(click.ParamType[tuple[str, ...]]):
    """Formats written docx,pptx,xlsx, each once."""

    name = "格式"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Raises BadParameter."""
        if isinstance(value, tuple):
            return value
        names = tuple(dict.fromkeys(part.strip().lower() for part in str(value).split(",") if part.strip()))
        if not names or not set(names) <= set(FORMATS):
            self.fail(f"“{value}”里有不认识的格式，可用 {'、'.join(FORMATS)}，多个用逗号分开", param, ctx)
        return names


@petition.command(help="月度研判材料：Word、PowerPoint 和 Excel 附表；同时归档，--draft 不归档")
@click.option("--month", type=MONTH, required=True, help="月份 YYYY-MM")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="目录", help="写到哪个目录")
@click.option("--formats", type=Formats(), default=FORMATS, help="格式，默认 docx,pptx,xlsx")
@click.option("--draft", is_flag=True, help="草稿：不归档，以后的材料不与它对照")
@DATA
def brief(month: Period, out: Path, formats: tuple[str, ...], draft: bool, data: str | None) -> None:
    """Writes the files of the month's brief and prints their paths; what is issued is archived.

    All are made before the first is written: what is refused leaves the folder as it was.
    """
    engine = opened(data)
    found = composed(engine, Selection(month))
    for name, content in _files(engine, found, formats, draft).items():
        write(out / name, content)
        click.echo(f"{out / name}")


def _files(engine: Engine, found: Brief, formats: tuple[str, ...], draft: bool) -> dict[str, bytes]:
    """The files by name: as the archive holds them, so that what leaves is what is kept."""
    if draft or not found.sources:
        marked = as_draft(found)
        return {f"{DRAFT}{name}": made for name, made in documents(marked, engine.site, formats).items()}
    kept = issued(engine, found)
    noted_if_possible(engine.store.path, "印发材料", kept.title)
    click.echo(f"已归档：第{kept.number}次，{kept.folder}", err=True)
    names = [file_name(found, form) for form in formats]
    return {name: kept.document(name) for name in names}


def write(path: Path, content: bytes) -> None:
    """A file that is there whole or not at all; its folder is made. Raises Refusal."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    except OSError:
        raise _unwritable(path.parent) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise _unwritable(path) from None


def _unwritable(path: Path) -> Refusal:
    text = "请检查目录与权限、磁盘空间，文件若正打开请先关闭，或用 --out 换一个目录"
    return Refusal(f"写不了 {path}：{text}")
