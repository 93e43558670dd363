"""Starting what runs submissions: children of a warm parent, or where there is no fork a fresh process for each.

Both give a channel: bytes go in, bytes come out, and in the end it is known how the process ended. Nothing that comes
out is looked at here.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import select
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Protocol

from grader.confine import Settings
from grader.confinement import Confinement
from grader.exercise import GraderFault
from grader.limits import THREADS
from grader.zygote import ASKED, CALL, ENDING, GREETING

KEPT = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "LD_LIBRARY_PATH", "SYSTEMROOT")
START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from grader.zygote import main; main()"
AT_ONCE = 1 << 16  # bytes written to a pipe in one go
CHUNK = 1 << 18  # bytes read from a pipe in one go
GONE = "the process that runs submissions has ended"


@dataclass(frozen=True)
class Ending:
    """How a process ended: the signal that killed it, seconds of CPU, numbers of refused system calls (if watched)."""

    signal: int | None = None
    cpu: float = 0.0
    refused: tuple[int, ...] = ()


@dataclass(frozen=True)
class Greeting:
    """What a process that will run submissions said of itself."""

    confinement: Confinement
    absent: tuple[str, ...]  # allowed modules that are not installed

    @staticmethod
    def parsed(body: bytes) -> Greeting:
        try:
            found = json.loads(body)
            return Greeting(Confinement.from_plain(found["facts"]), tuple(found["absent"]))
        except (ValueError, KeyError, TypeError) as error:
            raise GraderFault(f"{GONE} before it was ready") from error


class Channel(Protocol):
    """One process, which is given jobs."""

    def send(self, job: bytes) -> None:
        """Give it a job, when it has done the one before."""

    def exchange(self, seconds: float) -> bytes | None:
        """What came within `seconds`, b"" when nothing more will come, None when nothing has come yet."""

    def end(self) -> Ending:
        """End the process, if it has not ended, and whatever it started. To be called once."""


class Launcher(Protocol):
    """Where channels come from."""

    def greeting(self) -> Greeting: ...

    def start(self) -> Channel: ...

    def another(self) -> Launcher | None:
        """One more like this, for another process; None where that has to start from nothing."""

    def let_go(self) -> None:
        """Forget it: another process has it."""

    def close(self) -> None: ...


def launcher(settings: Settings) -> Launcher:
    """The fastest there is on this platform."""
    return Warm.started(settings) if hasattr(os, "fork") and "warm start" not in settings.without else Fresh(settings)


def _command(role: str, settings: Settings) -> dict[str, Any]:
    """What is the same in every start: isolated from the user's own Python settings, almost no environment."""
    root = str(Path(__file__).resolve().parent.parent)
    return {
        "args": [sys.executable, "-I", "-c", START, root, role, settings.packed()],
        "env": {**THREADS, **{k: os.environ[k] for k in KEPT if k in os.environ}},
        "start_new_session": True,
    }


