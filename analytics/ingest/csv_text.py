"""CSV in whatever encoding and with whatever separator office programs write it, read piece by piece."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

from analytics.site import Refusal

BLOCK = 1 << 21
"""Bytes of text that are taken apart at a time, which takes much room for each; no row is longer."""
BLOCKS = 8
"""That are passed on together: what is asked of each text of a column is asked once for many rows."""
_SEPARATORS = (",", "\t", ";")
_HEAD_LINES = 20
_HEAD_BYTES = 1 << 20
_STEP = 1 << 20
_ENOUGH = 10
_CUT = "{file} 不完整（有引号没有结束，可能没有导出完整）：请重新导出"
_LONG = "{file} 里有一格或一行长得不像导出的数据（可能有引号没有结束，或不是 CSV）：请重新导出"

_ENDS_WITHIN = ("unexpected end of data", "truncated data")

Places = npt.NDArray[np.int64]


class CsvText:
    """A CSV file: its `headers`, then its rows.

    `header_row` tells which of the first rows holds the headers. Raises Refusal for an encoding that nobody
    can read and for a file that was cut off: here, or once the rows come to it.
    """

    def __init__(self, file: str, path: Path, header_row: Callable[[Sequence[Sequence[str]]], int]) -> None:
        self._file, self._path, self._size = file, path, path.stat().st_size
        self._encoding = self._told_by_its_bytes()
        with path.open("rb") as content:
            start = self._start(content)
        self._separator = _separator(start)
        head = self._head(start, whole=self._size <= _HEAD_BYTES)
        if not start.strip() and self._is_blank():
            raise Refusal(f"{file} 是空文件：请重新导出")
        self._header = header_row(head)
        self.headers = head[self._header]

    def pieces(self) -> Iterator[tuple[pa.Table, Places, float]]:
        """Columns "0", "1", … with each text once, the rows' numbers, and how much of the file is done.

        Rows of nothing but separators are left out.
        """
        ragged: list[pa_csv.InvalidRow] = []

        def note(row: pa_csv.InvalidRow) -> str:
            if row.number > self._header + 1:
                ragged.append(row)
                return "error"
            return "skip"

        with self._path.open("rb") as content:
            text = _Utf8(content, self._encoding)
            done = self._header + 2
            try:
                for block in _together(iter(self._opened(text, note))):
                    filled = _filled(block)
                    kept = block if filled.all() else block.filter(pa.array(filled))
                    yield kept, np.flatnonzero(filled) + done, text.done / self._size
                    done += block.num_rows
            except UnicodeDecodeError as fault:
                raise self._unreadable(fault) from None
            except pa.ArrowInvalid:
                raise self._torn(ragged) from None
        if text.quotes % 2 and self._is_cut():
            raise Refusal(_CUT.format(file=self._file))

    # --- its bytes --------------------------------------------------------------------------------

    def _told_by_its_bytes(self) -> str:
        """UTF-8, UTF-16 or GB18030; what begins like UTF-8 and goes on otherwise is damaged, or GB18030."""
        with self._path.open("rb") as content:
            start = content.read(2000)
            if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                return "utf-16"
            if start.startswith(codecs.BOM_UTF8):
                encoding = "utf-8-sig"
            elif start[1::2].count(0) > len(start) // 8:
                return "utf-16-le"
            elif start[::2].count(0) > len(start) // 8:
                return "utf-16-be"
            else:
                encoding = "utf-8"
            content.seek(0)
            return encoding if self._is_utf8(content) else "gb18030"

    def _is_utf8(self, content: IO[bytes]) -> bool:
        """Looks through all of it. Raises Refusal for UTF-8 that is damaged."""
        before, rest, line = b"", b"", 1
        while step := content.read(_STEP):
            text = rest + step
            whole = len(text) - _begun(text)
            if not _valid(text[:whole]):
                at = _fault(text[:whole])
                if _is_chance((before + text[:at])[-_STEP:]):
                    return False
                line += text.count(b"\n", 0, at)
                raise Refusal(f"{self._file} 是 UTF-8 文本，而第 {line} 行有损坏的字节：请重新导出")
            before, rest = text, text[whole:]
            line += text.count(b"\n", 0, whole)
        if rest:
            raise self._half_a_character()
        return True

    def _unreadable(self, fault: UnicodeDecodeError) -> Refusal:
        if self._encoding.startswith("utf") and fault.reason in _ENDS_WITHIN:
            return self._half_a_character()
        return Refusal(
            f"{self._file} 的编码读不出来（试过 UTF-8、UTF-16、GB18030），也可能没有下载完整："
            "请另存为“CSV UTF-8”再导入"
        )

    def _half_a_character(self) -> Refusal:
        return Refusal(f"{self._file} 的最后一行不完整（断在半个汉字处）：请重新导出")

    def _start(self, content: IO[bytes]) -> bytes:
        try:
            return _Utf8(content, self._encoding).read(_HEAD_BYTES)
        except UnicodeDecodeError as fault:
            raise self._unreadable(fault) from None

    def _is_blank(self) -> bool:
        with self._path.open("rb") as content:
            return not any(step.strip() for step in iter(lambda: content.read(_STEP), b""))

    # --- its rows ---------------------------------------------------------------------------------

    def _head(self, start: bytes, whole: bool) -> list[list[str]]:
        """The first rows, as far as they lie within the first megabyte."""
        lines = csv.reader(_lines(io.BytesIO(start)), delimiter=self._separator)
        try:
            rows = list(itertools.islice(lines, _HEAD_LINES))
        except csv.Error:
            raise Refusal(_LONG.format(file=self._file)) from None
        return rows[:-1] if not whole and 1 < len(rows) < _HEAD_LINES else rows

    def _opened(self, text: _Utf8, ragged: Callable[[pa_csv.InvalidRow], str]) -> pa_csv.CSVStreamingReader:
        places = [str(place) for place in range(len(self.headers))]  # headers may repeat, these do not
        return pa_csv.open_csv(
            pa.PythonFile(text, "r"),
            read_options=pa_csv.ReadOptions(
                use_threads=False,  # with threads a faulty row has no number
                block_size=BLOCK,
                column_names=places,
                skip_rows_after_names=self._header + 1,
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=self._separator,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=ragged,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(places, pa.dictionary(pa.int32(), pa.string())),
                strings_can_be_null=True,
                null_values=[""],
            ),
        )

    def _torn(self, ragged: Sequence[pa_csv.InvalidRow]) -> Refusal:
        if not ragged:
            return Refusal(_CUT.format(file=self._file))
        row, width = ragged[0], len(self.headers)
        return Refusal(
            f"{self._file} 第 {row.number} 行有 {row.actual_columns} 列，表头有 {width} 列："
            "文件可能没有导出完整，或引号、逗号有误；请重新导出"
        )

    def _is_cut(self) -> bool:
        """A quote was left open; a stray inch mark leaves none."""
        with self._path.open("rb") as content:
            lines = _lines(content, self._encoding)
            try:
                for _ in csv.reader(lines, delimiter=self._separator, strict=True):
                    pass
            except csv.Error as fault:
                return str(fault).startswith(("unexpected end", "field larger"))
        return False


class _Utf8:
    """The text of a file as UTF-8, its last line ended: what Arrow reads from, and how far it has come."""

    closed = False

    def __init__(self, content: IO[bytes], encoding: str) -> None:
        self.done = self.quotes = 0
        self._content, self._ended = content, False
        self._decoder = None
        if encoding == "utf-8-sig":
            content.seek(len(codecs.BOM_UTF8))
        elif encoding != "utf-8":
            self._decoder = codecs.getincrementaldecoder(encoding)()

    def read(self, size: int = _STEP) -> bytes:
        """About so many bytes; none at the end. Raises UnicodeDecodeError."""
        text = b""
        while not text and (step := self._content.read(size)):
            text = self._decoder.decode(step).encode() if self._decoder else step
            self.done += len(step)
        if not text and not self._ended:
            text = (self._decoder.decode(b"", True).encode() if self._decoder else b"") + b"\n"
        self.quotes += text.count(b'"')
        self._ended = text[-1:] in (b"\n", b"")
        return text

    def close(self) -> None:
        """Leaves the file to whoever opened it."""


def _together(blocks: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    while some := list(itertools.islice(blocks, BLOCKS)):
        yield pa.Table.from_batches(some).combine_chunks()


def _filled(rows: pa.Table) -> npt.NDArray[np.bool_]:
    """Rows with anything in them: blank ones by the million cost nothing."""
    filled = np.zeros(rows.num_rows, dtype=bool)
    for column in rows.columns:
        if filled.all():
            break
        filled |= column.is_valid().to_numpy()
    return filled


def _separator(start: bytes) -> str:
    lines = start.decode("utf-8", "ignore").split("\n", _HEAD_LINES)[:_HEAD_LINES]
    line = next((line for line in lines if any(each in line for each in _SEPARATORS)), "")
    return max(_SEPARATORS, key=line.count)


def _lines(content: IO[bytes], encoding: str = "utf-8") -> io.TextIOWrapper:
    return io.TextIOWrapper(content, encoding, "ignore", newline="")


def _valid(text: bytes) -> bool:
    """UTF-8 throughout: Arrow looks ten times as fast as Python does."""
    ends = pa.py_buffer(np.array([0, len(text)], np.int32))
    try:
        pa.Array.from_buffers(pa.string(), 1, [None, ends, pa.py_buffer(text)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _fault(text: bytes) -> int:
    """Where it stops being UTF-8."""
    try:
        text.decode()
    except UnicodeDecodeError as fault:
        return fault.start
    return len(text)


def _begun(text: bytes) -> int:
    """Bytes at the end that begin a character of more."""
    for back in range(1, min(4, len(text) + 1)):
        if (byte := text[-back]) >= 0xC0:
            return back if byte < 0xF8 and back < 2 + (byte >= 0xE0) + (byte >= 0xF0) else 0
        if byte < 0x80:
            break
    return 0


def _is_chance(before: bytes) -> bool:
    """Few characters of several bytes: with more, what follows is damaged, not in another encoding."""
    return sum(byte >= 0xC0 for byte in before) < _ENOUGH
