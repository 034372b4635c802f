"""Where problems lie: townships by their weight, and some of their villages."""

from __future__ import annotations

USUAL = (4.0, "")
"""A township that is not listed below."""

# Weights follow the size of the place; village names are those of the national register.
TOWNSHIPS: dict[str, tuple[float, str]] = {
    "兴田街道": (11.5, "大新社区 河背社区 东街社区 兴田社区 宝华社区 官汕社区"),
    "福兴街道": (9.0, "福兴社区 锦绣社区 新城社区 兴南社区 大塘村 新联村"),
    "宁新街道": (9.5, "宁新社区 东风社区 城南社区 佛岭社区 洋岭社区 曙光社区"),
    "宁中镇": (4.8, "宁中社区 竹一村 星民村 枫岭村 丝新村 丝光村"),
    "新陂镇": (4.2, "新陂社区 乐仙村 三新村 新元村 家庄村 华新村"),
    "刁坊镇": (5.0, "刁坊社区 贵丰村 罗坝村 圩东村 长征村 周兴村"),
    "永和镇": (4.4, "永和社区 成鹊村 沙坪村 新中村 永生村 永星村"),
    "径南镇": (2.0, "径南社区 官亭村 黄坑村 浊水村 章印村 柏塘村"),
    "坭陂镇": (6.4, "坭陂社区 角塘村 官陂村 柑子村 合湖村 汤一村"),
    "新圩镇": (3.7, "新圩社区 民新村 大村村 茶星村 步东村 双头村"),
    "水口镇": (6.8, "水口社区 英勤村 水东村 达新村 邹洞村 荷树村"),
    "罗浮镇": (2.6, "罗浮社区 浮中村 浮北村 高坑村 浮西村 浮美村"),
    "罗岗镇": (3.3, "罗岗社区 五五村 白水村 白群村 柿子坪村 蕉坑村"),
    "黄槐镇": (1.5, "黄槐社区 槐东村 槐西村 西一村 西二村 禾村村"),
    "黄陂镇": (3.8, "黄陂社区 粒坑村 三佳村 上翁村 下翁村 中心村"),
    "合水镇": (2.9, "合水社区 龙北社区 溪唇村 罗陂村 富和村 五联村"),
    "龙田镇": (3.6, "龙田社区 坪见村 曲塘村 金星村 凉伞村 龙盘村"),
    "石马镇": (3.2, "石马社区 石岌村 上庄村 下庄村 三社村 虎石村"),
    "大坪镇": (6.2, "大坪社区 鸽池村 黄坑村 兰塘村 咨洞村 大福村"),
    "叶塘镇": (7.6, "叶塘社区 田心村 龙坪村 大路下村 下洋村 彭陂村"),
}


def weight(township: str) -> float:
    """How much of the county's petitions falls to the township, relative to the others."""
    return TOWNSHIPS.get(township, USUAL)[0]


def villages(township: str) -> tuple[str, ...]:
    """Some villages of the township, the busiest first; none of a township that is not listed."""
    return tuple(TOWNSHIPS.get(township, USUAL)[1].split())
