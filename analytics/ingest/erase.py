"""Erasing one person (个人信息保护法 第四十七条): nothing in the data directory tells any more who it was.

Of a petitioner the store holds a code alone. What happens to it:

- **the present version**: every item of the person stays, so that no count changes, with the code 未填; what
  linked these items to one another is worked out anew, without them;
- **earlier versions**, which hold the code, are removed with their links, and refused from then on with the
  reason; the log of commits keeps what was imported when, without the code;
- **archives** hold no codes: what was told of them stays reproducible. They keep which items were counted as
  one matter, by the numbers of the items;
- **the journal** holds no codes and is masked; **the audit log**, which the law has kept (网络安全法 第21条)
  and which must not be changed, never held the code, only a mark worked out from it;
- **backups made before** are out of reach: whoever erases is told to write a new one and destroy the older;
- **a later import** of a file that still has the person brings them back. No list of erased people is kept to
  prevent that: it would be a record of those who asked not to be recorded.

Whatever instant it is stopped at, the store stays whole, and doing it again finishes it. Whoever has an
earlier version open keeps what is in memory until it loads the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analytics.contract import LINKS, PETITIONS, UNFILLED
from analytics.ingest.commit import rederive
from analytics.ingest.derive import derivation
from analytics.ingest.identity import petitioner_key, petitioner_secret
from analytics.ingest.pending import Pending
from analytics.masking import valid_id
from analytics.site import Refusal, Site
from analytics.store import Change, Note, Store

_WHO = "petitioner_key"
_ABOUT = (PETITIONS.name, LINKS.name)


@dataclass(frozen=True)
class Erased:
    """How many items were theirs, and the version of the petitions from which history begins now."""

    items: int
    version: int


def code_typed(store: Store, typed: str) -> str:
    """The code of who is typed: an ID number, or a name and a telephone number. Raises Refusal."""
    name, _, phone = typed.strip().rpartition(" ")
    who = {"id_number": typed} if valid_id(typed) else {"person_name": name, "phone": phone}
    code = petitioner_key(petitioner_secret(store.path), **who)
    if not code:
        raise Refusal("输入的不是有效的身份证号，也不是“姓名 电话”：请核对后再输入一次")
    return code


def erase(store: Store, site: Site, code: str) -> Erased:
    """Takes the person with this code out of the store. Raises Refusal, also where nothing holds the code."""
    rederive(store, site)
    with store.lock():
        if PETITIONS.name not in store.versions():
            raise Refusal(f"{store.path} 里没有信访事项，没有可删除的：请用 --data 指定数据目录")
        rows = store.read(PETITIONS.name)
        theirs = rows.filter(pc.equal(rows.column(_WHO), code))
        if not theirs.num_rows and not _remembered(store, code):
            raise Refusal("没有找到这个人的信访件：请核对；只按姓名和电话登记的，请输入“姓名 电话”")
        pending = Pending(store, site)
        at = theirs.schema.get_field_index(_WHO)
        nobody = theirs.set_column(at, _WHO, pa.repeat(UNFILLED, theirs.num_rows).cast(pa.string()))
        declared = store.declared_coverage(PETITIONS.name, store.versions()[PETITIONS.name])
        note = Note("erase", derivation(PETITIONS, site), declared, updated=theirs.num_rows)
        version = pending.commit(PETITIONS, Change(nobody), note)
        pending.publish(store.is_demo, forgetting=_ABOUT)
        for dataset in _ABOUT:
            store.purge(dataset, code)
    return Erased(theirs.num_rows, version)


def _remembered(store: Store, code: str) -> bool:
    """Whether an earlier version or the log still holds the code: it was stopped before it was done."""
    root, text = store.path / PETITIONS.name, code.encode()
    return any(_holds(path, code) for path in root.rglob("*.parquet")) or any(
        text in path.read_bytes() for path in root.rglob("*.json")
    )


def _holds(path: Path, code: str) -> bool:
    """Not what cannot be read: half a file that a crash left is no version's."""
    try:
        with pq.ParquetFile(path) as file:
            if _WHO not in file.schema_arrow.names:
                return False
            column = file.read([_WHO]).column(0).cast(pa.string())
    except (pa.ArrowException, OSError):
        return False
    return bool(pc.any(pc.equal(column, code)).as_py())
