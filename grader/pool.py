"""Who runs submissions: this process, processes of this machine, or the workers of a Dask cluster.

All three make the same result of the same submission, byte for byte. Work is handed out one submission at a time, so
a slow one delays only itself; what is handed in to a pool and not finished can be handed in to another.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from grader import messages
from grader.kit import KitError, find
from grader.marker import Marker
from grader.sandbox import Sandbox
from grader.work import Fault, Grader, Marked, Pool, Setup, Units

TRIES = 2  # a worker may die of what is not the submission's fault: it is given to another once


class Here:
    """In this process, one at a time."""

    def __init__(self, grader: Grader) -> None:
        self.grader = grader
        self._ready: list[tuple[int, Marked]] = []

    @property
    def room(self) -> bool:
        return not self._ready

    def start(self, number: int, units: Units) -> None:
        self._ready.append((number, self.grader.mark(units)))

    def done(self, patiently: bool) -> Iterator[tuple[int, Marked]]:
        ready, self._ready = self._ready, []
        yield from ready

    def close(self) -> None:
        self.grader.close()


# -- processes of this machine


@dataclass
class _Worker:
    process: Any
    line: Connection
    task: tuple[int, Units] | None = None


class Processes:
    """As many processes as asked for, each with a warm parent of its own for student code.

    Where processes can be forked they share the oracles of this one, and their warm parents are forks of its own;
    elsewhere each makes its own. A worker that dies is replaced, and its submission given to another; a submission on
    which two die is a fault.
    """

    def __init__(self, grader: Grader, count: int) -> None:
        self.setup, self.kit, self.sandbox = grader.setup, grader.kit, grader.sandbox
        self.marker = grader.marker  # made before the first fork
        self.workers: list[_Worker] = []
        self.waiting: list[tuple[int, Units]] = []  # of workers that died
        self.deaths: dict[int, int] = {}
        self.given_up: list[tuple[int, Marked]] = []
        for _ in range(count):
            self._hire()

    def _hire(self) -> None:
        forks = "fork" in multiprocessing.get_all_start_methods() and sys.platform == "linux"
        context: Any = multiprocessing.get_context("fork" if forks else "spawn")
        mine, theirs = context.Pipe()
        others = [mine.close, *(w.line.close for w in self.workers)] if forks else []
        sandbox = None
        if forks and self.sandbox is not None:
            sandbox = self.sandbox.another()
            others.append(self.sandbox.let_go)
        process = context.Process(
            target=_work,
            args=(theirs, self.kit.root, self.setup, self.marker if forks else None, sandbox, others),
            daemon=True,
        )
        process.start()
        theirs.close()
        if sandbox is not None:
            sandbox.let_go()
        self.workers.append(_Worker(process, mine))

    @property
    def room(self) -> bool:
        return not self.waiting and any(w.task is None for w in self.workers)

    def start(self, number: int, units: Units) -> None:
        worker = next(w for w in self.workers if w.task is None)
        worker.task = (number, units)
        with contextlib.suppress(OSError):  # it is dead: seen when its answer is asked for
            worker.line.send(list(units))

    def done(self, patiently: bool) -> Iterator[tuple[int, Marked]]:
        ready, self.given_up = self.given_up, []
        yield from ready
        busy = {w.line: w for w in self.workers if w.task is not None}
        for line in wait(list(busy), None if patiently and not ready else 0) if busy else []:
            worker = busy[line]  # type: ignore[index]
            assert worker.task is not None
            task, worker.task = worker.task, None
            try:
                yield task[0], worker.line.recv()
            except (EOFError, OSError):
                self._lost(worker, task)
        while self.waiting and any(w.task is None for w in self.workers):
            self.start(*self.waiting.pop())

    def _lost(self, worker: _Worker, task: tuple[int, Units]) -> None:
        worker.process.join()
        worker.line.close()
        self.workers.remove(worker)
        self._hire()
        number = task[0]
        self.deaths[number] = self.deaths.get(number, 0) + 1
        if self.deaths[number] < TRIES:
            self.waiting.append(task)
        else:
            told = messages.worker_died(worker.process.exitcode)
            self.given_up.append((number, Marked(Fault("WorkerDied", told, ""))))

    def close(self) -> None:
        for worker in self.workers:
            worker.line.close()  # the end of its work
        for worker in self.workers:
            if worker.task is not None:
                worker.process.terminate()
            worker.process.join()
        self.workers.clear()


def _work(
    line: Connection,
    root: Path,
    setup: Setup,
    marker: Marker | None,
    sandbox: Sandbox | None,
    others: list[Callable[[], None]],
) -> None:
    """The life of a worker: until its line is closed, also by the death of who holds the other end. `others` close what
    was inherited and is not its own."""
    for close in others:
        close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who hands out
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    grader = Grader(find(root), setup, marker)
    if sandbox is not None:
        grader.take(sandbox)
    try:
        while True:
            line.send(grader.mark(line.recv()))
    except (EOFError, OSError):
        pass
    finally:
        grader.close()


def pool(grader: Grader, jobs: int = 1, scheduler: str | None = None) -> Pool:
    """Whoever is asked for. Raises KitError where there is no such scheduler."""
    if scheduler is not None:
        try:
            from grader.cluster import Cluster
        except ImportError as error:
            raise KitError('a cluster needs Dask: pip install "flat-backprop[cluster]"') from error
        return Cluster(grader, scheduler)
    return Processes(grader, jobs) if jobs > 1 else Here(grader)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
