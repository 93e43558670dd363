"""The warm parent of all children that run student code: numpy imported, nothing else of ours.

A process of its own (`exec`, never a fork of the grader, whose memory holds the answers). It forks children,
confines them, and tells how they ended. Jobs and results travel on pipes that it hands on unread, so it never
holds a submission. For a grader with several processes it forks itself, before any job of that process. Where
there is no fork, the same module is a fresh process for each child.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import socket
import struct
import sys
import time
from typing import TYPE_CHECKING

from grader.confine import JOB, READY, RESULTS, Rules, Settings
from grader.confinement import Confinement
from grader.reachable import narrow_imports, warm

if TYPE_CHECKING:
    from grader.watch import Watch

GRACE = 0.2  # seconds for a child that has sent everything to end by itself
GREETING = struct.Struct("<I")  # bytes of JSON that follow
ENDING = struct.Struct("<dddI")  # wait status, CPU seconds, largest memory in KiB, refused system calls that follow
CALL = struct.Struct("<I")
ASKED = struct.Struct("<cI")  # what, and the number of the child


def serve(control: socket.socket, settings: Settings) -> None:
    """Greet, then answer until the grader hangs up: "J" and two descriptors start a child with a number, "R" reaps it,
    "A" and a socket start another process like this one, which answers there.

    A grader that was killed hangs up with children at work, which nobody else would end.
    """
    rules, absent = _ready(settings)
    gc.collect()
    gc.freeze()
    facts = _proved(rules)
    rules.held = frozenset(f.part for f in facts.facts if f.enforced)
    control.sendall(_greeting(facts, absent))
    children: dict[int, tuple[int, Watch | None]] = {}
    others: list[int] = []
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, ASKED.size, 2)  # few bytes, which come in one go
        if len(message) < ASKED.size:
            for pid, _ in children.values():
                _kill(pid)
            for other in others:  # each ends when its own grader hangs up
                os.waitpid(other, 0)
            return
        what, number = ASKED.unpack(message)
        if what == b"A":
            (line,) = descriptors
            other = os.fork()
            if other == 0:
                others.clear()
                os.dup2(line, control.fileno())
            else:
                others.append(other)
            os.close(line)
        if what == b"J":
            job, results = descriptors
            pid = os.fork()
            if pid == 0:
                _child(rules, job, results)
            os.close(job)
            os.close(results)
            children[number] = pid, _watched(settings, pid)
        elif what == b"R":
            pid, watch = children.pop(number)
            status, cpu, memory = _reap(pid)
            refused = watch.ended() if watch is not None else []
            reply = ENDING.pack(status, cpu, memory, len(refused)) + b"".join(map(CALL.pack, refused))
            control.sendall(reply)


def _ready(settings: Settings) -> tuple[Rules, list[str]]:
    """Everything that children share; the allowed modules that are not there."""
    from grader import child  # noqa: F401  (before imports are narrowed)

    absent = warm(settings.allow)
    if settings.watch:
        from grader import watch  # noqa: F401
    rules = Rules(settings)
    narrow_imports(settings.allow)
    return rules, absent


def _child(rules: Rules, job: int, results: int) -> None:
    """Never returns."""
    from grader import child

    try:
        rules.apply(job, results)
        os.write(RESULTS, READY)
        child.run(JOB, RESULTS)
    finally:
        os._exit(0)


def _watched(settings: Settings, pid: int) -> Watch | None:
    if not settings.watch:
        return None
    from grader.watch import Watch

    return Watch(pid)


def _proved(rules: Rules) -> Confinement:
    """What is enforced, as tried in a child of its own."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            facts = rules.prove(forked=True, report=write)
            os.write(RESULTS, json.dumps(facts.plain()).encode())
        finally:
            os._exit(0)
    watch = _watched(rules.settings, pid)
    os.close(write)
    found = b""
    while part := os.read(read, 1 << 16):
        found += part
    os.close(read)
    os.waitpid(pid, 0)
    if watch is not None:
        watch.ended()
    return Confinement.from_plain(json.loads(found))


def _greeting(facts: Confinement, absent: list[str]) -> bytes:
    body = json.dumps({"facts": facts.plain(), "absent": absent}).encode()
    return GREETING.pack(len(body)) + body


def _reap(pid: int) -> tuple[float, float, float]:
    """End the child if it does not end by itself; its wait status, CPU seconds and largest memory in KiB."""
    deadline = time.monotonic() + GRACE
    pause = 0.0002
    while True:
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done:
            return float(status), usage.ru_utime + usage.ru_stime, float(usage.ru_maxrss)
        if time.monotonic() > deadline:
            _kill(pid)
            deadline = float("inf")
        time.sleep(pause)
        pause = min(2 * pause, 0.01)


def _kill(pid: int) -> None:
    """A child, and whatever it started."""
    for end in (os.killpg, os.kill):
        with contextlib.suppress(OSError):
            end(pid, signal.SIGKILL)


def main() -> None:
    """Arguments: what to be ("serve DESCRIPTOR", "prove" or "job") and the settings."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to handle
    role, settings = sys.argv[1], Settings.unpacked(sys.argv[2])
    sys.argv[:], sys.orig_argv[:] = [""], []  # where the grader lies is nobody's business
    if sys.platform == "win32":
        import msvcrt

        for standard in (0, 1):
            msvcrt.setmode(standard, os.O_BINARY)
    import numpy  # noqa: F401  (warm for every child)

    if role == "prove":
        rules, absent = _ready(settings)
        os.write(RESULTS, _greeting(rules.prove(forked=False, report=1), absent))
    elif role == "job":
        rules, _ = _ready(settings)
        _child(rules, 0, 1)
    else:
        with contextlib.suppress(ConnectionError):  # the grader was ended while this process started
            low = os.dup(int(role))  # children close all descriptors from a low number on, as far as 1,023
            os.close(int(role))
            serve(socket.socket(fileno=low), settings)
