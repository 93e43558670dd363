"""What of the confinement of student code is enforced here, part by part, as it was found by trying."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Part(StrEnum):
    """One thing that confinement does. The words are those of `grader doctor`."""

    FILES = "files"  # only the standard library and numpy can be read, nothing can be written
    CALLS = "system calls"  # all but a list are refused
    NETWORK = "network"
    SIGNALS = "signals"  # to other processes
    PROCESSES = "processes"  # no new ones
    CPU = "processor time"
    MEMORY = "memory"
    DISK = "written bytes"
    SESSION = "own session"
    EMPTY = "no environment, no open files"
    FORK = "warm start"  # speed, and one process a submission; not needed for safety


class Why(StrEnum):
    """Why a part is not enforced."""

    PLATFORM = "platform"  # this operating system has nothing of the kind
    PACKAGE = "package"  # the package that speaks to the kernel is not installed
    KERNEL = "kernel"  # the kernel lacks it, or it is switched off
    FORBIDDEN = "forbidden"  # what surrounds us (a container) does not let us
    PARTLY = "partly"  # applied, and something still came through
    LEFT_OUT = "left out"  # by whoever started the sandbox


BY_CALLS = (Part.NETWORK, Part.SIGNALS, Part.PROCESSES)  # what the list of system calls sees to
NEEDED = (Part.FILES, Part.CALLS)  # for hostile code; `--require-sandbox` insists on them


@dataclass(frozen=True)
class Fact:
    """One part: is it enforced, by what (`detail`), and if not, why."""

    part: Part
    enforced: bool
    why: Why | None = None
    detail: str = ""


@dataclass(frozen=True)
class Confinement:
    """What is enforced here, found by trying."""

    facts: tuple[Fact, ...]

    def __getitem__(self, part: Part) -> Fact:
        return next(f for f in self.facts if f.part is part)

    @property
    def missing(self) -> tuple[Fact, ...]:
        return tuple(f for f in self.facts if not f.enforced)

    @property
    def strict(self) -> bool:
        """Enough for code that means harm?"""
        return all(self[p].enforced for p in NEEDED)

    def plain(self) -> list[dict[str, Any]]:
        """For JSON."""
        return [
            {"part": str(f.part), "enforced": f.enforced}
            | ({"why": str(f.why)} if f.why else {})
            | ({"detail": f.detail} if f.detail else {})
            for f in self.facts
        ]

    @staticmethod
    def from_plain(rows: Sequence[dict[str, Any]]) -> Confinement:
        return Confinement(
            tuple(
                Fact(
                    Part(r["part"]),
                    bool(r["enforced"]),
                    Why(r["why"]) if r.get("why") else None,
                    str(r.get("detail", "")),
                )
                for r in rows
            )
        )
