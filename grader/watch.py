"""Which system calls a confined child was refused, by number: for a new C library or numpy that needs one more.

Only for code that is trusted (a self-test, the references): the child holds the descriptor on which refusals are
answered. Nothing here is used when submissions are graded.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import threading
import time

import seccompy
from seccompy import notify

FIRST, LAST = 5, 8  # where in the child's table the descriptor must be: the lowest that is free
OPENS_WITHIN = 2.0  # seconds for a child to confine itself
LOOK = 50  # milliseconds between looks at whether the child has gone


class Watch:
    """Answers one child's refused calls with EPERM, as its filter would, and keeps their numbers."""

    def __init__(self, pid: int) -> None:
        self._numbers: list[int] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(pid,), daemon=True)
        self._thread.start()

    def ended(self) -> list[int]:
        """To be called when the child is gone. The numbers, in order, each once."""
        self._over.set()
        self._thread.join()
        return list(dict.fromkeys(self._numbers))

    def _run(self, pid: int) -> None:
        listener = self._listener(pid)
        if listener is None:
            return
        with listener:
            poll = select.poll()
            poll.register(listener.fileno(), select.POLLIN)
            while True:
                happened = poll.poll(LOOK)
                if any(event & select.POLLHUP for _, event in happened) or (not happened and self._over.is_set()):
                    return
                with contextlib.suppress(seccompy.SeccompError):  # the child was killed meanwhile
                    if happened:
                        call = listener.recv()
                        self._numbers.append(call.nr)
                        listener.respond(call.id, error=errno.EPERM)

    def _listener(self, pid: int) -> notify.Listener | None:
        """The child's descriptor, as soon as it has one."""
        with contextlib.suppress(OSError):
            process = notify.pidfd_open(pid)
            try:
                until = time.monotonic() + OPENS_WITHIN
                while time.monotonic() < until and not self._over.is_set():
                    for number in range(FIRST, LAST):
                        with contextlib.suppress(OSError):
                            copy = notify.pidfd_getfd(process, number)
                            if "seccomp" in os.readlink(f"/proc/self/fd/{copy}"):
                                return notify.Listener(copy)
                            os.close(copy)
                    time.sleep(0.001)
            finally:
                os.close(process)
        return None


def name(number: int) -> str:
    """`socket (41)`."""
    try:
        return f"{seccompy.syscall_name(number)} ({number})"
    except (KeyError, ValueError):
        return f"({number})"
