"""How annotations and contracts are written: `name = expr  # (N, C) words [points]`, and `W: (D, C) weights`."""

from __future__ import annotations

import ast
import io
import re
import tokenize

ANNOTATION = re.compile(r"#\s*(?P<dims>\(.*?\)(?:\s*,\s*\(.*?\))*)\s+(?P<what>\S.*?)\s*\[(?P<points>[\d,\s]+)\]\s*$")
LOOKS_LIKE_ONE = re.compile(r"#\s*\([\w\s,.]*\)|\[\s*-?\d+[\d\s,-]*\]\s*$")
DIMS = re.compile(r"\(([\w\s,.]*)\)")
CONTRACT_LINE = re.compile(r"^\s*(?P<names>\w+(?:\s*,\s*\w+)*)\s*:\s*\((?P<dims>[\w\s,.]*)\)(?:\s|$|,|;)")
EXAMPLE = "name = expr  # (N, C) what it is [points]"


def parse_dims(text: str) -> tuple[str, ...]:
    """`"(N, C)"` -> `("N", "C")`; `"()"` -> `()`."""
    return tuple(t for t in (part.strip() for part in text.strip("() ").split(",")) if t)


def docstring_shapes(docstring: str) -> dict[str, tuple[str, ...]]:
    """Dims by name from the contract lines of a docstring: `W: (D, C) weights` (several names: `db, b: (C,)`)."""
    shapes: dict[str, tuple[str, ...]] = {}
    for line in docstring.splitlines():
        found = CONTRACT_LINE.match(line)
        if found:
            for name in found["names"].split(","):
                shapes[name.strip()] = parse_dims(found["dims"])
    return shapes


def letters(dims: tuple[str, ...]) -> set[str]:
    return {d for d in dims if d != "..." and not d.isdigit()}


def comments_of(source: str) -> dict[int, str]:
    """The comments of a source, by line."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {t.start[0]: t.string for t in tokens if t.type == tokenize.COMMENT}


def trailing_comment(stmt: ast.stmt, comments: dict[int, str]) -> tuple[str, int] | None:
    """The comment at the end of a simple statement (its first or last line)."""
    for line in (stmt.end_lineno or stmt.lineno, stmt.lineno):
        if line in comments:
            return comments[line], line
    return None


def line_of(source: str, text: str) -> int:
    for number, line in enumerate(source.splitlines(), 1):
        if f'"{text}"' in line or f"'{text}'" in line:
            return number
    return 1
