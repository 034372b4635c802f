"""The brief: every number stands in its query's answer, every case gives sound sentences, no causes."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from analytics.briefs.agenda import AGENDA
from analytics.briefs.asking import TOGETHER
from analytics.briefs.brief import Brief, caption
from analytics.briefs.compose import brief
from analytics.catalogue import METRICS
from analytics.citing import Piece, Source, Told, marked, plain_text
from analytics.cli import petition
from analytics.cli import query as querying
from analytics.engine import Engine
from analytics.model import Scope, Selection
from tests.bureau import Bureau, item, period, screening

MONTHS = ("2021-11", "2021-12", "2021-01", "2020-02", "2019-01")


def of(
    engine: Engine, month: str, *members: tuple[str, tuple[str, ...]], scope: Scope | None = None
) -> Brief:
    return brief(engine, Selection(period(month), members, scope or Scope()))


def sentences(found: Brief) -> Iterator[Told]:
    for chapter in found.chapters:
        yield from chapter.told()
        yield from map(caption, chapter.figures)
        yield from (number.changes for number in chapter.numbers)


def text(found: Brief) -> str:
    return "\n".join(plain_text(told) for told in sentences(found))


# --- every number stands in the answer to its query -----------------------------------------------------

_DAYS = re.compile(
    r"\d{4}-\d\d(-\d\d)?|\d+年(\d+[—-])?(\d+月)?(\d+日)?|\d+—\d+月|\d+月\d+日|截至\d+日"
    r"|\d+ 日内|\d+[–-]\d+ ?日|\d+ 日以上"
)
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?:万|%|个百分点)?")


def numbers(words: str) -> list[str]:
    """Numbers in a text that are no dates."""
    return _NUMBER.findall(_DAYS.sub("", words))


def forms(name: str, row: dict[str, Any], whole: Iterable[float]) -> Iterator[str]:
    """How a row's number, its base, its change and its share may be written: second opinion on wording."""
    rate = METRICS[name].unit == "%"
    for value in (row[name], row.get(f"{name}_base")):
        if value is None:
            continue
        if rate:
            yield f"{value * 100:.{METRICS[name].digits}f}%"
        elif value >= 10_000:
            yield f"{value / 10_000:,.1f}万"
        else:
            yield f"{value:,}"
        yield from (f"{value / total * 100:.1f}%" for total in whole if total)
    change = row.get(f"{name}_change")
    if change is not None:
        yield f"{abs(change) * 100:.1f}%"
        yield f"{abs(change) * 100:.{METRICS[name].digits}f}个百分点"
        yield f"{abs(change):.{METRICS[name].digits}f}"


def answer_to(engine: Engine, command: str) -> list[dict[str, Any]]:
    """Rows of the JSON answer to a command as it is typed."""
    program, *arguments = shlex.split(command)
    assert program == "petition"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(querying, "opened", lambda folder: engine)
        outcome = CliRunner().invoke(petition, [*arguments, "--format", "json"], catch_exceptions=False)
    assert outcome.exit_code == 0, (command, outcome.output)
    return list(json.loads(outcome.stdout)["rows"])


def known_numbers(engine: Engine, source: Source) -> set[str]:
    """Every way in which the answer's numbers may be written: of its rows, and of rows told together."""
    rows = answer_to(engine, source.command)
    names = [name for name in METRICS if rows and name in rows[0]]
    groups = [key for key in (rows[0] if rows else {}) if not key.startswith(tuple(names))]
    counted = [name for name in names if METRICS[name].is_count]
    whole = [sum(row[name] or 0 for row in rows) for name in counted]
    kept = {form for row in rows for name in names for form in forms(name, row, whole)}
    for name in counted:
        for group in groups:
            by: Counter[str] = Counter()
            for row in rows:
                by[row[group]] += row[name] or 0
            kept |= {form for value in by.values() for form in forms(name, {name: value}, whole)}
        kept |= set(forms(name, {name: sum(row[name] or 0 for row in rows)}, ()))
    if {"backlog_closed", "backlog_assigned"} <= set(names):  # 剩余, 办结率 of a batch
        for row in rows:
            kept.add(f"{row['backlog_assigned'] - row['backlog_closed']:,}")
            kept.add(f"{row['backlog_closed'] / (row['backlog_assigned'] or 1) * 100:.1f}%")
    return kept


