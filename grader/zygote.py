"""The warm parent of all children that run student code: numpy imported, nothing else of ours.

A process of its own (`exec`, never a fork of the grader, whose memory holds the answers). It forks a child
per job, limits it, and tells how it ended. Jobs and results travel on pipes that it hands on unread, so it
never holds a submission.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import signal
import socket
import struct
import sys
import sysconfig
import time

GRACE = 0.2  # seconds for a child that has sent everything to end by itself


def serve(control: socket.socket, limits: dict[str, int]) -> None:
    """Answer until the grader hangs up: "J" and two descriptors start a child, "R" reaps it."""
    from grader import child

    _only_standard_library()
    null = os.open(os.devnull, os.O_RDWR)
    own_size = _address_space()
    gc.collect()
    gc.freeze()
    pid = 0
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 2)
        if not message:
            return
        if message == b"J":
            job, results = descriptors
            pid = os.fork()
            if pid == 0:
                try:
                    _confine(null, job, results, limits, own_size)
                    child.run(3, 4)
                finally:
                    os._exit(0)
            os.close(job)
            os.close(results)
        elif message == b"R":
            control.sendall(struct.pack("<ddd", *_reap(pid)))


def _confine(null: int, job: int, results: int, limits: dict[str, int], own_size: int) -> None:
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    high = 60
    os.dup2(job, high)
    os.dup2(results, high + 1)
    os.dup2(high, 3)
    os.dup2(high + 1, 4)
    os.closerange(5, 1024)
    os.setsid()
    os.environ.clear()
    os.chdir("/")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu"], limits["cpu"] + 1))
    if own_size:
        space = own_size + limits["memory"]
        resource.setrlimit(resource.RLIMIT_AS, (space, space))
    sys.setrecursionlimit(1000)


def _only_standard_library() -> None:
    """Nothing but the standard library, and numpy where it was loaded, can be imported from here on."""
    standard = {os.path.realpath(sysconfig.get_path(p)) for p in ("stdlib", "platstdlib")}
    dynload = {os.path.join(p, "lib-dynload") for p in standard}
    sys.path[:] = [p for p in sys.path if p and (os.path.realpath(p) in standard | dynload or p.endswith(".zip"))]
    sys.meta_path[:] = [
        f for f in sys.meta_path if getattr(f, "__module__", "").startswith(("_frozen_importlib", "importlib"))
    ]
    sys.path_importer_cache.clear()


def _address_space() -> int:
    """Bytes of address space of this process, 0 where the platform does not tell."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def _reap(pid: int) -> tuple[float, float, float]:
    """End the child if it does not end by itself; its wait status, CPU seconds and largest memory in KiB."""
    deadline = time.monotonic() + GRACE
    pause = 0.0002
    while True:
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done:
            return float(status), usage.ru_utime + usage.ru_stime, float(usage.ru_maxrss)
        if time.monotonic() > deadline:
            for end in (os.killpg, os.kill):
                with contextlib.suppress(OSError):
                    end(pid, signal.SIGKILL)
            deadline = float("inf")
        time.sleep(pause)
        pause = min(2 * pause, 0.01)


def main() -> None:
    """Arguments: the descriptor of the control socket, the limits as JSON."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to handle
    control = socket.socket(fileno=int(sys.argv[1]))
    limits = json.loads(sys.argv[2])
    import numpy  # noqa: F401  (warm for every child)

    serve(control, limits)
