"""A result as a table: column labels, values as shown, and CSV and XLSX files of the values themselves."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from analytics.catalogue import DIMENSIONS
from analytics.insight.explain import Explanation
from analytics.insight.explained import MIX_EFFECT, RATE_EFFECT, labels, unit_of
from analytics.insight.wording import COMPARED, number, signed_change
from analytics.model import MONTH, Metric, Period
from analytics.render.workbook import FORMULA, Table, put_notes, put_table, written
from analytics.render.workbook import Value as Value
from analytics.result import Result

Numbers = tuple[list[str], list[list[Value]]]
"""Headers and rows."""


def columns(result: Result) -> dict[str, str]:
    """Column names of `Result.rows` with their labels."""
    labels = {name: DIMENSIONS[name].label for name in result.query.by}
    for m in result.metrics:
        labels[m.name] = m.label if m.is_rate else f"{m.label}（{m.unit}）"
        if result.base is not None:
            word = COMPARED[result.query.compare]
            labels |= {f"{m.name}_base": f"{m.label}{word}基数", f"{m.name}_change": f"{m.label}{word}"}
    return labels


def shown_rows(result: Result) -> list[list[str]]:
    """One line a group, members by label and numbers as people read them."""
    lines = []
    for key in result.keys:
        line = [DIMENSIONS[d].label_of(m) for d, m in zip(result.query.by, key, strict=True)]
        for m in result.metrics:
            line.append(number(m, result.value(m.name, key)))
            if result.base is not None:
                base = result.base_cell(m.name, key) if result.base_covered(key, m.name) else None
                line.append(number(m, base.value if base else None))
                line.append(signed_change(m, result.change(m.name, key)))
        lines.append(line)
    return lines


def labelled_rows(result: Result) -> Numbers:
    """Headers and the numbers themselves, members by label: what files hold."""
    names = columns(result)
    rows: list[list[Value]] = []
    for key, row in zip(result.keys, result.rows(), strict=True):
        labelled: dict[str, object] = {d: DIMENSIONS[d].label_of(str(row[d])) for d in result.query.by}
        # A base before the data begin is not 0: there is none.
        labelled |= {f"{n}_base": None for n in result.query.metrics if not result.base_covered(key, n)}
        rows.append([{**row, **labelled}[name] for name in names])  # type: ignore[misc]
    return list(names.values()), rows


def typed(result: Result) -> Table:
    """The numbers themselves as a workbook shows them: months as dates, rates in percent.

    What a rate changed by stands in percentage points.
    """
    headers, rows = labelled_rows(result)
    formats = ["yyyy-mm" if name == MONTH.name else "" for name in result.query.by]
    for metric in result.metrics:
        formats += [number_format(metric)]
        formats += [number_format(metric), _change_format(metric)] if result.base is not None else []
    points = {at for at, form in enumerate(formats) if form.endswith('个百分点"')}
    months = {at for at, form in enumerate(formats) if form == "yyyy-mm"}
    return Table(
        headers,
        [[_typed(v, at in months, at in points) for at, v in enumerate(row)] for row in rows],
        formats,
    )


def _typed(value: Value, month: bool, points: bool) -> Value:
    if month and isinstance(value, str):
        return Period.month(value).start
    return round(value * 100, 10) if points and isinstance(value, (int, float)) else value


def _decimals(metric: Metric) -> str:
    return "0" + (f".{'0' * metric.digits}" if metric.digits else "")


def number_format(metric: Metric) -> str:
    """#,##0 for counts, 0.0% for rates, 0.0 for days."""
    if metric.is_rate:
        return f"{_decimals(metric)}%"
    return "#,##0" if metric.is_count else f"#,##{_decimals(metric)}"


def _change_format(metric: Metric) -> str:
    """+0.0% for counts, else a difference with its unit."""
    plain = (
        "0.0%" if metric.is_count else f'{_decimals(metric)}"{"个百分点" if metric.is_rate else metric.unit}"'
    )
    return f"+{plain};-{plain};{plain}"


def contribution_rows(explained: Explanation) -> Numbers:
    """Headers and every group's part of a difference, the greatest first, members by label.

    What a part of a rate adds stands in percentage points, the rates themselves as fractions.
    """
    metric, compare = explained.metric, explained.result.query.compare
    unit, scale = unit_of(metric).removeprefix("个"), 100 if metric.is_rate else 1
    value = metric.label if metric.is_rate else f"{metric.label}（{metric.unit}）"
    headers = [DIMENSIONS[d].label for d in explained.result.query.by]
    headers += [f"{metric.label}{COMPARED[compare]}基数", value, f"增减（{unit}）"]
    headers += [RATE_EFFECT, MIX_EFFECT] if metric.denominator else []
    rows: list[list[Value]] = []
    for part in explained.parts:
        effects = [part.amount, part.rate_effect, part.mix_effect]
        numbers = [_plain(effect * scale) for effect in effects if effect is not None]
        rows.append([*labels(explained.result, part.key), part.base.value, part.now.value, *numbers])
    return headers, rows


def _plain(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def csv_bytes(headers: Sequence[str], rows: Iterable[Sequence[Value]], notes: Mapping[str, str]) -> bytes:
    """CSV that Excel opens with Chinese intact: BOM, text that could be a formula kept as text.

    `notes` (来源, 截至, 筛选…) stand below the table.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(headers)
    writer.writerows([_guarded(value) for value in row] for row in rows)
    writer.writerow([])
    writer.writerows([name, _guarded(value)] for name, value in notes.items())
    return text.getvalue().encode("utf-8-sig")


def _guarded(value: Value) -> Value:
    if isinstance(value, str) and value.startswith(FORMULA):
        return "'" + value
    return value


def xlsx_bytes(table: Table, notes: Mapping[str, str]) -> bytes:
    """The same as a workbook: real numbers and dates, a frozen header row."""
    target = io.BytesIO()
    with written(target) as book:
        sheet = book.sheet("数据")
        put_notes(book, sheet, notes, put_table(book, sheet, table) + 1)
    return target.getvalue()
