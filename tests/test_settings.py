"""site.toml: what it says becomes the Site; whatever is wrong in it is told with file and entry."""

from datetime import date
from pathlib import Path

import pytest

from analytics.places import Area, Township
from analytics.settings import lists_of, load_site
from analytics.site import ROOT, USUAL, Official, Refusal, Serving, Site, Thresholds, Unit
from analytics.workdays import Workdays

HEAD = 'bureau = "示例县信访局"\ncounty = "示例县"\n'
TOWNSHIPS = '[[townships]]\nname = "东岭镇"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "site.toml"


def read(file: Path, text: str) -> Site:
    file.write_text(text, "utf-8")
    return load_site(file)


def refusal(file: Path, text: str) -> str:
    with pytest.raises(Refusal) as refused:
        read(file, text)
    return str(refused.value)


# --- what is right ----------------------------------------------------------------------------------


def test_two_names_are_enough(file: Path) -> None:
    assert read(file, HEAD) == Site("示例县信访局", "示例县")
    assert load_site(file).cadences == USUAL


def test_every_entry_arrives(file: Path) -> None:
    site = read(
        file,
        f"""{HEAD}code = "990101"
[settings]
backlog_closed_by = "reported"
reject_limit = 0
coverage_jump_days = 30
small_base = 5
[receptions]
days = [5, 31]
day_off = "moved"
since = 2020-01-01
[screenings]
since = 2020-02-01
city = "half_month"
village = "month"
[repeats]
days = 180
[calendar]
holidays = [2027-02-05]
workdays = [2027-02-07]
[warnings]
abnormal = 0.05
alarm = 0.3
matter_weeks = 8
group_visits = 3
group_persons = 50
escalations = 1
cluster_weeks = 2
baseline_weeks = 26
deadline_days = 14
[brief]
template = "模板.PPTX"
[[officials]]
name = "县领导一"
contacts = ["东岭镇", "示例县水务局"]
since = 2020-03-01
until = 2020-03-01
[[departments]]
name = "示例县水务局"
aliases = ["县水务局"]
until = 2021-12-31
[[townships]]
name = "东岭镇"
code = "990101101"
aliases = ["东岭管委会"]
villages = ["东一村"]
""",
    )
    assert site == Site(
        bureau="示例县信访局",
        county="示例县",
        code="990101",
        townships=(Township("东岭镇", "990101101", ("东岭管委会",), ("东一村",)),),
        backlog_closed_by="reported",
        reject_limit=0,
        coverage_jump_days=30,
        small_base=5,
        reception_days=(5, 31),
        receptions_since=date(2020, 1, 1),
        receptions_moved=True,
        officials=(Official("县领导一", ("东岭镇", "示例县水务局"), date(2020, 3, 1), date(2020, 3, 1)),),
        screenings_since=date(2020, 2, 1),
        cadences=(
            *(("city", "half_month"), ("township", "half_month")),
            *(("department", "half_month"), ("village", "month")),
        ),
        departments=(Unit("示例县水务局", ("县水务局",), None, date(2021, 12, 31)),),
        calendar=Workdays(frozenset([date(2027, 2, 5)]), frozenset([date(2027, 2, 7)])),
        repeat_days=180,
        warnings=Thresholds(0.05, 0.3, 8, 3, 50, 1, 2, 26, 14),
        template=file.parent / "模板.PPTX",
    )


def test_thresholds_of_warnings_change_no_derived_row(file: Path) -> None:
    usual = read(file, HEAD)
    other = read(file, f"{HEAD}[warnings]\nalarm = 0.5\ncluster_weeks = 2")
    assert other.warnings != usual.warnings
    assert (other.derivation_hash, other.roster_hash) == (usual.derivation_hash, usual.roster_hash)


def test_the_template_of_slides_changes_no_derived_row(file: Path) -> None:
    usual = read(file, HEAD)
    other = read(file, f"{HEAD}[brief]\ntemplate = '模板.pptx'")
    assert other.template != usual.template
    assert (other.derivation_hash, other.roster_hash) == (usual.derivation_hash, usual.roster_hash)


def test_no_reception_day_is_none(file: Path) -> None:
    assert read(file, f"{HEAD}[receptions]\ndays = []").reception_days == ()
    assert read(file, f"{HEAD}[receptions]\n").reception_days == (15, 28)


def test_townships_from_a_table(file: Path) -> None:
    table = "名称,代码,别名,村居\n东岭镇 ,990101101,东岭、 东岭办,东一村、东二村\n西河乡,,,\n"
    (file.parent / "镇街.csv").write_text(table, "utf-8-sig")
    assert read(file, f'township_file = "镇街.csv"\n{HEAD}').townships == (
        Township("东岭镇", "990101101", ("东岭", "东岭办"), ("东一村", "东二村")),
        Township("西河乡"),
    )


