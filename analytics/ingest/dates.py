"""Dates as people and programs write them, as days in Beijing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Days = npt.NDArray[np.datetime64]
Numbers = npt.NDArray[np.float64]

_TIME = (
    r"(?:[T\s]*(?:上午|下午|[AaPp][Mm])?\s*(?P<hour>\d{1,2})[:时点]\s*(?:(?P<minute>\d{1,2})[:分]?\s*"
    r"(?:(?P<second>\d{1,2})(?:\.\d+)?秒?)?)?\s*(?:[AaPp][Mm])?)?"
)
_COMPACT_TIME = r"(?:[T\s]*(?P<hour>\d{2}):?(?P<minute>\d{2}):?(?P<second>\d{2})?(?:\.\d+)?)?"
_ZONE = r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?$"
_WEEKDAY = r"\s*(?:星期[一二三四五六日天])?"
_SEPARATED = (
    r"^(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?"
    + _WEEKDAY
    + _TIME
    + _ZONE
)
_COMPACT = r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})" + _COMPACT_TIME + _ZONE
_SERIAL = r"^(?P<days>[1-9]\d{4})(?:\.\d+)?$"

_SERIAL_ORIGIN = "1899-12-30"  # day 0 of Excel's calendar after February 1900
_FIRST, _LAST = "1950-01-01", "2099-12-31"  # beyond these it is a slip of the pen, or Excel's zero
_BEIJING_MINUTES = 8 * 60


def parse_dates(text: pd.Series[str]) -> pd.Series:
    """Days (datetime64[s]); NaT where the text is no date that exists. A time with an offset is converted."""
    plain = pc.utf8_normalize(pa.array(text, pa.string()), form="NFKC")
    try:
        days = np.array(plain.cast(pa.date32()))  # most programs write 2021-01-05 throughout
    except pa.ArrowInvalid:
        days = _days(plain)
    days[(days < np.datetime64(_FIRST)) | (days > np.datetime64(_LAST))] = np.datetime64("NaT")
    return pd.Series(days.astype("datetime64[s]"), index=text.index)


def _days(plain: pa.Array) -> Days:
    days = np.full(len(plain), np.datetime64("NaT"), dtype="datetime64[D]")
    for pattern in (_SEPARATED, _COMPACT):
        days = np.where(np.isnat(days), _calendar(pc.extract_regex(plain, pattern=pattern)), days)
    count = _number(pc.struct_field(pc.extract_regex(plain, pattern=_SERIAL), "days"))
    counted = np.datetime64(_SERIAL_ORIGIN) + np.where(np.isnan(count), 0, count).astype("timedelta64[D]")
    return np.where(np.isnat(days) & ~np.isnan(count), counted, days)


def _calendar(parts: pa.Array) -> Days:
    year, month, day, hour, minute, second = (
        _number(pc.struct_field(parts, name)) for name in ("year", "month", "day", "hour", "minute", "second")
    )
    real = (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1)
    months = np.where(real, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    days: Days = months.astype("datetime64[D]") + np.where(real, day - 1, 0).astype("timedelta64[D]")
    real &= days.astype("datetime64[M]") == months
    real &= ~(hour > 23) & ~(minute > 59) & ~(second > 59)
    days = days + _shift(parts, hour, minute)
    days[~real] = np.datetime64("NaT")
    return days


def _shift(parts: pa.Array, hour: Numbers, minute: Numbers) -> npt.NDArray[np.timedelta64]:
    """Days between the written date and the date in Beijing at that moment."""
    zone = pc.struct_field(parts, "zone")
    told = pc.fill_null(pc.greater(pc.utf8_length(zone), 0), False).to_numpy(zero_copy_only=False)
    digits = pc.replace_substring_regex(zone, pattern=r"^Z$", replacement="+0000")
    digits = pc.replace_substring(digits, pattern=":", replacement="")
    offset = np.nan_to_num(_number(pc.utf8_slice_codeunits(digits, 1, 3))) * 60
    offset = offset + np.nan_to_num(_number(pc.utf8_slice_codeunits(digits, 3, 5)))
    west = pc.fill_null(pc.starts_with(digits, "-"), False).to_numpy(zero_copy_only=False)
    clock = np.nan_to_num(hour) * 60 + np.nan_to_num(minute)
    beijing = clock - np.where(west, -offset, offset) + _BEIJING_MINUTES
    return np.where(told, np.floor(beijing / 1440), 0).astype("timedelta64[D]")


def _number(digits: pa.Array) -> Numbers:
    filled = pc.if_else(pc.equal(digits, ""), None, digits)
    numbers: Numbers = pc.cast(filled, pa.float64()).to_numpy(zero_copy_only=False)
    return numbers
