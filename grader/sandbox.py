"""The grader's side of running student code: start a confined process, hand it a job, read what comes back.

Results are read as hostile bytes with caps on size and time. The grader owns the clock: a child that does not
answer in time is killed, and the tasks it had not reached are run by a second one.
"""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from grader import wire
from grader.confine import NEEDED, READY, Confinement, Settings
from grader.exercise import GraderFault
from grader.launch import launcher
from grader.observe import BUSIEST, MAX_VALUES
from grader.visible import visible

PATIENCE = 2  # the child stops itself after `seconds` and says where; only what ignores that is killed, this much later
WITHOUT = "GRADER_WITHOUT"  # environment: parts to leave out, by comma; to see how other platforms fare
MOST_LINES = 10**7  # a line number beyond it is none
STARTS_WITHIN = 30  # seconds for a child to be confined, on a machine that is very busy


@dataclass(frozen=True)
class Limits:
    """What one submission may use."""

    seconds: float = 4.0  # one exercise, wall time
    total_seconds: float = 20.0  # all exercises, wall time
    cpu: int = 20  # seconds of CPU of one child
    memory_mb: int = 768  # address space beyond the warm parent's own
    output_mb: int = 64  # bytes sent back


@dataclass(frozen=True)
class Task:
    """Calls of one function: `cases` are argument lists, already encoded against the job's arrays."""

    function: str
    cases: Sequence[Sequence[Any]]
    observe: bool = False
    driver: str | None = None  # called with the function (a class) first, then the case


@dataclass(frozen=True)
class Error:
    """An exception in the student's code, or the way its process ended."""

    kind: str
    text: str = ""
    line: int | None = None
    label: str | None = None


@dataclass(frozen=True)
class Observed:
    """One value that a name of the student's code took."""

    name: str
    line: int
    label: str
    value: Any


@dataclass(frozen=True)
class Run:
    """One call: what was returned, or why nothing was; the values seen on the way, if asked for."""

    output: Any = None
    error: Error | None = None
    changed: tuple[int, ...] = ()
    observed: tuple[Observed, ...] = ()
    busiest: tuple[tuple[str, int, int], ...] = ()  # label, line, how often: the statements that were run most often


@dataclass
class Answer:
    """All calls of one task. Shorter than asked for when the last one was stopped."""

    runs: list[Run] = field(default_factory=list)
    seconds: float = 0.0
    other: Run | None = None  # the same case asked again, where that gave another result


class Runner(Protocol):
    """Whatever runs a submission's functions: a confined child, or the student's own process."""

    def run(self, statements: Sequence[Sequence[Any]], tasks: Sequence[Task], arrays: list[Any]) -> list[Answer]: ...


class SandboxError(Exception):
    """Wrong use: what was asked of the sandbox is not to be had here. The text says what to do."""


class Sandbox:
    """Runs submissions, each confined in a process of its own. Use as a context manager.

    Args:
        limits: what one submission may use
        require: raise SandboxError unless file access and system calls are confined
        allow: modules that student code may import beside numpy and the standard library
        without: parts of the confinement to leave out (`confine.Part`), to measure or to show what they do
        watch: keep the numbers of refused system calls in `refused`; only for code that is trusted
    """

    def __init__(
        self,
        limits: Limits | None = None,
        require: bool = False,
        allow: Collection[str] = (),
        without: Collection[str] = (),
        watch: bool = False,
    ) -> None:
        self.limits = limits or Limits()
        self.cpu = 0.0  # seconds that children have used so far
        self.refused: set[int] = set()
        left_out = [str(part) for part in without] or [p for p in os.environ.get(WITHOUT, "").split(",") if p]
        self._launcher = launcher(
            Settings(
                self.limits.cpu,
                self.limits.memory_mb << 20,
                tuple(allow),
                tuple(left_out),
                watch,
            )
        )
        if require and not self.confinement.strict:
            self.close()
            lacking = " and ".join(str(p) for p in NEEDED if not self.confinement[p].enforced)
            raise SandboxError(
                f"student code cannot be confined here: {lacking} would be open to it (grader doctor says why). Grade "
                "on Linux 5.13 or later, or leave out --require-sandbox if you trust the submissions"
            )

    @cached_property
    def confinement(self) -> Confinement:
        """What is enforced here. The first look waits until the process that runs submissions is ready."""
        greeting = self._launcher.greeting()
        if greeting.absent:
            self.close()
            names = ", ".join(greeting.absent)
            raise SandboxError(f"[imports] allow names {names}, not installed here: pip install {names}, or allow less")
        return greeting.confinement

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._launcher.close()

    def run(self, statements: Sequence[Sequence[Any]], tasks: Sequence[Task], arrays: list[Any]) -> list[Answer]:
        """Run every task; an answer each. A task that killed its child is `stopped` or `crashed`, the rest go on."""
        assert self.confinement  # ready
        answers: dict[int, Answer] = {}
        waiting = list(range(len(tasks)))
        deadline = time.monotonic() + self.limits.total_seconds
        while waiting:
            header = {
                "statements": statements,
                "seconds": self.limits.seconds,
                "tasks": [
                    {
                        "id": i,
                        "function": tasks[i].function,
                        "driver": tasks[i].driver,
                        "observe": tasks[i].observe,
                        "cases": tasks[i].cases,
                    }
                    for i in waiting
                ],
            }
            most = [len(task.cases) for task in tasks]
            end = self._child(wire.pack(header, arrays), waiting, most, answers, deadline)
            waiting = [i for i in waiting if i not in answers]
            if waiting:
                answers[waiting.pop(0)] = Answer([Run(error=end)])
            if waiting and time.monotonic() > deadline:
                for i in waiting:
                    answers[i] = Answer([Run(error=Error("OutOfTime", "all"))])
                break
        return [answers[i] for i in range(len(tasks))]

    def _child(
        self, job: bytes, waiting: list[int], most: Sequence[int], answers: dict[int, Answer], deadline: float
    ) -> Error:
        """One child for the waiting tasks, `most` calls each. Returns how it ended, of interest if it left a task
        unanswered."""
        channel = self._launcher.start(job)
        reader = _Reader({i: most[i] for i in waiting}, self.limits.output_mb << 20)
        problem: Error | None = None
        began: float | None = None  # when the child was confined: what comes before is our own time
        patience = time.monotonic() + STARTS_WITHIN
        try:
            while problem is None and not reader.ended and not waiting_done(waiting, answers):
                now = time.monotonic()
                until = patience if began is None else min(patience, deadline + 1)
                if now > until:
                    problem = Error("OutOfTime", "killed")
                    break
                part = channel.exchange(until - now)
                if part is None:
                    continue
                try:
                    for number, answer in reader.take(part):
                        answers[number] = answer
                        patience = time.monotonic() + PATIENCE * self.limits.seconds
                except wire.ProtocolError as error:
                    problem = Error("ProtocolError", str(error))
                if began is None and reader.ready:
                    began = time.monotonic()
                    patience = began + PATIENCE * self.limits.seconds
        finally:
            ending = channel.end()
            self.cpu += ending.cpu
            self.refused |= set(ending.refused)
        if not reader.ready:
            raise GraderFault("a child could not be confined as was proved before; nothing of the submission was run")
        return problem or _ending(ending.signal)


