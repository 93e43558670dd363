"""`check(f)` for students, in Jupyter and in a terminal: stage by stage what is right, wrong and missing.

It runs in the student's own process on public cases; nothing here decides a mark.
"""

from __future__ import annotations

import difflib
import io
import sys
import time
import types
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from grader import wire
from grader.calls import Answer, Error, Observed, Run, Session, Task
from grader.child import GIVEN, OutOfTime, call
from grader.exercise import Made
from grader.grading import Bench
from grader.kit import HINTS, Kit, KitError, find
from grader.observe import Recorder
from grader.own import limited, observed, place_of, source_of
from grader.public import StaleData
from grader.replay import Oracle
from grader.reports.cell import Card
from grader.scoring import ExerciseMark
from grader.submission import Submission, from_sources, load
from grader.toplevel import Function

ENTRIES = 4  # of each gradient that are shown with their numbers


def check(function: types.FunctionType, hint: int | None = None) -> None:
    """Show what is right, wrong and missing in one of your functions.

    Args:
        function: the filled-in function of an exercise, by its given name
        hint: how much to tell of the first thing to mend. 1: where; 2: what kind of slip; 3: what to think about.
            Default: what the kit says, else 1
    """
    if hint not in (None, *HINTS):
        raise ValueError("hint is 1, 2 or 3")
    mark = examine(function)
    show(Card(mark, hint or find().config.hint))


def show(what: object) -> None:
    """Display it in a notebook, print it elsewhere."""
    if "IPython" in sys.modules:
        from IPython.core.getipython import get_ipython
        from IPython.display import display

        if get_ipython() is not None:
            display(what)  # type: ignore[no-untyped-call]
            return
    print(what)


def examine(function: types.FunctionType) -> ExerciseMark:
    """The marks of one function on the public cases, as `check` shows them."""
    if not isinstance(function, types.FunctionType | type):
        raise TypeError(
            f"check takes one of your functions, as in check(svm_loss_naive); this is {type(function).__name__}"
        )
    name = function.__name__
    kit = find()
    oracles = _oracles(kit.root)
    forward = _oracle(kit.root, name).exercise.forward
    bench = Bench([oracles[name], *([oracles[forward]] if forward in oracles else [])], entries=ENTRIES)
    own = {name: function}
    if forward is not None and callable(getattr(function, "__globals__", {}).get(forward)):
        own[forward] = function.__globals__[forward]
    sources = [(n, source) for n, f in own.items() if (source := source_of(f)) is not None]
    submission = from_sources("notebook", sources, bench.stubs)
    functions = {n: _placed(submission.functions.get(n) or Function(n, n, 1, ""), f) for n, f in own.items()}
    submission = Submission("notebook", functions)
    marks = bench.mark(submission, _OwnProcess(own, kit.config.limits.seconds), explain_all=True, only=[name]).exercises
    return marks[0]


def _placed(found: Function, function: Any) -> Function:
    """Where a student knows it."""
    if not isinstance(function, types.FunctionType):
        return found
    return replace(found, label=place_of(function), line=function.__code__.co_firstlineno)


def yours(name: str) -> Any:
    """Your own filled-in function of an exercise, out of the notebook or file of the kit that you changed last.

    For a notebook that uses what you wrote in another one: `loss = yours("two_layer_loss")`.

    Raises:
        KitError: there is no such exercise, or it is not filled in yet, or its code does not run.
    """
    kit = find()
    oracle = _oracle(kit.root, name)
    paths = [p for folder in ("notebooks", "assignment") for p in (kit.root / folder).glob("*") if p.is_file()]
    for path in sorted(paths, key=lambda p: p.stat().st_mtime, reverse=True):
        if path.suffix not in (".ipynb", ".py"):
            continue
        submission = load(path, {name: oracle.exercise.stub})
        function = submission.functions.get(name)
        if function is None or function.stub or function.error is not None:
            continue
        space: dict[str, Any] = {"np": np, "__name__": path.stem}
        try:
            for label, line, source in [(GIVEN, 1, oracle.exercise.given), *submission.statements]:
                exec(compile("\n" * (line - 1) + source, f"{path.name} {label}", "exec"), space)
        except Exception as error:
            raise KitError(f"{path.name} stops with {type(error).__name__}: {error}") from error
        return space[function.name]
    raise KitError(f"{name} is not filled in yet, neither in notebooks/ nor in assignment/ of {kit.root}")


class _OwnProcess:
    """Runs functions where they are: the student's kernel. Observes them by compiling a second, probed copy."""

    def __init__(self, functions: dict[str, types.FunctionType], seconds: float) -> None:
        """`seconds` of CPU are what one exercise may take."""
        self.functions, self.seconds = functions, seconds
        self.prints = True  # on the first call, not on the dozens that follow
        self.labels = {f.__code__.co_filename: place_of(f) for f in functions.values() if hasattr(f, "__code__")}

    @contextmanager
    def session(self) -> Iterator[Session]:
        yield self

    def run(self, statements: Sequence[Sequence[Any]], tasks: Sequence[Task], group: int = 0) -> list[Answer]:
        self.statements, out = statements, sys.stdout
        try:
            return [self.answer(task, out) for task in tasks]
        finally:
            sys.stdout = out

    def answer(self, task: Task, out: TextIO) -> Answer:
        began = time.perf_counter()
        runs: list[Run] = []
        try:
            with limited(self.seconds):
                for case in task.cases:
                    inputs = [wire.decode(tree, task.arrays, make=_made) for tree in case]
                    sys.stdout, self.prints = out if self.prints else io.StringIO(), False
                    runs.append(self.one(task, inputs))
                    if runs[-1].error is not None and runs[-1].error.kind == "OutOfTime":
                        break
        except OutOfTime:
            runs.append(Run(error=Error("OutOfTime")))
        return Answer(runs, time.perf_counter() - began)

    def one(self, task: Task, inputs: list[Any]) -> Run:
        recorder = Recorder()
        function: Any = self.functions[task.function]
        if task.driver is not None:
            space: dict[str, Any] = {}
            for label, _, source in self.statements:
                exec(compile(source, label, "exec"), space)
            function = partial(space[task.driver], function)
        elif task.observe:
            function = observed(function, recorder) or function
        done = call(function, inputs, self.labels)
        error = done["error"]
        return Run(
            done["output"],
            Error(error["kind"], error["text"], error["line"], error["label"]) if error else None,
            tuple(done["changed"]),
            tuple(Observed(*record) for record in recorder.records),
            tuple(recorder.busiest()),
        )


def _made(source: str) -> Any:
    return Made(source).value()


def _oracle(root: Path, name: str) -> Oracle:
    oracles = _oracles(root)
    if name not in oracles:
        near = difflib.get_close_matches(name, oracles, 3, 0.6)
        known = (
            f"did you mean {' or '.join(near)}?"
            if near
            else f"the exercises are: {', '.join(sorted(oracles)) or 'none'}"
        )
        raise KitError(f"{name} is no exercise of the kit in {root}; {known}")
    return oracles[name]


@cache
def _oracles(root: Path) -> dict[str, Oracle]:
    kit = Kit(root, find(root).config)
    try:
        stored: list[Oracle] = list(kit.stored())
    except StaleData as error:
        raise KitError(str(error)) from error
    return {o.exercise.name: o for o in stored or kit.public()}
