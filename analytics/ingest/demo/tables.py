"""The shares and totals from which the demo's petitions are drawn.

The volumes of 2021 up to 13 December are those that the bureau published (letters, visits, visitors,
items from above); everything else is plausible, not real.
"""

from __future__ import annotations

from dataclasses import dataclass

from analytics.contract import UNFILLED


@dataclass(frozen=True)
class Volume:
    """How many items came by one way in each year."""

    source: str
    channel: str
    items: dict[int, int]
    repeat: float


VOLUMES = (
    Volume("local", "letter", {2019: 742, 2020: 668, 2021: 605}, 0.26),
    Volume("local", "visit", {2019: 611, 2020: 458, 2021: 432}, 0.25),
    Volume("local", "online", {2019: 128, 2020: 176, 2021: 214}, 0.20),
    Volume("local", "phone", {2019: 52, 2020: 71, 2021: 66}, 0.12),
    Volume("superior", "online", {2019: 421, 2020: 509, 2021: 561}, 0.34),
    Volume("superior", "letter", {2019: 236, 2020: 223, 2021: 196}, 0.36),
    Volume("superior", "visit", {2019: 138, 2020: 83, 2021: 104}, 0.42),
    Volume("superior", "phone", {2019: 29, 2020: 41, 2021: 38}, 0.25),
)

VISITORS_2021 = {
    1: 205, 2: 112, 3: 45, 4: 20,
    5: 10, 6: 7, 7: 5, 8: 4, 9: 3, 10: 2,
    11: 2, 12: 3, 13: 1, 14: 2, 15: 1, 16: 1, 18: 2, 20: 1,
    21: 1, 25: 1, 28: 1, 34: 1, 41: 1, 52: 1,
}  # fmt: skip
"""persons: visits. 432 visits of 1,237 persons, local, 2021."""

PERSONS: dict[str, dict[int, float]] = {
    "visit": {1: 410, 2: 224, 3: 96, 4: 44, 5: 24, 6: 16, 7: 12, 8: 10, 10: 8, 14: 12, 24: 6, 36: 2, 63: 1},
    "letter": {1: 900, 2: 40, 3: 20, 5: 12, 8: 8, 12: 6, 23: 3, 47: 1},
    "": {1: 960, 2: 25, 3: 8, 6: 4, 11: 2, 26: 1},
}  # fmt: skip
"""Persons of an item otherwise: letters are sometimes signed by many."""

ANONYMOUS = 0.04
"""Letters without a name: neither first nor repeat, no petitioner."""
TOWNSHIP_UNFILLED = 0.012
VILLAGE_UNFILLED = 0.28
CATEGORY_3_UNFILLED = 0.1
RETURNING = 0.25
"""First items whose petitioner may come back."""
EARLIER_MATTERS = 150
"""From before the demo begins; their petitioners come back too."""

PURPOSES = {
    "": {"求决": 64, "申诉": 15, "意见建议": 10, "揭发控告": 7, "其他": 4},
    "纪检监察": {"揭发控告": 92, "申诉": 8},
    "劳动和社会保障": {"求决": 84, "申诉": 9, "意见建议": 5, "其他": 2},
    "政法": {"申诉": 45, "求决": 40, "揭发控告": 12, "其他": 3},
}
ROUTES: dict[str, dict[str, float]] = {
    "": {"信访程序": 95, "诉讼": 2, "行政复议": 1.5, UNFILLED: 1.5},
    "自然资源": {"信访程序": 88, "行政裁决": 5, "行政复议": 3, "诉讼": 3, UNFILLED: 1},
    "劳动和社会保障": {"信访程序": 86, "仲裁": 9, "诉讼": 4, UNFILLED: 1},
    "政法": {"信访程序": 62, "诉讼": 34, "行政复议": 3, UNFILLED: 1},
}
SOURCE_LEVELS = {
    "": {"国家": 18, "省": 44, "市": 38},
    "visit": {"国家": 9, "省": 36, "市": 55},
}
ESCALATIONS = {"国家": "beijing", "省": "province", "市": "city"}
"""Where people went whose visit a higher level registered and sent down."""
OWN_LEVEL = "县"

HANDLINGS = {
    "": {"转送": 52, "交办": 22, "受理告知": 11, "直接回复": 15},
    "visit": {"转送": 42, "交办": 24, "受理告知": 15, "直接回复": 19},
    "phone": {"转送": 38, "直接回复": 62},
    "superior": {"转送": 48, "交办": 43, "督办": 9},
    "repeat": {"转送": 44, "交办": 22, "受理告知": 6, "直接回复": 9, "存": 11, "不再受理": 5, "不予受理": 3},
    "anonymous": {"存": 48, "转送": 44, "交办": 8},
}
TRANSFERRED = ("转送", "交办", "督办")
UNACCEPTED = ("存", "不再受理", "不予受理")

EXTENSIONS = {0: 94, 10: 1, 15: 1.5, 30: 3.5}

# Days and shares of time, as (probability, value) points.
WRITTEN_BEFORE = {
    "letter": ((0, 1), (0.5, 4), (0.9, 9), (1, 20)),
    "visit": ((0, 0), (1, 0)),
    "phone": ((0, 0), (1, 0)),
    "online": ((0, 0), (0.7, 0.4), (0.95, 2), (1, 4)),
}
SENT_DOWN_BEFORE = ((0, 1), (0.5, 5), (0.9, 11), (1, 20))
TRANSFER_DAYS = ((0, 0), (0.3, 0.6), (0.7, 2), (0.95, 5), (1, 9))
ACCEPT_DAYS = ((0, 1), (0.4, 4), (0.8, 9), (1, 14))
DIRECT_DAYS = ((0, 0), (0.6, 0.4), (1, 2))
DIRECT_REPLY_DAYS = ((0, 0), (0.5, 2), (0.9, 7), (1, 13))
FILE_DAYS = ((0, 0), (0.6, 2), (1, 10))
REPLY_SHARE = ((0, 0.05), (0.15, 0.22), (0.5, 0.54), (0.8, 0.86), (0.95, 0.985), (1, 1))
"""Of the days allowed, how many pass before the reply."""
LEGAL_DAYS = ((0, 2), (0.5, 14), (0.9, 35), (1, 60))
CLOSE_DAYS = ((0, 0), (0.5, 1), (0.9, 4), (1, 9))
LATE_ACCEPT_DAYS = ((0, 1), (0.6, 6), (0.9, 20), (1, 60))
LATE_CLOSE_DAYS = ((0, 1), (0.45, 25), (0.75, 80), (1, 240))
RATED_DAYS = ((0, 0), (0.5, 3), (0.9, 12), (1, 28))

LATE_CLOSING = {2019: 0.07, 2020: 0.035}
LATE_ACCEPTING = {2019: 0.04, 2020: 0.02}
"""First items and items from above by the year of the deadline; none late from 2021 on."""
LATE_REPEATS = 0.11
"""Other items, in every year."""

RATED = 0.64
UNIT_RATED = 0.93
"""Of those who rate, share who rate the responsible unit too."""
OFFICE_RATINGS = {"满意": 86, "基本满意": 9, "不满意": 5}
UNIT_RATINGS = {"满意": 72, "基本满意": 15, "不满意": 13}
RESOLVED = {"first": 0.56, "repeat": 0.3}

SERVICE_POINTS = {"city_center": 55, "town_station": 33, "village_point": 12}
SERVICE_POINTS_OPEN = "2021-10-25"

STAFF = tuple(f"工作人员{name}" for name in "甲乙丙丁戊己庚辛壬")
"""The nine of the bureau."""
