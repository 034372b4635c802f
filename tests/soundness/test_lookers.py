"""Wrong numbers that come from who asks, and from many asking at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Event

from analytics.model import Scope
from tests.bureau import Bureau, item, order

AS_OF = date(2021, 12, 31)
MARCH = "2021-03"
NINGZHONG = Scope("宁中镇")


def test_township_user_shown_the_whole_county(bureau: Bureau) -> None:
    """A township sees its own rows; 未填 and 未识别 are in nobody's scope."""
    bureau.bring(
        "petitions",
        item(1, "2021-03-01", township="宁中"),
        item(2, "2021-03-01", township="新陂镇"),
        item(3, "2021-03-01", township="某个别处的镇"),
        item(4, "2021-03-01"),
    )
    assert bureau.number("petitions", MARCH, as_of=AS_OF, scope=NINGZHONG) == 1
    assert bureau.table("petitions", MARCH, "township", as_of=AS_OF, scope=NINGZHONG) == {"宁中镇": 1}


def test_scope_widened_by_a_filter(bureau: Bureau) -> None:
    """Filtering by another township shows nothing of it."""
    bureau.bring(
        "petitions", item(1, "2021-03-01", township="宁中镇"), item(2, "2021-03-01", township="新陂镇")
    )
    where = {"township": ["新陂镇", "宁中镇"]}
    assert bureau.number("petitions", MARCH, where=where, as_of=AS_OF, scope=NINGZHONG) == 1
    assert (
        bureau.number("petitions", MARCH, where={"township": ["新陂镇"]}, as_of=AS_OF, scope=NINGZHONG) == 0
    )


def test_answer_cached_for_a_leader_given_to_a_township(bureau: Bureau) -> None:
    """The scope is part of the question."""
    bureau.bring(
        "petitions", item(1, "2021-03-01", township="宁中镇"), item(2, "2021-03-01", township="新陂镇")
    )
    found = [bureau.number("petitions", MARCH, as_of=AS_OF, scope=s) for s in (Scope(), NINGZHONG, Scope())]
    assert found == [2, 1, 2]


def test_comparison_made_outside_the_scope(bureau: Bureau) -> None:
    """The base is of the same township."""
    bureau.bring(
        "petitions", item(1, "2021-02-01", township="新陂镇"), item(2, "2021-03-01", township="宁中镇")
    )
    result = bureau.ask("petitions open", MARCH, as_of=AS_OF, scope=NINGZHONG, compare="previous")
    assert result.base_cell("petitions").value == 0  # type: ignore[union-attr]
    assert result.value("open") == 1


def test_threads_given_each_others_numbers(bureau: Bureau) -> None:
    """Asked by many at once, over several versions, every answer is the one that it is alone."""
    versions = []
    for n in range(5):
        bureau.bring(
            "petitions", *[item(f"{n}-{i}", f"2021-03-{i + 1:02}", persons=i + 1) for i in range(10)]
        )
        versions.append(bureau.engine.versions())
    bureau.bring("supervisions", order(1, "2021-03-03"))

    def ask(n: int) -> object:
        last = 1 + n % 10
        at = versions[n % 5]
        result = bureau.ask("petitions persons", f"2021-03-01 2021-03-{last:02}", as_of=AS_OF, versions=at)
        return result.rows()

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(ask, range(200)))
    expected = [
        [{"petitions": (n % 5 + 1) * k, "persons": (n % 5 + 1) * k * (k + 1) // 2}]
        for n in range(200)
        for k in [1 + n % 10]
    ]
    assert answers == expected


def test_half_an_import_counted(bureau: Bureau) -> None:
    """While an import runs, every reader sees all of the old rows or all of the new, never a mixture."""
    numbers = range(30)
    bureau.bring("petitions", *[item(n, f"20{20 + n % 2}-03-01", channel="letter") for n in numbers])
    seen: set[tuple[object, object]] = set()

    def watch(stop: Event) -> None:
        while not stop.wait(0.001):  # or the import would have no turn
            result = bureau.ask("letters visits", "2020-01-01 2021-12-31", as_of=AS_OF)
            seen.add((result.value("letters"), result.value("visits")))

    stop = Event()
    with ThreadPoolExecutor(2) as threads:
        watching = [threads.submit(watch, stop) for _ in range(2)]
        try:
            for channel in ("visit", "letter", "visit"):
                bureau.bring(
                    "petitions", *[item(n, f"20{20 + n % 2}-03-01", channel=channel) for n in numbers]
                )
        finally:
            stop.set()
    assert [watcher.result() for watcher in watching] == [None, None]
    assert seen <= {(30, 0), (0, 30)}
    assert bureau.number("visits", "2020-01-01 2021-12-31", as_of=AS_OF) == 30
