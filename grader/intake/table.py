"""A CSV file as bytes that must come back unchanged but for a few cells.

The text is cut into cells with their places, so that replacing one leaves every other byte as it was: byte order
mark, quoting, separators, line ends, spaces.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MOST = 64 << 20  # bytes; the grade book of a very large course is a few MB
SEPARATORS = ",;\t|"
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class TableError(Exception):
    """Not a table that can be read; the text says why."""


@dataclass(frozen=True)
class Cell:
    """One cell: its value, and where its raw text stands."""

    text: str
    start: int
    end: int

    @property
    def empty(self) -> bool:
        return not self.text.strip()


@dataclass(frozen=True)
class Table:
    """Rows of cells over the raw text. Blank lines are no rows."""

    raw: str
    encoding: str
    separator: str
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(c.text.strip().lstrip("\ufeff") for c in self.rows[0])

    def value(self, row: int, column: int | None) -> str:
        """The text of a cell, "" where the row is too short or there is no such column."""
        return self.rows[row][column].text.strip() if column is not None and column < len(self.rows[row]) else ""

    def replaced(self, changes: Mapping[tuple[int, int], str]) -> bytes:
        """The file with some cells (by row and column) changed; a quoted cell stays quoted."""
        parts, at = [], 0
        for row, column in sorted(changes):
            cell, new = self.rows[row][column], changes[row, column]
            old = self.raw[cell.start : cell.end]
            if old.startswith('"') or any(c in new for c in f'{self.separator}"\r\n'):
                new = '"' + new.replace('"', '""') + '"'
            parts += [self.raw[at : cell.start], new]
            at = cell.end
        return "".join([*parts, self.raw[at:]]).encode(self.encoding)


def read(path: Path) -> Table:
    """Read a table. Raises TableError."""
    if path.stat().st_size > MOST:
        raise TableError(f"{path.name} is larger than {MOST >> 20} MB")
    return parse(path.read_bytes(), path.name)


def parse(data: bytes, name: str = "the table") -> Table:
    """Cut a CSV file into cells. Raises TableError."""
    if data[:2] == b"PK":
        raise TableError(f"{name} is a workbook (.xlsx): save it as CSV first")
    encoding = next((e for mark, e in BOMS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        encoding = "latin-1"
        text = data.decode(encoding)
    if "\x00" in text:
        raise TableError(f"{name} is no text file")
    separator = _separator(text)
    rows = tuple(r for r in _rows(text, separator) if len(r) > 1 or not r[0].empty)
    if not rows:
        raise TableError(f"{name} is empty")
    return Table(text, encoding, separator, rows)


def _separator(text: str) -> str:
    line = re.sub(r'"[^"]*"', "", text.lstrip("\ufeff\r\n").split("\n", 1)[0])
    return max(SEPARATORS, key=line.count)


def _rows(text: str, separator: str) -> list[tuple[Cell, ...]]:
    cell = re.compile(rf'"([^"]*(?:""[^"]*)*)"(?=[{separator}\r\n]|\Z)|[^{separator}\r\n]*')
    rows: list[tuple[Cell, ...]] = []
    row: list[Cell] = []
    at = 1 if text.startswith("\ufeff") else 0
    while True:
        found = cell.match(text, at)
        assert found is not None  # the last alternative matches nothing at all
        value = found[1].replace('""', '"') if found[1] is not None else found[0]
        row.append(Cell(value, at, found.end()))
        at = found.end()
        ending = re.compile(r"\r\n|\r|\n").match(text, at)
        if ending or at >= len(text):
            rows.append(tuple(row))
            row = []
            if at >= len(text):
                return rows
            at = ending.end() if ending else at
            if at >= len(text):
                return rows
        else:
            at += 1
