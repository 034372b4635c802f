"""Who a petitioner is without saying who: a keyed hash of what identifies them."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd

from analytics.contract import UNFILLED
from analytics.masking import valid_id
from analytics.site import Refusal, others_may

SECRET = "petitioner.secret"
HIDDEN = "＊＊＊"
_KEY = re.compile(r"[0-9a-f]{32}")
_SECRET = re.compile(r"[0-9a-f]{64}")


def petitioner_secret(store: Path) -> bytes:
    """The site's secret, made at first need and readable by its owner only; it never leaves the store.

    Raises Refusal where it cannot be made, is not whole, or may be read by others.
    """
    path = store / SECRET
    try:
        if not path.exists():
            _make_secret(path)
        _expect_private(path)
        text = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise Refusal(f"站点密钥 {path} 不能读写：{fault}；请检查磁盘空间与权限") from None
    if not _SECRET.fullmatch(text):
        # An empty or cut key would let anyone compute the codes.
        raise Refusal(f"站点密钥 {path} 已损坏：请从备份恢复它，不要删除（删除后新旧记录的信访人对不上）")
    return bytes.fromhex(text)


def renew_secret(store: Path) -> None:
    """Another secret in place of the present one, which is gone. Call it under the store's lock.

    What is stored stays as it is; codes given from now on have nothing in common with those before. Raises
    Refusal where there is none yet or it cannot be written.
    """
    path = store / SECRET
    if not path.exists():
        raise Refusal(f"{store} 还没有站点密钥：第一次导入带姓名或证件号的文件时自动生成，现在不必更换")
    try:
        with _fresh_secret(path) as beside:
            beside.replace(path)
    except OSError as fault:
        raise Refusal(f"站点密钥 {path} 没有换成：{fault.strerror}；请检查磁盘空间与权限") from None


def _make_secret(path: Path) -> None:
    """Whole or not at all, and never over another's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _fresh_secret(path) as beside, suppress(FileExistsError):
        os.link(beside, path)


@contextmanager
def _fresh_secret(path: Path) -> Iterator[Path]:
    """A new secret on disk beside the path, for its owner only from its first byte on."""
    beside = path.with_name(f"{SECRET}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        yield beside
    finally:
        beside.unlink(missing_ok=True)


def _expect_private(path: Path) -> None:
    if others_may(path):
        raise Refusal(
            f"站点密钥 {path} 别的用户也能读写：请执行 chmod 600 {path} 后重试；"
            "若已可能被别人读过，再执行 petition rotate 换一个"
        )


def passing_secret(store: Path) -> bytes:
    """The secret if there is one, else one of no use to anybody: for a preview, which writes nothing."""
    return petitioner_secret(store) if (store / SECRET).exists() else secrets.token_bytes(32)


def petitioner_keys(people: pd.DataFrame, secret: bytes) -> pd.Series[str]:
    """The code of each row's petitioner, 未填 where nothing identifies them.

    Of the columns `petitioner_key`, `id_number`, `person_name`, `phone` any may be absent.
    """
    names = ("petitioner_key", "id_number", "person_name", "phone")
    columns = [people[name] if name in people else pd.Series("", people.index, dtype="str") for name in names]
    people = pd.concat([column.fillna("") for column in columns], axis=1, keys=names)
    codes, distinct = pd.MultiIndex.from_frame(people).factorize()
    keys = pd.Series([_petitioner_key(secret, *who) for who in distinct], dtype="str")
    return keys.take(codes).set_axis(people.index)


def _petitioner_key(secret: bytes, given: str, id_number: str, name: str, phone: str) -> str:
    if _KEY.fullmatch(given):
        return given
    who = valid_id(id_number) or _name_and_phone(name, phone) or _plain(given)
    return hmac.digest(secret, who.encode(), "sha256").hex()[:32] if who else UNFILLED


def code_of(id_number: str, secret: bytes) -> str:
    """The code under which whoever has this resident ID number is stored; empty where it is no valid one."""
    number = valid_id(id_number)
    return _petitioner_key(secret, "", number, "", "") if number else ""


_LETTERS = str.maketrans("0123456789", "ghjkmnpqrs")


def mark_of(code: str) -> str:
    """What a log says instead of a petitioner's code: the same for the same, and not the code.

    A log that must not be changed may outlast the code, where the person is erased. Letters only: digits
    could be taken for a telephone number and masked.
    """
    return hashlib.sha256(f"log {code}".encode()).hexdigest()[:16].translate(_LETTERS)


def _name_and_phone(name: str, phone: str) -> str:
    digits = re.sub(r"\D", "", _plain(phone))
    digits = digits.removeprefix("86") if len(digits) == 13 else digits
    return f"{_plain(name)}|{digits}" if _plain(name) and len(digits) >= 7 else ""


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