def waiting_done(waiting: list[int], answers: dict[int, Answer]) -> bool:
    return all(i in answers for i in waiting)


def _ending(number: int | None) -> Error:
    if number is None:
        return Error("ProcessEnded", "exit")
    if number in (getattr(signal, "SIGXCPU", None), getattr(signal, "SIGKILL", None)):
        return Error("OutOfTime", "cpu")
    return Error("ProcessEnded", signal.Signals(number).name if number in signal.valid_signals() else str(number))


class _Reader:
    """Frames out of a pipe that someone hostile may be writing to."""

    def __init__(self, wanted: dict[int, int], cap: int) -> None:
        self.wanted, self.left = wanted, cap  # calls by task; bytes
        self.buffer = bytearray()
        self.ready = False  # confined, and about to run student code
        self.ended = False

    def take(self, part: bytes) -> list[tuple[int, Answer]]:
        """Answers that are complete by now. Raises ProtocolError on anything that is no answer to a task."""
        if not part:
            self.ended = True
            return []
        if not self.ready:
            self.ready, part = part.startswith(READY), part[len(READY) :]
        self.left -= len(part)
        if self.left < 0:
            raise wire.ProtocolError("too much output")
        self.buffer += part
        found = []
        while len(self.buffer) >= wire.PREFIX.size:
            size = wire.frame_size(bytes(self.buffer[: wire.PREFIX.size]))
            if len(self.buffer) < size:
                break
            header, arrays = wire.unpack(bytes(self.buffer[:size]))
            del self.buffer[:size]
            number = header.get("id")
            if type(number) is not int or number not in self.wanted:
                raise wire.ProtocolError("an answer to no task")
            found.append((number, _answer(header, arrays, self.wanted.pop(number))))
        return found


def _answer(header: dict[str, Any], arrays: list[Any], most: int) -> Answer:
    try:
        if len(header["runs"]) > most + 1:  # a run more where a task was stopped between two
            raise wire.ProtocolError("more answers than questions")
        seconds = float(header["seconds"])
        if not math.isfinite(seconds) or seconds < 0:
            raise wire.ProtocolError("not a time")
        return Answer([_run(one, arrays) for one in header["runs"]], seconds)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError, RecursionError) as error:
        raise wire.ProtocolError(f"malformed answer: {type(error).__name__}") from error


def _text(value: Any, most: int) -> str:
    """Text that is safe to show anywhere, and not too long."""
    return visible(str(value)[:most], keep="\n\t")


def _run(one: dict[str, Any], arrays: list[Any]) -> Run:
    error = one["error"]
    made = None
    if error is not None:
        line, label = error["line"], error["label"]
        made = Error(
            _text(error["kind"], 80),
            _text(error["text"], 400),
            line if type(line) is int and 0 < line <= MOST_LINES else None,
            _text(label, 200) if label is not None else None,
        )
    if len(one["observed"]) > MAX_VALUES:
        raise wire.ProtocolError("more values than are looked at")
    observed = tuple(
        Observed(_text(name, 200), int(line), _text(label, 200), wire.decode(tree, arrays))
        for name, line, label, tree in one["observed"]
    )
    if made is not None:
        return Run(error=made, observed=observed)
    busiest = tuple(
        (_text(label, 200), line, count)
        for label, line, count in one.get("busiest", ())[:BUSIEST]
        if type(line) is int and type(count) is int and 0 < line <= MOST_LINES
    )
    changed = tuple(i for i in one["changed"] if type(i) is int and i >= 0)
    return Run(wire.decode(one["output"], arrays), None, changed, observed, busiest)
