"""`pytest` in a released folder: the public checks of every exercise that is filled in, one test a stage.

These are the checks of `grader check`, run the same way; there is no second set of tests. The released folder turns
them on by a `conftest.py` of one import, rather than an entry point of the installed package: an entry point would be
loaded by every run of pytest on the machine, whatever it tests; a conftest.py is read only below its own folder, works
when the folder is part of a larger repository, and shows where the tests come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from grader import messages
from grader.exercise import FULL_MARKS, Exercise, Outcome
from grader.grading import Bench
from grader.kit import CONFIG, Kit, find
from grader.reports import text
from grader.sandbox import Sandbox
from grader.scoring import CheckMark, ExerciseMark, StageMark
from grader.submission import Submission, load

SANDBOX = pytest.StashKey[Sandbox]()


class NotYet(Exception):
    """A stage or property that is not right; the text is what the student reads."""


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Notebooks and Python files of the kit that define an exercise."""
    if file_path.suffix not in (".ipynb", ".py"):
        return None
    root = next((folder for folder in file_path.parents if (folder / CONFIG).is_file()), None)
    if root is None:
        return None
    kit, bench = _kit(root)
    submission = load(file_path, bench.stubs)
    if not any(name in submission.functions for name in bench.items):
        return None
    made: ExerciseFile = ExerciseFile.from_parent(parent, path=file_path)
    made.kit, made.bench, made.submission = kit, bench, submission
    return made


@cache
def _kit(root: Path) -> tuple[Kit, Bench]:
    kit = find(root)
    return kit, Bench(kit.public())


class ExerciseFile(pytest.File):
    """A notebook or file with exercises in it."""

    kit: Kit
    bench: Bench
    submission: Submission

    def collect(self) -> Iterator[pytest.Collector | pytest.Item]:
        for exercise in self.bench.exercises:
            function = self.submission.functions.get(exercise.name)
            if function is not None and function.stub:
                yield ToFillIn.from_parent(self, name=exercise.name)
            elif function is not None:
                yield FilledIn.of(self, exercise)

    def mark(self, name: str) -> ExerciseMark:
        """The marks of one exercise of the file, run in the sandbox of this run of pytest."""
        if SANDBOX not in self.config.stash:
            self.config.stash[SANDBOX] = Sandbox(self.kit.config.limits)
            self.config.add_cleanup(self.config.stash[SANDBOX].close)
        sandbox = self.config.stash[SANDBOX]
        return self.bench.mark(self.submission, sandbox, explain_all=True, only=[name]).exercises[0]


class ToFillIn(pytest.Item):
    """An exercise that is still as it was given."""

    def runtest(self) -> None:
        pytest.skip(messages.TO_FILL_IN)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.name


class FilledIn(pytest.Collector):
    """An exercise that is filled in: a test for each of its stages and checks."""

    exercise: Exercise
    _mark: ExerciseMark | None = None

    @classmethod
    def of(cls, parent: ExerciseFile, exercise: Exercise) -> FilledIn:
        made: FilledIn = cls.from_parent(parent, name=exercise.name)
        made.exercise = exercise
        return made

    @property
    def mark(self) -> ExerciseMark:
        """Made when the first test of the exercise runs."""
        if self._mark is None:
            assert isinstance(self.parent, ExerciseFile)
            self._mark = self.parent.mark(self.exercise.name)
        return self._mark

    def collect(self) -> Iterable[pytest.Item]:
        names = [s.name for s in self.exercise.stages] + [name for name, *_ in self.exercise.checks]
        return [StageTest.from_parent(self, name=name) for name in names]


class StageTest(pytest.Item):
    """One stage or property."""

    def runtest(self) -> None:
        mark = self.exercise_mark
        if any(s.verdict.stage.name == self.name for s in mark.stages):
            self._stage(mark)
        else:
            self._check(next(c for c in mark.checks if c.name == self.name))

    @property
    def exercise_mark(self) -> ExerciseMark:
        assert isinstance(self.parent, FilledIn)
        return self.parent.mark

    def _stage(self, mark: ExerciseMark) -> None:
        """One failure an exercise that cannot be run, not one a stage; what waits for an earlier stage is skipped."""
        stage = next(s for s in mark.stages if s.verdict.stage.name == self.name)
        if stage.verdict.outcome in FULL_MARKS:
            return
        first = next(s for s in mark.stages if s.verdict.outcome not in FULL_MARKS)
        if stage is not first and stage.verdict.outcome in (Outcome.WAITING, Outcome.BLOCKED):
            pytest.skip(messages.stage(stage, mark.exercise, public=True, level=1))
        raise NotYet("\n".join(self._told(stage, mark)))

    def _told(self, stage: StageMark, mark: ExerciseMark) -> Iterator[str]:
        yield from text.first(stage, mark, hints=1)
        if stage.verdict.outcome is Outcome.FAILED:
            yield messages.more_in_terminal(mark, self._shown_path())

    def _shown_path(self) -> str:
        try:
            return self.path.relative_to(Path.cwd()).as_posix()
        except ValueError:
            return str(self.path)

    def _check(self, mark: CheckMark) -> None:
        if mark.outcome is Outcome.FAILED:
            raise NotYet(f"{mark.name}: {messages.check(mark)}")
        if mark.outcome is not Outcome.PASSED:
            pytest.skip(messages.check(mark))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What the student reads; our own faults keep their traceback."""
        if isinstance(excinfo.value, NotYet):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        mark = self.parent._mark if isinstance(self.parent, FilledIn) else None
        line = mark.place[1] - 1 if mark is not None and mark.place and self.path.suffix == ".py" else None
        return self.path, line, f"{self.parent.name if self.parent else ''}: {self.name}"