class Warm:
    """The warm parent (`zygote`) and its children."""

    def __init__(self, control: socket.socket, process: subprocess.Popen[bytes] | None = None) -> None:
        """`process` is the warm parent, None where it is another process's to wait for."""
        self.control, self._process = control, process
        self.numbers = itertools.count(1)

    @classmethod
    def started(cls, settings: Settings) -> Warm:
        control, theirs = socket.socketpair()
        number = theirs.fileno()
        process = subprocess.Popen(**_command(str(number), settings), pass_fds=[number], stdin=subprocess.DEVNULL)
        theirs.close()
        return cls(control, process)

    def another(self) -> Warm | None:
        control, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self.control, [ASKED.pack(b"A", 0)], [theirs.fileno()])
            except OSError:  # it has ended
                control.close()
                return None
        return Warm(control)

    def let_go(self) -> None:
        self.control.close()

    def greeting(self) -> Greeting:
        (size,) = GREETING.unpack(self.receive(GREETING.size))
        return Greeting.parsed(self.receive(size))

    def start(self) -> Channel:
        return _Pipes(self)

    def receive(self, size: int) -> bytes:
        """Exactly so many bytes from the warm parent. Raises GraderFault when it is gone."""
        found = b""
        while len(found) < size:
            part = self.control.recv(size - len(found))
            if not part:
                raise GraderFault(GONE)
            found += part
        return found

    def close(self) -> None:
        self.control.close()
        if self._process is None:
            return
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class _Pipes:
    """A child of the warm parent, on two pipes."""

    def __init__(self, warm: Warm) -> None:
        self.warm, self.number = warm, next(warm.numbers)
        job_read, self.writing = os.pipe()
        self.reading, result_write = os.pipe()
        self.rest: memoryview | None = None
        try:
            socket.send_fds(warm.control, [ASKED.pack(b"J", self.number)], [job_read, result_write])
        except OSError as error:
            self._hang_up()
            raise GraderFault(f"{GONE}: {error}") from error
        finally:
            os.close(job_read)
            os.close(result_write)
        os.set_blocking(self.writing, False)

    def send(self, job: bytes) -> None:
        self.rest = memoryview(job)

    def exchange(self, seconds: float) -> bytes | None:
        found = select.poll()  # not select(), which knows no descriptor beyond 1,023
        found.register(self.reading, select.POLLIN)
        if self.rest:
            found.register(self.writing, select.POLLOUT)
        ready = {descriptor for descriptor, _ in found.poll(1000 * max(seconds, 0))}
        if self.writing in ready:
            self._push()
        return os.read(self.reading, CHUNK) if self.reading in ready else None

    def _push(self) -> None:
        """Write what the pipe takes, until everything is written (or nobody reads any more)."""
        assert self.rest is not None
        try:
            self.rest = self.rest[os.write(self.writing, self.rest[:AT_ONCE]) :] or None
        except BlockingIOError:
            return
        except BrokenPipeError:
            self.rest = None

    def _hang_up(self) -> None:
        os.close(self.writing)
        os.close(self.reading)

    def end(self) -> Ending:
        self._hang_up()
        try:
            self.warm.control.sendall(ASKED.pack(b"R", self.number))
        except OSError as error:
            raise GraderFault(f"{GONE}: {error}") from error
        status, cpu, _, count = ENDING.unpack(self.warm.receive(ENDING.size))
        refused = CALL.iter_unpack(self.warm.receive(count * CALL.size))
        number = os.WTERMSIG(int(status)) if os.WIFSIGNALED(int(status)) else None
        return Ending(number, cpu, tuple(n for (n,) in refused))


class Fresh:
    """A fresh process for each child. It has no warm parent to inherit from, so one more proves first what holds."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._proof = subprocess.Popen(
            **_command("prove", settings), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def greeting(self) -> Greeting:
        said, _ = self._proof.communicate()
        greeting = Greeting.parsed(said[GREETING.size :])
        held = tuple(str(f.part) for f in greeting.confinement.facts if f.enforced)
        self.settings = replace(self.settings, held=held)
        return greeting

    def start(self) -> Channel:
        return _Streams(self.settings)

    def another(self) -> None:
        return None

    def let_go(self) -> None:
        """Nothing is open: the proof is over."""

    def close(self) -> None:
        self._proof.kill()
        self._proof.wait()
        if self._proof.stdout is not None:
            self._proof.stdout.close()


class _Streams:
    """A fresh process, on its standard input and output; threads, as not every platform can wait for a pipe."""

    def __init__(self, settings: Settings) -> None:
        before = os.times()
        self.cpu = before.children_user + before.children_system
        self.process = subprocess.Popen(
            **_command("job", settings), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self.process.stdin is not None and self.process.stdout is not None
        self.came: queue.Queue[bytes] = queue.Queue(maxsize=64)
        self.jobs: queue.Queue[bytes | None] = queue.Queue()
        self.over = threading.Event()
        self.threads = [
            threading.Thread(target=self._write, args=(self.process.stdin,), daemon=True),
            threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True),
        ]
        for thread in self.threads:
            thread.start()

    def send(self, job: bytes) -> None:
        self.jobs.put(job)

    def _write(self, to: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError), to:
            while (job := self.jobs.get()) is not None:
                to.write(job)
                to.flush()

    def _read(self, source: IO[bytes]) -> None:
        part = b"?"
        while part and not self.over.is_set():
            part = os.read(source.fileno(), CHUNK)
            while not self.over.is_set():
                with contextlib.suppress(queue.Full):
                    self.came.put(part, timeout=0.1)
                    break

    def exchange(self, seconds: float) -> bytes | None:
        try:
            return self.came.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            return None

    def end(self) -> Ending:
        self.over.set()
        self.jobs.put(None)
        ended = self.process.poll() is not None
        if not ended and not _soon(self.process):
            if hasattr(os, "killpg"):
                with contextlib.suppress(OSError):
                    os.killpg(self.process.pid, signal.SIGKILL)
            self.process.kill()
        code = self.process.wait()
        for thread in self.threads:
            thread.join(timeout=1)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        after = os.times()
        return Ending(-code if code < 0 else None, after.children_user + after.children_system - self.cpu)


def _soon(process: subprocess.Popen[bytes]) -> bool:
    """Does it end by itself, having sent everything?"""
    try:
        process.wait(timeout=0.2)
    except subprocess.TimeoutExpired:
        return False
    return True
