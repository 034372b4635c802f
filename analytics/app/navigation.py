"""Which pages there are: the module under pages/, which is also its address, and its title."""

PAGES = (
    ("overview", "总览"),
    ("townships", "镇街"),
    ("backlog", "积案"),
    ("supervision", "督办"),
    ("explore", "自助分析"),
    ("dictionary", "指标口径"),
    ("data", "数据"),
)

ADDRESSES = frozenset({"", *(name for name, _ in PAGES)})
"""The first page is also the empty address."""
