"""The grader's side of running student code: start the zygote, hand it jobs, read what comes back.

Results are read as hostile bytes with caps on size and time. The grader owns the clock: a child that does not
answer in time is killed, and the tasks it had not reached are run by a second one.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from grader import wire
from grader.exercise import GraderFault

THREADS = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1")
KEPT = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "LD_LIBRARY_PATH", "SYSTEMROOT")
PATIENCE = 2  # the child stops itself after `seconds` and says where; only what ignores that is killed, this much later
START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from grader.zygote import main; main()"


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


@dataclass
class Answer:
    """All calls of one task. Shorter than asked for when the last one was stopped."""

    runs: list[Run] = field(default_factory=list)
    seconds: float = 0.0


class Runner(Protocol):
    """Whatever runs a submission's functions: a confined child, or the student's own process."""

    def run(self, statements: Sequence[Sequence[Any]], tasks: Sequence[Task], arrays: list[Any]) -> list[Answer]: ...


class Sandbox:
    """A zygote and the one child it has at a time. Use as a context manager."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.cpu = 0.0  # seconds that children have used so far
        self._control, theirs = socket.socketpair()
        arguments = {"cpu": self.limits.cpu, "memory": self.limits.memory_mb << 20}
        environment = {**THREADS, **{k: os.environ[k] for k in KEPT if k in os.environ}}
        root = str(Path(__file__).resolve().parent.parent)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", START, root, str(theirs.fileno()), json.dumps(arguments)],
            pass_fds=[theirs.fileno()],
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._control.close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def run(self, statements: Sequence[Sequence[Any]], tasks: Sequence[Task], arrays: list[Any]) -> list[Answer]:
        """Run every task; an answer each. A task that killed its child is `stopped` or `crashed`, the rest go on."""
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
            end = self._child(wire.pack(header, arrays), waiting, answers, deadline)
            waiting = [i for i in waiting if i not in answers]
            if waiting:
                answers[waiting.pop(0)] = Answer([Run(error=end)])
            if waiting and time.monotonic() > deadline:
                for i in waiting:
                    answers[i] = Answer([Run(error=Error("OutOfTime", "all"))])
                break
        return [answers[i] for i in range(len(tasks))]

    def _child(self, job: bytes, waiting: list[int], answers: dict[int, Answer], deadline: float) -> Error:
        """One child for the waiting tasks. Returns how it ended, of interest if it left a task unanswered."""
        job_read, job_write = os.pipe()
        result_read, result_write = os.pipe()
        try:
            socket.send_fds(self._control, [b"J"], [job_read, result_write])
        except OSError as error:
            raise GraderFault(f"the process that runs submissions has ended: {error}") from error
        finally:
            os.close(job_read)
            os.close(result_write)
        reader = _Reader(result_read, set(waiting), self.limits.output_mb << 20)
        os.set_blocking(job_write, False)
        writing: memoryview | None = memoryview(job)
        problem: Error | None = None
        try:
            patience = time.monotonic() + PATIENCE * self.limits.seconds
            while problem is None and not reader.ended and not waiting_done(waiting, answers):
                now = time.monotonic()
                until = min(patience, deadline + 1)
                if now > until:
                    problem = Error("OutOfTime", "killed")
                    break
                ready, room, _ = select.select([result_read], [job_write] if writing else [], [], until - now)
                if room and writing is not None:
                    writing = _push(job_write, writing)
                    if writing is None:
                        os.close(job_write)
                        job_write = -1
                if ready:
                    try:
                        for number, answer in reader.take():
                            answers[number] = answer
                            patience = time.monotonic() + PATIENCE * self.limits.seconds
                    except wire.ProtocolError as error:
                        problem = Error("ProtocolError", str(error))
        finally:
            if job_write >= 0:
                os.close(job_write)
            os.close(result_read)
            status = self._reap()
        return problem or _ending(status)

    def _reap(self) -> int:
        self._control.sendall(b"R")
        reply = b""
        while len(reply) < 24:
            part = self._control.recv(24 - len(reply))
            if not part:
                raise GraderFault("the process that runs submissions has ended")
            reply += part
        status, cpu, _ = struct.unpack("<ddd", reply)
        self.cpu += cpu
        return int(status)


def waiting_done(waiting: list[int], answers: dict[int, Answer]) -> bool:
    return all(i in answers for i in waiting)


def _push(descriptor: int, rest: memoryview) -> memoryview | None:
    """Write what the pipe takes; None when everything is written (or nobody reads any more)."""
    try:
        written = os.write(descriptor, rest[: 1 << 16])
    except BlockingIOError:
        return rest
    except BrokenPipeError:
        return None
    return rest[written:] or None


def _ending(status: int) -> Error:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number in (signal.SIGXCPU, signal.SIGKILL):
            return Error("OutOfTime", "cpu")
        name = signal.Signals(number).name if number in signal.valid_signals() else str(number)
        return Error("ProcessEnded", name)
    return Error("ProcessEnded", "exit")


class _Reader:
    """Frames out of a pipe that someone hostile may be writing to."""

    def __init__(self, descriptor: int, wanted: set[int], cap: int) -> None:
        self.descriptor, self.wanted, self.left = descriptor, wanted, cap
        self.buffer = bytearray()
        self.ended = False

    def take(self) -> list[tuple[int, Answer]]:
        """Answers that are complete by now. Raises ProtocolError on anything that is no answer to a task."""
        part = os.read(self.descriptor, 1 << 18)
        if not part:
            self.ended = True
            return []
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
            self.wanted.discard(number)
            found.append((number, _answer(header, arrays)))
        return found


def _answer(header: dict[str, Any], arrays: list[Any]) -> Answer:
    try:
        runs = [_run(one, arrays) for one in header["runs"]]
        return Answer(runs, float(header["seconds"]))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise wire.ProtocolError(f"malformed answer: {type(error).__name__}") from error


def _run(one: dict[str, Any], arrays: list[Any]) -> Run:
    error = one["error"]
    made = None
    if error is not None:
        line, label = error["line"], error["label"]
        made = Error(
            str(error["kind"])[:80],
            str(error["text"])[:400],
            line if type(line) is int else None,
            str(label)[:200] if label is not None else None,
        )
    observed = tuple(
        Observed(str(name)[:200], int(line), str(label)[:200], wire.decode(tree, arrays))
        for name, line, label, tree in one["observed"]
    )
    if made is not None:
        return Run(error=made, observed=observed)
    changed = tuple(int(i) for i in one["changed"])
    return Run(wire.decode(one["output"], arrays), None, changed, observed)
