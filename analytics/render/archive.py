"""Office packages that are the same bytes whenever they are written."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from datetime import date
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_EPOCH = (1980, 1, 1, 0, 0, 0)
_WRITTEN = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def packed(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip of named parts whose entries bear the earliest time that a zip can say."""
    target = io.BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, content in parts:
            info = ZipInfo(name, _EPOCH)
            info.external_attr = 0o600 << 16
            archive.writestr(info, content, ZIP_DEFLATED)
    return target.getvalue()


def stilled(package: bytes, day: date) -> bytes:
    """The package as if it, and every workbook inside it, had been written on the given day."""
    with ZipFile(io.BytesIO(package)) as archive:
        return packed((name, _stilled(name, archive.read(name), day)) for name in archive.namelist())


def _stilled(name: str, content: bytes, day: date) -> bytes:
    if name.endswith(".xlsx"):
        return stilled(content, day)
    if name == "docProps/core.xml":
        return _WRITTEN.sub(rb"\g<1>" + f"{day}T00:00:00Z".encode(), content)
    return content
