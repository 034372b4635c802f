"""Pages without a browser: runs one as the server would and gives everything it says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf import text_format
from streamlit.testing.v1 import AppTest

from analytics.site import ROOT


def opened() -> AppTest:
    """The app as it first opens, over the data that PETITION_DATA names."""
    return AppTest.from_file(str(ROOT / "analytics" / "app" / "main.py"), default_timeout=120).run()


def shown(app: AppTest, name: str) -> str:
    """Goes to a page; everything that it says. Fails where the page shows an exception."""
    app.switch_page(str(Path(ROOT, "pages", f"{name}.py"))).run()
    assert [fault.message for fault in app.exception] == [], name
    return said(app)


def said(app: AppTest) -> str:
    """Everything that the page says now."""
    return "\n".join(_texts(app.main)) + "\n".join(_texts(app.sidebar))


def over(app: AppTest) -> str:
    """Everything that the dialog over the page says now."""
    return "\n".join(_texts(app._tree.children[2]))


def _texts(block: Any) -> Iterator[str]:
    for child in block.children.values():
        if hasattr(child, "children"):
            yield from _texts(child)
        proto = getattr(child, "proto", None)
        if proto is not None:
            yield text_format.MessageToString(proto, as_utf8=True)
