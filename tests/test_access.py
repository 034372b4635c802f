"""Who may see what: enforced where numbers and rows come from, whatever a page does."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.access import ROLES, Access, Person
from analytics.app import access, noting, signouts
from analytics.app.access import Claim, Logins, admitted, claimed
from analytics.app.looker import Looker
from analytics.briefs.archive import archive
from analytics.briefs.compose import brief
from analytics.briefs.decisions import decide, decisions
from analytics.catalogue.clocks import CLOCKS
from analytics.citing import query_command
from analytics.engine import Engine, Forbidden
from analytics.insight.warning.marks import say
from analytics.model import RIGHTS, Period, Scope, Selection
from analytics.settings import load_site
from analytics.site import Refusal, Site
from tests.bureau import PREFECTURE, SITE, Bureau, item

MARCH = Selection(Period.month("2021-03"))
NINGZHONG, XINPI = Scope("宁中镇"), Scope("新陂镇")


@pytest.fixture
def two(tmp_path: Path) -> Bureau:
    """Two items in 宁中镇, one in 新陂镇."""
    bureau = Bureau(tmp_path / "store")
    places = ("宁中镇", "宁中镇", "新陂镇")
    bureau.bring("petitions", *[item(n, f"2021-03-0{n + 1}", township=t) for n, t in enumerate(places)])
    return bureau


def role(engine: Engine, *names: str, township: str | None = None) -> Engine:
    return engine.seen_by(Person("somebody", names, township).scope)


# --- scopes ------------------------------------------------------------------------------------------------

SCOPES = st.builds(
    Scope,
    st.sampled_from([None, "宁中镇", "新陂镇"]),
    st.frozensets(st.sampled_from(sorted(RIGHTS))),
    st.sampled_from(["", "44", "4414", "441481", "441422"]),
)


@given(SCOPES, SCOPES)
def test_two_scopes_together_never_allow_more_than_either(one: Scope, other: Scope) -> None:
    both = one.within(other)
    assert both.rights <= one.rights & other.rights
    if both.rights:
        for scope in (one, other):
            assert scope.covers(both)
    assert both == other.within(one) or not both.rights


@pytest.fixture
def three(tmp_path: Path) -> Bureau:
    """Two items in 兴宁市, one of them of no township, one in 大埔县, one nowhere."""
    bureau = Bureau(tmp_path / "store", PREFECTURE)
    places = (("宁中镇", None), (None, "441481"), ("高陂镇", None), (None, None))
    bureau.bring(
        "petitions",
        *(item(n, f"2021-03-0{n + 1}", township=t, region_code=c) for n, (t, c) in enumerate(places)),
        covers_to=date(2021, 3, 31),  # a whole month, whose sums may be held
    )
    return bureau


@pytest.mark.parametrize(
    ("area", "seen"), [("44", 3), ("4414", 3), ("441481", 2), ("441422", 1), ("4415", 0)]
)
def test_who_is_confined_to_an_area_sees_what_lies_in_it(three: Bureau, area: str, seen: int) -> None:
    own, versions = three.engine.seen_by(Scope(area=area)), three.engine.versions()
    assert own.ask(("petitions",), period=MARCH.period).value("petitions") == seen
    assert len(own.records("petitions", MARCH, versions, 9).rows) == seen
    assert own.ask(("receptions",), period=MARCH.period).value("receptions") == 0
    made = three.engine.query(("petitions",), period=MARCH.period)
    assert three.engine.answer(made).value("petitions") == 4
    assert own.answer(made).value("petitions") == seen
    assert own.seen_by(Scope()).answer(made).value("petitions") == seen


def test_areas_nest_and_those_apart_allow_nothing(three: Bureau) -> None:
    county = three.engine.seen_by(Scope(area="4414")).seen_by(Scope(area="441481"))
    assert county.scope == three.engine.seen_by(Scope(area="441481")).seen_by(Scope(area="4414")).scope
    assert county.ask(("petitions",), period=MARCH.period).value("petitions") == 2
    with pytest.raises(Forbidden):
        county.ask(("petitions",), period=MARCH.period, scope=Scope(area="441422"))
    township = county.seen_by(NINGZHONG)
    assert township.ask(("petitions",), period=MARCH.period).value("petitions") == 1


def test_a_number_of_an_area_is_cited_with_its_code(three: Bureau) -> None:
    own = three.engine.seen_by(Scope(area="441481"))
    command = query_command(own.query(("petitions",), period=MARCH.period))
    assert "--where county=441481" in command
    again = three.engine.ask(("petitions",), period=MARCH.period, where={"county": ["441481"]})
    assert again.value("petitions") == 2


def test_a_scoped_engine_cannot_be_widened(two: Bureau) -> None:
    """Neither by asking under no scope, nor under another, nor with a query made elsewhere, nor again."""
    own = two.engine.seen_by(NINGZHONG)
    assert own.ask(("petitions",), period=MARCH.period).value("petitions") == 2
    made = two.engine.query(("petitions",), period=MARCH.period)
    assert two.engine.answer(made).value("petitions") == 3
    assert own.answer(made).value("petitions") == 2
    with pytest.raises(Forbidden):
        own.ask(("petitions",), period=MARCH.period, scope=XINPI)
    assert own.seen_by(Scope()).ask(("petitions",), period=MARCH.period).value("petitions") == 2


def test_every_way_to_rows_and_numbers_is_within_the_scope(two: Bureau) -> None:
    own, versions = two.engine.seen_by(NINGZHONG), two.engine.versions()
    assert len(own.records("petitions", MARCH, versions, 9).rows) == 2
    assert len(own.adding("petitions", MARCH, versions, 9) or ()) == 2
    assert (
        sum(map(sum, own.stretches("petitions", ("township",), (MARCH.period,), MARCH, versions).values()))
        == 2
    )
    for clock in CLOCKS:
        whole = two.engine.waiting(clock, date(2021, 3, 20), MARCH, versions)
        mine = own.waiting(clock, date(2021, 3, 20), MARCH, versions)
        assert sum(sum(w.counts) for w in mine) <= sum(sum(w.counts) for w in whole)
        rows = own.queue(clock, date(2021, 3, 20), MARCH, versions, 99)
        names = [field.name for field in rows.fields]
        if "township" in names:
            assert {row[names.index("township")] for row in rows.rows} <= {"宁中镇"}


def test_what_was_worked_out_for_one_scope_is_not_given_to_another(two: Bureau) -> None:
    """Under the same key, in either order."""
    own = two.engine.seen_by(NINGZHONG)
    found = [engine.remember("key", lambda e=engine: e.scope.township) for engine in (two.engine, own)]
    assert found == [None, "宁中镇"]
    leader, analyst = role(two.engine, "leader"), role(two.engine, "analyst")
    assert analyst.remember("rows", lambda: "rows") == "rows"
    assert leader.remember("rows", lambda: "counts") == "counts"


# --- roles -------------------------------------------------------------------------------------------------

WAYS: dict[str, Callable[[Engine], object]] = {
    "counts": lambda e: e.ask(("petitions",), period=MARCH.period),
    "records": lambda e: e.records("petitions", MARCH, e.versions(), 9),
    "people": lambda e: e.of_person("0" * 32, 9),
    "decide": lambda e: decide(e, "2021-03", "volumes", "请核实", "某单位"),
}
MORE: dict[str, list[Callable[[Engine], object]]] = {
    "counts": [
        lambda e: e.answer(e.seen_by(Scope()).query(("petitions",), period=MARCH.period)),
        lambda e: e.adding("petitions", MARCH, e.versions(), 9),
        lambda e: e.waiting(CLOCKS[0], date(2021, 3, 20), MARCH, e.versions()),
        lambda e: e.spells(MARCH, e.versions()),
        lambda e: decisions(e),
        lambda e: brief(e, MARCH),
    ],
    "records": [
        lambda e: e.queue(CLOCKS[0], date(2021, 3, 20), MARCH, e.versions(), 9),
        lambda e: e.chains(MARCH, e.versions(), 9),
    ],
    "people": [],
    "decide": [lambda e: say(e, e.versions(), [], "confirmed")],
}


@pytest.mark.parametrize("name", ROLES)
def test_each_role_has_its_rights_and_no_other(two: Bureau, name: str) -> None:
    """leader: no records; analyst: no people; admin: no records; auditor: nothing but the log."""
    engine = role(two.engine, name, township="宁中镇" if name == "township" else None)
    for right, way in WAYS.items():
        for one in (way, *MORE[right]):
            if right in ROLES[name].rights:
                one(engine)
            else:
                with pytest.raises(Forbidden, match="您的角色不能"):
                    one(engine)


def test_duties_are_apart() -> None:
    """As the roles were agreed."""
    may = {name: {right for right in RIGHTS if right in one.rights} for name, one in ROLES.items()}
    assert may["auditor"] == {"audit"}
    assert "records" not in may["leader"] | may["admin"]
    assert [name for name in may if "people" in may[name]] == ["officer"]
    assert [name for name in may if "import" in may[name]] == ["admin"]
    assert [name for name in may if "audit" in may[name]] == ["auditor"]


def test_a_township_neither_issues_nor_sees_what_others_issued(two: Bureau) -> None:
    archive(two.engine, brief(two.engine, MARCH), {})
    own = role(two.engine, "township", township="宁中镇")
    with pytest.raises(Forbidden):
        archive(own, brief(own, MARCH), {})
    decide(two.engine, "2021-03", "volumes", "请核实", "某单位")
    assert decisions(own) == ()


def test_a_person_is_found_by_code_alone(two: Bureau) -> None:
    """Of all days; 未填 is nobody."""
    two.bring(
        "petitions",
        item(8, "2020-01-05", petitioner_key="a" * 32),
        item(9, "2021-03-05", petitioner_key="a" * 32),
    )
    names = [field.name for field in two.engine.of_person("a" * 32, 9).fields]
    rows = two.engine.of_person("a" * 32, 9).rows
    assert [row[names.index("petition_id")] for row in rows] == ["9", "8"]
    assert two.engine.of_person("a" * 32, 1).more
    assert two.engine.of_person("未填", 9).rows == ()


# --- site.toml ---------------------------------------------------------------------------------------------


def written(folder: Path, text: str) -> Path:
    path = folder / "site.toml"
    path.write_text(f'bureau = "某局"\ncounty = "某县"\n{text}\n[[townships]]\nname = "宁中镇"\n', "utf-8")
    return path


def test_people_are_read_with_their_roles(tmp_path: Path) -> None:
    people = '[[people]]\naccount = " Fenxi@Bureau.example "\nroles = ["analyst", "admin"]\n'
    people += '[[people]]\naccount = "zhen"\nroles = ["township"]\ntownship = "宁中"\n'
    site = load_site(written(tmp_path, f"[access]\nidle_minutes = 5\n{people}"))
    first, second = site.access.people
    assert first == Person("fenxi@bureau.example", ("analyst", "admin"))
    assert first.scope.rights == ROLES["analyst"].rights | ROLES["admin"].rights
    assert second.scope == Scope("宁中镇", ROLES["township"].rights)
    assert site.access.person("FENXI@bureau.example ") is first
    assert site.access.person("nobody") is None


def confined(folder: Path, area: str) -> Site:
    towns = "".join(f'[[townships]]\nname = "{c}镇"\ncode = "{c}"\n' for c in ("990101101", "990201101"))
    people = f'[[people]]\naccount = "shi"\nroles = ["analyst"]\narea = "{area}"\n'
    path = folder / "site.toml"
    path.write_text(f'bureau = "某局"\ncounty = "某省"\ncode = "99"\n{people}{towns}', "utf-8")
    return load_site(path)


def test_whoever_sees_one_place_is_given_its_code(tmp_path: Path) -> None:
    (person,) = confined(tmp_path, "9901").access.people
    assert person.scope == Scope(rights=ROLES["analyst"].rights, area="9901")
    assert person.words == "shi（分析人员 区划 9901）"
    for wrong in ("9903", "99010", "990101101", "0"):
        with pytest.raises(Refusal, match=f"area = '{wrong}' 应是本级名单之内"):
            confined(tmp_path, wrong)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            'account = "a"\nroles = ["township"]\ntownship = "宁中镇"\narea = "44"',
            "写了 township 的不写 area",
        ),
        ('account = "a"\nroles = ["king"]', "king"),
        ('account = "a"\nroles = []', "至少有一个角色"),
        ('account = " "\nroles = ["leader"]', "account"),
        ('account = "a"\nroles = ["township"]', "township"),
        ('account = "a"\nroles = ["leader"]\ntownship = "宁中镇"', "township"),
        ('account = "a"\nroles = ["township", "leader"]\ntownship = "宁中镇"', "不与其他角色同用"),
        ('account = "a"\nroles = ["township"]\ntownship = "别处镇"', "别处镇"),
        ('account = "a"\nroles = ["leader"]\n[[people]]\naccount = "A"\nroles = ["admin"]', "写了两次"),
    ],
)
def test_a_slip_in_people_lets_nobody_in_by_accident(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(Refusal, match=told):
        load_site(written(tmp_path, f"[[people]]\n{text}"))


def test_who_may_look_changes_no_number() -> None:
    """Neither derived columns nor duties are worked out anew."""
    other = replace(SITE, access=Access(people=(Person("a", ("leader",)),)))
    assert (other.derivation_hash, other.roster_hash) == (SITE.derivation_hash, SITE.roster_hash)


# --- who it is ---------------------------------------------------------------------------------------------

PROXIED = replace(SITE, access=Access(header="X-Remote-User", people=(Person("a@b", ("leader",)),)))
TOKEN = {"email": "A@b", "email_verified": True, "iat": time.time()}


def test_the_account_is_the_headers_or_the_tokens_never_both() -> None:
    claim = claimed(PROXIED, {"X-Remote-User": "A@B "}, {"email": "other"})
    assert claim is not None and claim.account == "a@b"
    assert claimed(PROXIED, {}, TOKEN) is None
    direct = replace(SITE, access=replace(PROXIED.access, header=""))
    claim = claimed(direct, {"X-Remote-User": "x"}, TOKEN)
    assert claim is not None and claim.account == "a@b"
    for said in (False, "false", 0):
        assert claimed(direct, {}, TOKEN | {"email_verified": said}) is None
    assert claimed(direct, {}, TOKEN | {"email_verified": "true"}) is not None
    assert claimed(direct, {}, {"sub": "a@b"}) is None


def test_a_sign_in_ends_when_left_alone_and_stays_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also after the server was started anew, which remembers no click."""
    now = [1_000_000.0]
    monkeypatch.setattr(access.time, "time", lambda: now[0])
    logins = Logins()
    assert not logins.is_idle("a|1", now[0], 60)
    assert logins.is_idle("a|1", now[0] - 61, 60)
    logins.use("a|1")
    now[0] += 59
    assert not logins.is_idle("a|1", 0, 60)
    now[0] += 2
    assert logins.is_idle("a|1", 0, 60)
    logins.use("a|1")
    logins.end("a|1")
    assert logins.is_idle("a|1", now[0], 60)