def test_a_site_of_any_level(file: Path) -> None:
    prefecture = """bureau = "某局"
county = "某市"
code = "9901"
[[areas]]
code = "990101"
name = "甲县"
[[areas]]
code = "990102"
name = "乙县"
[[townships]]
name = "城关镇"
code = "990101101"
[[townships]]
name = "城关镇"
code = "990102101"
"""
    site = read(file, prefecture)
    assert site.areas == (Area("990101", "甲县"), Area("990102", "乙县"))
    assert [t.name for t in site.townships] == ["甲县城关镇", "乙县城关镇"]
    for code in ("99", "0"):
        wider = read(file, prefecture.replace('"9901"', f'"{code}"'))
        assert wider.townships == site.townships
        assert wider.derivation_hash != site.derivation_hash
    renamed = read(file, prefecture.replace("甲县", "丙县"))
    assert renamed.derivation_hash != site.derivation_hash


def test_areas_from_a_table(file: Path) -> None:
    (file.parent / "区划.csv").write_text("代码,名称\n9901,某市\n990101,甲县\n", "utf-8-sig")
    site = read(file, f'area_file = "区划.csv"\n{HEAD}code = "99"')
    assert site.areas == (Area("9901", "某市"), Area("990101", "甲县"))
    assert [path.name for path in lists_of(file)] == ["site.toml", "区划.csv"]


def test_the_project_s_own_file_is_right() -> None:
    site = load_site(ROOT / "site.toml")
    assert len(site.townships) == 20
    assert all(township.villages for township in site.townships)


