from __future__ import annotations

from pathlib import Path

import pytest

from tests.bureau import Bureau


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    """A bureau with an empty store of its own."""
    return Bureau(tmp_path / "store")
