"""年度报告: the numbers that article 41 requires each year, each with the query that gives it.

《信访工作条例》(2022) 第四十一条; in the order in which the bureau publishes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import chain

from analytics.answers import Where, applicable
from analytics.catalogue import DIMENSIONS
from analytics.citing import command, where_options
from analytics.contract import DATASETS, Dataset
from analytics.engine import Engine
from analytics.insight.wording import MATURES, change_in_words
from analytics.model import AREA, Metric, Period, Selection
from analytics.result import NOBODY, UNKNOWN, Cell, Coverage, Result, change
from analytics.site import today


@dataclass(frozen=True)
class Item:
    """Numbers asked together: a line for each metric, with `by` for each member and metric.

    `label` names a line, with {metric} and {member} filled in. `members` have their lines even with
    nothing. `most`: only the members that rank so high, and what names nobody. `counted`: one line, the
    number of members that are not 未填, in that unit.
    """

    metrics: tuple[str, ...]
    label: str = "{metric}"
    where: Where = ()
    by: str = ""
    members: tuple[str, ...] = ()
    most: int = 0
    counted: str = ""


@dataclass(frozen=True)
class Section:
    """A part of the report."""

    title: str
    items: tuple[Item, ...]


_BY_STAFF = (("ordered_by", ("全员包案",)),)

SECTIONS = (
    Section(
        "一、信访事项的数据统计",
        (
            Item(("letters", "visits", "visit_persons", "online", "phone", "superior_assigned")),
            Item(("petitions", "persons", "first_petitions", "repeat_petitions", "repeat_rate")),
            Item(("group_visits", "group_visit_persons")),
            Item(("escalated_city", "escalated_province", "escalated_beijing")),
            Item(("closed", "open", "overdue")),
        ),
    ),
    Section("一、信访事项涉及领域", (Item(("petitions",), "{member}", by="topic_1", most=10),)),
    Section(
        "一、被投诉较多的机关、单位", (Item(("petitions",), "{member}", by="responsible_unit", most=10),)
    ),
    Section(
        "二、转送、交办、督办情况",
        (
            Item(("petitions",), "办理方式：{member}", by="handling", members=("转送", "交办", "督办")),
            Item(("superior_on_time_closure_rate",)),
            Item(("supervised", "feedback_on_time_rate", "supervision_resolution_rate")),
            Item(("inspection_supervised",)),
            Item(("supervised",), "督办来源：{member}", by="ordered_by"),
        ),
    ),
    Section(
        "三、三项建议及采纳情况",
        (
            Item(("proposals", "proposal_adoption_rate")),
            Item(
                ("proposals", "proposal_adoption_rate"),
                "{member}：{metric}",
                by="proposal",
                members=("改进工作", "完善政策", "追究责任"),
            ),
        ),
    ),
    Section(
        "四、其他：初信初访",
        (
            Item(("timely_acceptance_rate", "on_time_reply_rate", "on_time_closure_rate")),
            Item(("unit_timely_acceptance_rate",)),
            Item(("supervised",), "全员包案件", _BY_STAFF),
            Item(("supervised",), "包案督办工作人员", _BY_STAFF, by="supervisor", counted="人"),
            Item(
                ("online_followups", "onsite_followups", "supervision_resolution_rate"),
                "全员包案{metric}",
                _BY_STAFF,
            ),
        ),
    ),
    Section(
        "四、其他：信访积案",
        (
            Item(
                (
                    *("backlog_assigned", "backlog_reported", "backlog_closed", "backlog_resolved"),
                    *("backlog_remaining", "backlog_closure_rate"),
                ),
                "{member}{metric}",
                by="batch",
            ),
        ),
    ),
    Section(
        "四、其他：领导接访下访",
        (
            Item(("receptions", "reception_batches", "reception_persons")),
            Item(("receptions",), "市领导接访场次：{member}", by="form"),
            Item(("township_receptions", "township_reception_batches", "township_reception_persons")),
            Item(("reception_day_compliance", "visit_compliance")),
            Item(("reception_promises", "reception_resolution_rate")),
        ),
    ),
    Section(
        "四、其他：群众信访诉求综合服务中心",
        (
            Item(("service_intake", "first_receiver_rate", "grassroots_solution_rate")),
            Item(
                ("service_intake",),
                "{member}受理",
                by="service_point",
                members=("city_center", "town_station", "village_point"),
            ),
        ),
    ),
    Section(
        "四、其他：矛盾排查",
        (
            Item(
                ("screening_compliance",),
                "{member}{metric}",
                by="level",
                members=("city", "township", "department", "village"),
            ),
            Item(("screenings", "disputes_found", "disputes_resolved", "dispute_resolution_rate")),
            Item(("disputes_outstanding",)),
        ),
    ),
    Section(
        "四、其他：信访秩序与诉访分离",
        (
            Item(("publicity_sessions", "order_measures")),
            Item(("order_measures",), "违法行为处置：{member}", by="kind"),
            Item(("litigation_related", "litigation_share", "routed_elsewhere")),
        ),
    ),
    Section("四、其他：满意度", (Item(("evaluation_rate", "office_satisfaction", "unit_satisfaction")),)),
)

# --- what it says of a year ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One number of the report beside that of the year before.

    `value` and `base` None: no data, or nothing to divide by. `change` relative for counts, difference
    for rates. `counted`: the dimension whose members are counted, else empty. `remark`: what restricts
    the number. `selection`: its days and filters, as the records behind it are asked with.
    """

    label: str
    metric: Metric
    counted: str
    value: float | int | None
    base: float | int | None
    change: float | None
    change_words: str
    remark: str
    query: str
    selection: Selection


