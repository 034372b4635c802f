"""The articles on which definitions rest, cited for dates before and since 2022-05-01."""


def _cite(since_2022: str, before: str) -> str:
    return f"《信访工作条例》（2022）{since_2022}；2022-05-01 前：《信访条例》（2005）{before}"


STATISTICS = _cite("第四十一条（信访事项的数据统计）", "第三十九条")
TRANSFER = _cite("第二十二条（15 日内登记、转送、交办或告知）", "第二十一条")
ACCEPTANCE = _cite("第二十三条（15 日内决定是否受理并告知）", "第二十二条")
CLOSURE = _cite("第三十四条（受理之日起 60 日内办结，可延长不超过 30 日）", "第三十三条")
OBJECTION = _cite("第二十三条（5 个工作日内提出异议，经核实同意后交还）", "第二十一条")
REVIEW = _cite("第三十五条（收到复查请求之日起 30 日内）", "第三十四条")
REREVIEW = _cite("第三十六条（收到复核请求之日起 30 日内）", "第三十五条")
SEPARATION = _cite("第三十一条（涉法涉诉的按法律程序处理，应当仲裁的导入相应程序）", "第十四、二十一条")
RECEPTION = _cite("第十八条（领导干部定期接待来访、定期下访、包案）", "第十条")
GRASSROOTS = _cite("第十五条（小事不出村、大事不出镇、矛盾不上交）", "第五条")
SCREENING = _cite("第三十七条（矛盾纠纷多元预防调处化解）", "第五条")
ORDER = _cite("第二十六、四十七条（信访秩序与违法行为的处理）", "第二十、四十七条")
SUPERVISION = _cite("第四十条（督办并提出改进工作、完善政策、追究责任的建议）", "第三十六条")
EXECUTIVE = "省、市信访工作联席会议“治理重复信访、化解信访积案”专项工作"
