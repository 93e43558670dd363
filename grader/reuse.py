"""Functions that are right and written alike are run once: what is known of those that were run.

Only for code whose result is the same in any company (see `plain`), and only for full marks: then nothing of a mark
depends on how things are called or where they stand, and nobody's code can spoil anybody's marks.
"""

from __future__ import annotations

import ast
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b

from grader.exercise import Exercise
from grader.scoring import ExerciseMark
from grader.submission import Submission
from grader.toplevel import parse

MOST = 20_000  # functions that are remembered
QUICK = 0.02  # seconds; what takes longer is run each time, as it leaves less of the time for the others
ANY = frozenset({"?"})  # taken by code that is not plain
COMMENT = re.compile(r"#.*")
SPACE = re.compile(r"\s+")
DOCSTRING = re.compile(r'''\A(def \w+\([^()\[\]{}:"'#]*\):\n) *"""[^"\\]*"""(?=\n)''')


@dataclass(frozen=True)
class Code:
    """The statements of an exercise. Those that are written alike have one `shelf`; others may have it too."""

    shelf: bytes
    sources: tuple[str, ...]

    def same(self, other: Code) -> bool:
        """The same syntax tree, docstrings apart?"""
        return self.sources == other.sources or list(map(_tree, self.sources)) == list(map(_tree, other.sources))


class Known:
    """The functions that got full marks, the latest of them; and, by exercise, what such a mark is."""

    def __init__(self) -> None:
        self._found: OrderedDict[bytes, Code] = OrderedDict()
        self._full: dict[str, ExerciseMark] = {}

    def marks(self, submission: Submission, codes: Mapping[str, Code]) -> dict[str, ExerciseMark]:
        """Full marks of functions that were run when somebody else wrote them."""
        places = {n: submission.functions[n] for n, code in codes.items() if n in self._full and code in self}
        return {n: replace(self._full[n], place=(f.label, f.line)) for n, f in places.items()}

    def keep(self, marks: Mapping[str, ExerciseMark], codes: Mapping[str, Code]) -> None:
        for name in marks.keys() & codes.keys():
            if marks[name].spotless and marks[name].seconds < QUICK:
                self.add(codes[name])
                self._full.setdefault(name, replace(marks[name], place=None, seconds=0.0))

    def __contains__(self, code: Code) -> bool:
        found = self._found.get(code.shelf)
        if found is None or not code.same(found):
            return False
        self._found.move_to_end(code.shelf)
        return True

    def add(self, code: Code) -> None:
        self._found[code.shelf] = code
        if len(self._found) > MOST:
            self._found.popitem(last=False)


def alike(submission: Submission, exercises: Iterable[Exercise]) -> list[str]:
    """Names of the exercises whose result is the same wherever their code is written like this. Code that takes
    anything but numpy from elsewhere, or is called by more than the grader, is not among it."""
    company = submission.company
    return [
        e.name
        for e in exercises
        if company.quiet and company.taken.get(e.name, ANY) <= {"np"} and not e.driver and not e.adapter
    ]


def code(submission: Submission, exercise: str) -> Code:
    sources = tuple(source for _, _, source in submission.statements_for([exercise]))
    text = "\0".join([exercise, submission.functions[exercise].name, *map(_shelf, sources)])
    return Code(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=20).digest(), sources)


@lru_cache(2000)
def _shelf(source: str) -> str:
    """The text without docstring, comments and spaces: where code that is the same is likely to be found."""
    return SPACE.sub("", COMMENT.sub("", DOCSTRING.sub(r"\1", source, count=1)))


@lru_cache(2000)
def _tree(source: str) -> str:
    """The syntax tree of a statement as text, without a docstring."""
    node = parse(source).body[0]
    if isinstance(node, ast.FunctionDef) and ast.get_docstring(node, clean=False) is not None:
        node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(node)
