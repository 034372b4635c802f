"""The versions of the data that a meeting rests on, as its address holds them: petitions-3.backlog-2."""

from __future__ import annotations

import re
from collections.abc import Mapping

from analytics.contract import DATASETS
from analytics.engine import Engine
from analytics.site import Refusal

_STORE, _SHOWN = "store", 8
_VERSION = re.compile(r"[1-9]\d{0,8}", re.ASCII)
_PART = re.compile(r"(\w+)-(\w+)", re.ASCII)


def written(versions: Mapping[str, int], store: str) -> str:
    """petitions-3.backlog-2.store-1f0c22ab: in another store these versions would be other rows."""
    parts = [f"{dataset}-{version}" for dataset, version in versions.items()]
    return ".".join([*parts, f"{_STORE}-{store[:_SHOWN]}"] if store else parts)


def frozen(engine: Engine, text: str) -> Engine:
    """The engine at the versions that an address names. Raises Refusal where there are no such ones."""
    parts = [_PART.fullmatch(part) for part in text.split(".")]
    named = {part[1]: part[2] for part in parts if part}
    store = named.pop(_STORE, "")
    known = all(name in DATASETS and _VERSION.fullmatch(version) for name, version in named.items())
    if not (named and known and all(parts)):
        raise Refusal(f"网址里的数据版本“{text}”读不懂，可能没有复制完整")
    if store and not engine.store.identity.startswith(store):
        raise Refusal("网址里的数据版本属于另一套数据（例如当时还是演示数据），现在用的数据里没有它")
    versions = {name: int(version) for name, version in named.items()}
    engine.remember(("held", *versions.items()), lambda: _held(engine, versions))
    return engine.frozen(versions)


def _held(engine: Engine, versions: Mapping[str, int]) -> bool:
    """Opens every version. Raises Refusal where one cannot be."""
    for dataset, version in versions.items():
        try:
            engine.store.files(dataset, version)
        except Refusal:
            label = DATASETS[dataset].label
            raise Refusal(f"网址里的数据版本“{label}第{version}版”不存在，或者打不开") from None
    return True
