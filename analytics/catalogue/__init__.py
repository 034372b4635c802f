"""Every metric and dimension, declared once; looking one up by name, with the nearest name as a hint."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache

from analytics.catalogue import (
    activities,
    backlog,
    duties,
    links,
    petitions,
    receptions,
    screenings,
    supervisions,
)
from analytics.contract import DATASETS, UNFILLED, Dataset, Field, Kind
from analytics.model import AREA, LEVELS, MONTH, Dimension, Metric
from analytics.site import Refusal

METRICS: dict[str, Metric] = {
    m.name: m
    for part in (petitions, backlog, supervisions, receptions, screenings, activities, duties, links)
    for m in part.METRICS
}


NAMES: dict[str, str] = {m.label: m.name for m in METRICS.values()}
"""Each metric's name by its label: what a widget shows and an address holds."""


class UnknownName(Refusal):
    """A metric, dimension or member that the catalogue does not have; the text gives the nearest."""


def _dimension(field: Field) -> Dimension:
    members = tuple((m.value, m.shown) for m in field.members)
    return Dimension(field.name, field.label, members)


def _dimensions() -> dict[str, Dimension]:
    found = {MONTH.name: MONTH, **LEVELS}
    for dataset in DATASETS.values():
        for field in dataset.groups:
            found.setdefault(field.name, _dimension(field))
    return found


DIMENSIONS: dict[str, Dimension] = _dimensions()
"""Conformed: the same name means the same thing with the same members in every dataset."""


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint with the nearest name; empty where none is near."""
    close = get_close_matches(name, list(names), n=1, cutoff=0.4)
    return f"，您要的可能是“{close[0]}”" if close else ""


def metric(name: str) -> Metric:
    """The metric of that name. Raises UnknownName."""
    if name not in METRICS:
        hint = nearest(name, METRICS)
        raise UnknownName(f"没有名为“{name}”的指标{hint}；全部指标见 petition catalogue")
    return METRICS[name]


def dimension(name: str) -> Dimension:
    """The dimension of that name. Raises UnknownName."""
    if name not in DIMENSIONS:
        hint = nearest(name, DIMENSIONS)
        raise UnknownName(f"没有名为“{name}”的维度{hint}；全部维度见 petition catalogue")
    return DIMENSIONS[name]


def dataset_has(dataset: Dataset, name: str) -> bool:
    """Whether rows of the dataset can be grouped and filtered by the dimension."""
    if name in LEVELS:
        return AREA in dataset.by_name
    return name == MONTH.name or name in dataset.grouped


def dimensions_of(metrics: Iterable[Metric]) -> tuple[str, ...]:
    """Dimensions that every one of the metrics has, in contract order."""
    return _dimensions_of(tuple(metrics))


@cache
def _dimensions_of(metrics: tuple[Metric, ...]) -> tuple[str, ...]:
    return tuple(n for n in DIMENSIONS if all(_has(m, n) for m in metrics))


def _has(m: Metric, name: str) -> bool:
    return dataset_has(DATASETS[m.dataset], name) and name not in m.lacks


def require(metrics: Iterable[Metric], dimensions: Iterable[str]) -> None:
    """Every metric must have every dimension. Raises Refusal naming metric and dimension."""
    metrics = tuple(metrics)
    for name in dimensions:
        wanted = dimension(name)
        for m in metrics:
            if not dataset_has(DATASETS[m.dataset], name):
                label = DATASETS[m.dataset].label
                raise Refusal(
                    f"指标“{m.label}”（{m.name}）没有维度“{wanted.label}”（{name}）：{label}数据里没有这一列；"
                    f"请去掉该维度，或分开查询"
                )


def member(dimension_name: str, text: str) -> str:
    """The stored member that a person means by `text` (value, label or alias). Raises UnknownName."""
    wanted = dimension(dimension_name)
    if dimension_name in LEVELS:  # the site knows its places
        return text
    for dataset in DATASETS.values():
        if not dataset_has(dataset, dimension_name):
            continue
        field = dataset[dimension_name]
        for m in field.members:
            if text in (m.value, m.shown, *m.aliases):
                return m.value
        whole = field.members and (field.closed or field.derived or field.kind is Kind.FLAG)
        if text in (UNFILLED, field.default) or not whole:
            return text
    names = [label for _, label in wanted.members] + [UNFILLED]
    raise UnknownName(f"维度“{wanted.label}”没有“{text}”；可用：{'、'.join(names)}")
