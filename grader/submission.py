"""A submission -> the functions a student wrote, found statically, with the statements that they need.

Nothing is executed and no kernel is started; of several definitions the last one that is filled in counts. What cannot
be read has a `problem`, in words, and is never an exception.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path

from grader import imports
from grader.imports import Import
from grader.plain import Company, company
from grader.reading import Source, in_text, read
from grader.syntax import reads
from grader.toplevel import CELLS_KEPT, HEAVY, MAX_SOURCE, PARSE_ERRORS, Function, Statement, Top, changed, parse
from grader.toplevel import tops as tops_of

ALIKE = 0.8  # of two names, from which on one is taken for the other misspelled
MAX_PYTHON = 300_000  # characters of all cells and files of one submission: their trees are kept together
FILLED_IN = 3  # the rank of a function whose body is its own (see `_Definitions.rank`)
MAKERS = {"partial", "vectorize", "njit", "jit"}  # what they return is a function


@dataclass(frozen=True)
class Submission:
    """What one student handed in: the `functions` in the order in which they stand there. `statements` is all that must
    run before they can be called; `imports` names what each of them needs, `needs` the places of its statements (all,
    for one that is not in it)."""

    name: str
    functions: Mapping[str, Function] = field(default_factory=dict)
    statements: Sequence[Statement] = ()
    problem: str | None = None
    imports: Mapping[str, Sequence[Import]] = field(default_factory=dict)
    needs: Mapping[str, Collection[int]] = field(default_factory=dict)
    company: Company = field(default_factory=Company)
    named: Mapping[str, str] = field(default_factory=dict)  # by exercise that is not there: what is called nearly so
    in_text: Mapping[str, str] = field(default_factory=dict)  # by exercise: the text cell that holds it instead
    again: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)  # label and line of what counts not

    def statements_for(self, exercises: Collection[str]) -> list[Statement]:
        """What must run before the functions of these exercises can be called, in order."""
        if any(exercise not in self.needs for exercise in exercises):
            return list(self.statements)
        places = set().union(*(self.needs[exercise] for exercise in exercises))
        return [self.statements[at] for at in sorted(places)]


def load(source: Source, stubs: Mapping[str, str], name: str | None = None) -> Submission:
    """The submission at a path, or made of several files. `stubs` gives the stub of every exercise by name."""
    name = name or (source.stem if isinstance(source, Path) else "")
    texts = read(source)
    return Submission(name, problem=texts) if isinstance(texts, str) else assemble(name, texts, stubs)


def from_sources(name: str, texts: Sequence[tuple[str, str]], stubs: Mapping[str, str]) -> Submission:
    """A submission from (label, source) pairs, as if each were a cell."""
    return assemble(name, texts, stubs)


def assemble(name: str, texts: Sequence[tuple[str, str]], stubs: Mapping[str, str]) -> Submission:
    """The functions named in `stubs` as the texts define them, with the statements they need."""
    length = sum(len(text) for _, text in texts if len(text) <= MAX_SOURCE)
    if length > MAX_PYTHON:
        return Submission(name, problem=f"holds {length} characters of Python; at most {MAX_PYTHON} are read")
    broken: dict[str, Function] = {}
    plain = {stub: _body_of(source) for stub, source in stubs.items()}
    tops = [top for label, text in texts for top in tops_of(label, text, broken)]
    definitions = _Definitions(tops)
    chosen: dict[str, int] = {}
    ranks: dict[str, int] = {}
    filled_in: dict[str, list[Top]] = {}
    for at, top in enumerate(tops):
        for exercise in top.defines & stubs.keys():
            rank = definitions.rank(top.node, exercise, plain[exercise])
            if rank and rank >= ranks.get(exercise, 0):
                chosen[exercise], ranks[exercise] = at, rank
            if rank == FILLED_IN:
                filled_in.setdefault(exercise, []).append(top)
    patched = {e for e in definitions.patched if isinstance(definitions.defs.get(e), ast.ClassDef)}
    filled = {exercise: rank > 1 or exercise in patched for exercise, rank in ranks.items()}
    functions = {
        exercise: Function(exercise, tops[at].label, tops[at].line, tops[at].source, stub=not filled[exercise])
        for exercise, at in chosen.items()
    }
    for exercise, function in broken.items():
        if exercise in stubs and not filled.get(exercise, False):
            functions[exercise] = function
    order = {label: i for i, (label, _) in enumerate(texts)}
    functions = dict(sorted(functions.items(), key=lambda one: (order[one[1].label], one[1].start or one[1].line)))
    needed = {exercise: definitions.needed(exercise, chosen) for exercise in chosen if filled[exercise]}
    every = sorted(set().union(*needed.values()))
    statements = [(tops[at].label, tops[at].line, tops[at].source) for at in every]
    imported = {at: list(_imports(tops[at])) for at in every}
    place = {at: i for i, at in enumerate(every)}
    return Submission(
        name,
        functions,
        statements,
        imports={exercise: [i for at in sorted(ats) for i in imported[at]] for exercise, ats in needed.items()},
        needs={exercise: tuple(sorted(place[at] for at in ats)) for exercise, ats in needed.items()},
        company=company(needed, chosen, tops),
        again={exercise: others for exercise, found in filled_in.items() if (others := _others(found))},
        in_text={n: label for label, text in texts for n in in_text(text) if n in stubs and n not in functions},
        named=_misspelled([name for name in stubs if name not in functions], definitions.defs.keys() - stubs.keys()),
    )


def _others(found: Sequence[Top]) -> list[tuple[str, int]]:
    """Where those stand that are not built as the last one is."""
    *others, last = found
    built = _dump(last.node) if others else ""
    return [(top.label, top.line) for top in others if _dump(top.node) != built]


def _dump(node: ast.stmt) -> str:
    try:
        return ast.dump(node)
    except PARSE_ERRORS:  # nested too deeply
        return ""


def _misspelled(wanted: Sequence[str], there: Collection[str]) -> dict[str, str]:
    near = {name: get_close_matches(name, sorted(there), 1, ALIKE) for name in wanted} if there else {}
    return {name: found[0] for name, found in near.items() if found}


def _imports(top: Top) -> Iterable[Import]:
    if "import" not in top.source and top.source.isascii():  # other letters may stand for these in a name
        return ()
    first = min([top.node.lineno, *(d.lineno for d in getattr(top.node, "decorator_list", []))])
    return imports.found(top.node, top.label, top.line - first)


class _Definitions:
    """Where the names of a submission get what they stand for."""

    def __init__(self, tops: list[Top]) -> None:
        self.tops = tops
        self.stars = [
            i for i, t in enumerate(tops) if isinstance(t.node, ast.ImportFrom) and t.node.names[0].name == "*"
        ]
        self.places: dict[str, list[int]] = {}  # statements that bind or change a name
        self.defs: dict[str, ast.FunctionDef | ast.ClassDef] = {}
        self.patched: dict[str, list[int]] = {}  # statements `name.attribute = ...` of a function or class
        for at, top in enumerate(tops):
            node = top.node
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                self.defs[node.name], self.places[node.name] = node, [at]
            elif not isinstance(node, HEAVY):
                for defined in top.defines:
                    self.places.setdefault(defined, []).append(at)
        for at, top in enumerate(tops):
            if isinstance(top.node, ast.Assign):
                for place in top.node.targets:
                    if isinstance(place, ast.Attribute) and isinstance(place.value, ast.Name):
                        self.patched.setdefault(place.value.id, []).append(at)
        for at, top in enumerate(tops):  # tables that are filled by a loop or a method of their own
            for name in changed(top.node):
                if any(self._is_data(i) for i in self.places.get(name, ())) and self._is_light(at):
                    self.places[name].append(at)

    def needed(self, exercise: str, chosen: Mapping[str, int]) -> set[int]:
        """The statements that a chosen function needs, and itself."""
        found: set[int] = set()
        queue = [chosen[exercise], *self.patched.get(exercise, ())]
        while queue:
            at = queue.pop()
            if at in found:
                continue
            found.add(at)
            for name in self.tops[at].reads:
                if name in chosen:
                    queue.append(chosen[name])
                    queue += self.patched.get(name, ())
                else:
                    queue += self.places.get(name, self.stars)
        return found

    def rank(self, node: ast.stmt, name: str, stub: list[str]) -> int:
        """How much a statement that binds an exercise's name counts: FILLED_IN a filled-in function, 2 a lambda, an
        alias of a function or one made by a call, 1 a stub, 0 anything else (an import, a result of that name)."""
        if isinstance(node, ast.ClassDef):
            return 1 if _has_body(node, stub) else FILLED_IN
        if isinstance(node, ast.FunctionDef):
            return 1 if _is_stub(node, stub) else FILLED_IN
        if isinstance(node, ast.If | ast.Try):
            inner = [n for n in ast.walk(node) if isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name == name]
            return max((self.rank(n, name, stub) for n in inner), default=0)
        if isinstance(node, ast.Assign | ast.AnnAssign):
            places = node.targets if isinstance(node, ast.Assign) else [node.target]
            if not any(isinstance(place, ast.Name) for place in places):
                return 0
            if isinstance(node.value, ast.Lambda | ast.Name | ast.Attribute):
                return 2
            if isinstance(node.value, ast.Call) and self._makes_function(node.value.func):
                return 2
        return 0

    def _makes_function(self, called: ast.expr) -> bool:
        """Does a call of it give a function: functools.partial, a function that returns one, a class of callables?"""
        name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
        if name in MAKERS:
            return True
        node = self.defs.get(name) if isinstance(called, ast.Name) else None
        if node is None:
            return False
        inner = {n.name for n in ast.walk(node) if isinstance(n, ast.FunctionDef) and n is not node}
        if isinstance(node, ast.ClassDef):
            return "__call__" in inner
        returned = [n.value for n in ast.walk(node) if isinstance(n, ast.Return)]
        return any(isinstance(v, ast.Lambda) or (isinstance(v, ast.Name) and v.id in inner) for v in returned)

    def _is_data(self, at: int) -> bool:
        return isinstance(self.tops[at].node, ast.Assign | ast.AnnAssign)

    def _is_light(self, at: int) -> bool:
        """Does running a statement call no function of the student's, so that it can be no training loop?"""
        seen, queue = {at}, [at]
        while queue:
            top = self.tops[queue.pop()]
            if _called(top.node) & self.defs.keys():
                return False
            below = {i for name in top.reads for i in self.places.get(name, ()) if self._is_data(i)}
            queue += below - seen
            seen |= below
        return True


