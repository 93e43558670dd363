"""A student's functions where they are: their source, their place as a student knows it, a probed copy, a limit on
their time."""

from __future__ import annotations

import ast
import inspect
import linecache
import signal
import textwrap
import threading
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grader.child import OutOfTime
from grader.observe import LOCALS, PROBE, Recorder, instrument

AGAIN = 0.5  # seconds of CPU after which the exception comes again, where a bare except has eaten it


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise OutOfTime in what runs inside when it has used so many seconds of CPU (a debugger that waits uses none).

    Where there is no such timer (Windows), or in another thread than the first, it does not: Ctrl-C ends it.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def out_of_time(signum: int, frame: Any) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGVTALRM, out_of_time)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def observed(function: types.FunctionType, recorder: Recorder) -> Any:
    """The function, and the functions of the same module that it calls, compiled again with probes."""
    space = dict(function.__globals__)
    space[PROBE], space[LOCALS] = recorder.probe_for(place_of(function)), locals
    queue, done = [function], set()
    while queue:
        one = queue.pop()
        if one.__name__ in done:
            continue
        done.add(one.__name__)
        source = source_of(one)
        if source is None or one.__code__.co_freevars:  # inside of another function: not to be compiled alone
            continue
        tree = instrument(ast.parse("\n" * (one.__code__.co_firstlineno - 1) + source))
        exec(compile(tree, one.__code__.co_filename, "exec"), space)
        helpers = (function.__globals__.get(n) for n in one.__code__.co_names)
        queue += [h for h in helpers if isinstance(h, types.FunctionType) and h.__module__ == function.__module__]
    return space.get(function.__name__) if function.__name__ in done else None


def source_of(function: Any) -> str | None:
    if isinstance(function, type):
        return _class_source(function)
    try:
        source = textwrap.dedent(inspect.getsource(function))
        ast.parse(source)
    except (OSError, TypeError, SyntaxError, IndentationError):
        return None
    return source


def _class_source(cls: type) -> str | None:
    """The source of a class of a notebook, which inspect does not find: through the file of one of its methods."""
    methods = (getattr(m, "__func__", m) for m in vars(cls).values())
    file = next((m.__code__.co_filename for m in methods if isinstance(m, types.FunctionType)), None)
    lines = linecache.getlines(file) if file else []
    try:
        tree = ast.parse("".join(lines))
    except SyntaxError:  # magics in the same cell
        return None
    nodes = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == cls.__name__]
    return "".join(lines[nodes[-1].lineno - 1 : nodes[-1].end_lineno]) if nodes else None


def place_of(function: types.FunctionType) -> str:
    """The place of a function as a student knows it."""
    name = Path(function.__code__.co_filename).name
    return "this cell" if "ipykernel" in function.__code__.co_filename or name.startswith("<") else name
