"""Text from data as a file of Office may hold it."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

_UNREADABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"  # forbidden in XML, or discouraged
    "\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # marks that turn the direction of what follows
)
_BREAKS = re.compile(r"[\t\r\n\u2028\u2029]+")


def readable(text: str) -> str:
    """Without the characters that XML forbids and those that turn the text around; in one line."""
    return _BREAKS.sub(" ", _UNREADABLE.sub("", text))


def content(text: str) -> str:
    """The text between two tags."""
    return escape(readable(text))


def attribute(text: str) -> str:
    """The text as the value of an attribute, in its quotes."""
    return quoteattr(readable(text))
