"""What a fault of the program shows and what it leaves: a number on the screen, where it was in the log.

Messages of exceptions may hold what stands in cells: neither a viewer nor the log is given them.
"""

from __future__ import annotations

import logging
import time
from typing import Any

import streamlit
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from analytics.trace import trace

_log = logging.getLogger(__name__)

_WORDS = {400: "请求不对", 403: "不允许", 404: "没有这一页或这个文件", 405: "不接受这种请求", 413: "文件太大"}


def keep_messages_out() -> None:
    """From now on no log of this process, whoever writes it, holds an exception's message."""
    made = logging.getLogRecordFactory()
    if getattr(made, "discreet", False):
        return

    def discreet(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = made(*args, **kwargs)
        if record.exc_info and record.exc_info[1]:
            record.exc_text = trace(record.exc_info[1])
        return record

    discreet.discreet = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(discreet)


def noted(fault: Exception) -> str:
    """Writes the fault into the log; gives the number under which it stands there."""
    number = f"{time.time_ns() // 1_000_000:x}"[-8:]
    _log.error("fault %s\n%s", number, trace(fault))
    return number


def apologise(fault: Exception) -> bool:
    """What a viewer sees of a fault of the program: where its trace is, not the trace itself."""
    streamlit.error(
        f"这一页没能显示完：程序出错（编号 {noted(fault)}）。请刷新重试；仍然如此，请把编号告诉管理员，"
        "运行看板的窗口里有详细记录。"
    )
    return True


async def in_chinese(_: Request, fault: Exception) -> PlainTextResponse:
    """A refusal of Streamlit's own: its number in our words."""
    status, headers = (fault.status_code, fault.headers) if isinstance(fault, HTTPException) else (500, None)
    return PlainTextResponse(_WORDS.get(status, "请求没有办成"), status, headers)
