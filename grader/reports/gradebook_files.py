"""Grade books that go back into Canvas and Moodle: the file the LMS exported, with one column filled in.

Every other byte stays as it was. A cell is only written where it is certain whose it is; everything else is left and
reported.

Canvas: Grades > Export (columns Student, ID, ..., then assignments as `Title (number)`, a row "Points Possible" whose
cell is a number for assignments and "(read only)" for totals). Moodle: an assignment's "Download grading worksheet"
(Identifier, ..., Grade, Maximum Grade, Grade can be changed) or the grader report's CSV export.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.intake import roster
from grader.intake.table import Table, TableError
from grader.reports import rows as rows_of
from grader.reports.stored import Stored

TOTALS = re.compile(r"(?:current|final|override) (?:score|points|grade|status)", re.IGNORECASE)
NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
TITLE = re.compile(r"(?P<title>.*?)\s*\((?P<id>\d+)\)", re.DOTALL)
UNASKED = ("missing", "unreadable")  # statuses that are no grade until somebody says that they are a zero


class ColumnError(Exception):
    """It is not clear what to write where; the text says what to add to the command."""


@dataclass(frozen=True)
class Column:
    """Where grades go. `maximum` of the column, None where the file does not tell; `per_row`: its column of maxima."""

    index: int
    header: str
    maximum: float | None = None
    maxima: int | None = None
    locked: int | None = None  # column that says whether a grade may be changed


@dataclass(frozen=True)
class Left:
    """A submission that has no cell written. `why` is a key of `messages.LEFT`."""

    submission: str
    why: str
    detail: str = ""


@dataclass(frozen=True)
class Filled:
    """The file to give back, what each submission had and got (of a group: its last member), and what was left."""

    data: bytes
    column: str
    written: Mapping[str, tuple[str, str]]
    left: tuple[Left, ...]
    others: tuple[str, ...]  # rows of the grade book that no submission belongs to
    cells: int = 0


def canvas_column(table: Table, wanted: str | None) -> Column:
    """The assignment's column. Raises ColumnError where it is not clear which."""
    possible = next((r for r in range(1, len(table.rows)) if "points possible" in table.value(r, 0).casefold()), None)
    found = []
    for index, header in enumerate(table.header):
        points = table.value(possible, index) if possible is not None else ""
        if TOTALS.search(header) or (possible is not None and not NUMBER.fullmatch(points)):
            continue
        if possible is not None or TITLE.fullmatch(header):
            found.append(Column(index, header, float(points.replace(",", ".")) if points else None))
    return _chosen(found, wanted, "assignment columns of a Canvas grade book")


def moodle_column(table: Table, wanted: str | None) -> Column:
    """The grade's column. Raises ColumnError where it is not clear which."""
    header = [h.casefold() for h in table.header]
    at = {name: header.index(name) if name in header else None for name in ("maximum grade", "grade can be changed")}
    found = [
        Column(index, shown, None, at["maximum grade"], at["grade can be changed"])
        for index, (shown, name) in enumerate(zip(table.header, header, strict=True))
        if name == "grade" or "(real)" in name or (wanted and name == wanted.casefold())
    ]
    found = [c for c in found if "course total" not in c.header.casefold() or wanted]
    return _chosen(found, wanted, "grade columns of a Moodle file")


def _chosen(found: Sequence[Column], wanted: str | None, what: str) -> Column:
    if wanted is not None:
        found_there = [c for c in found if wanted.casefold() in _names(c.header)]
        if len(found_there) == 1:
            return found_there[0]
    elif len(found) == 1:
        return found[0]
    if not found:
        raise ColumnError(f"no {what} in it: is it the file that the LMS exported?")
    names = "; ".join(c.header for c in found)
    asked = f"no single column is {wanted!r}" if wanted is not None else "which column is it? Say --column NAME"
    raise ColumnError(f"{asked}; {what}: {names}")


def _names(header: str) -> set[str]:
    """What a column may be called by: its header, the title without the number, the number."""
    found = TITLE.fullmatch(header)
    return {header.casefold()} | ({found["title"].casefold(), found["id"]} if found else set())


def fill(table: Table, column: Column, run: Stored, scale: bool | None = None, zero: Collection[str] = ()) -> Filled:
    """Fill in the column. Raises ColumnError, table.TableError.

    `scale`: True makes points into a part of the column's maximum, False writes them as they are, None refuses where
    the maxima differ. `zero` names statuses ("missing", "unreadable") that are written as 0; by default they are left.
    """
    people = roster.people(table)
    if not people:
        raise TableError("no row of it is about a person")
    numbers, known = list(people), list(people.values())
    finder = roster.Finder(known)
    comma = _decimal_comma(table, column)
    changes: dict[tuple[int, int], str] = {}
    written: dict[str, tuple[str, str]] = {}
    owner: dict[int, str] = {}
    left: list[Left] = []
    for row in run.rows:
        name = row["submission"]
        for person in run.people(name):
            found = finder.find(person)
            if len(found) != 1:
                told = "; ".join(f"{known[n].name} {known[n].id or known[n].email}".strip() for n in found)
                left.append(Left(name, "namesakes" if found else "unknown", told))
                continue
            at = numbers[found[0]]
            why = _unwritable(table, column, at, row, zero)
            if at in owner:
                left.append(Left(name, "taken", owner[at]))
            elif why:
                left.append(Left(name, why, table.value(at, column.index)))
            else:
                owner[at] = name
                value = _value(table, column, at, row, scale)
                new = value.replace(".", ",") if comma else value
                written[name] = (table.value(at, column.index), new)
                changes[at, column.index] = new
    touched = {*owner, *(numbers[n] for row in run.rows for p in run.people(row["submission"]) for n in finder.find(p))}
    others = tuple(person.name or person.id for at, person in people.items() if at not in touched)
    return Filled(table.replaced(changes), column.header, written, tuple(left), others, len(changes))


def _unwritable(table: Table, column: Column, at: int, row: Mapping[str, Any], zero: Collection[str]) -> str:
    now = table.value(at, column.index).casefold()
    if column.index >= len(table.rows[at]):
        return "short"
    if now in ("ex", "n/a"):
        return {"ex": "excused", "n/a": "not assigned"}[now]
    if column.locked is not None and table.value(at, column.locked).casefold() == "no":
        return "locked"
    status = row["status"]
    if status == "missing" and "before" in row:
        status = "gone"
    by_hand = any(not one.exercise for one in rows_of.overrides(row))
    if status != "graded" and not by_hand and not (status in UNASKED and status in zero):
        return str(status)
    return ""


def _value(table: Table, column: Column, at: int, row: Mapping[str, Any], scale: bool | None) -> str:
    points, most = float(rows_of.points(row)), float(row["max_points"])
    maximum = column.maximum
    stands = table.value(at, column.maxima).replace(",", ".")
    if NUMBER.fullmatch(stands):
        maximum = float(stands)
    if maximum is not None and maximum != most:
        if scale is None:
            raise ColumnError(
                f"{column.header!r} is out of {number(maximum)}, the run out of {number(most)}: --scale writes "
                f"{number(most)} points as {number(maximum)}, --raw writes points as they are"
            )
        if scale and most:
            points = points * maximum / most
    return number(points)


def number(value: float) -> str:
    """At most two decimals, as grade books show them."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _decimal_comma(table: Table, column: Column) -> bool:
    """Are numbers of this file written with a comma?"""
    cells = [table.value(r, c) for r in range(1, len(table.rows)) for c in (column.index, column.maxima)]
    return any(re.fullmatch(r"-?\d+,\d+", text) for text in cells)
