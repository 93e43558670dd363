"""Inside the child: run the functions of one submission on given inputs and send back what they did.

Runs in a process forked from the zygote. It knows the student's code and the inputs, nothing else of ours:
no expected value, no reference. It is short so that it can be read in full by someone who wants to break it.
"""

from __future__ import annotations

import ast
import functools
import os
import re
import signal
import sys
import time
import types
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from grader import wire
from grader.observe import LOCALS, PROBE, Recorder, instrument

MODULE = "submission"
GIVEN = "given"  # label of code that is not the student's
ROUNDING = 1e-12  # relative to the largest entry
Array = np.ndarray[Any, Any]


class OutOfTime(BaseException):
    """Raised in the student's code when its time is up. Not an Exception, so `except Exception` does not eat it."""


def run(job: int, results: int) -> None:
    """Run one job after the other from descriptor `job`, until it is closed; a frame per task goes to `results`.

    A job is a frame with the statements, and one for each task. Each has a module of its own, and numpy's generator as
    it was in the beginning.
    """
    tools = _Tools()
    chance, set_state, unpack = np.random.get_state(), np.random.set_state, wire.unpack
    frames = _frames(job)
    for frame in frames:
        header, _ = unpack(frame)
        waiting = [(number, next(frames)) for number in header["tasks"]]  # all, before any code of the student's is run
        set_state(chance)
        spaces: dict[bool, _Space] = {}
        _alarm(0)
        for number, task in waiting:
            frame = _answer(header, number, *unpack(task), spaces, tools)
            while frame:
                frame = frame[tools.write(results, frame) :]


class _Tools:
    """Kept from before student code ran."""

    def __init__(self) -> None:
        self.write, self.pack, self.encode, self.clock = os.write, wire.pack, wire.encode, time.perf_counter
        self.answered = wire.ANSWERED.pack


def _answer(
    header: dict[str, Any],
    number: int,
    task: dict[str, Any],
    arrays: list[Any],
    spaces: dict[bool, _Space],
    tools: _Tools,
) -> bytes:
    """One task's answer: its number and seconds, and a frame with what the calls did. `spaces` holds the student's
    module, as it is and with probes, once needed."""
    observed = bool(task["observe"])
    began = tools.clock()
    runs: list[dict[str, Any]] = []
    found: list[Any] = []
    _alarm(header["seconds"])
    try:
        if observed not in spaces:
            spaces[observed] = _Space(header["statements"], observed)
        space = spaces[observed]
        for case in task["cases"]:
            one = space.call(task["function"], task["driver"], case, arrays)
            runs.append(_reply(one, found, tools.encode))
            if one["error"] and one["error"]["kind"] == "OutOfTime":
                break
    except (OutOfTime, MemoryError) as stopped:
        kind = "OutOfTime" if isinstance(stopped, OutOfTime) else "MemoryError"
        error = {"kind": kind, "text": "", "line": None, "label": None}
        runs.append({"error": error, "observed": []})
    finally:
        _alarm(0)
    return tools.answered(number, round(tools.clock() - began, 6)) + tools.pack({"runs": runs}, found)


def _reply(one: dict[str, Any], found: list[Any], encode: Any) -> dict[str, Any]:
    return {
        "output": encode(one["output"], found) if one["error"] is None else None,
        "error": one["error"],
        "changed": one["changed"],
        "observed": [[name, line, label, encode(value, found)] for name, line, label, value in one["records"]],
        "busiest": one["busiest"],
    }


def _frames(descriptor: int) -> Iterator[bytes]:
    """Whole frames, until the descriptor is closed."""
    read, taken = os.read, wire.taken
    came = bytearray()
    while part := read(descriptor, 1 << 20):
        came += part
        while (found := taken(came)) is not None:
            yield found[1]


