"""Words whose numbers name the question that they answer: pieces of text with their sources."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from analytics.catalogue import DIMENSIONS, METRICS
from analytics.contract import DATASETS
from analytics.insight.wording import COMPARED, period_in_words
from analytics.model import Query, Selection


@dataclass(frozen=True)
class Source:
    """Where numbers come from: the command that gives them again, and what it asks in words.

    `query`: as the engine is asked; None where another command than `petition query` gives the numbers.
    """

    command: str
    words: str
    query: Query | None = None


@dataclass(frozen=True)
class Piece:
    """A stretch of text; its numbers, where it has any, come from the source."""

    text: str
    source: Source | None = None


Told = tuple[Piece, ...]
"""A sentence or a paragraph."""


def plain_text(told: Iterable[Piece]) -> str:
    """The words alone."""
    return "".join(piece.text for piece in told)


def marked(told: Told, sources: tuple[Source, ...]) -> list[tuple[str, int | None]]:
    """The words in stretches, each with the number of its source (from 1) where its numbers end.

    Pieces of one source with only words between them share a number: 171件，同比下降8.1%[1]，环比…
    """
    stretches: list[tuple[str, int | None]] = []
    text, between, cited = "", "", None
    for piece in told:
        if piece.source is None:
            between += piece.text
            continue
        if cited not in (None, piece.source):
            stretches.append((text, sources.index(cited) + 1))
            text = ""
        text, between, cited = text + between + piece.text, "", piece.source
    if cited:
        stretches.append((text, sources.index(cited) + 1))
    else:
        between = text + between
    return [*stretches, (between, None)] if between else stretches


def marked_text(told: Told, sources: tuple[Source, ...]) -> str:
    """The same as plain text: 171件，同比下降8.1%[1]。"""
    return "".join(text + (f"[{number}]" if number else "") for text, number in marked(told, sources))


# --- a query as it is typed and as it is said --------------------------------------------------------


def source_of_query(query: Query) -> Source:
    """The source of a result's numbers."""
    return Source(query_command(query), query_in_words(query), query)


def query_command(query: Query) -> str:
    """The command that gives the same answer again, later too: with its last day and its versions.

    For whoever sees everything: the scope's place stands as a filter.
    """
    selection = query.selection
    options = [("--by", name) for name in query.by]
    options += where_options(selection)
    options += [("--from", f"{selection.period.start}"), ("--to", f"{selection.period.end}")]
    options += [("--compare", query.compare)] if query.compare != "none" else []
    options += [("--as-of", f"{query.as_of}")]
    options += [("--version", f"{dataset}={version}") for dataset, version in query.versions if version]
    return command("petition", "query", *query.metrics, *(word for option in options for word in option))


def where_options(selection: Selection) -> list[tuple[str, str]]:
    """The members that a selection keeps as a command takes them, its scope's place among them."""
    where = dict(selection.members) | dict(selection.scope.kept)
    return [("--where", f"{name}={member}") for name, members in where.items() for member in members]


def query_in_words(query: Query) -> str:
    """信访总量、来信；2021年11月；同比；按镇街；镇街=宁中镇；信访事项第3版."""
    parts = [
        "、".join(METRICS[name].label for name in query.metrics),
        period_in_words(query.selection.period),
    ]
    parts += [COMPARED[query.compare]] if query.compare != "none" else []
    parts += [f"按{'、'.join(DIMENSIONS[name].label for name in query.by)}"] if query.by else []
    parts += [words] if (words := filters_in_words(query.selection)) else []
    parts += [f"{DATASETS[dataset].label}第{version}版" for dataset, version in query.versions if version]
    return "；".join(parts)


def filters_in_words(selection: Selection) -> str:
    """镇街=宁中镇、叶塘镇，信访形式=来信; empty without filters."""
    parts = []
    for dimension, members in selection.members:
        declared = [value for value, _ in DIMENSIONS[dimension].members]
        ordered = sorted(members, key=lambda m, d=declared: d.index(m) if m in d else len(d))  # type: ignore[misc]
        labels = "、".join(DIMENSIONS[dimension].label_of(m) for m in ordered)
        parts.append(f"{DIMENSIONS[dimension].label}={labels}")
    return "，".join(parts)


_PLAIN = re.compile(r"[\w.=:/、，（）·—-]+")


def command(*words: str) -> str:
    """A command as it is typed: Chinese bare, which every shell takes, quotes only where they must be."""
    return " ".join(word if _PLAIN.fullmatch(word) else shlex.quote(word) for word in words)
