"""Columns of text in which few texts stand often: what is asked of a text is asked once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Text = pd.Series  # str, NaN where blank
Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]
Texts = npt.NDArray[np.object_]
_BLANKS = r"[\s\x0b\x1c-\x1f\x{85}\p{Z}]+"  # what str.split() takes for one


def without_blanks(texts: pa.Array) -> pa.Array:
    """Each text without any."""
    return pc.replace_substring_regex(texts, _BLANKS, "")


@dataclass(frozen=True)
class Coded:
    """One column: `codes` are the places of its cells in `texts`, where a blank stands for blank cells.

    A text may stand among them more than once.
    """

    codes: npt.NDArray[np.int64]
    texts: Text

    @classmethod
    def of(cls, column: pa.DictionaryArray) -> Coded:
        """From Arrow."""
        texts = pa.concat_arrays([column.dictionary, pa.nulls(1, pa.string())])
        codes = pc.fill_null(column.indices, len(texts) - 1)
        return cls(codes.to_numpy(zero_copy_only=False), texts.to_pandas(types_mapper=_STR.get))

    @classmethod
    def constant(cls, text: str, length: int) -> Coded:
        """The same text in every row."""
        return cls(np.zeros(length, np.int64), pd.Series([text, None], dtype="str"))

    @classmethod
    def each(cls, texts: Text) -> Coded:
        """Of a text a row."""
        return cls(np.arange(len(texts)), texts)

    def __len__(self) -> int:
        return len(self.codes)

    def map(self, work: Callable[[Text], Text]) -> Coded:
        """Each text as another."""
        return Coded(self.codes, work(self.texts))

    def where(self, mask: pd.Series[bool]) -> Mask:
        """Rows whose text is one for which it holds."""
        rows: Mask = mask.to_numpy(dtype=bool, na_value=False)[self.codes]
        return rows

    def cells(self, places: Places) -> list[str]:
        """The texts of some rows, empty where blank."""
        if not len(places):  # as of most files, whose rows have no fault
            return []
        found: list[str] = self.texts.take(self.codes[places]).fillna("").tolist()
        return found

    @cached_property
    def squeezed(self) -> Texts:
        """The texts without blanks, for quick looks into them; empty where blank."""
        texts = without_blanks(pa.array(self.texts, pa.string())).fill_null("")
        return np.asarray(texts.to_numpy(zero_copy_only=False), dtype=object)

    def take(self, values: pd.Series) -> pd.Series:
        """What was found of each text, a row each."""
        return values.take(self.codes).reset_index(drop=True)

    def column(self) -> pd.Series:
        """The same as categories."""
        codes, distinct = self.texts.factorize()
        return pd.Series(pd.Categorical.from_codes(codes[self.codes], pd.Index(distinct)))

    def differs(self, other: Coded) -> Mask:
        """Rows whose text is another."""
        if self.codes is other.codes:  # as it is where no row had a text of its own
            return self.where(self.texts.notna() & (self.texts != other.texts))
        mine, theirs = self.texts.take(self.codes).array, other.texts.take(other.codes).array
        found: Mask = (mine != theirs).astype(bool) & ~mine.isna()
        return found


class Seen:
    """The keys of a file so far: in order more often than not, so that most are not looked through again."""

    def __init__(self) -> None:
        self._before: list[tuple[pa.Array, str, str]] = []

    def again(self, keys: Text) -> Mask:
        """Rows whose key stands earlier, here or in what was asked before."""
        these = pa.array(keys, pa.string()).drop_null()
        found = keys.notna().to_numpy() & keys.duplicated().to_numpy()
        if not len(these):
            return found
        least, most = pc.min_max(these).as_py().values()
        for before, first, last in self._before:
            if least <= last and most >= first:
                both = before.filter(pc.is_in(before, these))
                found |= pc.is_in(pa.array(keys, pa.string()), both).to_numpy(zero_copy_only=False)
        self._before.append((these, least, most))
        return found


_STR = {pa.string(): pd.StringDtype(na_value=float("nan"))}
