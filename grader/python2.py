"""Student code written for Python 2 or an old numpy, made to run today. Text in, text out; nothing is executed."""

from __future__ import annotations

import re

from grader.toplevel import MAX_SOURCE, parsed

# what such code expects to find; run before it
COMPATIBLE = """
import numpy as np
xrange, unicode, raw_input, long = range, str, None, int
def _reshape(array, shape=None, *rest, newshape=None, _own=np.reshape, **options):
    return _own(array, newshape if shape is None else shape, *rest, **options)


np.reshape = _reshape
for _name, _value in (("int", int), ("float", float), ("bool", bool), ("object", object), ("float_", np.float64),
                      ("product", np.prod), ("Inf", np.inf), ("NaN", np.nan), ("infty", np.inf), ("in1d", np.isin),
                      ("row_stack", np.vstack), ("alltrue", np.all), ("sometrue", np.any),
                      ("mat", np.asmatrix), ("str", str), ("complex", complex), ("round_", np.round),
                      ("cumproduct", np.cumprod), ("msort", lambda a: np.sort(a, axis=0)),
                      ("Infinity", np.inf), ("PINF", np.inf), ("NINF", -np.inf),
                      ("asfarray", lambda a, dtype=np.float64: np.asarray(a, dtype)),
                      ("asscalar", lambda a: a.item())):
    if _name not in np.__dict__:
        setattr(np, _name, _value)
"""

TEXT = r"""('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""  # in one line
COMMENT = re.compile(TEXT + "|#.*")
BACKTICKS = re.compile(TEXT + "|(#.*)|`([^`]+)`")
MAX_LINE = 1000  # characters; the patterns below take quadratic time on lines made to be slow
PRINT = re.compile(r"^(\s*)print(?:\s+(?!=[^=])(.*)|\s*)$")
REDIRECTED = re.compile(r"^\s*print\s*>>", re.MULTILINE)  # Python 3 reads it as a shift
PRINT_AFTER = re.compile(r"(:\s*|;\s*)print\s+(?![=(])([^;\n]*)$")
RULES = (
    (re.compile(r"^(\s*except\s+[\w.()\s,]*?)\s*,\s*(\w+)\s*:"), r"\1 as \2:"),
    (re.compile(r"^(\s*raise\s+[\w.]+)\s*,\s*(.+)$"), r"\1(\2)"),
    (re.compile(r"<>"), "!="),
    (re.compile(r"\b0([0-7]+)\b(?![.xob])"), r"\1"),
)
EVERYWHERE = ((re.compile(r"\.iter(items|values|keys)\(\)"), r".\1()"), (re.compile(r"\bxrange\b"), "range"))


def to_python3(text: str) -> str:
    """The same lines as Python 3. What parses already only has the names changed that are gone."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    if len(text) > MAX_SOURCE:
        return text
    for pattern, new in EVERYWHERE:
        text = pattern.sub(new, text)
    for candidate in (text, text.expandtabs(8), _rewritten(text), _rewritten(text.expandtabs(8))):
        if _parses(candidate) and not REDIRECTED.search(candidate):
            return candidate
    return text


def _parses(text: str) -> bool:
    return parsed(text) is not None


def _rewritten(text: str) -> str:
    lines = [_without_backticks(line) for line in text.split("\n")]
    at = 0
    while at < len(lines):
        if len(lines[at]) > MAX_LINE:
            at += 1
            continue
        found = PRINT.match(lines[at])
        if found and (REDIRECTED.match(lines[at]) or not _parses(lines[at].strip())):
            last = _end(lines, at)
            body = "\n".join([found[2] or "", *lines[at + 1 : last + 1]])
            body = re.sub(r"^>>\s*[\w.]+\s*,?", "", COMMENT.sub(r"\1", body).rstrip() if last == at else body)
            lines[at : last + 1] = f"{found[1]}print({body})".split("\n")
            at = last + 1
            continue
        lines[at] = PRINT_AFTER.sub(r"\1print(\2)", lines[at])
        for pattern, new in RULES:
            lines[at] = pattern.sub(new, lines[at])
        at += 1
    return "\n".join(lines)


def _without_backticks(line: str) -> str:
    return BACKTICKS.sub(lambda m: f"repr({m[3]})" if m[3] else m[0], line) if len(line) <= MAX_LINE else line


def _end(lines: list[str], at: int) -> int:
    """The last line of a statement that goes on while brackets are open or a line ends with a backslash."""
    depth = 0
    for number in range(at, min(at + 20, len(lines))):
        code = re.sub(f"{TEXT}|#.*", "", lines[number])
        depth += sum(code.count(c) for c in "([{") - sum(code.count(c) for c in ")]}")
        if depth <= 0 and not code.rstrip().endswith("\\"):
            return number
    return at