def unfounded(engine: Engine, found: Brief) -> list[tuple[str, str, str]]:
    """Numbers of a brief that the query they name does not give, or that name none."""
    known: dict[Source, set[str]] = {}
    wrong = []
    for told in sentences(found):
        for piece in told:
            if piece.source is None:
                wrong += [(piece.text, number, "") for number in numbers(piece.text)]
            elif piece.source.query is not None:
                if piece.source not in known:
                    known[piece.source] = known_numbers(engine, piece.source)
                missing = [n for n in numbers(piece.text) if n not in known[piece.source]]
                wrong += [(piece.text, number, piece.source.command) for number in missing]
    return wrong


@pytest.mark.parametrize("month", [MONTHS[0], *(pytest.param(m, marks=pytest.mark.long) for m in MONTHS[1:])])
def test_every_number_stands_in_the_answer_to_its_query(
    demo_engine: Engine, demo_brief: Callable[[str], Brief], month: str
) -> None:
    assert unfounded(demo_engine, demo_brief(month)) == []


def test_a_number_without_its_query_is_found_out(demo_engine: Engine) -> None:
    assert numbers("2021年11月信访总量217件，同比上升3.8%，1.2万件，2021年9月8日—11月30日，（截至13日）") == [
        "217",
        "3.8%",
        "1.2万",
    ]
    found = of(demo_engine, "2021-11")
    source = found.sources[0]
    assert "218" not in known_numbers(demo_engine, source) and "217" in known_numbers(demo_engine, source)


# --- sound sentences whatever the month ---------------------------------------------------------------

_CAUSES = re.compile(r"因为|由于|导致|造成|得益于|归因|原因|所以|因此|使得|致使")


def paragraphs(found: Brief, chapter: str) -> list[str]:
    (one,) = (each for each in found.chapters if each.name == chapter)
    return [plain_text(told) for section in one.sections for told in section.paragraphs]


def said(found: Brief, chapter: str) -> str:
    return "\n".join(paragraphs(found, chapter))


SEEN = ("2021-12", "2019-01", "2018-05")


@pytest.mark.parametrize(
    "month",
    [*SEEN, *(pytest.param(m, marks=pytest.mark.long) for m in (*MONTHS, "2031-01") if m not in SEEN)],
)
def test_sentences_are_whole_and_claim_no_cause(demo_brief: Callable[[str], Brief], month: str) -> None:
    found = demo_brief(month)
    assert [chapter.name for chapter in found.chapters] == [one.name for one in AGENDA]
    for told in (words for chapter in found.chapters for words in chapter.told()):
        words = plain_text(told)
        assert words and words[0] not in "，；。、", words
        assert not re.search(r"[，；、][，；。、]|—$|None|nan", words), words
        assert not _CAUSES.search(words), words
    assert all(section.paragraphs for chapter in found.chapters for section in chapter.sections)


def test_the_agenda_is_that_of_the_report() -> None:
    titles = (
        "总体情况 信访形式 属地分布 热点问题 办理质效 积案化解 督查督办 领导接访 矛盾排查 存在问题 研判与建议"
    )
    assert [item.title for item in AGENDA] == titles.split()
    assert [item.name for item in AGENDA if item.blank] == ["advice"]


def test_what_is_asked_together_lies_in_one_file() -> None:
    for group in TOGETHER:
        assert len({(METRICS[name].dataset, METRICS[name].imported) for name in group}) == 1, group


def test_small_bases_give_counts_and_no_percentages(bureau: Bureau) -> None:
    rows = [item(f"a{n}", date(2021, 2, 1 + n)) for n in range(3)]
    rows += [item(f"b{n}", date(2021, 3, 1 + n)) for n in range(6)]
    bureau.bring("petitions", *rows, covers_to=date(2021, 3, 31))
    assert paragraphs(of(bureau.engine, "2021-03"), "overall")[0].startswith(
        "2021年3月信访总量6件，上期3件；涉及6人次，上期3人次。"
    )


