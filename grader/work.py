"""What whoever runs submissions does: mark one after the other, and tell the grader's own faults from the student's."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from grader import fingerprint, messages
from grader.exercise import Exercise
from grader.gradebook import Result
from grader.kit import Kit
from grader.limits import Limits
from grader.marker import Marker, hidden_marker
from grader.reports import machine
from grader.sandbox import Sandbox
from grader.submission import Submission

Units = Sequence[Submission]


@dataclass(frozen=True)
class Setup:
    """What to mark with. It travels to workers, which make their own oracles of it."""

    kit: Path
    seed: int
    only: tuple[str, ...]
    layout: str | None
    limits: Limits
    require: bool = False


@dataclass(frozen=True)
class Fault:
    """The grader failed on a submission: for the instructor, and for us."""

    kind: str
    told: str
    places: str
    exercise: str = ""  # that was marked

    @classmethod
    def of(cls, error: BaseException) -> Fault:
        places = "".join(
            f"{Path(frame.filename).name}, line {frame.lineno}, in {frame.name}\n"
            for frame in traceback.extract_tb(error.__traceback__)
        )
        return cls(type(error).__name__, messages.fault(error), places, _exercise_at_work(error))


def _exercise_at_work(error: BaseException) -> str:
    """The exercise that was marked when the exception came, as the innermost function knew it."""
    found = ""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        found = next((value.name for value in frame.f_locals.values() if isinstance(value, Exercise)), found)
    return found


@dataclass(frozen=True)
class Marked:
    """One submission, marked; `cpu` are seconds that its child used."""

    outcome: Result | Fault
    cpu: float = 0.0


class Grader:
    """Marks submissions one after the other. What is dear to make is made when the first one comes."""

    def __init__(self, kit: Kit, setup: Setup, marker: Marker | None = None) -> None:
        self.kit, self.setup = kit, setup
        self._marker = marker.remembering() if marker is not None else None
        self._sandbox: Sandbox | None = None

    @property
    def marker(self) -> Marker:
        if self._marker is None:
            self._marker = hidden_marker(self.kit, self.setup.seed, self.setup.only, self.setup.layout).remembering()
        return self._marker

    @property
    def ready(self) -> bool:
        """Has what is dear been made, as something had to be read or run?"""
        return self._marker is not None

    def take(self, sandbox: Sandbox) -> None:
        """Use one that is running already."""
        self._sandbox = sandbox

    @property
    def sandbox(self) -> Sandbox | None:
        """The one that is running, if any."""
        return self._sandbox

    def mark(self, units: Units) -> Marked:
        """The result of a submission (see `fingerprint.anonymous`). What goes wrong here is a Fault, never raised."""
        try:
            if self._sandbox is None:
                self._sandbox = self.kit.sandbox(self.setup.limits, self.setup.require)
            before = self._sandbox.cpu
            made = self.marker.mark(fingerprint.NAME, units, self._sandbox)
            row = json.dumps(machine.submission(made, timed=False, exhibits=True), ensure_ascii=False)
            result = Result(row, json.dumps(machine.expected(made)), json.dumps(machine.seconds(made)))
            return Marked(result, self._sandbox.cpu - before)
        except Exception as error:
            self.close()
            return Marked(Fault.of(error))

    def close(self) -> None:
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox = None


class Pool(Protocol):
    """Takes submissions by number and gives back what came of them, in any order."""

    @property
    def room(self) -> bool:
        """Is there somebody who has nothing to do?"""

    def start(self, number: int, units: Units) -> None:
        """Hand in one; only if there is room."""

    def done(self, patiently: bool) -> Iterator[tuple[int, Marked]]:
        """What is finished; `patiently`: wait until something is."""

    def close(self) -> None:
        """Ends everything that is under way."""
