"""What each row of a file says of its petitioner, so that it can be taken out of everything else it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.contract import PERSONAL
from analytics.masking import SEVERAL, Own, masked, masked_key, own

_SEVERAL = re.compile(SEVERAL)
_REMEMBERED = 1_000  # rows: each column asks for the same ones again, and a row's patterns are dear to make
Hide = Callable[[str, Own], str]
Mask = npt.NDArray[np.bool_]


class People:
    """The petitioners of a file's rows, in its order; they live no longer than its import."""

    def __init__(self, texts: Mapping[str, pd.Series]) -> None:
        given = {p.name: texts[p.name].fillna("") for p in PERSONAL if p.name in texts}
        self._told: dict[str, Any] = {
            "name" if k == "person_name" else k: v.to_numpy(object) for k, v in given.items()
        }
        self._found: dict[int, Own] = {}

    def cover(self, position: int, text: str, key: bool = False) -> str:
        """One cell of the row without what identifies anybody; `key`: it is the number of some row."""
        return (masked_key if key else masked)(text, self._own(position))

    def covered(self, texts: pd.Series, hide: Hide = masked) -> pd.Series:
        """A whole column so, by `masked` or its like for names and keys. Blank cells stay blank."""
        hidden = {text: hide(text, ()) for text in texts.dropna().unique()}
        covered = texts.map(hidden).to_numpy(object)
        for place in np.flatnonzero(self._tells_of_its_own(texts)).tolist():
            covered[place] = hide(texts.iloc[place], self._own(place))
        return pd.Series(covered, texts.index, dtype="str")

    def _own(self, position: int) -> Own:
        if position not in self._found:
            if len(self._found) == _REMEMBERED:
                self._found.clear()
            self._found[position] = own(**{name: told[position] for name, told in self._told.items()})
        return self._found[position]

    def _tells_of_its_own(self, texts: pd.Series) -> Mask:
        """Rows whose cell may hold what the row says of its petitioner, blanks apart."""
        cells = [_squeezed(cell) for cell in texts.fillna("")]
        rows = np.zeros(len(cells), dtype=bool)
        for told in self._squeezed.values():
            pairs = zip(told, cells, strict=True)
            rows |= np.fromiter((_perhaps(own, cell) for own, cell in pairs), bool, len(cells))
        return rows

    @cached_property
    def _squeezed(self) -> dict[str, list[str]]:
        return {name: [_squeezed(text) for text in told] for name, told in self._told.items()}


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _perhaps(own: str, cell: str) -> bool:
    if not (own and cell):
        return False
    if own in cell or own.isalnum():
        return own in cell
    return any(part in cell for part in _SEVERAL.split(own) if part)