# --- what is wrong ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        # a missing or blank name
        ('county = "示例县"', "缺少 bureau"),
        ('bureau = ""\ncounty = "示例县"', "缺少 bureau"),
        ('bureau = "示例县信访局"\ncounty = " "', "缺少 county"),
        (f"{HEAD}[[townships]]\ncode = '1'", "第 1 个 [[townships]] 缺少 name"),
        (f"{HEAD}{TOWNSHIPS}[[townships]]\nname = ' '", "第 2 个 [[townships]] 缺少 name"),
        (f"{HEAD}code = '99010'", "code = '99010' 应是本级的区划代码：省份 2 位、地市 4 位、县区 6 位数字"),
        (f"{HEAD}code = '990101101'", "code = '990101101' 应是本级的区划代码"),
        (f"{HEAD}{TOWNSHIPS}code = '9901'", "镇街“东岭镇”的代码 '9901' 应是 9 位数字"),
        (f"code = '990102'\n{HEAD}{TOWNSHIPS}code = '990101101'", "不在本级（code = '990102'）之内"),
        (f"{HEAD}{TOWNSHIPS}code = '990101101'\n{TOWNSHIPS}code = '990101101'", "990101101 写了两次"),
        (
            f"{HEAD}{TOWNSHIPS}code = '990101101'\n{TOWNSHIPS}code = '990102101'",
            "请写 code，即本级的区划代码",
        ),
        (f"{HEAD}[[areas]]\nname = '甲县'\ncode = '990101101'", "应是 2 位（省份）、4 位（地市）或 6 位"),
        (f"{HEAD}[[areas]]\nname = '甲'\ncode = '99'\n[[areas]]\nname = '乙'\ncode = '99'", "99 写了两次"),
        (f"{HEAD}[[officials]]\ncontacts = []", "第 1 个 [[officials]] 缺少 name"),
        (f"{HEAD}[[departments]]\naliases = []", "第 1 个 [[departments]] 缺少 name"),
        # a value of another kind
        ('bureau = 5\ncounty = "示例县"', "bureau = 5 应是文字"),
        (f"code = 441481\n{HEAD}", "code = 441481 应是文字"),
        (f"township_file = true\n{HEAD}", "township_file = True 应是文字"),
        (f'{HEAD}[settings]\nsmall_base = "10"', "[settings] small_base = '10' 应是整数"),
        (f"{HEAD}[settings]\nsmall_base = 10.0", "[settings] small_base = 10.0 应是整数"),
        (f"{HEAD}[settings]\nsmall_base = true", "[settings] small_base = True 应是整数"),
        (f"{HEAD}[settings]\nreject_limit = true", "[settings] reject_limit = True 应是数"),
        (f"{HEAD}[settings]\nreject_limit = '5%'", "[settings] reject_limit = '5%' 应是数"),
        (f"{HEAD}[settings]\nbacklog_closed_by = 1", "[settings] backlog_closed_by = 1 应是文字"),
        (f"{HEAD}[receptions]\nsince = '2021-01-01'", "[receptions] since = '2021-01-01' 应是日期"),
        (
            f"{HEAD}[receptions]\nsince = 2021-01-01T08:00:00",
            "[receptions] since = 2021-01-01 08:00:00 应是日期",
        ),
        (f"{HEAD}[screenings]\nsince = 2021", "[screenings] since = 2021 应是日期"),
        (f"{HEAD}[receptions]\ndays = 15", "[receptions] days = 15 应是列表"),
        (f"{HEAD}[receptions]\ndays = ['15']", "[receptions] days 的每一项应是整数"),
        (f"{HEAD}[receptions]\ndays = [15.0]", "[receptions] days 的每一项应是整数"),
        (f"{HEAD}[receptions]\ndays = [15, true]", "[receptions] days 的每一项应是整数"),
        (f"{HEAD}[calendar]\nholidays = ['2027-02-05']", "[calendar] holidays 的每一项应是日期"),
        (f"{HEAD}[calendar]\nworkdays = [2027-02-05T00:00:00]", "[calendar] workdays 的每一项应是日期"),
        (f"{HEAD}[[officials]]\nname = 1", "第 1 个 [[officials]] name = 1 应是文字"),
        (
            f"{HEAD}[[officials]]\nname = '甲'\ncontacts = '东岭镇'",
            "第 1 个 [[officials]] contacts = '东岭镇' 应是列表",
        ),
        (
            f"{HEAD}[[officials]]\nname = '甲'\ncontacts = ['']",
            "第 1 个 [[officials]] contacts 里有一项是空的",
        ),
        (
            f"{HEAD}[[officials]]\nname = '甲'\nuntil = '今年'",
            "第 1 个 [[officials]] until = '今年' 应是日期",
        ),
        (
            f"{HEAD}[[departments]]\nname = '甲'\naliases = [1]",
            "第 1 个 [[departments]] aliases 的每一项应是文字",
        ),
        (f"{HEAD}[[departments]]\nname = '甲'\nsince = 1", "第 1 个 [[departments]] since = 1 应是日期"),
        (f"{HEAD}{TOWNSHIPS}villages = [' ']", "第 1 个 [[townships]] villages 里有一项是空的"),
        # a number or a word outside what is allowed
        (f"{HEAD}[settings]\nreject_limit = 1.01", "[settings] reject_limit = 1.01 应在 0.0 与 1.0 之间"),
        (f"{HEAD}[settings]\nreject_limit = nan", "[settings] reject_limit = nan 应在 0.0 与 1.0 之间"),
        (
            f"{HEAD}[settings]\ncoverage_jump_days = 0",
            "[settings] coverage_jump_days = 0 应在 1 与 3650 之间",
        ),
        (f"{HEAD}[settings]\nsmall_base = -1", "[settings] small_base = -1 应在 0 与 1000 之间"),
        (
            f"{HEAD}[settings]\nbacklog_closed_by = 'both'",
            "[settings] backlog_closed_by = 'both' 只能是 verified",
        ),
        (f"{HEAD}[receptions]\ndays = [0]", "[receptions] days 应是 1 至 31"),
        (f"{HEAD}[receptions]\ndays = [15, 32]", "[receptions] days 应是 1 至 31"),
        (f"{HEAD}[receptions]\nday_off = 'skipped'", "[receptions] day_off = 'skipped' 只能是 kept"),
        (f"{HEAD}[screenings]\nvillage = 'daily'", "[screenings] village = 'daily' 只能是 month"),
        (
            f"{HEAD}[[officials]]\nname = '甲'\nsince = 2021-03-02\nuntil = 2021-03-01",
            "第 1 个 [[officials]] until = 2021-03-01 早于 since = 2021-03-02",
        ),
        (f"{HEAD}[warnings]\nalarm = '20%'", "[warnings] alarm = '20%' 应是数"),
        (f"{HEAD}[warnings]\nalarm = 20", "[warnings] alarm = 20 应在 0.0 与 10.0 之间"),
        (f"{HEAD}[warnings]\nmatter_weeks = 12.5", "[warnings] matter_weeks = 12.5 应是整数"),
        (f"{HEAD}[warnings]\ngroup_visits = 0", "[warnings] group_visits = 0 应在 1 与 1000 之间"),
        (f"{HEAD}[warnings]\ngroup_persons = 4", "[warnings] group_persons = 4 应在 5 与 100000 之间"),
        (f"{HEAD}[warnings]\nalarm = 0.1\nabnormal = 0.2", "[warnings] alarm 不能小于 abnormal"),
        (
            f"{HEAD}[warnings]\nbaseline_weeks = 12\ncluster_weeks = 5",
            "baseline_weeks 至少应是 cluster_weeks",
        ),
        # an entry nobody knows
        (f"{HEAD}[warnings]\nalert = 0.2", "[warnings] 里不认识“alert”；可用：abnormal、alarm"),
        (f"county_name = ''\n{HEAD}", "site.toml：里不认识“county_name”；可用：settings、receptions"),
        (f"{HEAD}[setting]", "site.toml：里不认识“setting”"),
        (f"{HEAD}[settings]\nlimit = 1", "[settings] 里不认识“limit”；可用：backlog_closed_by"),
        (f"{HEAD}[receptions]\nday = [15]", "[receptions] 里不认识“day”；可用：days"),
        (f"{HEAD}[screenings]\ntown = 'week'", "[screenings] 里不认识“town”；可用：since、city"),
        (f"{HEAD}[repeats]\ndays = 0", "[repeats] days = 0 应在 1 与 3650 之间"),
        (f"{HEAD}[repeats]\ndays = 3651", "[repeats] days = 3651 应在 1 与 3650 之间"),
        (f"{HEAD}[repeats]\ndays = '一年'", "[repeats] days = '一年' 应是整数"),
        (f"{HEAD}[repeats]\nday = 5", "[repeats] 里不认识“day”；可用：days"),
        (f"{HEAD}[calendar]\nholiday = []", "[calendar] 里不认识“holiday”；可用：holidays、workdays"),
        (
            f"{HEAD}[[officials]]\nname = '甲'\nunit = '乙'",
            "第 1 个 [[officials]] 里不认识“unit”；可用：name、contacts",
        ),
        (f"{HEAD}[[departments]]\nname = '甲'\ncontacts = []", "第 1 个 [[departments]] 里不认识“contacts”"),
        (f"{HEAD}{TOWNSHIPS}village = []", "第 1 个 [[townships]] 里不认识“village”"),
        # a section of another shape
        (f"settings = 5\n{HEAD}", "[settings] 应是一节"),
        (f"{HEAD}[[receptions]]\ndays = [15]", "[receptions] 应是一节"),
        (f"{HEAD}[officials]\nname = '甲'", "officials 应是 [[officials]] 的列表"),
        (f"townships = ['东岭镇']\n{HEAD}", "第 1 个 [[townships]] 应是一节"),
        # a list of townships that cannot be had
        (f"township_file = '没有.csv'\n{HEAD}", "读不了镇街名单"),
        (f"{HEAD}[brief]\ntemplate = '../模板.pptx'", "[brief] template = '../模板.pptx' 应是与 site.toml"),
        (f"{HEAD}[brief]\ntemplate = '模板.ppt'", "应是与 site.toml 在同一个文件夹的 .pptx 文件"),
        (f"township_file = '没有.csv'\n{HEAD}{TOWNSHIPS}", "township_file 与 [[townships]] 只能用一种"),
        # no TOML at all
        ("bureau = 示例县信访局", "不是正确的 TOML"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_entry(file: Path, text: str, told: str) -> None:
    message = refusal(file, text)
    assert told in message
    assert f"{file}" in message


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("代码,别名\n1,甲\n", "每行都要有“名称”列"),
        ("名称,代码\n东岭镇,1\n ,2\n", "每行都要有“名称”列"),
        ("名称,代码\n", "每行都要有“名称”列"),
        ("", "每行都要有“名称”列"),
        ("名称\n东岭镇\n".encode("gb18030"), "应是 UTF-8 编码的 CSV"),
    ],
)
def test_a_table_of_townships_that_is_none(file: Path, content: str | bytes, told: str) -> None:
    table = file.parent / "镇街.csv"
    table.write_bytes(content if isinstance(content, bytes) else content.encode())
    message = refusal(file, f"township_file = '镇街.csv'\n{HEAD}")
    assert told in message
    assert f"{table}" in message