@dataclass(frozen=True)
class Chapter:
    """A section with its lines."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Report:
    """A year in numbers: `period` is the year, cut at `as_of`, the newest day with data."""

    period: Period
    as_of: date
    versions: tuple[tuple[str, int], ...]
    selection: Selection
    chapters: tuple[Chapter, ...]
    results: tuple[Result, ...]


def report(
    engine: Engine,
    selection: Selection,
    versions: Mapping[str, int] | None = None,
    as_of: date | None = None,
) -> Report:
    """The report of the year that the selection's period is, under its filters and scope.

    Each number is as of the last day of its own data (or `as_of`), of the versions given or served now.
    """
    asked = [
        (section.title, [_ask(engine, item, selection, versions, as_of) for item in section.items])
        for section in SECTIONS
    ]
    results = tuple(question.result for _, questions in asked for question in questions)
    until = as_of or max((r.query.as_of for r in results if r.coverage), default=today())
    period = selection.period.until(until)
    chapters = tuple(Chapter(title, _once(q.lines(period) for q in questions)) for title, questions in asked)
    used = dict.fromkeys(place for r in results for place in r.query.versions if place[1])
    return Report(period, until, tuple(used), selection, chapters, results)


def _once(lines: Iterable[Iterable[Line]]) -> tuple[Line, ...]:
    """Each query once: where there are no data, an item by members is no more than the whole."""
    found: dict[str, Line] = {}
    for line in chain.from_iterable(lines):
        found.setdefault(line.query, line)
    return tuple(found.values())


def _ask(
    engine: Engine,
    item: Item,
    selection: Selection,
    versions: Mapping[str, int] | None,
    as_of: date | None,
) -> _Asked:
    own = dict(item.where)
    kept, lacking = applicable(item.metrics, selection, without=tuple(own))
    lacking += tuple(DIMENSIONS[d].label for d, _ in selection.members if d in own)
    by, where = (item.by,) if item.by else (), dict(kept.members) | own
    result = engine.ask(
        item.metrics, by, selection.period, where, "year_ago", as_of, versions, selection.scope
    )
    needed = dict.fromkeys(m.imported for m in result.metrics)
    absent = tuple(name for name in needed if name not in engine.versions())
    return _Asked(item, result, lacking, absent, as_of, engine.site.small_base)


@dataclass(frozen=True)
class _Asked:
    """An item with its answer; `lacking`: labels of the filters that it does not have.

    `absent`: datasets never imported that it needs.
    """

    item: Item
    result: Result
    lacking: tuple[str, ...]
    absent: tuple[str, ...]
    as_of: date | None
    small_base: int

    @property
    def dataset(self) -> Dataset:
        return DATASETS[self.result.metrics[0].dataset]

    @property
    def coverage(self) -> Coverage | None:
        return self.result.coverage.get(self.result.metrics[0].imported)

    @property
    def hidden(self) -> bool:
        """The looker sees one place, and these data do not tell places apart."""
        return self.result.query.selection.scope.confined and AREA not in self.dataset.by_name

    @cached_property
    def known(self) -> bool:
        """Whether there are data of the year: without them not even 0 can be said."""
        period, coverage = self.result.period, self.coverage
        there = coverage is not None and coverage.first <= period.last
        return there and not period.empty and not self.hidden

    def lines(self, period: Period) -> list[Line]:
        """Its lines in a report of that period."""
        return [self._line(m, member, period) for member in self._members() for m in self.result.metrics]

    def _members(self) -> list[str]:
        """The members that have lines; empty text: one line of the whole."""
        item, result = self.item, self.result
        if not item.by or item.counted or not self.known:
            return [""]
        if item.most:
            ranking = result.ranking(item.metrics[0])
            return [r.member for r in ranking if r.cell.value and r.rank <= item.most] or [""]
        kept = dict(result.query.selection.members).get(item.by, item.members)
        always = [member for member in item.members if member in kept]
        return list(dict.fromkeys([*always, *(key[0] for key in result.keys)])) or [""]

    def _line(self, metric: Metric, member: str, period: Period) -> Line:
        query = self.result.query
        now, base = self._cells(metric.name, member)
        covered = self.result.base_covered(metric=metric.name)
        before = base if covered else None
        own = {self.item.by: (member,)} if member else {}
        selection = replace(query.selection, members=tuple((dict(query.selection.members) | own).items()))
        shown = self._counting(metric) if self.item.counted else metric
        return Line(
            label=self._label(metric, member),
            metric=shown,
            counted=self.item.by if self.item.counted else "",
            value=now.value,
            base=before.value if before else None,
            change=change(metric, now, before) if before else None,
            change_words=change_in_words(shown, now, base, "year_ago", self.small_base, covered),
            remark="；".join(self._remarks(metric, now, period)),
            query=self._command(metric, selection),
            selection=selection,
        )

    def _counting(self, metric: Metric) -> Metric:
        """As a metric in its own words."""
        note = f"“{metric.label}”涉及的{DIMENSIONS[self.item.by].label}人数；未填的不计"
        return replace(metric, unit=self.item.counted, note=note)

    def _label(self, metric: Metric, member: str) -> str:
        if self.item.by and not self.item.counted and not member:
            return metric.label
        name = DIMENSIONS[self.item.by].label_of(member) if member else ""
        return self.item.label.format(metric=metric.label, member=name)

    def _cells(self, name: str, member: str) -> tuple[Cell, Cell | None]:
        result = self.result
        if not self.known:
            return UNKNOWN, None
        if self.item.counted:
            named = [key for key in result.keys if key[0] not in NOBODY]
            now = _counted(result.cell(name, key) for key in named)
            return now, _counted(result.base_cell(name, key) for key in named)
        key = (member,) if self.item.by else ()
        return result.cell(name, key), result.base_cell(name, key)

    def _remarks(self, metric: Metric, now: Cell, period: Period) -> list[str]:
        remarks = [self._absence()] if self.coverage is None else self._days(period)
        if self.hidden:
            remarks.append(f"{self.dataset.label}不分镇街")
        elif self.known and now.value is None:
            remarks.append("没有应计的事项" + (f"（{self._absence()}）" if self.absent else ""))
        elif self.known and metric.cohort:
            remarks.append(MATURES)
        if self.lacking:
            remarks.append(f"不受“{'、'.join(self.lacking)}”筛选")
        return remarks

    def _absence(self) -> str:
        labels = "、".join(DATASETS[name].label for name in self.absent)
        return f"尚未导入{labels}" if labels else "没有数据"

    def _days(self, period: Period) -> list[str]:
        """Where the data end before the report does, or begin within it or later."""
        remarks, own, coverage = [], self.result.period, self.coverage
        if own.empty or own.last < period.last:
            remarks.append(f"数据只到{own.last}")
        if coverage and coverage.first.replace(day=1) > own.start:
            remarks.append(f"数据从{coverage.first}开始")
        return remarks

    def _command(self, metric: Metric, selection: Selection) -> str:
        """For whoever sees everything: the scope's place stands as a filter."""
        version = self.result.query.versions[0][1]
        options = [("--by", self.item.by)] if self.item.counted else []
        options += where_options(selection)
        options += [("--from", f"{selection.period.start}"), ("--to", f"{selection.period.end}")]
        options += [("--compare", "year_ago")]
        options += [("--as-of", f"{self.as_of}")] if self.as_of else []
        options += [("--version", f"{version}")] if version else []
        return command("petition", "query", metric.name, *(word for option in options for word in option))


def _counted(cells: Iterable[Cell | None]) -> Cell:
    """How many members have anything."""
    found = sum(1 for cell in cells if cell and cell.value)
    return Cell(found, None, found)
