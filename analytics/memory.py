"""What was worked out and may be wanted again: once for all who want it at once, held up to a weight."""

from __future__ import annotations

import gc
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import TypeVar, cast

T = TypeVar("T")
_SHARED = (type, FunctionType, ModuleType)


@dataclass
class _Held:
    value: object
    weight: int
    group: Hashable
    """The one that wanted it last."""


class Memory:
    """Values by key; the least lately wanted goes where they weigh too much. Safe to share between threads.

    Each belongs to the group that wanted it last, and of groups only the most lately used are held.
    """

    def __init__(self, most: int, groups: int) -> None:
        """`most`: bytes of all values and their keys together; `groups`: how many."""
        self.most, self.groups = most, groups
        self.weight = 0
        """Bytes of what is held now."""
        self._held: OrderedDict[Hashable, _Held] = OrderedDict()
        self._used: OrderedDict[Hashable, None] = OrderedDict()
        self._turns: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._held)

    def once(self, key: Hashable, group: Hashable, work: Callable[[], T]) -> T:
        """What the work gives, done by the first of all who want it."""
        with self._lock:
            if found := self._find(key, group):
                return cast(T, found.value)
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            with self._lock:
                if found := self._find(key, group):
                    return cast(T, found.value)
            try:
                done = work()
                made = _Held(done, weight((key, done)), group)
                with self._lock:
                    self._hold(key, made)
            finally:
                with self._lock:
                    self._turns.pop(key, None)
        return done

    def forget(self) -> None:
        """Lets go of everything."""
        with self._lock:
            for key in list(self._held):
                self._let_go(key)

    def _find(self, key: Hashable, group: Hashable) -> _Held | None:
        found = self._held.get(key)
        if found:
            found.group = group
            self._held.move_to_end(key)
            self._use(group)
        return found

    def _hold(self, key: Hashable, made: _Held) -> None:
        self._use(made.group)
        self._held[key] = made
        self.weight += made.weight
        while self.weight > self.most and len(self._held) > 1:
            self._let_go(next(iter(self._held)))

    def _use(self, group: Hashable) -> None:
        self._used[group] = None
        self._used.move_to_end(group)
        if len(self._used) > self.groups:
            gone, _ = self._used.popitem(last=False)
            for key in [key for key, held in self._held.items() if held.group == gone]:
                self._let_go(key)

    def _let_go(self, key: Hashable) -> None:
        self.weight -= self._held.pop(key).weight


def weight(value: object) -> int:
    """Bytes of a value and all that it refers to, each thing once; of code, which is everybody's, none."""
    seen: set[int] = set()
    total, rest = 0, [value]
    while rest:
        one = rest.pop()
        if id(one) not in seen and not isinstance(one, _SHARED):
            seen.add(id(one))
            total += sys.getsizeof(one)
            rest.extend(gc.get_referents(one))
    return total
