"""What people petition about: the national content classes, who answers for each, and when each rises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

LOCAL = "属地"
"""The government of the township where the problem lies answers."""


@dataclass(frozen=True)
class Topic:
    """Its share among all, its three classes, the unit that answers, and the months in which it doubles.

    The unit's name holds placeholders for those of the county and of what stands above it.
    """

    share: float
    category_1: str
    category_2: str
    category_3: str
    unit: str
    peak: tuple[int, ...] = ()


HOUSING = "{county}住房和城乡建设局"
CITY_MANAGEMENT = "{county}城市管理和综合执法局"
LAND = "{county}自然资源局"
LABOUR = "{county}人力资源和社会保障局"
INSURANCE = "{county}社会保险基金管理局"
POLICE = "{county}公安局"
COURT = "{county}人民法院"
CIVIL = "{county}民政局"
EDUCATION = "{county}教育局"
HEALTH = "{county}卫生健康局"
ECOLOGY = "{prefecture}生态环境局{short}分局"
MARKET = "{county}市场监督管理局"
VETERANS = "{county}退役军人事务局"
DISCIPLINE = "中共{county}委纪律检查委员会{county}监察委员会机关"

TOPICS = (
    Topic(2.6, "城乡建设", "城乡规划", "违法建设", CITY_MANAGEMENT),
    Topic(2.6, "城乡建设", "住房保障与房地产", "物业服务", HOUSING),
    Topic(2.2, "城乡建设", "住房保障与房地产", "房地产开发管理", HOUSING),
    Topic(1.9, "城乡建设", "住房保障与房地产", "产权交易", "{county}房产服务中心"),
    Topic(2.0, "城乡建设", "集体土地上房屋拆迁与补偿", "安置补偿", LOCAL),
    Topic(1.3, "城乡建设", "国有土地上房屋征收与补偿", "安置补偿", "{county}房产服务中心"),
    Topic(1.6, "城乡建设", "城市建设和管理", "城市公共设施", CITY_MANAGEMENT),
    Topic(1.2, "城乡建设", "城市建设和管理", "园林绿化环卫", CITY_MANAGEMENT),
    Topic(1.2, "城乡建设", "建筑市场", "拖欠工程款", HOUSING, (12, 1)),
    Topic(1.0, "城乡建设", "村镇建设", "新农村建设", LOCAL),
    Topic(0.8, "城乡建设", "工程管理", "工程质量", HOUSING),
    Topic(4.0, "农村农业", "农村宅基地", "宅基地纠纷", LOCAL),
    Topic(2.2, "农村农业", "农村宅基地", "宅基地审批", LOCAL),
    Topic(2.6, "农村农业", "土地承包经营", "土地承包", LOCAL),
    Topic(0.9, "农村农业", "土地承包经营", "土地流转", LOCAL),
    Topic(1.8, "农村农业", "村务管理", "集体资产管理", LOCAL),
    Topic(1.5, "农村农业", "村务管理", "村务公开", LOCAL),
    Topic(1.6, "农村农业", "村务管理", "集体经济组织成员资格认定", LOCAL),
    Topic(0.8, "农村农业", "水利水电", "江河湖治理", "{county}水务局", (5, 6)),
    Topic(0.7, "农村农业", "水库移民", "移民补偿安置", "{county}水务局"),
    Topic(0.7, "农村农业", "惠农补贴", "耕地地力保护补贴", "{county}农业农村局"),
    Topic(0.6, "农村农业", "扶贫开发", "扶贫开发资金使用管理", "{county}农业农村局"),
    Topic(4.4, "自然资源", "土地资源管理", "土地权属纠纷", LAND),
    Topic(3.4, "自然资源", "土地征收", "安置补偿", LOCAL),
    Topic(1.4, "自然资源", "土地征收", "征收征用", LOCAL),
    Topic(0.8, "自然资源", "土地征收", "失地农民保障", INSURANCE),
    Topic(1.5, "自然资源", "不动产登记", "不动产登记事务", LAND),
    Topic(0.7, "自然资源", "不动产登记", "不动产登记纠纷", LAND),
    Topic(1.4, "自然资源", "林业管理", "林权改革及林业经营者权益维护", "{county}林业局"),
    Topic(0.6, "自然资源", "矿产资源管理", "矿产开采", LAND),
    Topic(3.4, "劳动和社会保障", "劳动关系", "拖欠农民工工资", LABOUR, (12, 1)),
    Topic(1.2, "劳动和社会保障", "劳动关系", "劳动合同纠纷", LABOUR),
    Topic(2.2, "劳动和社会保障", "城镇职工社会保险", "职工养老保险", INSURANCE),
    Topic(0.8, "劳动和社会保障", "城镇职工社会保险", "职工工伤保险", INSURANCE),
    Topic(1.0, "劳动和社会保障", "城乡居民社会保险", "城乡居民养老保险", INSURANCE),
    Topic(1.2, "劳动和社会保障", "退休政策及待遇", "退休人员待遇", LABOUR),
    Topic(1.3, "劳动和社会保障", "工资福利", "工资发放", LABOUR),
    Topic(0.7, "劳动和社会保障", "医疗和生育保险", "城乡居民医疗保险", "{county}医疗保障局"),
    Topic(2.2, "政法", "诉讼", "民事诉讼", COURT),
    Topic(1.3, "政法", "生效法律文书执行", "其他", COURT),
    Topic(0.6, "政法", "法律监督", "审判监督", "{county}人民检察院"),
    Topic(2.1, "政法", "社会治安", "治安案件", POLICE),
    Topic(1.1, "政法", "刑案侦查", "立案侦查", POLICE),
    Topic(1.0, "政法", "交通管理", "道路交通事故处理", POLICE),
    Topic(0.8, "政法", "警务督察", "警务执法", POLICE),
    Topic(0.7, "政法", "户籍证件", "户籍管理", POLICE),
    Topic(0.8, "政法", "仲裁与调解", "人民调解", "{county}司法局"),
    Topic(2.0, "民政与应急", "社会救助", "农村低保", CIVIL),
    Topic(0.6, "民政与应急", "社会救助", "特困人员供养救助", CIVIL),
    Topic(0.6, "民政与应急", "社会救助", "临时救助", CIVIL),
    Topic(0.9, "民政与应急", "社会事务", "殡葬管理", CIVIL, (4,)),
    Topic(0.6, "民政与应急", "社会事务", "残疾人福利", "{county}残疾人联合会"),
    Topic(0.8, "民政与应急", "基层选举和社区建设", "村委会选举", LOCAL, (1, 2, 3)),
    Topic(0.6, "民政与应急", "安全生产", "安全隐患", "{county}应急管理局"),
    Topic(1.6, "交通运输", "建设管理", "设施维护", "{county}公路事务中心"),
    Topic(1.4, "交通运输", "建设管理", "规划建设", "{county}交通运输局"),
    Topic(0.5, "交通运输", "客货运输", "旅客运输", "{county}交通运输局"),
    Topic(0.9, "教育", "考试招生", "招生录取", EDUCATION, (7, 8, 9)),
    Topic(0.8, "教育", "教师队伍和待遇", "教师待遇", EDUCATION),
    Topic(0.7, "教育", "教师队伍和待遇", "原民办代课教师", EDUCATION),
    Topic(0.6, "教育", "教育行政管理", "校外培训", EDUCATION, (8, 9)),
    Topic(1.2, "生态环境", "环境污染与生态破坏", "水污染", ECOLOGY, (7, 8, 9)),
    Topic(0.9, "生态环境", "环境污染与生态破坏", "大气污染", ECOLOGY),
    Topic(0.9, "生态环境", "环境污染与生态破坏", "噪音污染", ECOLOGY, (6, 7)),
    Topic(0.5, "生态环境", "环境污染与生态破坏", "固体污染", ECOLOGY),
    Topic(0.5, "生态环境", "环境污染与生态破坏", "生态破坏", ECOLOGY),
    Topic(0.9, "卫生健康", "医患纠纷", "医疗事故争议", HEALTH),
    Topic(0.6, "卫生健康", "公共卫生", "疾病预防控制", HEALTH, (2, 3)),
    Topic(0.6, "卫生健康", "人口监测与家庭发展", "奖励扶助", HEALTH),
    Topic(0.4, "卫生健康", "人口监测与家庭发展", "计划生育特殊家庭", HEALTH),
    Topic(0.9, "市场监管", "市场秩序", "消费投诉", MARKET),
    Topic(0.5, "市场监管", "食品药品", "食品经营", MARKET),
    Topic(0.3, "市场监管", "市场秩序", "无证无照经营", MARKET),
    Topic(0.9, "经济管理", "国资监管", "企业改制", "{county}科工商务局"),
    Topic(0.5, "经济管理", "金融", "集资融资", POLICE),
    Topic(0.3, "经济管理", "能源管理", "能源开发供应", "{grid}{short}供电局"),
    Topic(0.8, "军队事务", "优待抚恤", "优待政策落实", VETERANS, (7, 8)),
    Topic(0.5, "军队事务", "退役士兵安置", "转业退伍安置", VETERANS),
    Topic(0.7, "纪检监察", "滥用职权", "以权谋私", DISCIPLINE),
    Topic(0.7, "纪检监察", "失职渎职", "行政不作为", DISCIPLINE),
    Topic(0.5, "组织人事", "人力资源", "职称评定", LABOUR),
    Topic(0.4, "组织人事", "机构改革", "事业单位改制", "中共{county}委机构编制委员会办公室"),
    Topic(0.4, "文体旅游", "文化管理", "公共文化", "{county}文化广电旅游体育局"),
    Topic(0.3, "科技与信息产业", "电信", "通信保障", "中国电信股份有限公司{short}分公司"),
    Topic(0.3, "党务政务", "政务服务", "信息公开", "{county}政务服务数据管理局"),
    Topic(0.8, "其他", "其他", "内容不清", "未填"),
)


@dataclass(frozen=True)
class Episode:
    """Something that happened: between two days, a share of the county's new matters came from it."""

    start: date
    end: date
    township: str
    category_2: str
    share: float


EPISODES = (
    Episode(date(2019, 9, 1), date(2019, 11, 30), "叶塘镇", "土地征收", 0.06),
    Episode(date(2020, 6, 1), date(2020, 8, 31), "宁新街道", "住房保障与房地产", 0.08),
    Episode(date(2021, 3, 1), date(2021, 5, 15), "水口镇", "土地征收", 0.07),
    Episode(date(2021, 8, 20), date(2021, 10, 15), "坭陂镇", "环境污染与生态破坏", 0.06),
    Episode(date(2021, 10, 8), date(2021, 12, 13), "新陂镇", "集体土地上房屋拆迁与补偿", 0.08),
)
"""What an analyst should find: townships and topics that rose beyond what chance explains."""
