"""登录: the settings of sign-in with OpenID Connect, read once when the server starts.

`secrets.toml` beside site.toml, in Streamlit's own form: [auth] with redirect_uri, cookie_secret, client_id,
client_secret, server_metadata_url. A file that cannot be read keeps the server shut, never open.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from analytics.engine import data_folder
from analytics.site import Refusal, others_may, site_file

SECRETS, AUTH = "secrets.toml", "auth"
NEEDED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
SHORTEST_SECRET = 32


@lru_cache(maxsize=1)
def secrets() -> Mapping[str, Any]:
    """What the file says; nothing where there is none. Raises Refusal."""
    path = site_file(data_folder()).with_name(SECRETS)
    if not path.exists():
        return {}
    try:
        if others_may(path):
            raise Refusal(
                f"登录设置文件 {path} 别的用户也能读写：请执行 chmod 600 {path} 后再启动；"
                "若已可能被别人读过，请换掉其中的 client_secret 和 cookie_secret"
            )
        found = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise Refusal(f"登录设置文件 {path} 读不了：{fault}；请改正后再启动") from None
    if AUTH in found:
        _checked(path, found[AUTH])
    return found


def _checked(path: Path, auth: Any) -> None:
    lacking = [name for name in NEEDED if not (isinstance(auth, dict) and str(auth.get(name) or "").strip())]
    if lacking:
        raise Refusal(f"登录设置文件 {path} 的 [auth] 缺少 {'、'.join(lacking)}：请补上后再启动")
    if len(str(auth["cookie_secret"])) < SHORTEST_SECRET:
        raise Refusal(
            f"登录设置文件 {path} 的 cookie_secret 太短：至少 {SHORTEST_SECRET} 个随机字符，"
            "可用 python -c 'import secrets; print(secrets.token_hex(32))' 生成"
        )


def signs_in() -> bool:
    """Whether people sign in with OpenID Connect. Fixed for the life of the process."""
    return AUTH in secrets()
