"""Who may see what: roles, people, and how the site knows who is looking.

PIPL (个人信息保护法) 第6条 (no more than the purpose needs) and 第51条 (rights by duty); 网络安全法 第21条.
"""

from __future__ import annotations

from dataclasses import dataclass

from analytics.model import Right, Scope

RIGHTS_IN_WORDS: dict[Right, str] = {
    "counts": "看统计数",
    "records": "看明细记录",
    "people": "按证件号码查件",
    "decide": "记交办事项、标记预警、印发材料",
    "data": "看数据导入情况",
    "import": "导入数据",
    "audit": "看审计日志",
}


@dataclass(frozen=True)
class Role:
    """角色: its name as shown, and what it may do."""

    label: str
    rights: frozenset[Right]


def _role(label: str, *rights: Right) -> Role:
    return Role(label, frozenset(rights))


TOWNSHIP = "township"
ROLES = {
    "leader": _role("领导", "counts", "decide"),
    "analyst": _role("分析人员", "counts", "records", "decide", "data"),
    "officer": _role("督办人员", "counts", "records", "decide", "data", "people"),
    TOWNSHIP: _role("镇街", "counts", "records"),
    "admin": _role("管理员", "counts", "data", "import"),
    "auditor": _role("审计员", "audit"),
}
"""Each duty apart: who imports sees no records, who audits sees nothing else."""


@dataclass(frozen=True)
class Person:
    """Who may come in: the account as the sign-in names it, its roles, and of a township which one.

    `area`: the code of the place that they see, empty for all.
    """

    account: str
    roles: tuple[str, ...]
    township: str | None = None
    area: str = ""

    @property
    def scope(self) -> Scope:
        """What all of the roles together may see and do."""
        rights: frozenset[Right] = frozenset().union(*(ROLES[role].rights for role in self.roles))
        return Scope(self.township, rights, self.area)

    @property
    def words(self) -> str:
        """张某某（分析人员）, 某账号（镇街 宁中镇）, 某账号（领导 区划 4414）."""
        words = ["、".join(ROLES[role].label for role in self.roles)]
        words += [self.township] if self.township else []
        words += [f"区划 {self.area}"] if self.area else []
        return f"{self.account}（{' '.join(words)}）"


@dataclass(frozen=True)
class Access:
    """How people are known: by a `claim` of the sign-in's token, or by the `header` that a proxy sets.

    The header counts only from the addresses in `proxies`. After `idle_minutes` without a click nobody is in.
    """

    claim: str = "email"
    header: str = ""
    proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    idle_minutes: int = 30
    people: tuple[Person, ...] = ()

    def person(self, account: str) -> Person | None:
        """Whoever has the account, in capitals or not; None for nobody."""
        return next((p for p in self.people if p.account == plain_account(account)), None)


def plain_account(text: str) -> str:
    """As accounts are compared."""
    return text.strip().lower()


def forbidden(right: Right) -> str:
    """Why not, and whom to ask."""
    return f"您的角色不能{RIGHTS_IN_WORDS[right]}：如工作需要，请管理员在 site.toml 的 [[people]] 里调整角色"