def test_a_base_of_nothing_is_said_once(bureau: Bureau) -> None:
    rows = [item("a", date(2021, 1, 4)), *(item(f"b{n}", date(2021, 3, 1 + n)) for n in range(6))]
    bureau.bring("petitions", *rows, covers_to=date(2021, 3, 31))
    assert paragraphs(of(bureau.engine, "2021-03"), "overall")[0].startswith(
        "2021年3月信访总量6件，上期为0；"
    )


def test_what_cannot_be_compared_is_said_once_a_chapter(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a", date(2021, 3, 4)), covers_to=date(2021, 3, 31))
    told = paragraphs(of(bureau.engine, "2021-03"), "overall")
    assert told[0] == "2021年3月信访总量1件；涉及1人次。2021年1—3月累计信访总量1件；涉及1人次。"
    assert told[-1] == "上年同期、上期没有数据，不作同比、环比。"
    assert "同比" not in "".join(told[:-1]) and "上期" not in "".join(told[:-1])


def test_a_month_without_items_within_the_data_counts_nothing(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a", date(2021, 1, 4)), item("b", date(2021, 4, 4)))
    found = of(bureau.engine, "2021-02")
    assert "2021年2月信访总量0件" in said(found, "overall")
    assert said(found, "places").startswith("信访总量0件。")
    assert [figure.figure.name for figure in found.chapters[2].figures] == []


def test_no_visits_are_told_as_none(bureau: Bureau) -> None:
    bureau.bring("petitions", *(item(f"a{n}", date(2021, 3, 1 + n)) for n in range(12)))
    assert "来访0批，占信访总量0.0%" in said(of(bureau.engine, "2021-03"), "channels")


def test_a_month_not_finished_says_to_which_day(demo_brief: Callable[[str], Brief]) -> None:
    found = demo_brief("2021-12")
    assert said(found, "overall").startswith("2021年12月（截至13日）信访总量87件，同比上升3.6%")
    assert found.title == "2021年12月（截至13日）信访形势分析研判材料"


def test_missing_files_are_named_and_nothing_is_said_of_them(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a", date(2021, 3, 4)))
    found = of(bureau.engine, "2021-03")
    assert paragraphs(found, "supervision") == ["尚未导入督查督办数据，本部分从略。"]
    assert "逾期未反馈" not in said(found, "problems")


def test_a_filter_that_does_not_apply_is_said(demo_engine: Engine) -> None:
    found = of(demo_engine, "2021-11", ("channel", ("letter",)))
    assert paragraphs(found, "backlog")[-1] == "本部分不受“信访形式”筛选。"
    assert "筛选：信访形式=来信" in found.origin


def test_of_the_looker_of_one_township_nothing_else_is_told(demo_engine: Engine) -> None:
    found = of(demo_engine, "2021-11", scope=Scope("宁中镇"))
    others = [t.name for t in demo_engine.site.townships if t.name != "宁中镇"]
    assert not [name for name in others if name in text(found)]
    assert "不分镇街" in said(found, "receptions") or "市领导" not in text(found)


def test_late_things_are_named_and_their_absence_is_said(bureau: Bureau) -> None:
    bureau.bring(
        "petitions",
        item("a", date(2021, 1, 4), accepted_on=date(2021, 1, 5), due_on=date(2021, 2, 1), township="宁中镇"),
        covers_to=date(2021, 3, 31),
    )
    assert "超期未办结1件。" in said(of(bureau.engine, "2021-03"), "problems")
    closed = {"closed_on": date(2021, 1, 20), "replied_on": date(2021, 1, 20), "channel": "letter"}
    bureau.bring("petitions", item("a", date(2021, 1, 4), **closed), covers_to=date(2021, 3, 31))
    assert said(of(bureau.engine, "2021-03"), "problems").startswith("现有数据中未发现超期、逾期或遗漏。")


def test_of_what_has_no_data_nothing_is_cleared(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a", date(2021, 3, 4)), covers_to=date(2021, 3, 31))
    told = paragraphs(of(bureau.engine, "2021-03"), "problems")
    assert told[-1] == "信访积案、督查督办、领导接访、矛盾排查当月没有数据，未作判断。"


def test_a_projection_names_the_filters_that_it_was_made_under(demo_engine: Engine) -> None:
    found = of(demo_engine, "2021-11", ("township", ("大坪镇",)))
    (source,) = (one for one in found.sources if one.query is None)
    assert "--where township=大坪镇" in source.command and "镇街=大坪镇" in source.words


def test_a_file_that_ends_earlier_is_named(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a", date(2021, 3, 4)), covers_to=date(2021, 3, 31))
    bureau.bring("screenings", screening("a", date(2021, 2, 4)), covers_to=date(2021, 2, 28))
    found = of(bureau.engine, "2021-03")
    assert found.as_of == date(2021, 3, 31)
    assert found.origin.endswith("矛盾排查只到2021-02-28")


def test_a_journal_that_cannot_be_read_takes_no_brief_away(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a", date(2021, 3, 4)), covers_to=date(2021, 3, 31))
    (bureau.store.path / "journal.sqlite").write_bytes(b"no database")
    found = of(bureau.engine, "2021-03")
    assert [plain_text(told)[:13] for told in found.decisions] == ["以往会议交办事项没有列出："]
    assert "信访总量1件" in said(found, "overall")


def test_history_too_short_is_not_called_normal(bureau: Bureau) -> None:
    bureau.bring("petitions", *(item(f"a{n}", date(2021, 3, 1 + n % 28)) for n in range(60)))
    found = of(bureau.engine, "2021-03")
    assert "正常波动" not in text(found)
    assert "不作统计判断" in said(found, "advice")


def test_members_that_stand_level_are_not_left_out_silently(bureau: Bureau) -> None:
    names = ["兴田街道", "宁中镇", "新陂镇", "坭陂镇"]
    rows = [
        item(f"{n}{name}", date(2021, 3, 4), township=name, responsible_unit=f"单位{n}")
        for n, name in enumerate(names * 3)
    ]
    bureau.bring("petitions", *rows, covers_to=date(2021, 3, 31))
    assert "兴田街道3件（占25.0%）、坭陂镇3件（占25.0%）、宁中镇3件（占25.0%）、新陂镇3件（占25.0%）" in said(
        of(bureau.engine, "2021-03"), "places"
    )


# --- words with sources --------------------------------------------------------------------------------


def test_a_source_is_numbered_where_its_numbers_end() -> None:
    one, two = Source("一", ""), Source("二", "")
    told = (
        Piece("总量"),
        Piece("3件", one),
        Piece("，"),
        Piece("同比持平", one),
        Piece("，环比"),
        Piece("上升", two),
        Piece("。"),
    )
    assert marked(told, (one, two)) == [("总量3件，同比持平", 1), ("，环比上升", 2), ("。", None)]
    assert marked((Piece("没有数字。"),), ()) == [("没有数字。", None)]
    assert "".join(words for words, _ in marked(told, (one, two))) == plain_text(told)


def test_a_brief_stands_still_while_data_come_in(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a", date(2021, 3, 4)), covers_to=date(2021, 3, 31))
    still = bureau.engine.frozen(bureau.engine.versions())
    bureau.bring("petitions", item("b", date(2021, 3, 5)), covers_to=date(2021, 4, 30))
    assert "信访总量1件" in said(of(still, "2021-03"), "overall")
    assert "信访总量2件" in said(of(bureau.engine, "2021-03"), "overall")
    assert still.coverage("petitions") != bureau.engine.coverage("petitions")


def test_frozen_duties_are_known_to_the_day_of_their_own_files(bureau: Bureau) -> None:
    bureau.bring("screenings", screening("a", date(2021, 3, 4)), covers_to=date(2021, 3, 31))
    still = bureau.engine.frozen(bureau.engine.versions())
    before = still.ask(("screenings_missed",), (), period("2021-03"))
    bureau.bring("screenings", screening("b", date(2021, 4, 4)), covers_to=date(2021, 4, 30))
    assert still.ask(("screenings_missed",), (), period("2021-03")) == before
    assert dict(before.query.versions)["screenings"] == still.versions()["screenings"]


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    return Bureau(tmp_path / "data")
