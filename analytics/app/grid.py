"""Tables on screen: numbers stay numbers, so that a click on a header sorts them as such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from analytics.catalogue import METRICS
from analytics.insight.wording import NOTHING
from analytics.model import Metric
from analytics.render.table import Value, columns, labelled_rows
from analytics.result import Result

_LINE, _BORDER = 35, 3


def number_format(metric: Metric, change: bool = False) -> str:
    """How a column of the metric (or of its change) is written; a share has been made per cent."""
    sign, digits = ("+", max(metric.digits, 1)) if change else ("", metric.digits)
    unit = "%%" if (metric.is_rate and not change) or (metric.is_count and change) else ""
    return f"%{sign}.{digits}f{unit}"


def grid(
    headers: Sequence[str],
    rows: Sequence[Sequence[Value]],
    formats: Mapping[str, str],
    widths: Mapping[str, int] | None = None,
    most: int = 420,
    **options: Any,
) -> Any:
    """A table with its numeric columns in their formats; those written in per cent hold fractions.

    `widths`: pixels of columns of text that would else be cut. `most`: pixels of height at most.
    """
    height = min(most, _LINE * (1 + max(1, len(rows))) + _BORDER)
    frame = pd.DataFrame(rows, columns=list(headers))
    config = {header: st.column_config.Column(width=pixels) for header, pixels in (widths or {}).items()}
    for header, form in formats.items():
        numbers = pd.to_numeric(frame[header])
        frame[header] = numbers * 100 if form.endswith("%%") else numbers
        config[header] = st.column_config.NumberColumn(format=form)
    return st.dataframe(
        frame,
        hide_index=True,
        column_config=config,
        placeholder=NOTHING,
        height=height,
        row_height=_LINE,
        **options,
    )


def result_grid(result: Result, **options: Any) -> Any:
    """A result as a table."""
    headers, rows = labelled_rows(result)
    return grid(headers, rows, result_formats(result), **options)


def result_formats(result: Result) -> dict[str, str]:
    """The formats of a result's numeric columns."""
    formats = {}
    for name, header in columns(result).items():
        metric = METRICS.get(name.removesuffix("_base").removesuffix("_change"))
        if metric is not None:
            formats[header] = number_format(metric, name.endswith("_change"))
    return formats
