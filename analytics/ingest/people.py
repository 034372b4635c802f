"""What each row of a file says of its petitioner, so that it can be taken out of everything else it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analytics.contract import PERSONAL
from analytics.ingest.coded import Coded, Mask, Places, Text, Texts
from analytics.masking import KEY_SUSPECT, SEVERAL, Own, masked, masked_key, own

_SEVERAL = re.compile(SEVERAL)
_FEW = 4  # cells to a text: what is in so few texts is looked up once for the whole column
_REMEMBERED = 1_000  # rows: each column asks for the same ones again, and a row's patterns are dear to make
Hide = Callable[[str, Own], str]


class People:
    """The petitioners of some rows, in their order; they live no longer than the import of these.

    `words`: the columns that will be covered.
    """

    def __init__(self, texts: Mapping[str, Coded], words: Sequence[Coded] = ()) -> None:
        names = [p.name for p in PERSONAL if p.name in texts]
        self._told = {"name" if n == "person_name" else n: _Told(texts[n], words) for n in names}
        self._found: dict[int, Own] = {}

    def cover(self, position: int, text: str, key: bool = False) -> str:
        """One cell of the row without what identifies anybody; `key`: it is the number of some row."""
        return (masked_key if key else masked)(text, self._own(position))

    def covered(self, column: Coded, hide: Hide = masked) -> Coded:
        """A whole column so, by `masked` or its like for names and keys. Blank cells stay blank."""
        texts = _hidden(column.texts, hide)
        rows = np.zeros(len(column), dtype=bool)
        for told in self._told.values():
            told.mark(rows, column)
        if not rows.any():
            return Coded(column.codes, texts)
        places, codes = np.flatnonzero(rows), column.codes.copy()
        cells = zip(places.tolist(), column.cells(places), strict=True)
        hidden = [hide(cell, self._own(place)) for place, cell in cells]
        codes[places] = len(texts) + np.arange(len(places))
        return Coded(codes, pd.concat([texts, pd.Series(hidden, dtype="str")], ignore_index=True))

    def _own(self, position: int) -> Own:
        if position not in self._found:
            if len(self._found) == _REMEMBERED:
                self._found.clear()
            place = np.array([position])
            said = {name: told.column.cells(place)[0] for name, told in self._told.items()}
            self._found[position] = own(**said)
        return self._found[position]


class _Told:
    """What some rows say of their petitioners in one column."""

    def __init__(self, column: Coded, words: Sequence[Coded]) -> None:
        self.column = column
        self._words = words

    def mark(self, rows: Mask, other: Coded) -> None:
        """Marks the rows whose cell in another column may hold it, blanks apart."""
        at = self._somewhere if _is_few(other) else np.arange(len(other))
        codes, cells = self.column.codes[at], other.squeezed[other.codes[at]]
        rows[at] |= np.array([own in cell for own, cell in zip(self._own[codes], cells, strict=True)], bool)
        several = np.flatnonzero(np.isin(codes, list(self._parts)))
        for place, code, cell in zip(at[several], codes[several].tolist(), cells[several], strict=True):
            rows[place] |= any(part in cell for part in self._parts[code])

    @cached_property
    def _own(self) -> Texts:
        """In no cell where it says nothing."""
        return np.where(self.column.squeezed == "", "\0", self.column.squeezed)

    @cached_property
    def _parts(self) -> dict[int, list[str]]:
        """What several people, or numbers, in one cell are."""
        several = {code: own for code, own in enumerate(self._own) if not own.isalnum()}
        return {code: [part for part in _SEVERAL.split(own) if part] for code, own in several.items()}

    @cached_property
    def _somewhere(self) -> Places:
        """Rows whose petitioner may stand in any of the columns that have few texts."""
        parts = [part for parts in self._parts.values() for part in parts]
        text = "\n".join(cell for column in self._words if _is_few(column) for cell in column.squeezed)
        there = {
            text[end - length : end]
            for length in {*map(len, self._own), *map(len, parts)}
            for end in range(length, len(text) + 1)
        }
        found = np.fromiter((own in there for own in self._own), bool, len(self._own))
        found[[code for code, parts in self._parts.items() if not there.isdisjoint(parts)]] = True
        return np.flatnonzero(found[self.column.codes])


def _is_few(column: Coded) -> bool:
    return len(column.texts) * _FEW <= len(column)


def _hidden(texts: Text, hide: Hide) -> Text:
    """Each text without what identifies anybody at all."""
    if hide is not masked_key:
        return texts.map(lambda text: hide(text, ()), na_action="ignore").astype("str")
    suspect = pc.match_substring_regex(pa.array(texts, pa.string()), KEY_SUSPECT)
    at = np.flatnonzero(suspect.fill_null(False).to_numpy(zero_copy_only=False))
    if not len(at):
        return texts
    hidden = texts.copy()
    hidden.iloc[at] = [hide(text, ()) for text in texts.iloc[at]]
    return hidden
