"""Windows in which something was due: where they begin, how they are said."""

from __future__ import annotations

from datetime import date

import pytest

from analytics.insight.windows import first_day, window_in_words


@pytest.mark.parametrize(
    ("window", "day", "words"),
    [
        ("2021-11", date(2021, 11, 1), "2021年11月"),
        ("2021-11上", date(2021, 11, 1), "2021年11月上半月"),
        ("2021-11下", date(2021, 11, 16), "2021年11月下半月"),
        ("2021-W45", date(2021, 11, 8), "2021年第45周"),
        ("2020-W53", date(2020, 12, 28), "2020年第53周"),
        ("2021-W01", date(2021, 1, 4), "2021年第1周"),
        ("2021-11-15", date(2021, 11, 15), "2021年11月15日"),
    ],
)
def test_windows(window: str, day: date, words: str) -> None:
    assert first_day(window) == day
    assert window_in_words(window) == words
