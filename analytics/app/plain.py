"""Names from the data within Streamlit's Markdown: shown as they are, never as markup."""

import re

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$<>:&])")


def plain(text: str) -> str:
    """The text with every character that Markdown would read escaped."""
    return _MARKUP.sub(r"\\\1", text)
