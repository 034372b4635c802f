"""Rows of a register, entered day by day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.ingest.demo.dice import Rows


def together(parts: list[Rows]) -> Rows:
    """The rows of all parts, which have the same columns."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def entered(parts: list[Rows], key: str, head: str) -> pd.DataFrame:
    """All rows by the day on which they were held, each under `head`, its day and its number."""
    rows = together(parts)
    order = np.argsort(rows["held_on"], kind="stable")
    days = np.datetime_as_string(rows["held_on"][order], unit="D").tolist()
    keys = [f"{head}{day.replace('-', '')}{number:05d}" for number, day in enumerate(days, start=1)]
    return pd.DataFrame({key: keys} | {name: column[order] for name, column in rows.items()})
