"""Which member of each dimension things have, as numbers: kept, grouped and counted by arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Group = tuple[object, ...]
Kept = Sequence[tuple[str, Sequence[object]]]
"""Dimensions and the members kept of each."""
_MANY = 2**62


@dataclass(frozen=True)
class Groups:
    """The combinations of members that occur: of each thing the number of its own, and what they are."""

    ids: np.ndarray
    members: list[Group]

    @cached_property
    def runs(self) -> Runs:
        """The things, those of one group together."""
        order = np.argsort(self.ids, kind="stable").astype(np.int32)
        return Runs(order, self.ids[order])


@dataclass(frozen=True)
class Runs:
    """Things in the order of their groups, and the group of each."""

    things: np.ndarray
    ids: np.ndarray

    @cached_property
    def starts(self) -> np.ndarray:
        """Where each group starts."""
        return np.flatnonzero(np.diff(self.ids, prepend=-1))

    @cached_property
    def groups(self) -> np.ndarray:
        """Which group starts there."""
        groups: np.ndarray = self.ids[self.starts]
        return groups

    def only(self, mask: np.ndarray) -> Runs:
        """Those of a mask."""
        kept = mask[self.things]
        return Runs(self.things[kept], self.ids[kept])


GROUPINGS = 32
"""How many ways of grouping are kept: a page has about ten."""


class Members:
    """What each of `length` things has: of each dimension a code, and which member it stands for."""

    def __init__(
        self,
        dimensions: Sequence[str],
        codes: Sequence[np.ndarray],
        names: Sequence[dict[object, int]],
        length: int,
    ) -> None:
        self.dimensions = tuple(dimensions)
        self._codes, self._names, self._length = list(codes), list(names), length
        self._groups: dict[tuple[str, ...], Groups] = {}

    @classmethod
    def of(cls, dimensions: Sequence[str], columns: Sequence[pa.ChunkedArray], length: int) -> Members:
        """From columns of members, one a dimension."""
        codes, names = [], []
        for column in columns:
            encoded = pc.dictionary_encode(column, null_encoding="encode").combine_chunks()
            codes.append(encoded.indices.to_numpy().astype(np.int32))  # its own, so that its weight is known
            names.append({member: code for code, member in enumerate(encoded.dictionary.to_pylist())})
        return cls(dimensions, codes, names, length)

    def __len__(self) -> int:
        return self._length

    def combinations(self) -> tuple[np.ndarray, np.ndarray]:
        """Where each combination stands first, and of each thing the number of its combination."""
        return _distinct(self._codes, self._length)

    def distinct(self) -> tuple[Members, np.ndarray]:
        """Each combination once, and of each thing the number of its combination."""
        first, ids = self.combinations()
        return Members(self.dimensions, [c[first] for c in self._codes], self._names, len(first)), ids

    def mask(self, kept: Kept) -> np.ndarray:
        """Whether each thing has a member kept of every dimension."""
        mask = np.ones(self._length, bool)
        for name, members in kept:
            at = self.dimensions.index(name)
            wanted = np.zeros(len(self._names[at]), bool)
            wanted[[self._names[at][m] for m in members if m in self._names[at]]] = True
            mask &= wanted[self._codes[at]]
        return mask

    def groups(self, by: tuple[str, ...]) -> Groups:
        """By some of the dimensions, in their order."""
        if (known := self._groups.get(by)) is not None:
            return known
        at = [self.dimensions.index(name) for name in by]
        first, ids = _distinct([self._codes[i] for i in at], self._length)
        names = [list(self._names[i]) for i in at]
        columns = [[names[n][c] for c in self._codes[i][first].tolist()] for n, i in enumerate(at)]
        members: list[Group] = list(zip(*columns, strict=True)) if columns else [()]
        self._groups[by] = made = Groups(ids, members)
        for oldest in list(self._groups)[:-GROUPINGS]:
            self._groups.pop(oldest, None)
        return made

    @property
    def weight(self) -> int:
        """Bytes held, without what it is grouped by."""
        return sum(codes.nbytes for codes in self._codes)


def _distinct(codes: Sequence[np.ndarray], length: int) -> tuple[np.ndarray, np.ndarray]:
    """Where each combination of codes stands first, and of each row the number of its combination."""
    sizes = [int(column.max(initial=0)) + 1 for column in codes]
    combined, many = np.zeros(length, np.int32 if math.prod(sizes) < 2**31 else np.int64), 1
    for column, size in zip(codes, sizes, strict=True):
        if many > _MANY // size:  # renumbered, so that the number of combinations never overflows
            found, combined = np.unique(combined, return_inverse=True)
            many = len(found)
        np.multiply(combined, size, out=combined)
        np.add(combined, column, out=combined)
        many *= size
    if many > 8 * length:
        _, first, ids = np.unique(combined, return_index=True, return_inverse=True)
        return first, ids.astype(np.int32)
    places = np.full(many, length, np.int32)
    places[combined[::-1]] = np.arange(length, dtype=np.int32)[::-1]
    there = places < length
    return places[there], (np.cumsum(there, dtype=np.int32) - 1)[combined]
