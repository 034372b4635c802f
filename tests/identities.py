"""Invented people, planted in export files and looked for in every byte that was written or sent."""

from __future__ import annotations

import gzip
import io
import json
import random
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xlwt
from exports import csv_file, xlsx_file

from analytics.contract import DATASETS, Dataset, Kind

PERSONAL = ("姓名", "身份证号", "电话", "住址")


@dataclass(frozen=True)
class Identity:
    """One of nobody: a valid number of no region, a name of characters drawn by lot."""

    name: str
    number: str
    phone: str
    address: str

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.name, self.number, self.phone, self.address)

    @property
    def told(self) -> str:
        """As people write it into any column."""
        return f"{self.name}，电话{self.phone}，证件{self.number}，住{self.address}"


def checked(number: str) -> str:
    """With its check digit: the one that makes the weighted sum leave 1 (ISO 7064, MOD 11-2)."""
    weighted = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(number))
    return number + "0123456789X"[next(last for last in range(11) if (weighted + last) % 11 == 1)]


def people(count: int, seed: int = 0) -> list[Identity]:
    chance = random.Random(seed)

    def han(length: int) -> str:
        return "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(length))

    def one() -> Identity:
        born = date(1950, 1, 1) + timedelta(days=chance.randrange(18_000))
        number = checked(f"99{chance.randrange(10**4):04}{born:%Y%m%d}{chance.randrange(1000):03}")
        phone = f"1{chance.randrange(3, 10)}{chance.randrange(10**9):09}"
        door = f"{chance.randrange(100, 999)}号{chance.randrange(1, 30)}栋{chance.randrange(101, 999)}室"
        address = f"{han(3)}路{door}"
        return Identity(han(3), number, phone, address)

    return [one() for _ in range(count)]


Table = tuple[list[str], list[list[str]]]


def planted(dataset: Dataset, who: Sequence[Identity], *, sound: bool) -> Table:
    """Rows that tell of each person in every column of text; not `sound`: in every column, the key too."""
    columns = [f for f in dataset.inputs if f.name != "petitioner_key"]
    return [*(f.label for f in columns), *PERSONAL], [
        [
            *(_cell(dataset, f.name, f"{dataset.name}{number}", person, sound) for f in columns),
            *person.secrets,
        ]
        for number, person in enumerate(who)
    ]


def _cell(dataset: Dataset, column: str, key: str, person: Identity, sound: bool) -> str:
    field = dataset[column]
    if not sound:
        return person.told
    if column == dataset.key:
        return key
    if field.kind is Kind.DATE:
        return "2021-11-05" if field.required else ""
    if field.members and field.closed:
        return field.members[0].shown if field.required else ""
    return person.told if field.kind is Kind.TEXT else ""


def write(folder: Path, name: str, table: Table, form: str) -> Path:
    """The table as a file: csv, gb18030, utf-16, xlsx, xls or parquet."""
    headers, rows = table
    if form == "xlsx":
        return xlsx_file(folder / f"{name}.xlsx", {"表": [headers, *rows]})
    if form == "parquet":
        pq.write_table(
            pa.table(dict(zip(headers, map(list, zip(*rows, strict=True)), strict=True))),
            folder / f"{name}.parquet",
        )
        return folder / f"{name}.parquet"
    if form == "xls":
        book = xlwt.Workbook()
        sheet = book.add_sheet("表")
        for at, row in enumerate([headers, *rows]):
            for column, cell in enumerate(row):
                sheet.write(at, column, cell)
        book.save(str(folder / f"{name}.xls"))
        return folder / f"{name}.xls"
    return csv_file(folder / f"{name}-{form}.csv", headers, rows, "utf-8" if form == "csv" else form)


_STEP = 1 << 22
FORMS = ("csv", "gb18030", "utf-16", "xlsx", "xls", "parquet")
IMPORTED = [dataset for dataset in DATASETS.values() if not dataset.sources]


def found(who: Sequence[Identity], content: bytes, label: str) -> list[str]:
    """Which secrets stand in the content, packed or plain, in whatever spelling."""
    wanted = _wanted(tuple(who))
    opened = _opened(content, label)
    return sorted(
        {f"{wanted.spelled[one]} in {where}" for where, part in opened for one in _within(part, wanted)}
    )


@dataclass(frozen=True)
class _Wanted:
    """Secrets by their spellings, and spellings by their first four bytes."""

    spelled: dict[bytes, str]
    by_start: dict[int, list[bytes]]


@cache
def _wanted(who: tuple[Identity, ...]) -> _Wanted:
    spelled = {spelling: secret for one in who for secret in one.secrets for spelling in _spellings(secret)}
    by_start: dict[int, list[bytes]] = {}
    for spelling in spelled:
        by_start.setdefault(int.from_bytes(spelling[:4], "little"), []).append(spelling)
    return _Wanted(spelled, by_start)


def _within(part: bytes, wanted: _Wanted) -> Iterator[bytes]:
    """Those of the spellings that stand in the part; looked for all at once, by their first four bytes."""
    by_start = wanted.by_start
    starts = np.array(sorted(by_start), np.uint32)
    for first in range(0, max(len(part) - 3, 0), _STEP):
        piece = np.frombuffer(part[first : first + _STEP + 3], np.uint8).astype(np.uint32)
        fours = piece[:-3] | piece[1:-2] << 8 | piece[2:-1] << 16 | piece[3:] << 24
        for at in np.flatnonzero(np.isin(fours, starts)).tolist():
            yield from (one for one in by_start[int(fours[at])] if part.startswith(one, first + at))


def _spellings(secret: str) -> set[bytes]:
    escaped = json.dumps(secret)[1:-1]
    numbers = "".join(f"&#{ord(c)};" if ord(c) > 127 else c for c in secret)
    hexadecimal = "".join(f"&#x{ord(c):x};" if ord(c) > 127 else c for c in secret)
    texts = {secret, escaped, escaped.upper().replace("\\U", "\\u"), numbers, hexadecimal, quote(secret)}
    return {text.encode() for text in texts} | {secret.encode("utf-16-le"), secret.encode("gb18030")}


def _opened(content: bytes, label: str) -> Iterator[tuple[str, bytes]]:
    """The bytes themselves, and whatever is packed in them."""
    yield label, content
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            for entry in parts.infolist():
                yield from _opened(parts.read(entry), f"{label}!{entry.filename}")
    elif content.startswith(b"\x1f\x8b"):
        yield from _opened(gzip.decompress(content), f"{label}!gzip")
    elif content.startswith(b"PAR1"):
        table = pq.read_table(io.BytesIO(content))
        yield f"{label}!columns", json.dumps(table.to_pydict(), default=str, ensure_ascii=False).encode()
    elif content[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(content)) as parts:
            for entry in parts:
                if file := parts.extractfile(entry):
                    yield from _opened(file.read(), f"{label}!{entry.name}")


def searched(who: Sequence[Identity], *places: Path) -> list[str]:
    """The same of every file below the places."""
    files = [path for place in places for path in (place.rglob("*") if place.is_dir() else [place])]
    return [hit for path in files if path.is_file() for hit in found(who, path.read_bytes(), str(path))] + [
        f"{secret} in the name {path}"
        for path in files
        for one in who
        for secret in one.secrets
        if secret in path.name
    ]