def test_a_file_that_cannot_be_read(file: Path) -> None:
    with pytest.raises(Refusal, match=r"找不到站点设置文件 .*site\.toml"):
        load_site(file)
    with pytest.raises(Refusal, match="读不了"):
        load_site(file.parent)
    file.write_bytes(HEAD.encode("gb18030"))
    with pytest.raises(Refusal, match="不是正确的 TOML"):
        load_site(file)


# --- where it is served -----------------------------------------------------------------------------


def test_where_it_is_served(file: Path) -> None:
    text = '[server]\naddress = "0.0.0.0"\nhosts = ["Kanban.example.gov.cn", "10.1.2.3"]\nhttps = true\n'
    assert read(file, HEAD + text).serving == Serving("0.0.0.0", ("kanban.example.gov.cn", "10.1.2.3"), True)
    assert read(file, HEAD).serving == Serving("127.0.0.1", (), False)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ('hosts = ["https://kanban.example"]', "只写主机名"),
        ('hosts = ["kanban.example:443"]', "只写主机名"),
        ('hosts = ["*"]', "只写主机名"),
        ('address = "kanban.example"', "IP 地址"),
        ('https = "yes"', "true 或 false"),
        ("port = 80", "不认识“port”"),
    ],
)
def test_what_cannot_be_served_is_told(file: Path, entry: str, words: str) -> None:
    assert words in refusal(file, f"{HEAD}[server]\n{entry}\n")