@lru_cache(CELLS_KEPT)
def _called(node: ast.stmt) -> frozenset[str]:
    """The names in what a statement calls."""
    return frozenset().union(*(reads(n.func) for n in ast.walk(node) if isinstance(n, ast.Call)))


@cache
def _body_of(stub: str) -> list[str]:
    """The statements of a stub, as dumps."""
    return [ast.dump(s) for s in _body(parse(stub).body[0])]


def _body(node: ast.stmt) -> list[ast.stmt]:
    """The statements of a function or class, without its docstring and other constants."""
    body = node.body if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
    return [s for s in body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]


def _has_body(node: ast.stmt, stub: Sequence[str]) -> bool:
    body = _body(node)
    try:
        return len(body) == len(stub) and all(ast.dump(s) == one for s, one in zip(body, stub, strict=True))
    except PARSE_ERRORS:  # nested too deeply, or too long a number: equal to no stub
        return False


def _is_stub(function: ast.FunctionDef, stub: list[str]) -> bool:
    """Is nothing filled in: the stub as it was given, or a body without any computation?"""
    if _has_body(function, stub):
        return True
    real = [
        s
        for s in function.body
        if not isinstance(s, ast.Pass) and not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
    ]
    return all(isinstance(s, ast.Raise) or (isinstance(s, ast.Return) and s.value is None) for s in real)
