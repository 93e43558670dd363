"""The calls of one submission's functions: what is asked, the children that are given it, and what comes back.

Results are read as hostile bytes with caps on size and time. The grader owns the clock: a child that does not
answer in time is killed, and the tasks it had not reached are run by a second one.
"""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, Protocol

from grader import wire
from grader.confine import READY
from grader.exercise import GraderFault
from grader.launch import Channel, Ending, Launcher
from grader.limits import Limits
from grader.observe import BUSIEST, MAX_VALUES
from grader.visible import visible

PATIENCE = 2  # the child stops itself after `seconds` and says where; only what ignores that is killed, this much later
MOST_LINES = 10**7  # a line number beyond it is none
KNOWN, LARGEST_KNOWN = 512, 1 << 14  # answers that are read once: how many, and bytes of each
STARTS_WITHIN = 30  # seconds for a child to be confined, on a machine that is very busy


@dataclass(frozen=True)
class Task:
    """Calls of one function: `cases` are argument lists, already encoded against `arrays`."""

    function: str
    cases: Sequence[Sequence[Any]]
    arrays: Sequence[Any] = ()
    observe: bool = False
    driver: str | None = None  # called with the function (a class) first, then the case

    @cached_property
    def frame(self) -> bytes:
        """As it travels; made once, as whole classes are given the same calls."""
        asked = {"function": self.function, "driver": self.driver, "observe": self.observe, "cases": self.cases}
        return wire.pack(asked, self.arrays)


@dataclass(frozen=True)
class Error:
    """An exception in the student's code, or the way its process ended."""

    kind: str
    text: str = ""
    line: int | None = None
    label: str | None = None


class Observed(NamedTuple):
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

    runs: Sequence[Run] = ()
    seconds: float = 0.0
    other: Run | None = None  # the same case asked again, where that gave another result


class Session(Protocol):
    """Runs the functions of one submission."""

    def run(self, statements: Sequence[Sequence[Any]], tasks: Sequence[Task], group: int = 0) -> list[Answer]:
        """An answer for every task. What must not share a process belongs to different groups."""


class Runner(Protocol):
    """Where submissions run: a sandbox, or the student's own process."""

    def session(self) -> AbstractContextManager[Session]: ...


class Children:
    """The confined children of one submission. Use as a context manager: when it is over, so are they.

    Tasks of one `group` go to the same child, also when they come later: it is confined, and has numpy at work, but
    gets the submission's statements afresh. `cpu` are the seconds that ended children used, `refused` the system calls
    that they were refused (if watched).
    """

    def __init__(self, launcher: Launcher, limits: Limits) -> None:
        self.launcher, self.limits = launcher, limits
        self.cpu = 0.0
        self.refused: set[int] = set()
        self._kept: dict[int, Channel] = {}

    def __enter__(self) -> Children:
        return self

    def __exit__(self, *_: object) -> None:
        while self._kept:
            self._end(self._kept.popitem()[1])

    def run(self, statements: Sequence[Sequence[Any]], tasks: Sequence[Task], group: int = 0) -> list[Answer]:
        """An answer for every task. One that killed its child is `stopped` or `crashed`, the rest go on.

        A child that has run others before is not the fault of the task it ends at: that is asked again in a new one.
        """
        waiting = list(range(len(tasks)))
        answers: dict[int, Answer] = {}
        deadline = time.monotonic() + self.limits.total_seconds
        while waiting:
            new = group not in self._kept
            end = self._ask(statements, {i: tasks[i] for i in waiting}, answers, deadline, group)
            waiting = [i for i in waiting if i not in answers]
            if waiting and new:
                answers[waiting.pop(0)] = Answer([Run(error=end)])
            if waiting and time.monotonic() > deadline:
                answers |= {i: Answer([Run(error=Error("OutOfTime", "all"))]) for i in waiting}
                break
        return [answers[i] for i in range(len(tasks))]

    def _ask(
        self,
        statements: Sequence[Sequence[Any]],
        tasks: Mapping[int, Task],
        answers: dict[int, Answer],
        deadline: float,
        group: int,
    ) -> Error | None:
        """Give tasks to one child. Returns how it ended, None where it has answered all and is kept."""
        ready = group in self._kept
        channel = self._kept.pop(group) if ready else self.launcher.start()
        reader = _Reader({i: len(task.cases) for i, task in tasks.items()}, self.limits.output_mb << 20, ready)
        problem: Error | None = None
        began = time.monotonic() if ready else None  # when the child was confined: what comes before is our own time
        patience = time.monotonic() + (PATIENCE * self.limits.seconds if ready else STARTS_WITHIN)
        try:
            channel.send(self._job(statements, tasks))
            while problem is None and not reader.ended and reader.wanted:
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
            if problem is None and not reader.ended and not reader.buffer:
                self._kept[group] = channel
                return None
        finally:
            if group not in self._kept:
                ending = self._end(channel)
        if not reader.ready:
            raise GraderFault("a child could not be confined as was proved before; nothing of the submission was run")
        return problem or _ending(ending.signal)

    def _job(self, statements: Sequence[Sequence[Any]], tasks: Mapping[int, Task]) -> bytes:
        header = {"statements": statements, "seconds": self.limits.seconds, "tasks": list(tasks)}
        return b"".join([wire.pack(header, ()), *(task.frame for task in tasks.values())])

    def _end(self, channel: Channel) -> Ending:
        ending = channel.end()
        self.cpu += ending.cpu
        self.refused |= set(ending.refused)
        return ending


def _ending(number: int | None) -> Error:
    if number is None:
        return Error("ProcessEnded", "exit")
    if number in (getattr(signal, "SIGXCPU", None), getattr(signal, "SIGKILL", None)):
        return Error("OutOfTime", "cpu")
    return Error("ProcessEnded", signal.Signals(number).name if number in signal.valid_signals() else str(number))


class _Reader:
    """Frames out of a pipe that someone hostile may be writing to."""

    def __init__(self, wanted: dict[int, int], cap: int, ready: bool) -> None:
        self.wanted, self.left = wanted, cap  # calls by task; bytes
        self.buffer = bytearray()
        self.ready = ready  # confined, and about to run student code
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
        while (came := wire.taken(self.buffer, wire.ANSWERED.size)) is not None:
            number, seconds = wire.ANSWERED.unpack(came[0])
            frame = came[1]
            if number not in self.wanted:
                raise wire.ProtocolError("an answer to no task")
            if not math.isfinite(seconds) or seconds < 0:
                raise wire.ProtocolError("not a time")
            read = _known if len(frame) <= LARGEST_KNOWN else _runs
            found.append((number, Answer(read(frame, self.wanted.pop(number)), seconds)))
        return found


def _runs(frame: bytes, most: int) -> tuple[Run, ...]:
    """What a frame says of at most so many calls."""
    header, arrays = wire.unpack(frame)
    try:
        if len(header["runs"]) > most + 1:  # a run more where a task was stopped between two
            raise wire.ProtocolError("more answers than questions")
        return tuple(_run(one, arrays) for one in header["runs"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError, RecursionError) as error:
        raise wire.ProtocolError(f"malformed answer: {type(error).__name__}") from error


_known = lru_cache(KNOWN)(_runs)  # most right functions of a class answer alike, bit by bit


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
