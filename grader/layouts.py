"""Submissions in another layout than the kit's: which file holds which exercise, under which name, how to call it.

A layout is data, `layouts/NAME.toml` of the kit; nothing here knows a particular one. A submission in a layout is a
list of units: one file with the functions of exercises and the files it imports, so that two files of one submission
may use one name for different things.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from types import CodeType
from typing import Any

from grader.child import GIVEN
from grader.exercise import AnnotationError, Case, Exercise, Leaf
from grader.python2 import COMPATIBLE, to_python3
from grader.reading import Source, read
from grader.reference import Reference
from grader.replay import ReferenceOracle, on_cases, oracle_for
from grader.submission import MAX_PYTHON, Submission, assemble
from grader.toplevel import Function, parsed

MAX_MARKED = 4 * MAX_PYTHON  # characters of all files that hold exercises; repositories hold them several times
MAX_FILES = 5000  # .py files of one submission; whole repositories are handed in
Way = tuple[str, tuple[tuple[str, float], ...]]  # a call, and factors on inputs
CALL = re.compile(r"def (\w+)\((\w+)")


@dataclass(frozen=True)
class Entry:
    """One exercise in a layout. `names` are the student's, of a function or class; `call` a function that calls it."""

    exercise: str
    files: tuple[str, ...]
    names: tuple[str, ...]
    call: str = ""
    method: str = ""  # of a class: the method that is marked; a class without it has not the exercise
    returns: tuple[str, ...] | None = None  # stages, in the order in which `call` returns them
    inputs: tuple[tuple[str, str, Any], ...] = ()  # parameter, key, value: set in every case
    variants: tuple[tuple[str, str], ...] = ()  # stage, code: other ways that are right here, within rounding
    forms: Mapping[str, str] = field(default_factory=dict)  # `call` by the name of another form of the inputs


@dataclass(frozen=True)
class Convention:
    """What a submission may do otherwise and be right: `factors` on some inputs, by name, as the reference sees them,
    and the `form` in which the inputs are given; an entry without that form is called as ever."""

    factors: Mapping[str, float] = field(default_factory=dict)
    form: str = ""


@dataclass(frozen=True)
class Layout:
    """What `layouts/NAME.toml` says."""

    title: str
    entries: tuple[Entry, ...]
    conventions: tuple[Convention, ...] = (Convention(),)


