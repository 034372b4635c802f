"""What was worked out and may be wanted again: once for all who want it at once, held up to a weight."""

from __future__ import annotations

import gc
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import count
from types import FunctionType, ModuleType
from typing import TypeVar, cast

T = TypeVar("T")
_SHARED = (type, FunctionType, ModuleType)
_ATOMS = frozenset((str, int, float, bool, bytes, date, type(None)))
"""Of what refers to nothing."""


class Weighed(ABC):
    """What knows about how many bytes it takes with all that it refers to, and is not walked through."""

    @property
    @abstractmethod
    def weight(self) -> int:
        """About how many."""


@dataclass
class _Held:
    """A value; `wanted`: when it was last, as a number that grows."""

    value: object
    weight: int
    wanted: int


class Memory:
    """Values by key; the least lately wanted go where they weigh too much. Safe to share between threads.

    Whoever finds what they want waits for nobody: a lock here would be the one for which everybody waits.
    """

    def __init__(self, most: int, weigh: Callable[[object], int] | None = None) -> None:
        """`most`: what all values and their keys weigh together; bytes unless weighed otherwise."""
        self.most, self._weigh = most, weigh or weight
        self._held: dict[Hashable, _Held] = {}
        self._weight = 0
        self._turns: dict[Hashable, threading.Lock] = {}
        self._clock = count()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._held)

    def once(self, key: Hashable, work: Callable[[], T]) -> T:
        """What the work gives, done by the first of all who want it."""
        if found := self._find(key):
            return cast(T, found.value)
        with self._turns.setdefault(key, threading.Lock()):
            if found := self._find(key):
                return cast(T, found.value)
            try:
                done = work()
                weighed = done if isinstance(done, Weighed) else (key, done)  # it knows of its key as well
                self._hold(key, _Held(done, self._weigh(weighed), next(self._clock)))
            finally:
                self._turns.pop(key, None)
        return done

    def forget(self) -> None:
        """Lets go of everything."""
        with self._lock:
            self._let_go(list(self._held))

    def _find(self, key: Hashable) -> _Held | None:
        if found := self._held.get(key):
            found.wanted = next(self._clock)
        return found

    def _hold(self, key: Hashable, made: _Held) -> None:
        with self._lock:
            self._let_go([key] if key in self._held else [])
            self._held[key] = made
            self._weight += made.weight
            if self._weight > self.most:
                self._make_room()

    def _make_room(self) -> None:
        """Lets go of what is too much and a tenth of all, the least lately wanted first: sorting is dear."""
        for key in sorted(self._held, key=lambda one: self._held[one].wanted)[:-1]:
            if self._weight <= self.most * 9 // 10:
                break
            self._let_go([key])

    def _let_go(self, keys: Iterable[Hashable]) -> None:
        for key in keys:
            self._weight -= self._held.pop(key).weight


def weight(value: object) -> int:
    """Bytes of a value and all that it refers to, each thing once; of code, which is everybody's, none."""
    seen: set[int] = set()
    total, rest = 0, [value]
    while rest:
        one = rest.pop()
        if id(one) not in seen and not isinstance(one, _SHARED):
            seen.add(id(one))
            if isinstance(one, Weighed):
                total += one.weight
                continue
            total += sys.getsizeof(one)
            if type(one) not in _ATOMS:
                rest.extend(gc.get_referents(one))
    return total
