"""One file's rows on their way in, with what was found wrong in them so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.contract import Dataset
from analytics.ingest.coded import Coded, Mask, Places
from analytics.ingest.identity import HIDDEN
from analytics.ingest.people import People
from analytics.ingest.report import Rejection, Rule
from analytics.masking import shown


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell at fault: the row's position in the batch, the contract column, the value as written."""

    position: int
    column: str
    value: str
    rule: Rule
    hint: str = ""

    def text(self, label: str) -> str:
        """The fault in one clause."""
        return f"{label}：{self.rule.text}{self.hint}"


@dataclass
class Batch:
    """Some rows of one file under stored names, each column in its type, in the file's order.

    `numbers` are row numbers as Excel shows them, `headers` the file's name for each contract column,
    `unclaimed` the headers of no column, `written` the recognised cells as exported, `personal` the headers
    among them that identify a person, `people` what these say.
    """

    file: str
    rows: pd.DataFrame
    numbers: npt.NDArray[np.int64]
    headers: Mapping[str, str] = field(default_factory=dict)
    unclaimed: Sequence[str] = ()
    written: Mapping[str, Coded] = field(default_factory=dict)
    personal: Sequence[str] = ()
    faults: list[Fault] = field(default_factory=list)
    people: People = field(default_factory=lambda: People({}))

    def __len__(self) -> int:
        return len(self.rows)

    def has(self, name: str, dataset: Dataset) -> bool:
        """The file brings this contract column."""
        contract = dataset[name]
        return (contract.stored_given if contract.given else name) in self.rows.columns

    def reject(self, at: Mask, column: str, rule: Rule, values: Coded | None = None, hint: str = "") -> None:
        """Notes the rule against every row where `at` (a mask over the batch) holds."""
        places = np.flatnonzero(at)
        if not len(places):
            return
        texts = [""] * len(places) if values is None else values.cells(places)
        self.faults += [
            Fault(place, column, text, rule, hint) for place, text in zip(places.tolist(), texts, strict=True)
        ]

    @property
    def sound(self) -> Mask:
        """Rows with no fault."""
        sound = np.ones(len(self.rows), dtype=bool)
        sound[[fault.position for fault in self.faults]] = False
        return sound

    def excerpt(self, dataset: Dataset) -> pd.DataFrame:
        """The faulty rows as exported, personal columns hidden and the rest masked."""
        places = np.flatnonzero(~self.sound)
        cells = {
            header: list(self._shown(header, column.cells(places), places, dataset))
            for header, column in self.written.items()
        }
        return pd.DataFrame(cells, dtype="str")

    def _shown(self, header: str, cells: Sequence[str], places: Places, dataset: Dataset) -> Iterable[str]:
        if header in self.personal:
            return [HIDDEN if cell else "" for cell in cells]
        key = header == self.headers.get(dataset.key)
        return [self.people.cover(at, cell, key) for at, cell in zip(places.tolist(), cells, strict=True)]

    def rejections(self, dataset: Dataset) -> Iterator[Rejection]:
        """One entry per faulty row, in the file's order."""
        by_row: dict[int, list[Fault]] = {}
        for fault in self.faults:
            by_row.setdefault(fault.position, []).append(fault)
        for position in sorted(by_row):
            first, *others = by_row[position]
            yield Rejection(
                file=self.file,
                row=int(self.numbers[position]),
                column=first.column,
                value=self.people.cover(position, first.value, key=first.column == dataset.key),
                rule=first.rule.text + first.hint,
                remedy=first.rule.remedy,
                also=tuple(fault.text(dataset[fault.column].label) for fault in others),
                header=shown(self.headers.get(first.column, dataset[first.column].label)),
            )
