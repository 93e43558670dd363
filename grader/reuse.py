"""Functions that are right and written alike are run once: what is known of those that were run.

Only for code whose result is the same in any company (see `plain`), and only for full marks: then nothing of a mark
depends on how things are called or where they stand, and nobody's code can spoil anybody's marks.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

from grader.exercise import Exercise
from grader.submission import Submission

MOST = 50_000  # functions that are remembered, a hash each
ANY = frozenset({"?"})  # taken by code that is not plain
QUOTES = re.compile("[\"']")
COMMENT = re.compile(r"#.*")
AROUND_SIGNS = re.compile(r"(?<=\S) +(?=[^\w\s])|(?<=[^\w\s]) +")  # but for those that indent
DOCSTRING = re.compile(r'''\A(def \w+\([^()\[\]{}:"'#]*\):\n) *"""[^"\\]*"""(?=\n)''')


class Known:
    """The functions that got full marks, the latest of them."""

    def __init__(self) -> None:
        self._keys: OrderedDict[bytes, None] = OrderedDict()

    def __contains__(self, key: bytes) -> bool:
        if key not in self._keys:
            return False
        self._keys.move_to_end(key)
        return True

    def add(self, key: bytes) -> None:
        self._keys[key] = None
        if len(self._keys) > MOST:
            self._keys.popitem(last=False)


def keys(submission: Submission, exercises: Iterable[Exercise]) -> dict[str, bytes]:
    """What stands for the code of each exercise whose result is the same wherever it is written like this. Code that
    takes anything but numpy from elsewhere, or is called by more than the grader, is not among it."""
    company = submission.company
    alike = [
        e.name
        for e in exercises
        if company.quiet and company.taken.get(e.name, ANY) <= {"np"} and not e.driver and not e.adapter
    ]
    return {name: _key(submission, name) for name in alike}


def _key(submission: Submission, exercise: str) -> bytes:
    sources = (source for _, _, source in submission.statements_for([exercise]))
    text = "\0".join([exercise, submission.functions[exercise].name, *map(written, sources)])
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=20).digest()


@lru_cache(2000)
def written(source: str) -> str:
    """The text of a plain statement without comments, empty lines and spaces around signs: what reads alike after that
    is the same code. (Only a text of several lines could hide a difference: code with one is not plain, and where a
    line is continued by a backslash nothing is taken out.)"""
    if "\\\n" in source:
        return source
    source = DOCSTRING.sub(r"\1", source, count=1)
    if not QUOTES.search(source):
        lines = _tidy(source).split("\n")
    else:
        lines = [line if QUOTES.search(line) else _tidy(line) for line in source.split("\n")]
    return "\n".join(filter(None, map(str.rstrip, lines)))


def _tidy(text: str) -> str:
    return AROUND_SIGNS.sub("", COMMENT.sub("", text))
