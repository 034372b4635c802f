"""Tables of counts for the public: small cells left out, and others lest they be worked out.

A cell of 1 to 4 is hidden. Whoever knows everything else that is shown, totals included, must find every
number from 1 to 4 still possible for it: checked by linear programming over all the lines of the table (the
audit of cell suppression: Willenborg and de Waal, Elements of Statistical Disclosure Control, 2001).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

TOTAL = "合计"
LEAST = 5
"""The smallest count that is shown, besides 0."""

UNBOUNDED = 3
"""What linprog says where there is no end."""

Place = tuple[str, str]
Line = tuple[Place, ...]
"""The cells of a row or a column, its total last."""


def with_totals(counts: Mapping[Place, int]) -> dict[Place, int]:
    """The table whole: every row by every column, with totals of both and of all."""
    rows, columns = (list(dict.fromkeys(place[at] for place in counts)) for at in (0, 1))
    table = {(r, c): counts.get((r, c), 0) for r in rows for c in columns}
    table |= {(r, TOTAL): sum(table[r, c] for c in columns) for r in rows}
    return table | {(TOTAL, c): sum(table[r, c] for r in rows) for c in (*columns, TOTAL)}


def hidden(table: Mapping[Place, int]) -> frozenset[Place]:
    """The places of a table with totals that may not be shown."""
    lines = _lines(table)
    small = [place for place, count in table.items() if 0 < count < LEAST]
    found = set(small)
    for place in small:
        while not _protected(place, found, table, lines) and (more := _next(found, table, lines)):
            found.add(more)
    return frozenset(found)


def _lines(table: Mapping[Place, int]) -> list[Line]:
    """Every row and every column; what is not a total first."""
    found = []
    for at in (0, 1):
        for name in dict.fromkeys(place[at] for place in table):
            line = [place for place in table if place[at] == name]
            found.append(tuple(sorted(line, key=lambda place: place[1 - at] == TOTAL)))
    return found


def _protected(
    place: Place, found: Iterable[Place], table: Mapping[Place, int], lines: Iterable[Line]
) -> bool:
    """Whether all of 1 to 4 is possible at the place for who sees the rest; what is hidden is at least 1.

    A total cannot be less than the number of its cells that are not 0, which everybody sees.
    """
    from scipy.optimize import linprog

    unknown = sorted(found)
    at = {name: number for number, name in enumerate(unknown)}
    sums, known = [], []
    for *parts, total in lines:
        signs = [(name, 1) for name in parts] + [(total, -1)]
        if any(name in at for name, _ in signs):
            row = [0] * len(unknown)
            for name, sign in signs:
                if name in at:
                    row[at[name]] = sign
            sums.append(row)
            known.append(-sum(sign * table[name] for name, sign in signs if name not in at))
    least = _parts(place, table)
    for sign in (1, -1):
        aim = [0] * len(unknown)
        aim[at[place]] = sign
        end = linprog(aim, A_eq=sums, b_eq=known, bounds=(1, None))
        bound = least if sign == 1 else -max(LEAST - 1, least + 1)
        if end.status != UNBOUNDED and (end.status or end.fun > bound + 0.5):
            return False
    return True


def _parts(place: Place, table: Mapping[Place, int]) -> int:
    """How many cells that are not 0 stand in it: 1 for a cell itself."""
    row, column = place
    inner = {name: count for name, count in table.items() if TOTAL not in name and count}
    return sum(row in (TOTAL, r) and column in (TOTAL, c) for r, c in inner)


def _next(found: set[Place], table: Mapping[Place, int], lines: Iterable[Line]) -> Place | None:
    """What to hide besides: the smallest count of the line that has the fewest hidden, a total last."""
    held = {line: sum(place in found for place in line) for line in lines}
    alone = {place for line, count in held.items() if count == 1 for place in line}
    for line in sorted((line for line in held if held[line]), key=lambda line: held[line]):
        there = [place for place in line if place not in found and table[place]]
        if there:
            return min(there, key=lambda p: (p == line[-1], p not in alone - set(line), table[p], p))
    return None