def test_who_signed_out_stays_out_when_the_server_starts_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PETITION_DATA", str(tmp_path))
    monkeypatch.setattr(access.st, "logout", lambda: None)
    monkeypatch.setattr(access, "seen", lambda *what: None)
    access.sign_out(Looker("a", "a|1"))
    monkeypatch.setattr(access, "LOGINS", Logins())
    signouts._known.cache_clear()
    assert access.LOGINS.is_idle("a|1", time.time(), 60)
    assert not access.LOGINS.is_idle("a|2", time.time(), 60), "a sign-in since then"
    assert b"a|1" not in (tmp_path / "journal.sqlite").read_bytes()


def test_a_sign_out_that_cannot_be_written_holds_all_the_same_and_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PETITION_DATA", str(tmp_path / "journal.sqlite"))
    (tmp_path / "journal.sqlite").write_text("no folder")
    monkeypatch.setattr(access.st, "logout", lambda: None)
    monkeypatch.setattr(access, "seen", lambda *what: None)
    monkeypatch.setattr(access, "LOGINS", Logins())
    monkeypatch.setattr(access, "TROUBLE", noting.Trouble())
    access.sign_out(Looker("a", "a|1"))
    assert access.LOGINS.is_idle("a|1", time.time(), 60)
    assert "没有保存" in access.TROUBLE.words


def test_only_listed_accounts_with_a_living_sign_in_are_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "LOGINS", Logins())
    fresh = Claim("a@b", "a@b|1", time.time())
    assert admitted(PROXIED, fresh) == PROXIED.access.people[0]
    assert admitted(PROXIED, Claim("c@d", "c@d|1", time.time())) is None
    assert admitted(PROXIED, replace(fresh, login="a@b|0", began=time.time() - 9_999)) is None
    assert admitted(PROXIED, None) is None