def _alarm(seconds: float) -> None:
    """Raise OutOfTime in so many seconds, 0 for never. Where there is no such timer the grader's own clock decides."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, _out_of_time)
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _out_of_time(signum: int, frame: Any) -> None:
    raise OutOfTime


class _Space:
    """The student's module: its statements executed one by one, so that one that fails spoils no other."""

    def __init__(self, statements: list[list[Any]], observed: bool) -> None:
        module = types.ModuleType(MODULE)
        sys.modules[MODULE] = module
        self.names = module.__dict__
        self.names["np"] = self.names["numpy"] = np  # given, so that a lost import cell costs nothing
        self.failed: list[tuple[str, str]] = []  # what was said, and the source
        self.recorder: Recorder | None = None
        self.labels = {label: label for label, _, _ in statements if label != GIVEN}
        for label, line, source in statements:
            try:
                text: Any = "\n" * (line - 1) + source
                if observed:
                    probe = f"{PROBE}{label}__"  # so ended, a class does not mangle it
                    text = instrument(ast.parse(text), probe)
                    self.names[probe] = self._probe(label)
                    self.names[LOCALS] = locals
                exec(compile(text, label, "exec"), self.names)
            except OutOfTime:
                raise
            except BaseException as error:
                told = f"{label} line {line}: {type(error).__name__}: {error}"
                self.failed.append((told[:300], source))

    def _probe(self, label: str) -> Any:
        def probe(line: int, local: dict[str, Any], names: tuple[str, ...]) -> None:
            if self.recorder is not None:
                self.recorder.probe_for(label)(line, local, names)

        return probe

    def call(self, name: str, driver: str | None, case: list[Any], arrays: list[Any]) -> dict[str, Any]:
        """One call on fresh copies of the inputs."""
        self.recorder = Recorder()
        function: Any = self.names.get(name)
        if driver is not None:
            function = functools.partial(self.names[driver], function)
        done = call(function, [wire.decode(tree, arrays, make=_made) for tree in case], self.labels)
        done["records"], done["busiest"], self.recorder = self.recorder.records, self.recorder.busiest(), None
        error = done["error"]
        if error and self.failed:
            error["text"] += self.reason(name, error)
        return done

    def reason(self, function: str, error: dict[str, Any]) -> str:
        """Why a name is not there, where the statement that should have bound it failed."""
        unknown = re.match(r"name '(\w+)'", error["text"]) if error["kind"] == "NameError" else None
        name = function if function not in self.names else unknown[1] if unknown else ""
        bound = re.compile(rf"\b{name}\b|\bimport\s*\*")
        return next((f" ({told})" for told, source in self.failed if name and bound.search(source)), "")


def _made(source: str) -> Any:
    return eval(source, {"np": np})


def call(function: Any, given: list[Any], labels: Mapping[str, str]) -> dict[str, Any]:
    """One call: what it returned or raised, and which inputs it changed. `labels` names the student's files."""
    inputs = [_fresh(value) for value in given]
    output, error = None, None
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            output = function(*inputs)
    except BaseException as caught:
        if isinstance(caught, KeyboardInterrupt):
            raise
        error = _error(caught, labels)
    changed = [i for i, (a, b) in enumerate(zip(inputs, given, strict=True)) if not _equal(a, b)]
    return {"output": output, "error": error, "changed": changed}


def _error(caught: BaseException, labels: Mapping[str, str]) -> dict[str, Any]:
    """What was raised and the last line of the student's own code it passed through."""
    line = label = None
    trace = caught.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in labels:
            line, label = _line(trace), labels[trace.tb_frame.f_code.co_filename]
        trace = trace.tb_next
    try:
        text = str(caught)[:300]
    except BaseException:
        text = ""
    return {"kind": type(caught).__name__[:80], "text": text, "line": line, "label": label}


def _line(trace: types.TracebackType) -> int:
    """The line of a traceback entry; for an instruction without one (a jump back in a loop) the last line before it."""
    if trace.tb_lineno is not None:  # the type says never, the interpreter does it
        return trace.tb_lineno
    code = trace.tb_frame.f_code
    before = [line for start, _, line in code.co_lines() if line is not None and start <= trace.tb_lasti]
    return before[-1] if before else code.co_firstlineno


def _fresh(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, tuple | list):
        return type(value)(_fresh(v) for v in value)
    if isinstance(value, dict):
        return {k: _fresh(v) for k, v in value.items()}
    return value


def _put_back(a: Array, b: Array) -> bool:
    """Are numbers the same again, as far as adding and taking away a step leaves them the same?"""
    if a.dtype.kind != "f" or b.dtype.kind != "f" or not b.size:
        return False
    with np.errstate(all="ignore"):
        return bool(np.max(np.abs(a - b)) <= ROUNDING * (1 + np.max(np.abs(b))))


def _equal(a: Any, b: Any) -> bool:
    if isinstance(b, np.ndarray):
        same = isinstance(a, np.ndarray) and a.shape == b.shape
        return same and (a.tobytes() == b.tobytes() or _put_back(a, b))
    if isinstance(b, tuple | list):
        return isinstance(a, tuple | list) and len(a) == len(b) and all(_equal(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(b, dict):
        return isinstance(a, dict) and a.keys() == b.keys() and all(_equal(a[k], b[k]) for k in b)
    return bool(a == b) if isinstance(b, int | float | str) else True  # a function, a generator: not to be compared
