"""Who a petitioner is without saying who: a keyed hash of what identifies them."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from analytics.ingest.coded import Coded, without_blanks
from analytics.masking import valid_id
from analytics.site import Refusal, others_may

SECRET = "petitioner.secret"
HIDDEN = "＊＊＊"
_KEY = r"[0-9a-f]{32}"
_SECRET = re.compile(r"[0-9a-f]{64}")


def petitioner_secret(store: Path) -> bytes:
    """The site's secret, made where it is missing and readable by its owner only; it never leaves the store.

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
        raise Refusal(f"{store} 还没有站点密钥：首次启动看板或首次导入时自动生成，现在不必更换")
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


def petitioner_keys(people: Mapping[str, Coded], secret: bytes) -> pa.Array:
    """The code of each row's petitioner, null where nothing identifies them.

    Of the columns `petitioner_key`, `id_number`, `person_name`, `phone` some may be absent.
    """
    length = len(next(iter(people.values())))

    def told(column: str, work: Callable[[pa.Array], pa.Array]) -> pa.Array:
        if column not in people:
            return pa.nulls(length, pa.string())
        found = work(pa.array(people[column].texts, pa.string()))
        return pc.if_else(pc.equal(found, ""), None, found).take(pa.array(people[column].codes))

    named = pc.binary_join_element_wise(told("person_name", _plain), told("phone", _telephone), "|")
    who = pc.coalesce(told("id_number", _valid), named, told("petitioner_key", _plain))
    code = _coder(secret)
    codes = pa.array([each and code(each) for each in who.to_pylist()], pa.string())
    return pc.coalesce(told("petitioner_key", _codes), codes)


def petitioner_key(secret: bytes, **who: str) -> str:
    """The same of one petitioner; empty where nothing identifies them."""
    people = {name: Coded.constant(text, 1) for name, text in who.items()}
    return petitioner_keys(people, secret)[0].as_py() or ""


def _coder(secret: bytes) -> Callable[[str], str]:
    """HMAC-SHA-256 (RFC 2104) of many texts: what the secret gives is worked out once, not for each."""
    block = secret.ljust(64, b"\0")
    inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in block)) for pad in (0x36, 0x5C))

    def code(who: str) -> str:
        within, around = inner.copy(), outer.copy()
        within.update(who.encode())
        around.update(within.digest())
        return around.hexdigest()[:32]

    return code


def code_of(id_number: str, secret: bytes) -> str:
    """The code under which whoever has this resident ID number is stored; empty where it is no valid one."""
    return petitioner_key(secret, id_number=id_number)


_LETTERS = str.maketrans("0123456789", "ghjkmnpqrs")


def mark_of(code: str) -> str:
    """What a log says instead of a petitioner's code: the same for the same, and not the code.

    A log that must not be changed may outlast the code, where the person is erased. Letters only: digits
    could be taken for a telephone number and masked.
    """
    return hashlib.sha256(f"log {code}".encode()).hexdigest()[:16].translate(_LETTERS)


def _codes(texts: pa.Array) -> pa.Array:
    """Those that are codes already."""
    return pc.if_else(pc.match_substring_regex(texts, f"^{_KEY}$"), texts, None)


def _valid(texts: pa.Array) -> pa.Array:
    return pa.array([text and valid_id(text) for text in texts.to_pylist()], pa.string())


def _telephone(texts: pa.Array) -> pa.Array:
    digits = pc.replace_substring_regex(_plain(texts), r"[^\p{Nd}]", "")
    length = pc.utf8_length(digits)
    abroad = pc.and_(pc.starts_with(digits, "86"), pc.equal(length, 13))
    digits = pc.if_else(abroad, pc.utf8_slice_codeunits(digits, 2), digits)
    return pc.if_else(pc.greater_equal(pc.utf8_length(digits), 7), digits, None)


def _plain(texts: pa.Array) -> pa.Array:
    """Without blanks, in the usual width."""
    return without_blanks(pc.utf8_normalize(texts, "NFKC"))
