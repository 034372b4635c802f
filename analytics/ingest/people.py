"""What each row of a file says of its petitioner, so that it can be taken out of everything else it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.contract import PERSONAL
from analytics.masking import Own, masked, masked_key, own

Mask = npt.NDArray[np.bool_]


class People:
    """The petitioners of a file's rows, in its order; they live no longer than its import."""

    def __init__(self, texts: Mapping[str, pd.Series]) -> None:
        given = {p.name: texts[p.name].fillna("") for p in PERSONAL if p.name in texts}
        self._told: dict[str, Any] = {
            "name" if k == "person_name" else k: v.to_numpy(object) for k, v in given.items()
        }

    def cover(self, position: int, text: str, key: bool = False) -> str:
        """One cell of the row without what identifies anybody; `key`: it is the number of some row."""
        return (masked_key if key else masked)(text, self._own(position))

    def covered(self, texts: pd.Series, key: bool = False) -> pd.Series:
        """A whole column so. Blank cells stay blank."""
        mask = masked_key if key else masked
        hidden = {text: mask(text) for text in texts.dropna().unique()}
        covered = texts.map(hidden).astype("str")
        for place in np.flatnonzero(self._tells_of_its_own(texts)).tolist():
            covered.iloc[place] = self.cover(place, texts.iloc[place], key)
        return covered

    def _own(self, position: int) -> Own:
        return own(**{name: told[position] for name, told in self._told.items()})

    def _tells_of_its_own(self, texts: pd.Series) -> Mask:
        """Rows whose cell may hold what the row says of its petitioner: both begin and end within it."""
        cells = texts.fillna("").to_numpy(object)
        rows = np.zeros(len(cells), dtype=bool)
        for told in self._told.values():
            pairs = zip(told, cells, strict=True)
            rows |= np.fromiter((_perhaps(own, cell) for own, cell in pairs), bool, len(cells))
        return rows


def _perhaps(own: str, cell: str) -> bool:
    return len(own) > 1 and own[0] in cell and (own[-1] in cell or "、" in own)
