"""What the dashboard costs over the wire: its first page, a rerun, filter clicks of many viewers at once."""

from __future__ import annotations

import asyncio
import gzip
import random
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scipy import stats
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from analytics.catalogue import DIMENSIONS
from tests.load import Viewer
from tests.serving import Server, serving

MONTH = "period=2021-11"
EMPTY = "lookup"
"""A page that asks nothing of the data: what Streamlit, the menu and the filters cost."""


def first_page(data: Path) -> float:
    """Seconds from the start of `petition serve` until its first page has been drawn."""
    began = time.monotonic()
    with _served(data) as server, Viewer(server.address) as viewer:
        viewer.open("", MONTH)
        return time.monotonic() - began


@contextmanager
def _served(data: Path) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder, serving(data, Path(folder) / "log") as server:
        yield server


# --- one viewer -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """Of one rerun: milliseconds of the server's processor; messages, bytes as sent and if gzipped."""

    cpu_ms: float
    messages: int
    raw: int
    gzipped: int


def rerun_cost(data: Path, page: str) -> Cost:
    """What a rerun of a page costs that was drawn before."""
    return rerun_costs(data, (page,))[page]


def rerun_costs(data: Path, pages: Iterable[str], rounds: int = 12, at_once: int = 5) -> dict[str, Cost]:
    """The same of several pages; their rounds interleaved, so that noise meets all alike."""
    spent: dict[str, list[float]] = {page: [] for page in pages}
    sent: dict[str, list[bytes]] = {}
    with _served(data) as server, Viewer(server.address) as viewer:
        viewer.open("", MONTH)
        for _ in range(rounds):
            for page, found in spent.items():
                viewer.heard = None
                viewer.go(page)
                before = server.cpu_seconds
                for _ in range(at_once):
                    sent[page] = viewer.heard = []
                    viewer.rerun()
                found.append((server.cpu_seconds - before) * 1000 / at_once)
    return {
        page: Cost(
            statistics.median(found),
            len(sent[page]),
            sum(map(len, sent[page])),
            len(gzip.compress(b"".join(sent[page]))),
        )
        for page, found in spent.items()
    }


# --- many viewers -----------------------------------------------------------------------------------------


@dataclass
class Clicks:
    """Seconds from each click on a filter to the end of its run; MiB held at moments, in seconds."""

    seconds: list[float] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    cpu: float = 0.0
    """Of one processor, the part that the server used."""

    @property
    def median(self) -> float:
        """Half of the clicks took no longer."""
        return statistics.median(self.seconds)

    @property
    def p95(self) -> float:
        """95 of 100 clicks took no longer."""
        return statistics.quantiles(self.seconds, n=20)[-1]

    @property
    def growth(self) -> tuple[float, float]:
        """MiB a minute by least squares; half of its 95% interval."""
        fit = stats.linregress([at / 60 for at, _ in self.memory], [held for _, held in self.memory])
        return float(fit.slope), float(stats.t.ppf(0.975, len(self.memory) - 2) * fit.stderr)


def filter_clicks(
    data: Path, sessions: int = 100, think: float = 2.0, seconds: float = 120.0, warm: float = 90.0
) -> Clicks:
    """So many viewers of the first page choose townships, each after a while of `think` seconds on average.

    What happens in the first `warm` seconds is not counted. The viewers are connections of one loop that read
    no more than they must: what they take themselves is the least that can be.
    """
    with _served(data) as server, Viewer(server.address) as viewer:
        viewer.open("", MONTH)
        box = viewer.find("multiselect", DIMENSIONS["township"].label)
        crowd = _Crowd(viewer, box.message.id, list(box.message.options), think)
        return asyncio.run(crowd.click(server, sessions, warm, seconds))


class _Crowd:
    """Connections that all do the same."""

    def __init__(self, viewer: Viewer, box: str, members: list[str], think: float) -> None:
        self._viewer, self._box, self._members, self._think = viewer, box, members, think
        self._found = Clicks()
        self._counts = False
        self._over = False

    async def click(self, server: Server, sessions: int, warm: float, seconds: float) -> Clicks:
        """Lets them click; what was counted."""
        viewers = [asyncio.create_task(self._view(random.Random(n))) for n in range(sessions)]
        await asyncio.sleep(warm)
        self._counts, began, cpu = True, time.monotonic(), server.cpu_seconds
        while (now := time.monotonic() - began) < seconds:
            self._found.memory.append((now, server.mebibytes))
            await asyncio.sleep(1)
        self._found.cpu = (server.cpu_seconds - cpu) / seconds
        self._over = True
        await asyncio.gather(*viewers)
        return self._found

    async def _view(self, chance: random.Random) -> None:
        await asyncio.sleep(chance.uniform(0, 2 * self._think))
        viewer = self._viewer
        async with connect(viewer.stream, **viewer.handshake) as page:
            await self._run(page, [])
            while not self._over:
                await asyncio.sleep(chance.uniform(0, 2 * self._think))
                began, counts = time.monotonic(), self._counts
                await self._run(page, [chance.choice(self._members)])
                if counts and not self._over:
                    self._found.seconds.append(time.monotonic() - began)

    async def _run(self, page: ClientConnection, chosen: list[str]) -> None:
        said = BackMsg()
        run = said.rerun_script
        run.query_string, run.page_script_hash = MONTH, self._viewer.page
        state = WidgetState(id=self._box)
        state.string_array_value.data.extend(chosen)
        run.widget_states.widgets.append(state)
        await page.send(said.SerializeToString())
        while True:
            data = await page.recv()
            # Only the shortest messages are read: the end of a run is one of them.
            if len(data) < 64 and ForwardMsg.FromString(data).WhichOneof("type") == "script_finished":
                return
