"""Import: from an export file to a new version of the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analytics.contract import IMPORTED
from analytics.ingest import frames
from analytics.ingest.batch import Batch
from analytics.ingest.coded import Seen
from analytics.ingest.commit import Request, outdated, plan, rederive, write
from analytics.ingest.derive import derive
from analytics.ingest.gather import Incoming, gather
from analytics.ingest.identity import passing_secret, petitioner_secret
from analytics.ingest.read import Progress
from analytics.ingest.rejected import check_target, write_rejected
from analytics.ingest.report import Rejection, Report, Rule, Warning
from analytics.ingest.validate import check_keys
from analytics.model import Period
from analytics.site import Site
from analytics.store import Store

__all__ = [
    "Rejection",
    "Report",
    "Rule",
    "Warning",
    "check_target",
    "derive",
    "import_files",
    "import_rows",
    "outdated",
    "preview_files",
    "rederive",
    "write_rejected",
]


def import_files(
    store: Store,
    site: Site,
    files: Sequence[Path],
    dataset: str | None = None,
    mapping: Path | Mapping[str, Any] | None = None,
    covers_to: date | None = None,
    replace: Period | None = None,
    progress: Progress | None = None,
) -> Report:
    """Imports files of one dataset as one version; a later file may complete the rows of an earlier one.

    `covers_to`: the day to which the data is complete; `replace`: the files are complete for that period,
    rows of it that they lack are removed. Raises Refusal, and then nothing has changed; too many faulty rows
    are told by `Report.refused` instead, so that their list is at hand.
    """

    def opened() -> Iterator[Incoming]:
        return gather(files, dataset, mapping, lambda: petitioner_secret(store.path), progress)

    return write(store, site, Request(covers_to, replace), opened, progress)


def preview_files(
    store: Store,
    site: Site,
    files: Sequence[Path],
    dataset: str | None = None,
    mapping: Path | Mapping[str, Any] | None = None,
    covers_to: date | None = None,
    replace: Period | None = None,
    progress: Progress | None = None,
) -> Report:
    """What `import_files` would do, worked out in the same way with nothing written."""
    secret = passing_secret(store.path)

    def opened() -> Iterator[Incoming]:
        return gather(files, dataset, mapping, lambda: secret, progress)

    return plan(store, site, Request(covers_to, replace), opened)[0]


def import_rows(
    store: Store,
    site: Site,
    dataset: str,
    rows: pd.DataFrame,
    demo: bool = False,
    covers_to: date | None = None,
) -> Report:
    """Imports rows that already stand in the contract's columns and types, as the demo does."""
    contract = IMPORTED[dataset]
    given = frames.as_given(rows, contract).reset_index(drop=True)

    def opened() -> Iterator[Incoming]:
        batch = Batch("", given, np.arange(1, len(rows) + 1))
        check_keys(batch, contract, Seen())
        yield Incoming("", contract, (), [batch])

    return write(store, site, Request(covers_to, demo=demo), opened)
