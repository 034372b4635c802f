"""Many viewers at once, each clicking at random, while rows are imported: what they met, what it cost."""

from __future__ import annotations

import random
import statistics
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from scipy import stats

from tests.load import Drawn, Viewer
from tests.serving import Server, petition

FIRST_OF_ALL = "period=2021-11"
HURRIED, USUAL = (0.2, 1.0), (5.0, 20.0)
"""How many seconds somebody looks before they click again, at least and at most."""


@dataclass
class Met:
    """What a crowd met: seconds of each run, faults, imports done, memory at moments (seconds, MiB)."""

    seconds: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    imports: int = 0
    downloads: int = 0
    received: int = 0
    memory: list[tuple[float, float]] = field(default_factory=list)

    def percentile(self, part: float) -> float:
        """Seconds within which such a part of the runs ended."""
        ordered = sorted(self.seconds)
        return ordered[min(int(part * len(ordered)), len(ordered) - 1)]

    def growth(self, warm: float) -> tuple[float, float]:
        """MiB a minute by least squares over what was held after `warm` seconds; half of its 95% interval.

        Memory moves in steps that last, so that its samples are not independent: means of half minutes are
        taken, and the interval is still an approximation.
        """
        means: dict[int, list[float]] = {}
        for at, held in self.memory:
            if at >= warm:
                means.setdefault(int(at // 30), []).append(held)
        minutes = [part / 2 for part in means]
        fit = stats.linregress(minutes, [statistics.fmean(held) for held in means.values()])
        return float(fit.slope), float(stats.t.ppf(0.975, max(len(minutes) - 2, 1)) * fit.stderr)

    def words(self, warm: float) -> str:
        """All of it, to be printed."""
        slope, half = self.growth(warm) if self.memory and self.memory[-1][0] > warm + 90 else (0.0, 0.0)
        return (
            f"{len(self.seconds)} runs, median {self.percentile(0.5):.2f} s, "
            f"p95 {self.percentile(0.95):.2f} s; "
            f"{self.downloads} downloads, {self.imports} imports, {self.received / 2**20:.0f} MiB received; "
            f"{len(self.faults)} faults; memory {self.memory[0][1]:.0f} → {self.memory[-1][1]:.0f} MiB, "
            f"after warm-up {slope:+.2f} ± {half:.2f} MiB a minute"
        )


def clicking(
    server: Server, data: Path, viewers: int, seconds: float, import_every: float, pause: tuple[float, float]
) -> Met:
    """So many viewers clicking for so long, each looking for a while in between, with imports meanwhile."""
    met, end = Met(), time.monotonic() + seconds
    lock = threading.Lock()

    def noted(name: str, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as fault:
            with lock:
                met.faults.append(f"{name}: {fault!r}")

    with ThreadPoolExecutor(viewers + 2) as pool:
        for number in range(viewers):
            chance = random.Random(number)
            pool.submit(noted, f"viewer {number}", lambda c=chance: _look(server, c, end, met, lock, pause))
        pool.submit(noted, "import", lambda: _import(data, end, import_every, met))
        pool.submit(noted, "memory", lambda: _weigh(server, end, met))
    return met


def _look(
    server: Server,
    chance: random.Random,
    end: float,
    met: Met,
    lock: threading.Lock,
    pause: tuple[float, float],
) -> None:
    time.sleep(chance.uniform(0, pause[1]))  # they do not all come in the same instant
    while time.monotonic() < end:
        with Viewer(server.address) as viewer:
            viewer.open("", FIRST_OF_ALL)
            for _ in range(chance.randint(10, 60)):
                if time.monotonic() > end:
                    break
                did = _click(viewer, chance, met)
                with lock:
                    met.faults.extend(f"{did}: {error}" for error in viewer.errors)
                time.sleep(chance.uniform(*pause))
            with lock:
                met.seconds.extend(viewer.run_seconds)
                met.received += viewer.received


def _click(viewer: Viewer, chance: random.Random, met: Met) -> str:
    """One thing that a person does; what it was."""
    kind = chance.choices(("page", "button", "period", "filter", "download"), (4, 4, 1, 2, 1))[0]
    # What sends a form off is left alone: an empty one is answered, as it should be, in red.
    buttons = [drawn for drawn in viewer.all("button") if not drawn.message.is_form_submitter]
    if kind == "button" and buttons:
        button = chance.choice(buttons)
        viewer.click(button)
        return f"button {button.label}"
    if kind == "period" and (boxes := _named(viewer, "selectbox", "期间")):
        viewer.choose(boxes[0], chance.choice(boxes[0].message.options))
        return "period"
    if kind == "filter" and (boxes := viewer.all("multiselect")):
        box = chance.choice(boxes)
        known = list(box.message.options)
        viewer.choose(box, *chance.sample(known, min(len(known), chance.randint(0, 2))))
        return f"filter {box.label}"
    if kind == "download" and (files := viewer.all("download_button")):
        file = chance.choice(files)
        answer = viewer.download(file)
        met.downloads += 1
        assert answer.status == 200, f"download {file.label}: {answer.status}"
        assert answer.body, f"download {file.label} is empty"
        return f"download {file.label}"
    if not viewer.pages:  # in the meeting
        viewer.open("", FIRST_OF_ALL)
        return "back"
    page = chance.choice(sorted(viewer.pages))
    viewer.go(page)
    return f"page {page}"


def _named(viewer: Viewer, kind: str, label: str) -> list[Drawn]:
    return [drawn for drawn in viewer.all(kind) if drawn.label == label]


def _import(data: Path, end: float, every: float, met: Met) -> None:
    while time.monotonic() + every < end:
        time.sleep(every)
        met.imports += 1
        file = data.parent / f"第{met.imports}次.csv"
        rows = "".join(
            f"N{met.imports}-{n},2021-11-{n % 28 + 1:02d},来信,1,宁中镇,市水务局\n" for n in range(20)
        )
        file.write_text(f"信访件编号,登记日期,信访形式,人数,问题属地,责任单位\n{rows}", "utf-8")
        command = petition("import", str(file), "--data", str(data))
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)


def _weigh(server: Server, end: float, met: Met) -> None:
    began = time.monotonic()
    while time.monotonic() < end:
        met.memory.append((time.monotonic() - began, server.mebibytes))
        time.sleep(2)
