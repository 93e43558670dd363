"""Where submissions run: a process that is confined, and what of the confinement is enforced here.

It starts without numpy, so that whoever waits for a check has numpy loaded here and there at the same time.
"""

from __future__ import annotations

import contextlib
import copy
import os
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from grader.confine import Settings
from grader.confinement import NEEDED, Confinement, Part
from grader.launch import launcher
from grader.limits import Limits

if TYPE_CHECKING:
    from grader.calls import Answer, Children, Task

WITHOUT = "GRADER_WITHOUT"  # environment: parts to leave out, by comma; to see how other platforms fare


class SandboxError(Exception):
    """Wrong use: what was asked of the sandbox is not to be had here. The text says what to do."""


class Sandbox:
    """Runs submissions, each confined in a process of its own. Use as a context manager.

    Args:
        limits: what one submission may use
        require: raise SandboxError unless file access and system calls are confined
        allow: modules that student code may import beside numpy and the standard library
        without: parts of the confinement to leave out (`confinement.Part`), to measure or to show what they do
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
        left_out = [str(part) for part in without] or _left_out()
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

    def another(self) -> Sandbox | None:
        """One more with the same confinement, for a process that is forked now; None where it has to make its own."""
        assert self.confinement  # ready, and proved for both
        launcher = self._launcher.another()
        if launcher is None:
            return None
        made = copy.copy(self)
        made._launcher, made.cpu, made.refused = launcher, 0.0, set()
        return made

    def let_go(self) -> None:
        """Close it in this process only: another one has it."""
        self._launcher.let_go()

    @contextlib.contextmanager
    def session(self) -> Iterator[Children]:
        """For one submission: its children are confined, and end with the session."""
        from grader.calls import Children  # with numpy, which is loaded while the process that runs submissions starts

        assert self.confinement  # ready
        children = Children(self._launcher, self.limits)
        try:
            with children:
                yield children
        finally:
            self.cpu += children.cpu
            self.refused |= children.refused

    def run(self, statements: Sequence[Sequence[Any]], tasks: Sequence[Task]) -> list[Answer]:
        """An answer for every task, in a session of its own (see `calls.Children`)."""
        with self.session() as session:
            return session.run(statements, tasks)


def _left_out() -> list[str]:
    """The parts that the environment leaves out. Raises SandboxError for a name that is none."""
    names = [part.strip() for part in os.environ.get(WITHOUT, "").split(",")]
    known = [str(part) for part in Part if "," not in part]  # a name with a comma cannot be among them
    for name in filter(None, names):
        if name not in known:
            raise SandboxError(f"{WITHOUT} names {name!r}, which is no part of the confinement: {', '.join(known)}")
    return [name for name in names if name]