def read_layout(path: Path) -> Layout:
    """Read and check a layout. Raises AnnotationError: it is the author's."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        entries = []
        forms = [(form["name"], form["exercises"], form["call"]) for form in data.get("form", ())]
        for one in data["exercise"]:
            returns = one.get("returns")
            entries.append(
                Entry(
                    one["exercise"],
                    tuple(one["files"]),
                    tuple(one.get("names", [one["exercise"]])),
                    one.get("call", ""),
                    one.get("method", ""),
                    tuple(returns) if returns is not None else None,
                    tuple((p, k, v) for p, keys in one.get("inputs", {}).items() for k, v in keys.items()),
                    tuple((v["stage"], v["code"]) for v in one.get("variants", ())),
                    {form: call for form, exercises, call in forms if one["exercise"] in exercises},
                )
            )
            calls = [entries[-1].call, *entries[-1].forms.values()]
            if not all(CALL.match(call.lstrip()) for call in calls if call):
                raise AnnotationError(
                    str(path), 1, f"the call of {one['exercise']} is no function", "def call(f, ...):"
                )
        conventions = tuple(_convention(c) for c in data.get("conventions", [{}]))
        for kind, used, known in (
            ("form", {c.form for c in conventions} - {""}, {name for name, *_ in forms}),
            ("exercise", {e for _, exercises, _ in forms for e in exercises}, {e.exercise for e in entries}),
        ):
            if used - known:
                raise AnnotationError(
                    str(path), 1, f"there is no {kind} {', '.join(sorted(used - known))}", f"give it a [[{kind}]]"
                )
        return Layout(str(data.get("title", path.stem)), tuple(entries), conventions or (Convention(),))
    except tomllib.TOMLDecodeError as error:
        raise AnnotationError(str(path), 1, str(error), "write valid TOML") from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise AnnotationError(
            str(path), 1, f"{type(error).__name__}: {error}", "give every [[exercise]] an `exercise` and `files`"
        ) from error


def _convention(said: Mapping[str, Any]) -> Convention:
    return Convention({k: float(v) for k, v in said.items() if k != "form"}, str(said.get("form", "")))


def oracles(layout: Layout, references: Mapping[str, Reference], seed: int, path: Path) -> list[list[ReferenceOracle]]:
    """For each convention the oracles of the layout's entries, in its order; but for the first, of those that it
    changes and the forward passes that they need. Their exercises are called as it says."""
    for entry in layout.entries:
        if entry.exercise not in references:
            raise AnnotationError(
                str(path), 1, f"there is no exercise {entry.exercise}", "name one of the kit's exercises"
            )
    exercises = {e.exercise: references[e.exercise].exercise for e in layout.entries}
    known: set[tuple[str, Way]] = set()
    made = []
    for convention in layout.conventions:
        ways = {e.exercise: _way(exercises[e.exercise], e, convention) for e in layout.entries}
        changed = {way[0] for way in ways.items() if way not in known}
        known.update(ways.items())
        wanted = {*changed, *(exercises[name].forward for name in changed)}
        made.append(
            [_oracle(references[e.exercise], e, ways[e.exercise], seed) for e in layout.entries if e.exercise in wanted]
        )
    return made


def _way(exercise: Exercise, entry: Entry, convention: Convention) -> Way:
    """What a convention comes to for an entry: its call, and the factors on its inputs."""
    factors = [(k, v) for k, v in sorted(convention.factors.items()) if k in exercise.parameters]
    return entry.forms.get(convention.form, entry.call), tuple(factors)


def _oracle(reference: Reference, entry: Entry, way: Way, seed: int) -> ReferenceOracle:
    call, factors = way[0], dict(way[1])
    oracle = oracle_for(reference, seed)
    cases = [replace(c, inputs=_set(c.inputs, entry)) for c in oracle.cases if c.check is None]
    seen = [
        Case(c.name, {k: v * factors.get(k, 1.0) if k in factors else v for k, v in c.inputs.items()}) for c in cases
    ]
    exercise = replace(_exercise(reference.exercise, entry), adapter=call)
    reference = replace(reference, exercise=exercise, variants=_variants(reference, entry))
    return replace(on_cases(reference, seen), cases=cases)


def _set(inputs: Mapping[str, Any], entry: Entry) -> dict[str, Any]:
    changed = dict(inputs)
    for parameter, key, value in entry.inputs:
        changed[parameter] = {**changed[parameter], key: value}
    return changed


def _variants(reference: Reference, entry: Entry) -> dict[int, tuple[CodeType, ...]]:
    by_block = dict(reference.variants)
    for stage, code in entry.variants:
        block = reference.exercise.stage(stage).block
        by_block[block] = (*by_block.get(block, ()), compile(code, f"a variant of {stage}", "exec"))
    return by_block


def _exercise(exercise: Exercise, entry: Entry) -> Exercise:
    returns = exercise.returns
    if entry.returns is not None:
        returns = tuple(Leaf(stage or None, (i,)) for i, stage in enumerate(entry.returns))
    return replace(exercise, checks=(), returns=returns)


# -- submissions


def units(source: Source, layout: Layout, name: str | None = None, neighbours: bool = False) -> list[Submission]:
    """The units of a submission, functions by the exercise they are; one with a problem where it cannot be read.

    Files are known by their names; where none is, as a learning platform may have renamed them, by the functions they
    hold. `neighbours`: a single file may import what lies beside it or a folder higher.
    """
    name = name or (source.stem if isinstance(source, Path) else "")
    texts = read(source, (".py",), MAX_FILES)
    if isinstance(texts, str):
        return [Submission(name, problem=texts)]
    labels = [label for label, _ in texts]
    sources = _Sources([*(_beside(source) if neighbours and isinstance(source, Path) else ()), *texts])
    named = {label: [e for e in layout.entries if PurePosixPath(label).name in e.files] for label in labels}
    if not any(named.values()):
        named = {label: list(layout.entries) for label in labels}
    length = sum(sources.length(label) for label, mine in named.items() if mine)
    if length > MAX_MARKED:
        return [
            Submission(name, problem=f"its files hold {length} characters of Python; at most {MAX_MARKED} are read")
        ]
    found = []
    for label, mine in named.items():
        if not mine:
            continue
        stubs = {name: f"class {name}:\n    pass\n" for entry in mine for name in entry.names}
        chosen = _with_imports(label, sources)
        submission = assemble(name, [(one, sources[one]) for one in chosen], stubs)
        if submission.problem is not None:
            return [submission]
        functions = {
            e.exercise: f
            for e in mine
            for n in e.names[::-1]
            if (f := submission.functions.get(n)) and _has(f, e.method)
        }
        if functions:
            statements = [(GIVEN, 1, COMPATIBLE), *submission.statements]
            found.append(Submission(name, functions, statements))
    if not found:
        wanted = ", ".join(sorted({f for e in layout.entries for f in e.files}))
        return [Submission(name, problem=f"none of the files of {layout.title} is in it ({wanted})")]
    return found


def _has(function: Function, method: str) -> bool:
    return not method or re.search(rf"^\s+def {re.escape(method)}\(", function.source, re.MULTILINE) is not None


class _Sources(Mapping[str, str]):
    """Files by label, as Python 3; made so when first asked for, as repositories hold much that nobody reads."""

    def __init__(self, texts: Sequence[tuple[str, str]]) -> None:
        self._raw = dict(texts)
        self._made: dict[str, str] = {}

    def __getitem__(self, label: str) -> str:
        if label not in self._made:
            self._made[label] = to_python3(self._raw[label])
        return self._made[label]

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)

    def length(self, label: str) -> int:
        """Characters of a file, as it is."""
        return len(self._raw[label])


def _beside(path: Path) -> list[tuple[str, str]]:
    """The files that a single file may import: of its folder, and of the one above."""
    files = [f for folder in (path.resolve().parent, path.resolve().parent.parent) for f in sorted(folder.glob("*.py"))]
    found = [] if path.is_dir() else [read(f, (".py",)) for f in files[:MAX_FILES] if f != path.resolve()]
    return [(label, text) for texts in found[::-1] if not isinstance(texts, str) for label, text in texts]


def _with_imports(label: str, sources: _Sources) -> list[str]:
    """The labels of a file's own files, itself last: those that it imports, and what these import."""
    order: list[str] = []
    waiting = [label]
    length = 0
    while waiting and length <= MAX_PYTHON:
        one = waiting.pop()
        if one in order:
            continue
        order.append(one)
        length += sources.length(one)
        waiting += [found for module in _imported(sources[one]) if (found := _nearest(module, one, sources))]
    return order[::-1]


def _imported(source: str) -> list[str]:
    tree = parsed(source)
    modules = []
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.ImportFrom):
            modules += [node.module.split(".")[-1]] if node.module else [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            modules += [alias.name.split(".")[-1] for alias in node.names]
    return modules


def _nearest(module: str, label: str, sources: Mapping[str, str]) -> str | None:
    """The file of a module: of several of one name the one that shares the longest path with the importing file."""
    places = [one for one in sources if PurePosixPath(one).name == f"{module}.py" and one != label]
    parts = PurePosixPath(label).parts
    return max(places, key=lambda one: (_shared(PurePosixPath(one).parts, parts), one), default=None)


def _shared(a: Sequence[Any], b: Sequence[Any]) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
