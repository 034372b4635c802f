"""CSV in whatever encoding and with whatever separator office programs write it."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

from analytics.site import Refusal

_SEPARATORS = (",", "\t", ";")
_HEAD_LINES = 20
_HEAD_BYTES = 1 << 20
_BLOCK = 1 << 23  # no row is longer
_STEP = 1 << 20
_ENOUGH = 10
_CUT = "{file} 不完整（有引号没有结束，可能没有导出完整）：请重新导出"
_LONG = "{file} 里有一格或一行长得不像导出的数据（可能有引号没有结束，或不是 CSV）：请重新导出"


def read_csv(
    file: str, content: bytes, header_row: Callable[[Sequence[Sequence[str]]], int]
) -> tuple[pa.Table, npt.NDArray[np.int64]]:
    """Text columns under their headers, rows of nothing but separators left out, and the rows' numbers.

    Raises Refusal for an encoding that nobody can read and for a file that was cut off.
    """
    text = decoded(file, content)
    separator = _separator(text)
    head = _head(file, text, separator)
    header = header_row(head)
    names = head[header]
    ragged: list[pa_csv.InvalidRow] = []

    def note(row: pa_csv.InvalidRow) -> str:
        if row.number > header + 1 and not ragged:
            ragged.append(row)
        return "skip"

    table, places = _table(file, text, separator, header + 1, len(names), note)
    _refuse_if_cut(file, text, separator, len(names), ragged)
    return table.rename_columns(names), places + header + 2


def _separator(text: bytes) -> str:
    lines = text[:_HEAD_BYTES].decode("utf-8", "ignore").split("\n", _HEAD_LINES)[:_HEAD_LINES]
    line = next((line for line in lines if any(each in line for each in _SEPARATORS)), "")
    return max(_SEPARATORS, key=line.count)


def _rows(text: bytes, separator: str, strict: bool = False) -> Iterator[list[str]]:
    lines = io.TextIOWrapper(io.BytesIO(text), "utf-8", "ignore", newline="")
    return csv.reader(lines, delimiter=separator, strict=strict)


def _head(file: str, text: bytes, separator: str) -> list[list[str]]:
    """The first rows, as far as they lie within the first megabyte."""
    start = text[:_HEAD_BYTES]
    try:
        rows = list(itertools.islice(_rows(start, separator), _HEAD_LINES))
    except csv.Error:
        raise Refusal(_LONG.format(file=file)) from None
    return rows[:-1] if len(start) < len(text) and 1 < len(rows) < _HEAD_LINES else rows


def _table(
    file: str,
    text: bytes,
    separator: str,
    skip: int,
    width: int,
    ragged: Callable[[pa_csv.InvalidRow], str],
) -> tuple[pa.Table, npt.NDArray[np.int64]]:
    places = [str(place) for place in range(width)]  # headers may repeat, these do not
    try:
        stream = pa_csv.open_csv(
            pa.BufferReader(text if text.endswith(b"\n") else text + b"\n"),
            read_options=pa_csv.ReadOptions(
                use_threads=False,  # with threads a faulty row has no number
                block_size=_BLOCK,
                column_names=places,
                skip_rows_after_names=skip,
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=separator,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=ragged,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(places, pa.string()), strings_can_be_null=True, null_values=[""]
            ),
        )
        return _filled(stream)
    except pa.ArrowInvalid:
        raise Refusal(_CUT.format(file=file)) from None


def _filled(stream: pa_csv.CSVStreamingReader) -> tuple[pa.Table, npt.NDArray[np.int64]]:
    """Rows with anything in them and their places, block by block: blank ones by the million cost nothing."""
    kept, places, done = [], [np.zeros(0, np.int64)], 0
    for batch in stream:
        filled = np.zeros(batch.num_rows, dtype=bool)
        for column in batch.columns:
            filled |= column.is_valid().to_numpy(zero_copy_only=False)
        kept.append(batch if filled.all() else batch.filter(pa.array(filled)))
        places.append(np.flatnonzero(filled) + done)
        done += batch.num_rows
    return pa.Table.from_batches(kept, stream.schema), np.concatenate(places)


def decoded(file: str, content: bytes) -> bytes:
    """The text as UTF-8, from UTF-8, UTF-16 or GB18030, told apart by the bytes themselves."""
    for encoding in _candidates(content):
        try:
            return _recoded(content, encoding)
        except UnicodeDecodeError as fault:
            if encoding.startswith("utf") and fault.end >= len(content) and fault.start >= len(content) - 3:
                raise Refusal(f"{file} 的最后一行不完整（断在半个汉字处）：请重新导出") from None
            if encoding == "utf-8" and _is_utf8(content[: fault.start]):
                line = content.count(b"\n", 0, fault.start) + 1
                raise Refusal(f"{file} 是 UTF-8 文本，而第 {line} 行有损坏的字节：请重新导出") from None
    raise Refusal(
        f"{file} 的编码读不出来（试过 UTF-8、UTF-16、GB18030），也可能没有下载完整：请另存为“CSV UTF-8”再导入"
    )


def _recoded(content: bytes, encoding: str) -> bytes:
    """Piece by piece: what is UTF-8 already is only looked through. Raises UnicodeDecodeError."""
    decoder = codecs.getincrementaldecoder(encoding)()
    text = None if encoding == "utf-8" else bytearray()
    done = 0
    try:
        for done in range(0, len(content), _STEP):
            piece = decoder.decode(content[done : done + _STEP], done + _STEP >= len(content))
            if text is not None:
                text += piece.encode()
    except UnicodeDecodeError as fault:
        kept = len(fault.object) - min(_STEP, len(content) - done)  # of the piece before
        at = done - kept
        raise UnicodeDecodeError(encoding, b"", at + fault.start, at + fault.end, fault.reason) from None
    return content.removeprefix(codecs.BOM_UTF8) if text is None else bytes(text)


def _is_utf8(before: bytes) -> bool:
    """So many characters of several bytes are no chance: what follows is damaged, not in another encoding."""
    return sum(byte >= 0xC0 for byte in before[-_STEP:]) >= _ENOUGH


def _candidates(content: bytes) -> tuple[str, ...]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if content.startswith(codecs.BOM_UTF8):
        return ("utf-8",)
    head = content[:2000]
    if head[1::2].count(0) > len(head) // 8:
        return ("utf-16-le",)
    if head[::2].count(0) > len(head) // 8:
        return ("utf-16-be",)
    return ("utf-8", "gb18030")


def _refuse_if_cut(
    file: str, text: bytes, separator: str, width: int, ragged: Sequence[pa_csv.InvalidRow]
) -> None:
    if ragged:
        row = ragged[0]
        raise Refusal(
            f"{file} 第 {row.number} 行有 {row.actual_columns} 列，表头有 {width} 列："
            "文件可能没有导出完整，或引号、逗号有误；请重新导出"
        )
    if text.count(b'"') % 2:
        try:
            for _ in _rows(text, separator, strict=True):
                pass
        except csv.Error as fault:
            if str(fault).startswith(("unexpected end", "field larger")):
                raise Refusal(_CUT.format(file=file)) from None
