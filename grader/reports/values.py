"""The table of intermediate values that `trace` shows, as text and as HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from grader import messages
from grader.calls import Error
from grader.compare import as_numbers
from grader.reports import cell, html


@dataclass(frozen=True)
class Row:
    """One value that a name took: in which line (0: it came in), and of which file where it is another one."""

    name: str
    line: int
    label: str
    value: Any


def cells(row: Row) -> tuple[str, ...]:
    """What the table says of a value, in the order of `messages.TRACE`; the last one is "" where all is finite."""
    place = f"{row.line} {row.label}".rstrip() if row.line else messages.INPUT
    array = as_numbers(row.value)
    if array is None:
        return place, row.name, "", type(row.value).__name__, "", "", ""
    low, high = messages.ends(array)
    return place, row.name, messages.shape(array.shape), str(array.dtype), low, high, messages.not_finite(array)


def text(function: str, rows: Sequence[Row], error: Error | None, cut: bool) -> str:
    """The table for a terminal."""
    table = [messages.TRACE, *(cells(row) for row in rows)]
    widths = [max(len(line[i]) for line in table) for i in range(len(messages.TRACE))]
    lines = [function]
    for line in table:
        padded = (
            word.ljust(w) if i < 4 else word.rjust(w) for i, (word, w) in enumerate(zip(line, widths, strict=True))
        )
        lines.append("  " + "  ".join(padded).rstrip())
    return "\n".join([*lines, *(f"  {note}" for note in notes(error, cut))])


def page(function: str, rows: Sequence[Row], error: Error | None, cut: bool) -> str:
    """The table for a notebook."""
    return html.render(
        "values.html",
        function=function,
        head=messages.TRACE,
        rows=[cells(row) for row in rows],
        notes=list(notes(error, cut)),
        css=cell.css,
        themes=cell.themes(),
    )


def notes(error: Error | None, cut: bool) -> Iterator[str]:
    if error is not None:
        yield messages.error(error)
    if cut:
        yield messages.CUT
