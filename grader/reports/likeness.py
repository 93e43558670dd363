"""The table of similar submissions: a file, and a page made from it. For the instructor alone."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from grader.reports import html
from grader.reports.stored import PAGES, Stored, page_names
from grader.reports.tables import cell
from grader.similarity import OTHER, Pair

PLACES = 3  # exercises that are named beside a pair, those that hold most of what is shared
COLUMNS = ("rank", "first", "second", "score", "shared", "alone", "where")


def as_rows(pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    """A dict a pair, with its rank from 1 and the exercises that hold what is shared."""
    return [
        {
            "rank": rank,
            "first": pair.first,
            "second": pair.second,
            "score": round(pair.score, 3),
            "shared": pair.shared,
            "alone": pair.alone,
            "where": ", ".join("helpers" if name == OTHER else name for name, _ in pair.where[:PLACES]),
        }
        for rank, pair in enumerate(pairs, 1)
    ]


def write(file: TextIO, pairs: Sequence[Pair]) -> None:
    """The table as CSV. No cell can be taken for a formula."""
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    for row in as_rows(pairs):
        writer.writerow({**row, "first": cell(row["first"]), "second": cell(row["second"])})


def read(path: Path) -> list[dict[str, str]]:
    """The table again, its cells as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def page(run: Stored, rows: Sequence[dict[str, str]]) -> str:
    """The table with links to the pages of both."""
    names = [row["submission"] for row in run.rows]
    files = {cell(name): file for name, file in zip(names, page_names(names), strict=True)}
    return html.render("similar.html", title=run.title, rows=rows, files=files, pages=PAGES)
