"""What of Streamlit's inside is relied on: where an upgrade changes it, this is what fails first."""

from __future__ import annotations

from streamlit import auth_util
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileKind
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage, _calculate_file_id
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette import starlette_auth_routes as writing
from streamlit.web.server.starlette import starlette_websocket as reading
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME


def test_a_file_has_the_identity_that_its_owner_is_noted_under() -> None:
    storage = MemoryMediaFileStorage("/media")
    made = storage.load_and_get_id(b"rows", "text/csv", MediaFileKind.DOWNLOADABLE, "表.csv")
    assert made == _calculate_file_id(b"rows", "text/csv", "表.csv")
    assert storage.get_url(made).startswith(f"/media/{made}.")


def test_a_page_knows_its_files_by_session() -> None:
    files = MediaFileManager(MemoryMediaFileStorage("/media"))
    with files._lock:
        assert files._files_by_session_and_coord == {}
    assert MemoryUploadedFileManager("/_stcore/upload_file").file_storage == {}


def test_what_the_sign_in_writes_into_the_cookie_is_what_is_read() -> None:
    kept: dict[str, str] = {}
    said = {"email": "a@b.example", "iat": 1, "long": "长" * 3_000}  # more than one cookie holds
    signed = writing._create_signed_value_wrapper
    auth_util.set_cookie_with_chunks(
        lambda name, value: kept.update({name: signed(name, value).decode("latin-1")}),
        signed,
        USER_COOKIE_NAME,
        said,
        cookie_attr_size=100,
    )
    assert get_cookie_secret()
    found = reading._get_signed_cookie_with_chunks(kept, USER_COOKIE_NAME)
    assert found is not None and reading.json.loads(found) == said
    spoilt = {name: value[:-2] + "xx" for name, value in kept.items()}
    assert reading._get_signed_cookie_with_chunks(spoilt, USER_COOKIE_NAME) is None
