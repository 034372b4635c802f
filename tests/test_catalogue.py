"""The catalogue: names that stay apart, conditions that the contract can meet, lookups that explain."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import pytest

from analytics.catalogue import DIMENSIONS, METRICS, UnknownName, dimension, dimensions_of, metric, require
from analytics.catalogue import member as member_of
from analytics.contract import DATASETS, UNFILLED, Field, Kind
from analytics.model import All, Any, Column, Compare, Condition, In, IsNull, Metric, Not
from analytics.site import Refusal

UNITS = {"件", "批", "宗", "人次", "次", "场", "条", "天", "%"}
CLOSED = [(d.name, f.name) for d in DATASETS.values() for f in d.groups if f.closed and f.name in DIMENSIONS]


def twice(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def compared(condition: Condition) -> Iterator[tuple[str, object]]:
    """Every column of a condition with what it is compared with."""
    match condition:
        case Compare(left, _, right):
            yield left.name, right
        case In(column, members):
            yield from ((column.name, member) for member in members)
        case IsNull(column):
            yield column.name, None
        case All(parts) | Any(parts):
            for part in parts:
                yield from compared(part)
        case Not(part):
            yield from compared(part)


def fits(fields: dict[str, Field], column: str, operand: object) -> bool:
    """Whether the comparison can ever hold."""
    field = fields[column]
    match operand:
        case None:
            return field.default is None
        case Column(other):
            return fields[other].kind is field.kind
        case bool():
            return field.kind is Kind.FLAG
        case int():
            return field.kind is Kind.INTEGER
    known = {m.value for m in field.members} | {field.default}
    return field.kind is Kind.TEXT and (operand in known or not field.closed)


# --- what is declared -----------------------------------------------------------------------------


def test_labels_are_addresses_and_stand_for_one_thing() -> None:
    assert [name for name, m in METRICS.items() if m.name != name] == []
    assert twice(m.label for m in METRICS.values()) == []
    assert twice(d.label for d in DIMENSIONS.values()) == []


@pytest.mark.parametrize("m", METRICS.values(), ids=list(METRICS))
def test_a_metric_says_what_it_means(m: Metric) -> None:
    assert m.unit in UNITS
    assert m.label
    assert m.basis
    assert m.note
    assert (m.unit == "%") <= (m.denominator is not None)
    assert (m.denominator is not None) <= (m.digits > 0)


@pytest.mark.parametrize("m", METRICS.values(), ids=list(METRICS))
def test_a_metric_uses_what_the_contract_has(m: Metric) -> None:
    assert {x.dataset for x in m.measures} == {m.dataset}
    fields = DATASETS[m.dataset].by_name
    for measure in m.measures:
        assert fields[measure.date].kind is Kind.DATE
        assert measure.value is None or fields[measure.value].kind is Kind.INTEGER
        assert [pair for pair in compared(measure.where) if not fits(fields, *pair)] == []
    assert m.quantile is None or fields[m.quantile.by].kind is Kind.INTEGER


@pytest.mark.parametrize("m", [m for m in METRICS.values() if m.denominator and not m.stock])
def test_both_parts_of_a_rate_fall_into_the_same_month(m: Metric) -> None:
    assert len({measure.date for measure in m.measures}) == 1


# --- dimensions -----------------------------------------------------------------------------------


def test_dimensions_mean_the_same_in_every_dataset() -> None:
    meanings = defaultdict(set)
    for dataset in DATASETS.values():
        for field in dataset.groups:
            members = tuple((m.value, m.shown) for m in field.members)
            meanings[field.name].add((field.label, field.kind, field.closed, members))
    assert {name for name, found in meanings.items() if len(found) > 1} == set()
    for name, found in meanings.items():
        ((label, _, _, members),) = found
        assert (DIMENSIONS[name].label, DIMENSIONS[name].members) == (label, members)


@pytest.mark.parametrize(("dataset", "name"), CLOSED)
def test_every_spelling_of_a_member_is_of_one_member(dataset: str, name: str) -> None:
    members = DATASETS[dataset][name].members
    spellings = [text for m in members for text in {m.value, m.shown, *m.aliases}]
    assert twice(spellings) == []
    for m in members:
        assert {member_of(name, text) for text in (m.value, m.shown, *m.aliases)} == {m.value}


@pytest.mark.parametrize(("dataset", "name"), CLOSED)
def test_another_member_is_refused_with_the_list(dataset: str, name: str) -> None:
    with pytest.raises(UnknownName, match="没有“不存在的”") as refusal:
        member_of(name, "不存在的")
    assert DIMENSIONS[name].label in str(refusal.value)
    assert [m.shown for m in DATASETS[dataset][name].members if m.shown not in str(refusal.value)] == []


def test_open_lists_take_any_member() -> None:
    assert member_of("responsible_unit", "某某局") == "某某局"
    assert member_of("ordered_by", "某次专项督查") == "某次专项督查"
    assert member_of("is_repeat", UNFILLED) == UNFILLED


# --- looking up -----------------------------------------------------------------------------------


def test_a_name_that_is_nearly_right_gets_a_hint() -> None:
    with pytest.raises(UnknownName, match="“leters”的指标，您要的可能是“letters”"):
        metric("leters")
    with pytest.raises(UnknownName, match="“towship”的维度，您要的可能是“township”"):
        dimension("towship")


def test_a_name_like_no_other_gets_none() -> None:
    with pytest.raises(UnknownName) as refusal:
        metric("§§§")
    assert "可能" not in str(refusal.value)


def test_dimensions_in_common() -> None:
    assert {"month", "township", "responsible_unit"} <= set(dimensions_of([METRICS["letters"]]))
    shared = dimensions_of([METRICS["letters"], METRICS["backlog_closed"], METRICS["supervised"]])
    assert {"month", "township", "responsible_unit"} <= set(shared)
    assert not {"channel", "batch", "ordered_by"} & set(shared)


def test_a_dimension_that_one_metric_lacks_is_refused_by_name() -> None:
    both = (METRICS["letters"], METRICS["backlog_closed"])
    require(both, ["township", "month"])
    with pytest.raises(
        Refusal, match=r"“积案办结”（backlog_closed）没有维度“信访形式”（channel）"
    ) as refusal:
        require(both, ["township", "channel"])
    assert not isinstance(refusal.value, UnknownName)
