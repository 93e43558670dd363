"""Rows of a run, and what is kept by submission, as compressed JSON: a class of ten thousand fits into memory."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, overload


class Packed(Sequence[dict[str, Any]]):
    """A list of rows as compressed JSON. A row that is taken out is a copy."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        """From rows that are JSON already."""
        self._rows: list[bytes] = [_packed(line) for line in lines]

    def append(self, row: dict[str, Any]) -> None:
        self._rows.append(_packed(json.dumps(row, ensure_ascii=False)))

    def cut(self, length: int) -> None:
        """Keep only so many rows, the first ones."""
        del self._rows[length:]

    def arrange(self, places: Sequence[int]) -> None:
        """Sort the rows by their places in the class."""
        self._rows = [row for _, row in sorted(zip(places, self._rows, strict=True), key=lambda pair: pair[0])]

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, at: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[dict[str, Any]]: ...
    def __getitem__(self, at: int | slice) -> dict[str, Any] | Sequence[dict[str, Any]]:
        return [_row(r) for r in self._rows[at]] if isinstance(at, slice) else _row(self._rows[at])

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return map(_row, self._rows)


class PackedMap(Mapping[str, Any]):
    """Something for each submission, kept as the JSON that it came as."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def keep(self, name: str, text: str) -> None:
        self._kept[name] = _packed(text)

    def __getitem__(self, name: str) -> Any:
        return _row(self._kept[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


def _packed(text: str) -> bytes:
    return zlib.compress(text.encode("utf-8", "surrogatepass"), 1)


def _row(packed: bytes) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(zlib.decompress(packed).decode("utf-8", "surrogatepass"))
    return made
