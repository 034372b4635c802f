"""Export files for tests, as offices write them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import xlsxwriter

from analytics.ingest import Report, import_files
from analytics.ingest.read import Known, Progress
from analytics.ingest.read import read as read_pieces
from analytics.places import Township
from analytics.site import Site
from analytics.store import Store

SITE = Site(
    bureau="示例信访局",
    county="兴宁市",
    townships=tuple(
        Township(name, f"44148100{n}") for n, name in enumerate(("宁中镇", "新陂镇", "兴田街道"), 1)
    ),
    reject_limit=1,
)
HEADERS = ("信访件编号", "登记日期", "信访形式")

Cell = str | int | float | bool | date | datetime | None
Rows = Iterable[Sequence[Cell]]


def csv_file(path: Path, headers: Sequence[str], rows: Rows, encoding: str = "utf-8") -> Path:
    """A CSV as Excel writes it."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([headers, *rows])
    return path


def xlsx_file(path: Path, sheets: dict[str, Rows]) -> Path:
    """A workbook, its dates as date cells."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    return path


@dataclass(frozen=True)
class Whole:
    """All pieces of a file."""

    headers: list[str]
    cells: pd.DataFrame
    numbers: npt.NDArray[np.int64]


def read(path: Path, known: Known, sheet: str | None = None, progress: Progress | None = None) -> Whole:
    """A file as an import reads it, its pieces put together."""
    exported = read_pieces(path, known, sheet, progress)
    pieces = list(exported.pieces)
    cells = pd.concat([piece.cells.to_pandas().astype("str") for piece in pieces], ignore_index=True)
    return Whole(list(exported.headers), cells, np.concatenate([piece.numbers for piece in pieces]))


class Desk:
    """A store at which files arrive."""

    def __init__(self, folder: Path, site: Site = SITE) -> None:
        self.folder, self.site, self.store = folder, site, Store(folder / "store")

    def bring(self, *rows: Sequence[Cell], headers: Sequence[str] = HEADERS, **options: object) -> Report:
        """Imports rows as one CSV file."""
        file = csv_file(self.folder / "export.csv", headers, rows)
        return import_files(self.store, self.site, [file], **options)  # type: ignore[arg-type]

    def rows(self, dataset: str = "petitions") -> dict[str, dict[str, object]]:
        """What is served, by key."""
        table = self.store.read(dataset)
        return {next(iter(row.values())): row for row in table.to_pylist()}
