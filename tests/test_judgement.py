"""What may be judged: a number with too few rows behind it is marked, any other is not."""

from __future__ import annotations

import pytest

from analytics.insight.judgement import judge
from tests.results import Number, result


@pytest.mark.parametrize(
    ("metric", "now", "base", "small"),
    [
        ("letters", 10, None, False),
        ("letters", 9, None, True),
        ("letters", 10, 10, False),
        ("letters", 10, 9, True),
        ("letters", 9, 10, True),
        ("letters", 0, None, True),
        ("repeat_rate", (1, 10), None, False),
        ("repeat_rate", (8, 9), None, True),
        ("repeat_rate", (1, 10), (9, 9), True),
        ("repeat_rate", (0, 0), None, False),
        ("mean_days", (300, 9), None, True),
        ("mean_days", (3, 10), None, False),
    ],
)
def test_small(metric: str, now: Number, base: Number, small: bool) -> None:
    found = result(metric, "", {"": now}, None if base is None else {"": base})
    assert judge(found, small_base=10)[metric, ()].verdict == ("样本小" if small else "")


def test_small_is_what_the_site_says() -> None:
    found = result("letters", "", {"": 5})
    assert [judge(found, n)["letters", ()].verdict for n in (5, 6)] == ["", "样本小"]


def test_each_group_is_judged_by_its_own_rows() -> None:
    found = result("letters", "township", {"宁中镇": 12, "新陂镇": 3})
    verdicts = {key[0]: j.verdict for (_, key), j in judge(found, 10).items()}
    assert verdicts == {"宁中镇": "", "新陂镇": "样本小"}
